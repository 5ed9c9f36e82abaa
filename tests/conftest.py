"""Shared fixtures: the built-in profile, a small corpus, a model trained on it once, a way to run commands."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres as postgresql

# The same examples every time: a change is judged, not a draw. `make fuzz` looks for new faults.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SERVICES = ("voirie_eclairage", "scolaire_periscolaire", "etat_civil", "facturation_regie", "rh_recrutement")

Run = Callable[..., "Done"]


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory) -> Path:
    """Sixty corpus mails of each of five services."""
    path = tmp_path_factory.mktemp("corpus") / "small.jsonl"
    rows = [json.loads(line) for line in (SAMPLES / "commune" / "train.jsonl").read_text("utf-8").splitlines()]
    kept = [row for s in SERVICES for row in [r for r in rows if r["labels"].get("service") == s][:60]]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), "utf-8")
    return path


@pytest.fixture(scope="session")
def small_model(small_corpus, tmp_path_factory) -> Path:
    """A model of both axes trained on the small corpus."""
    from triage.classify.nearest import remember
    from triage.classify.store import save
    from triage.classify.train import Settings, train
    from triage.corpus import load_examples

    folder = tmp_path_factory.mktemp("models") / "small"
    axes = ["service", "nature"]
    examples = load_examples([small_corpus], axes)
    model = train(examples, axes, Settings(encoder=False, noisy_copies=1), lambda _: None)
    save(model, folder, remember(model, examples, seed=1))
    return folder


@pytest.fixture
def postgres():
    """A PostgreSQL server of this test alone."""
    with postgresql.running() as server:
        yield server


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path, monkeypatch, capfd) -> Run:
    """Run a command in an empty folder, as the console script does."""
    from triage.cli.main import _run

    def call(*args: str | Path, stdin: str = "", check: int = 0) -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        capfd.readouterr()
        code = _run([str(arg) for arg in args])
        out, err = capfd.readouterr()
        assert code == check, (code, out[-2000:], err[-2000:])
        return Done(code, out, err)

    return call
