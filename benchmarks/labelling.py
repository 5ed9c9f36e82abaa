"""Accuracy against the number of labels: texts that `triage label` chooses, against texts drawn at random.

    python benchmarks/labelling.py [--fast]

Real sessions and real models (first stage, no noisy copies), judged on texts that no session shows. The sets are the
questions of service-public.fr, the commune corpus as it is, with its services in equal shares, and with shares as
unequal as a town's mail: the k-th service has 1/√k of the first one's. Where a session would stop, its own estimate of
accuracy stands beside the truth.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from triage.classify.evaluate import evaluate
from triage.classify.examples import Example
from triage.classify.train import Settings, train
from triage.corpus import Row, read_rows
from triage.errors import CorpusError
from triage.learn.collect import as_object
from triage.learn.labelling import Asked, Session

SAMPLES = Path(__file__).parents[1] / "samples"
COUNTS = (50, 100, 200, 300, 400)
MOST = 600
SHOWN, JUDGED = 1_000, 1_000
SETTINGS = Settings(encoder=False, noisy_copies=0)


def main() -> None:
    seeds = range(1 if "--fast" in sys.argv else 3)
    for name in ("questions", "commune", "unequal"):
        gathered: dict[str, list[list[float]]] = {"chosen": [], "random": []}
        for seed in seeds:
            shown, judged = split(rows_of(name), name == "unequal", seed)
            everything = accuracy(shown, judged)
            for way, curves in gathered.items():
                curves.append([*curve(shown, judged, way, seed), everything])
        print(f"{name}: {len(shown)} texts to choose among, judged on {len(judged)}, mean of {len(seeds)} seeds")
        print(f"  labels          {'  '.join(f'{count:5}' for count in COUNTS)}    all")
        for way, curves in gathered.items():
            print(f"  {way:15} {'  '.join(f'{value:5.3f}' for value in np.mean(curves, axis=0))}", flush=True)


def rows_of(name: str) -> list[Row]:
    folder = SAMPLES / ("service-public" if name == "questions" else "commune")
    files = ["questions.train.jsonl.gz", "questions.test.jsonl.gz"] if name == "questions" else ["train.jsonl"]
    rows = [row for file in files for row in read_rows(folder / file, ["service"])]
    return [row for row in rows if "service" in row.labels]


def split(rows: Sequence[Row], unequal: bool, seed: int) -> tuple[list[Row], list[Row]]:
    """Texts to choose among and texts to judge on, drawn alike; groups lie on one side."""
    drawing = np.random.default_rng(seed)
    mixed = [rows[i] for i in drawing.permutation(len(rows))]
    if unequal:
        labels = sorted({row.labels["service"] for row in rows})
        ranks = {label: 1 + rank for rank, label in enumerate(drawing.permutation(labels))}
        largest = min(Counter(row.labels["service"] for row in rows).values())
        seen: Counter[str] = Counter()
        kept = []
        for row in mixed:
            seen[row.labels["service"]] += 1
            if seen[row.labels["service"]] <= max(6, largest / ranks[row.labels["service"]] ** 0.5):
                kept.append(row)
        mixed = kept
    groups = list(dict.fromkeys(row.group or row.id for row in mixed))
    first = set(groups[: round(len(groups) * min(0.6, SHOWN / len(mixed)))])
    sides = (
        [row for row in mixed if (row.group or row.id) in first],
        [row for row in mixed if (row.group or row.id) not in first],
    )
    return sides[0][:SHOWN], sides[1][:JUDGED]


def curve(shown: Sequence[Row], judged: Sequence[Row], way: str, seed: int) -> list[float]:
    """Accuracy of a model trained on the first labels, for each of COUNTS."""
    truth = {row.id: row for row in shown}
    choices = tuple(sorted({row.labels["service"] for row in shown}))
    asked = [Asked(row, as_object(row) | {"labels": {}}, choices) for row in shown]
    found: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        session = Session(asked, Path(folder) / "labels.jsonl", "service", seed)
        question, answered, told = session.questions[0], [], way == "random"
        if way == "random":
            answered = [truth[one.content["id"]] for one in (question.asked[i] for i in question.drawn)][: COUNTS[-1]]
            found = [accuracy(answered[:count], judged) for count in COUNTS]
        while way == "chosen" and len(answered) < MOST and not (told and len(answered) > COUNTS[-1]):
            if (one := session.current()) is None:
                break
            point = session.answer(truth[one.content["id"]].labels["service"])
            answered.append(truth[one.content["id"]])
            if len(answered) in COUNTS:
                found.append(accuracy(answered, judged))
            if point and question.steady and not told:
                told = True
                low, high = point.interval
                estimate = f"{point.accuracy:.3f} ({low:.3f}-{high:.3f}, {point.judged} drawn)"
                print(f"  would stop at {len(answered)}: estimates {estimate}, true {accuracy(answered, judged):.3f}")
        if way == "chosen" and not told:
            point = question.points[-1]
            estimate = f"{point.accuracy:.3f} ({point.interval[0]:.3f}-{point.interval[1]:.3f}, {point.judged} drawn)"
            print(f"  goes on at {len(answered)}: estimates {estimate}, true {accuracy(answered, judged):.3f}")
        session.close()
    return found


def accuracy(learned: Sequence[Row], judged: Sequence[Row]) -> float:
    try:
        model = train([_example(row) for row in learned], ["service"], SETTINGS, lambda _: None)
    except CorpusError:
        return 0.0
    return evaluate(model, [_example(row) for row in judged], "service").figures()["accuracy"]


_EXAMPLES: dict[str, Example] = {}


def _example(row: Row) -> Example:
    if row.place not in _EXAMPLES:
        _EXAMPLES[row.place] = row.example()
    return _EXAMPLES[row.place]


if __name__ == "__main__":
    main()
