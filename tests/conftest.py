"""Shared fixtures: the built-in profile, a small corpus, a model trained on it once, command runs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SERVICES = ("voirie_eclairage", "scolaire_periscolaire", "etat_civil", "facturation_regie", "rh_recrutement")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory) -> Path:
    """Sixty corpus mails of each of five services."""
    path = tmp_path_factory.mktemp("corpus") / "small.jsonl"
    rows = [json.loads(line) for line in (SAMPLES / "commune" / "corpus.jsonl").read_text("utf-8").splitlines()]
    kept = [row for s in SERVICES for row in [r for r in rows if r["labels"]["service"] == s][:60]]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), "utf-8")
    return path


@pytest.fixture(scope="session")
def small_model(small_corpus, tmp_path_factory) -> Path:
    """A model of both axes trained on the small corpus."""
    from triage.classify.store import save
    from triage.classify.train import Settings, train
    from triage.corpus import load_examples

    folder = tmp_path_factory.mktemp("models") / "small"
    axes = ["service", "nature"]
    save(train(load_examples(small_corpus, axes), axes, Settings(), lambda _: None), folder)
    return folder


@pytest.fixture
def run(tmp_path) -> Run:
    """Run the program as a user does: another process, in an empty folder."""

    def call(*args: str | Path, stdin: str | None = None, check: int | None = 0, **options) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "triage", *map(str, args)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, timeout=300, **options
        )
        if check is not None:
            assert done.returncode == check, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        assert "Traceback" not in done.stderr
        return done

    return call
