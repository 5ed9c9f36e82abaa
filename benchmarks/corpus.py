"""Quality figures of the corpus: counts, variety, agreement of the second reading, learning curve.

    python benchmarks/corpus.py [--fast]

`--fast` leaves out the learning curve, which trains about ten models.
"""

import bisect
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.classify.evaluate import evaluate
from triage.classify.examples import Example
from triage.classify.train import Settings, train
from triage.corpus import load_examples

FOLDER = Path(__file__).parents[1] / "samples" / "commune"
PARTS = ("train", "validation", "test")
SIZES = (10, 20, 40, 80)
LENGTHS = (6, 20, 50, 100, 180, 300)


def share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})"


def counts(rows: list[dict]) -> None:
    total = len(rows)
    print(f"{total} mails, {sum(len(row['own_text'].split()) for row in rows)} own words")
    for title, values in (
        ("part", [row["part"] for row in rows]),
        ("kind", [row["kind"] for row in rows]),
        ("service", [row["labels"].get("service", "nothing to route") for row in rows]),
        ("nature", [row["labels"]["nature"] for row in rows if row["labels"]]),
        ("urgency", [row["labels"]["urgency"] for row in rows if row["labels"]]),
        ("flags", [flag for row in rows for flag in row["flags"]]),
        ("reply", [row["reply"] for row in rows]),
        ("voice", [row["spec"]["voice"] for row in rows]),
        ("form", [row["spec"]["form"] for row in rows]),
        ("words asked for", [row["spec"]["length"] for row in rows]),
    ):
        found = Counter(values).most_common()
        print(f"{title}: " + " · ".join(f"{name} {count}" for name, count in found))
    sortable = [row for row in rows if row["labels"]]
    lengths(sortable)
    double = sum(bool(row["secondary"]) for row in sortable)
    print(f"with a second request: {share(double, len(sortable))} of the mails to route")


def lengths(rows: list[dict]) -> None:
    """How many own words the mails to route really have, the subject apart."""
    words = [len(row["own_text"].split()) for row in rows]
    found = Counter(bisect.bisect_right(LENGTHS, count) for count in words)
    bounds = (0, *LENGTHS, max(words) + 1)
    shown = [f"{bounds[i]}-{bounds[i + 1] - 1} {found[i]}" for i in range(len(bounds) - 1)]
    print("own words: " + " · ".join(shown))


def variety(rows: list[dict]) -> None:
    texts = [row["own_text"] or row["subject"] for row in rows]
    words = [word.lower() for text in texts for word in text.split()]
    print(f"type/token ratio: {len(set(words)) / len(words):.3f}")
    vectors = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    nearest = (vectors @ vectors.T).tolil()
    nearest.setdiag(0)
    closest = nearest.tocsr().max(axis=1).toarray().ravel()
    print(f"nearest neighbour above cosine 0.6: {share(int((closest > 0.6).sum()), len(texts))}")


def agreement(rows: list[dict]) -> None:
    """How often author and second reader agree, and whom the third reader followed where they did not."""
    read = [row for row in rows if "second" in row]
    print(f"read a second time: {share(len(read), len(rows))}")
    for axis in ("service", "nature", "urgency"):
        pairs = [(row.get("first", {}).get(axis, row["labels"].get(axis)), row) for row in read]
        differ = [(first, row) for first, row in pairs if first != row["second"].get(axis)]
        kept = sum(first == row["labels"].get(axis) for first, row in differ)
        other = sum(row["second"].get(axis) == row["labels"].get(axis) for _, row in differ)
        print(
            f"  {axis}: same {1 - len(differ) / max(1, len(read)):.1%}; of {len(differ)} disputed, "
            f"the author's stands in {kept}, the second reader's in {other}"
        )


def judged(training: list[Example], test: list[Example]) -> str:
    model = train(training, ["service"], Settings(encoder=False), lambda _: None)
    figures = evaluate(model, test, "service").figures()
    return f"right {figures['accuracy']:.3f}, right or acceptable {figures['acceptable']:.3f}"


def subjects(examples: list[Example]) -> list[Example]:
    return [Example(e.id, e.text.split("\n")[0] + "\n", e.labels, e.acceptable) for e in examples]


def learning_curve() -> None:
    """Service accuracy on the test part against the number of training mails drawn from the rest."""
    rest = [e for e in load_examples([FOLDER / f"{part}.jsonl" for part in PARTS[:2]], ["service"]) if e.labels]
    test = load_examples([FOLDER / "test.jsonl"], ["service"])
    order = np.random.default_rng(1).permutation(len(rest))
    for size in (*SIZES, len(rest)):
        taken: Counter[str] = Counter()
        training = []
        for i in order:
            taken[rest[i].labels["service"]] += 1
            if taken[rest[i].labels["service"]] <= size:
                training.append(rest[i])
        print(f"learning curve, {len(training)} mails: {judged(training, test)}")
    print(f"subject alone, {len(rest)} mails: {judged(subjects(rest), subjects(test))}")


def main() -> None:
    rows = [
        json.loads(line) | {"part": part}
        for part in PARTS
        for line in (FOLDER / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    counts(rows)
    variety(rows)
    agreement(rows)
    if "--fast" not in sys.argv:
        learning_curve()


if __name__ == "__main__":
    main()
