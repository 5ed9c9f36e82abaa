"""How well urgency and flags are found: who finds what, level by level and flag by flag.

    python benchmarks/urgency.py [CORPUS…] [--model DIR] [--only GROUP,…] [--without GROUP,…] [--wrong LEVEL_OR_FLAG]
    python benchmarks/urgency.py [CORPUS…] --cv 5 [--beside CORPUS]…

A corpus is JSON Lines with `labels.urgency`, `flags`, `kind` and `received`. The model must not have learned from it,
or the figures flatter; one without the axis `urgency` leaves the rules alone. With `--cv` the mails of each author are
judged by a model (first stage) that learned from those of the others, and from what is given `--beside`. Authors forget
flags: read `--wrong` before judging a precision. It lists the mails where a level or a flag was missed or wrongly
found, with the reasons.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from triage.classify import load_model
from triage.classify.model import Model
from triage.classify.train import Settings, train
from triage.clean import clean
from triage.corpus import load_examples
from triage.decide import decide
from triage.extract import extract
from triage.pipeline import text_message
from triage.profile import load_profile
from triage.types import URGENCY_LEVELS, Decision

ROOT = Path(__file__).parents[1]
READ = ("human", "form", "suspect")
AXES = ("service", "nature", "urgency")


class Judged(NamedTuple):
    """A row of a corpus and what was decided of its mail."""

    row: dict[str, Any]
    decision: Decision

    @property
    def level(self) -> str:
        """The true level, empty where nothing is to be routed."""
        return self.row["labels"].get("urgency") or ""


def read_rows(paths: Sequence[Path], only: set[str], without: set[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            group = row.get("group", "")
            if row.get("kind", "human") in READ and group not in without and (not only or group in only):
                yield row


def cross_judge(rows: Sequence[dict[str, Any]], beside: Sequence[Path], count: int) -> list[Judged]:
    """Judge each author's mails by a model that learned from the others'."""
    groups = sorted({row["group"] for row in rows})
    drawn = np.random.default_rng(1).permutation(len(groups))
    judged = []
    for part in range(count):
        out = {groups[i] for i in drawn[part::count]}
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows if row["group"] not in out)
            file.flush()
            examples = load_examples([Path(file.name), *beside], AXES)
        model = train(examples, AXES, Settings(encoder=False, flags=True), lambda _: None)
        judged += judge([row for row in rows if row["group"] in out], model)
    return judged


def judge(rows: Sequence[dict[str, Any]], model: Model) -> list[Judged]:
    profile = load_profile()
    messages = [
        replace(text_message(row.get("subject", ""), row["text"]), kind=row.get("kind", "human")) for row in rows
    ]
    texts = [clean(message) for message in messages]
    predictions = model.predict([text.masked for text in texts])
    found = []
    for row, message, text, predicted in zip(rows, messages, texts, predictions, strict=True):
        received = date.fromisoformat(row["received"]) if row.get("received") else None
        facts = extract(message, text, received)
        found.append(Judged(row, decide(profile, message, text, predicted, facts, received)))
    return found


def print_levels(judged: Sequence[Judged]) -> None:
    counts = Counter((entry.level, entry.decision.urgency.level) for entry in judged if entry.level)
    right = sum(counts[level, level] for level in URGENCY_LEVELS)
    print(f"urgency of {counts.total()} mails: {right / counts.total():.1%} right; rows are the truth")
    print(f"{'':10}" + "".join(f"{level:>10}" for level in URGENCY_LEVELS) + "  precision   recall")
    for level in URGENCY_LEVELS:
        cells = [counts[level, found] for found in URGENCY_LEVELS]
        found = sum(counts[truth, level] for truth in URGENCY_LEVELS)
        figures = f"{counts[level, level] / max(1, found):11.3f}{counts[level, level] / max(1, sum(cells)):9.3f}"
        print(f"{level:10}" + "".join(f"{cell:10}" for cell in cells) + figures)


def print_flags(judged: Sequence[Judged]) -> None:
    true = Counter(flag for entry in judged for flag in entry.row.get("flags", ()))
    found = Counter(flag for entry in judged for flag in entry.decision.flags)
    both = Counter(flag for entry in judged for flag in set(entry.row.get("flags", ())) & set(entry.decision.flags))
    print(f"\n{'flag':26}{'true':>6}{'found':>7}  precision   recall")
    for flag in sorted(true | found):
        figures = f"{both[flag] / max(1, found[flag]):11.3f}{both[flag] / max(1, true[flag]):9.3f}"
        print(f"{flag:26}{true[flag]:6}{found[flag]:7}{figures}")


def print_wrong(judged: Sequence[Judged], name: str) -> None:
    for row, decision in judged:
        true = {row["labels"].get("urgency"), *row.get("flags", ())}
        found = {decision.urgency.level, *decision.flags}
        if (name in true) != (name in found):
            why = "; ".join(decision.urgency.reasons)
            print(f"\n{row['id']} {'missed' if name in true else 'wrongly found'}, {decision.urgency.level}: {why}")
            print(f"  {row.get('subject', '')} // {' '.join(row['text'].split())[:400]}")


def groups(names: str) -> set[str]:
    return {name for name in names.split(",") if name}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", nargs="*", type=Path, default=[ROOT / "samples" / "commune" / "validation.jsonl"])
    options.add_argument("--model", type=Path, default=ROOT / "models" / "commune")
    options.add_argument("--only", type=groups, default="")
    options.add_argument("--without", type=groups, default="")
    options.add_argument("--wrong", default="")
    options.add_argument("--cv", type=int, default=0)
    options.add_argument("--beside", action="append", type=Path, default=[])
    given = options.parse_args()
    rows = list(read_rows(given.corpus, set(given.only), set(given.without)))
    judged = cross_judge(rows, given.beside, given.cv) if given.cv else judge(rows, load_model(given.model))
    print_levels(judged)
    print_flags(judged)
    if given.wrong:
        print_wrong(judged, given.wrong)


if __name__ == "__main__":
    main()
