"""Accuracy and macro-F1 of triage beside plain scikit-learn pipelines, on the public sets (or on any pair of corpora).

    python benchmarks/accuracy.py [TRAIN TEST]

Every method sees the same rows and one default setting; nothing is tuned per set.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from triage.classify.evaluate import evaluate
from triage.classify.examples import Example
from triage.classify.train import Settings, train
from triage.corpus import load_examples

SETS = Path(__file__).parents[1] / "samples" / "service-public"
Method = Callable[[list[Example], list[Example]], list[str]]


def triage(train_rows: list[Example], test_rows: list[Example]) -> list[str]:
    model = train(train_rows, ["service"], Settings(), lambda _: None)
    return [verdict.predicted for verdict in evaluate(model, test_rows, "service").verdicts]


def plain(build: Callable[[], Pipeline]) -> Method:
    def run(train_rows: list[Example], test_rows: list[Example]) -> list[str]:
        pipeline = build().fit([e.text for e in train_rows], [e.labels["service"] for e in train_rows])
        return list(pipeline.predict([e.text for e in test_rows]))

    return run


METHODS: dict[str, Method] = {
    "triage": triage,
    "word TF-IDF + LinearSVC": plain(lambda: make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LinearSVC())),
    "word + char TF-IDF + balanced LinearSVC": plain(
        lambda: make_pipeline(
            make_union(TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))),
            LinearSVC(class_weight="balanced"),
        )
    ),
    "word TF-IDF + complement naive Bayes": plain(lambda: make_pipeline(TfidfVectorizer(), ComplementNB())),
}


def main() -> None:
    pairs = [tuple(map(Path, sys.argv[1:3]))] if len(sys.argv) == 3 else []
    names = ("questions", "themes", "dossiers")
    for train_path, test_path in pairs or [(SETS / f"{n}.train.jsonl.gz", SETS / f"{n}.test.jsonl.gz") for n in names]:
        train_rows, test_rows = load_examples([train_path], ["service"]), load_examples([test_path], ["service"])
        truth = [example.labels["service"] for example in test_rows]
        title = train_path.name.split(".")[0]
        print(f"\n{title}: {len(train_rows)} train, {len(test_rows)} test, {len(set(truth))} labels")
        print(f"{'method':42} accuracy  macro-F1  seconds")
        for name, method in METHODS.items():
            start = time.perf_counter()
            predicted = method(train_rows, test_rows)
            seconds = time.perf_counter() - start
            macro = f1_score(truth, predicted, average="macro")
            print(f"{name:42} {accuracy_score(truth, predicted):8.3f}  {macro:8.3f}  {seconds:7.1f}")


if __name__ == "__main__":
    main()
