"""What each stage of `triage apply` costs, measured inside one real run over a mailbox made from the corpus.

    python benchmarks/speed.py [MAILS] [--no-encoder]

Processor time of one process, after a first run over the same mails that fills the memories of words. The clock that
each stage carries costs under one percent. Ratios matter, not absolutes.
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import triage.batch.recipe
import triage.pipeline
from triage.batch import Recipe, run
from triage.classify.model import Model
from triage.corpus import read_rows
from triage.profile import BUILT_IN
from triage.read import read

ROOT = Path(__file__).parents[1]


def make_mailbox(path: Path, count: int) -> None:
    """Write `count` plain mails, different ones as far as the corpus goes, then again under other message ids."""
    rows = list(read_rows(ROOT / "samples" / "commune" / "train.jsonl", ["service"]))
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            row = rows[i % len(rows)]
            text = row.text.replace("\nFrom ", "\n>From ")
            file.write(
                "From usager@example.fr Mon Jan  5 09:00:00 2026\n"
                f"From: Usager {i} <usager{i}@example.fr>\n"
                "To: mairie@montreval.example.fr\nDate: Mon, 05 Jan 2026 09:00:00 +0100\n"
                f"Message-ID: <{i}@example.fr>\n"
                f"Subject: {' '.join(row.subject.split())}\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n\n"
            )


# What is timed: stage -> (where the chain looks the function up, its name).
STAGES = {
    "parse": (triage.pipeline, "parse"),
    "clean": (triage.pipeline, "clean"),
    "classify": (Model, "predict"),
    "extract": (triage.pipeline, "extract"),
    "decide": (triage.pipeline, "decide"),
    "draft: situation, knowledge": (triage.pipeline, "_situation"),
    "draft: letter": (triage.pipeline, "draft"),
    "write: .eml": (triage.batch.recipe, "draft_bytes"),
    "write: JSON object": (triage.batch.recipe, "_plain"),
}


def timed(function: Callable, seconds: dict[str, float], stage: str) -> Callable:
    @wraps(function)
    def call(*args, **options):
        start = time.process_time()
        try:
            return function(*args, **options)
        finally:
            seconds[stage] += time.process_time() - start

    return call


def main() -> None:
    arguments = [one for one in sys.argv[1:] if one != "--no-encoder"]
    count = int(arguments[0]) if arguments else 2_000
    recipe = Recipe(BUILT_IN, ROOT / "models" / "commune", encoder="--no-encoder" not in sys.argv)
    recipe.engine()
    seconds: dict[str, float] = defaultdict(float)
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "bench.mbox"
        make_mailbox(mailbox, count)
        start = time.process_time()
        words = sum(len(raw.content.split()) for raw in read(str(mailbox)))
        seconds["read"] = time.process_time() - start
        first = _run(recipe, mailbox, Path(folder) / "first")
        for stage, (place, name) in STAGES.items():
            setattr(place, name, timed(getattr(place, name), seconds, stage))
        whole = _run(recipe, mailbox, Path(folder) / "out")
    print(f"{count} mails of {words // count} words, headers included\n\n| stage | µs a mail | share |\n|---|--:|--:|")
    for stage in ("read", *STAGES):
        print(f"| {stage} | {seconds[stage] / count * 1e6:,.0f} | {seconds[stage] / whole:.0%} |")
    rest = whole - sum(seconds.values())
    print(f"| hash, journal, drafts, results | {rest / count * 1e6:,.0f} | {rest / whole:.0%} |")
    print(f"| **whole chain** | **{whole / count * 1e6:,.0f}** | {count / whole:,.0f} mails/s |")
    print(f"| first run, every word new | {first / count * 1e6:,.0f} | {count / first:,.0f} mails/s |")


def _run(recipe: Recipe, mailbox: Path, out: Path) -> float:
    start = time.process_time()
    run(recipe, read(str(mailbox)), out)
    return time.process_time() - start


if __name__ == "__main__":
    main()
