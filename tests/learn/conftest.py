"""An output folder that the program has filled, and verdicts on its messages: real mails, a real run."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLES, SERVICES
from triage.profile import BUILT_IN

RUN, JUDGED = slice(60, 80), slice(80, 110)  # of each service's mails; the first sixty made the small model


@dataclass(frozen=True)
class Ran:
    """An output folder, the mails that went in, and by the digest of each what it is (`labels` of the corpus)."""

    out: Path
    mails: Path
    truth: Mapping[str, Mapping[str, str]]


def rows_of(part: slice) -> list[dict[str, Any]]:
    """Mails of the five services that the small model has not learned, in turn."""
    lines = (SAMPLES / "commune" / "train.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    by_service = [[row for row in rows if row["labels"].get("service") == s][part] for s in SERVICES]
    return [row for turn in zip(*by_service, strict=True) for row in turn]


def write_mail(folder: Path, number: int, row: Mapping[str, Any], sender: str = "") -> Path:
    path = folder / f"{number:04d}.eml"
    sender = sender or f"personne{number}@courriel.test"
    head = f"From: {sender}\nTo: mairie@exemple.org\nSubject: {row['subject']}\nMessage-ID: <m{number}@courriel.test>\n"
    head += "Date: Mon, 12 Jan 2026 09:00:00 +0100\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    path.write_text(head + row["text"], "utf-8")
    return path


def results(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]


def sort_mails(folder: Path, rows: Sequence[Mapping[str, Any]], senders: Callable[[int], str], model: Path) -> Ran:
    """Write mails, let the program sort them, and remember what each really is."""
    from triage.batch import Recipe, run
    from triage.read import read

    mails, out = folder / "mails", folder / "out"
    mails.mkdir(parents=True)
    for number, row in enumerate(rows):
        write_mail(mails, number, row, senders(number))
    run(Recipe(BUILT_IN, model), read(str(mails)), out)
    truth = {line["digest"]: row["labels"] for line, row in zip(results(out), rows, strict=True)}
    return Ran(out, mails, truth)


@pytest.fixture(scope="session")
def champion(small_corpus, tmp_path_factory) -> Path:
    """A model of one axis, learned in a second: what retraining starts from."""
    return learned_from(small_corpus, tmp_path_factory.mktemp("models") / "champion")


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory) -> Path:
    """Eight mails of each of five services: whatever agents add makes a model better."""
    path = tmp_path_factory.mktemp("corpus") / "tiny.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(slice(8))), "utf-8")
    return path


@pytest.fixture(scope="session")
def beginner(tiny_corpus, tmp_path_factory) -> Path:
    """A model that has seen little."""
    return learned_from(tiny_corpus, tmp_path_factory.mktemp("models") / "beginner")


def learned_from(corpus: Path, folder: Path) -> Path:
    from triage.classify.store import save
    from triage.classify.train import Settings, train
    from triage.corpus import load_examples

    settings = Settings(encoder=False, noisy_copies=0)
    save(train(load_examples([corpus], ["service"]), ["service"], settings, lambda _: None), folder)
    return folder


@pytest.fixture(scope="session")
def sorted_once(champion, tmp_path_factory) -> Ran:
    return sort_mails(tmp_path_factory.mktemp("run"), rows_of(RUN), lambda _: "", champion)


@pytest.fixture
def ran(sorted_once, tmp_path) -> Ran:
    """A copy of the folder, to give verdicts in."""
    shutil.copytree(sorted_once.out, tmp_path / "out")
    return Ran(tmp_path / "out", sorted_once.mails, sorted_once.truth)


@pytest.fixture(scope="session")
def judging_corpus(tmp_path_factory) -> Path:
    """Mails that nothing has learned and no agent has seen."""
    path = tmp_path_factory.mktemp("judged") / "judged.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(JUDGED)), "utf-8")
    return path


def give(out: Path, services: Mapping[str, str], *, at: str = "", by: str = "Anne") -> None:
    """Verdicts, by digest."""
    from triage.learn.corrections import Answer, correction_of, opened

    with opened(out) as (journal, corrections):
        entries = [entry for digest in services if (entry := journal.entry(digest))]
        answers = [correction_of(e, Answer(service=services[e.digest]), by=by, via="sheet", at=at) for e in entries]
        corrections.add(answers)
