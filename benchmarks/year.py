"""A year of mail, month by month, with and without the loop of verdicts and retraining.

    python benchmarks/year.py [--seed N] [--months N]

The train and validation parts of the corpus are dealt into a base and months of mail. Agents judge the doubtful mail
and some at random, a mistake in 33. In April a service nobody had mail for appears; in October another is split in
two, and agents label a few dozen of its old mails anew. First stage alone, on services.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.train import Settings, train
from triage.corpus import load_examples
from triage.learn.judge import Bar, judge
from triage.learn.lessons import Lesson, Rules, apart, lessons, repeated

ROOT = Path(__file__).parents[1]
PARTS = [ROOT / "samples" / "commune" / f"{part}.jsonl" for part in ("train", "validation")]
BASE, MAILS = 700, 150
AT_RANDOM, DOUBTFUL, MISTAKES, RELABELLED = 15, 45, 0.03, 60
NEW, FROM_APRIL = "petite_enfance", 4
WHOLE, HALF, FROM_OCTOBER = "voirie_eclairage", "stationnement_mobilite", 10
SETTINGS = Settings(encoder=False, noisy_copies=0)
AXIS = "service"


def said(example: Example, label: str) -> Example:
    return replace(example, labels={AXIS: label}, acceptable=())


def in_month(example: Example, month: int) -> Example:
    """A mail with the label it has in that month: before October the half is part of the whole."""
    joined = example.labels[AXIS] == HALF and month < FROM_OCTOBER
    return said(example, WHOLE if joined else example.labels[AXIS])


def measured(model: Model, mails: Sequence[Example]) -> tuple[float, float, int]:
    """Accuracy, coverage, and how many mails people must sort: left to them, or sent to a wrong service."""
    found = [one[AXIS] for one in model.predict([mail.text for mail in mails])]
    right = sum(one.ranking[0][0] == mail.labels[AXIS] for one, mail in zip(found, mails, strict=True))
    well = sum(one.label == mail.labels[AXIS] for one, mail in zip(found, mails, strict=True))
    return right / len(mails), sum(one.label is not None for one in found) / len(mails), len(mails) - well


def verdicts(model: Model, mails: Sequence[Example], month: int, drawn: random.Random) -> list[Lesson]:
    """What agents say: of the most doubtful mails, and of some drawn at random; each from a writer of its own."""
    sure = [one[AXIS].confidence for one in model.predict([mail.text for mail in mails])]
    order = sorted(range(len(mails)), key=sure.__getitem__)
    chosen = [*order[:DOUBTFUL], *drawn.sample(order[DOUBTFUL:], AT_RANDOM)]
    labels = sorted({mail.labels[AXIS] for mail in mails})
    at = datetime(2026, month, 28, tzinfo=UTC).isoformat()
    found = []
    for place in chosen:
        mail, writer = mails[place], f"personne{month}-{place}@courriel.test"
        label = drawn.choice(labels) if drawn.random() < MISTAKES else mail.labels[AXIS]
        given = replace(said(mail, label), group=writer, sender=writer)
        found.append(Lesson(f"{month:02}-{place:04}", writer, at, given))
    return found


def split(base: Sequence[Example], given: Sequence[Lesson], drawn: random.Random) -> tuple[list[Example], list[Lesson]]:
    """October: what was said of the whole no longer stands, but for the mails that agents label anew."""
    old = [mail for mail in base if mail.labels[AXIS] in (WHOLE, HALF)]
    kept = drawn.sample(old, min(RELABELLED, len(old)))
    others = [mail for mail in base if mail.labels[AXIS] not in (WHOLE, HALF)]
    return [*others, *kept], [one for one in given if one.example.labels[AXIS] != WHOLE]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--months", type=int, default=12)
    asked = parser.parse_args()
    drawn = random.Random(asked.seed)
    every = [example for example in load_examples(PARTS, [AXIS]) if AXIS in example.labels]
    drawn.shuffle(every)
    old = [mail for mail in every if mail.labels[AXIS] != NEW]
    truth, stream = old[:BASE], old[BASE:]
    fresh = [mail for mail in every if mail.labels[AXIS] == NEW]
    base = [in_month(mail, 1) for mail in truth]
    without = model = train(base, [AXIS], SETTINGS, lambda _: None)
    given: list[Lesson] = []
    print(
        "month  accuracy without / with   coverage without / with   sorted by people   verdicts  released", flush=True
    )
    for month in range(1, asked.months + 1):
        if month == FROM_OCTOBER:
            base, given = split(truth, given, drawn)
        own = stream[(month - 1) * MAILS : month * MAILS]
        own += [fresh.pop() for _ in range(min(12, len(fresh)))] if month >= FROM_APRIL else []
        mails = [in_month(mail, month) for mail in own]
        before, after = measured(without, mails), measured(model, mails)
        new = verdicts(model, mails, month, drawn)
        given += new
        found = lessons(given, Rules())
        learned = [*base, *repeated(found.learned, Rules(), datetime(2026, month, 28, tzinfo=UTC))]
        challenger = train(learned, [AXIS], SETTINGS, lambda _: None)
        judges = [one.example for one in apart(found.held_out, learned)]
        accepted = len(judges) >= Bar().least and judge(model, challenger, judges, [AXIS], Bar()).accepted
        print(
            f"{month:5}  {before[0]:16.3f} / {after[0]:.3f}  {before[1]:17.3f} / {after[1]:.3f}  "
            f"{before[2]:11} / {after[2]:<4} {len(new):10}  {'yes' if accepted else 'no':>8}",
            flush=True,
        )
        model = challenger if accepted else model


if __name__ == "__main__":
    main()
