"""What wrong verdicts, by mistake or by malice, do to retraining.

    python benchmarks/poisoning.py [--seeds N] [--only NAME]

The train and validation parts of the corpus are dealt anew for each seed: 1,200 mails to start from, 800 that agents
judge, the rest to measure with, which neither model nor decision ever sees. First stage alone, on services.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from triage.classify.evaluate import evaluate
from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.train import Settings, train
from triage.corpus import load_examples
from triage.learn.judge import Bar, judge
from triage.learn.lessons import Lesson, Rules, apart, lessons, repeated

ROOT = Path(__file__).parents[1]
PARTS = [ROOT / "samples" / "commune" / f"{part}.jsonl" for part in ("train", "validation")]
BASE, JUDGED, FLOOD = 1_200, 800, 400
NOW = datetime(2026, 11, 30, tzinfo=UTC)
SETTINGS = Settings(encoder=False, noisy_copies=0)
AXIS = "service"
Verdicts = Callable[[Sequence[Example], list[str], random.Random], list[Lesson]]


def lesson(number: int, example: Example, label: str, writer: str = "") -> Lesson:
    writer = writer or f"personne{number}@courriel.test"
    given = replace(example, labels={AXIS: label}, acceptable=(), group=writer, sender=writer)
    return Lesson(f"{number:06}", writer, NOW.isoformat(), given)


def flipped(share: float) -> Verdicts:
    """Agents who take one service for another, at random, in a share of the mails."""

    def give(mails: Sequence[Example], labels: list[str], drawn: random.Random) -> list[Lesson]:
        right = [mail.labels[AXIS] for mail in mails]
        said = [drawn.choice([x for x in labels if x != y]) if drawn.random() < share else y for y in right]
        return [lesson(i, mail, label) for i, (mail, label) in enumerate(zip(mails, said, strict=True))]

    return give


def flood(mails: Sequence[Example], labels: list[str], drawn: random.Random) -> list[Lesson]:
    """Half of the judged mails come from one sender, are about everything, and are all said to be for one service."""
    service = drawn.choice(labels)
    honest = [lesson(i, mail, mail.labels[AXIS]) for i, mail in enumerate(mails[:-FLOOD])]
    return honest + [lesson(JUDGED + i, mail, service, "inonde@courriel.test") for i, mail in enumerate(mails[-FLOOD:])]


UNCAPPED = Rules(per_writer=10**9, held_out=0.3)
CASES: dict[str, tuple[Verdicts, Rules]] = {
    "honest": (flipped(0.0), Rules()),
    "5 % flipped": (flipped(0.05), Rules()),
    "30 % flipped": (flipped(0.30), Rules()),
    "flood": (flood, Rules()),
    "flood, no caps": (flood, UNCAPPED),
}


def right(model: Model, examples: Sequence[Example]) -> float:
    return float(evaluate(model, examples, AXIS).arrays.right.mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=CASES)
    asked = parser.parse_args()
    everything = [example for example in load_examples(PARTS, [AXIS]) if AXIS in example.labels]
    labels = sorted({example.labels[AXIS] for example in everything})
    print("verdicts         seed  champion  challenger  released  in use after")
    for seed in range(1, asked.seeds + 1):
        drawn = random.Random(seed)
        mails = drawn.sample(everything, len(everything))
        base, judged, measured = mails[:BASE], mails[BASE : BASE + JUDGED], mails[BASE + JUDGED :]
        champion = train(base, [AXIS], SETTINGS, lambda _: None)
        before = right(champion, measured)
        for name, (give, rules) in CASES.items():
            if asked.only in (None, name):
                found = lessons(give(judged, labels, drawn), rules)
                learned = [*base, *repeated(found.learned, rules, NOW)]
                challenger = train(learned, [AXIS], SETTINGS, lambda _: None)
                judges = [one.example for one in apart(found.held_out, learned)]
                accepted = judge(champion, challenger, judges, [AXIS], Bar()).accepted
                after = right(challenger, measured)
                used = after if accepted else before
                said = "yes" if accepted else "no"
                print(
                    f"{name:16} {seed:4}  {before:8.3f}  {after:10.3f}  {said:>8}  {used:8.3f} ({used - before:+.3f})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
