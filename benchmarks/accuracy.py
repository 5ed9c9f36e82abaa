"""Accuracy and speed of triage beside other ways to sort text, on the public sets (or on any pairs of corpora).

    python benchmarks/accuracy.py [TRAIN TEST …] [--axis service] [--only NAME …]

Every method reads the same masked texts and has one setting for all sets: nothing is tuned per set. Times are seconds
of processor, all threads together, so that a busy machine changes little. Speed is that of the test texts, after up to
500 training texts have warmed every memory. Ratios to triage's first stage matter, not absolutes. Each set is also
tried with 150 texts of 8 labels, few of some: the mean of three draws.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.naive_bayes import ComplementNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from triage.classify.examples import Example
from triage.classify.train import Settings, train
from triage.corpus import load_examples

SETS = Path(__file__).parents[1] / "samples" / "service-public"
SEED = 1
WARM_UP = 500
# Small and unbalanced, as a service that begins has it: 150 texts of 8 labels; the mean of some draws is given.
SMALL, DRAWS = (48, 32, 22, 16, 12, 9, 6, 5), 3
Predict = Callable[[Sequence[str]], list[str]]
Learn = Callable[[Sequence[Example], str], Predict]


def triage(settings: Settings) -> Learn:
    """The whole prediction, evidence included."""

    def learn(rows: Sequence[Example], axis: str) -> Predict:
        model = train(rows, [axis], settings, lambda _: None)
        return lambda texts: [found[axis].ranking[0][0] for found in model.predict(texts)]

    return learn


def scikit_learn(build: Callable[[], Pipeline]) -> Learn:
    def learn(rows: Sequence[Example], axis: str) -> Predict:
        pipeline = build().fit([e.text for e in rows], [e.labels[axis] for e in rows])
        return lambda texts: list(pipeline.predict(texts))

    return learn


def words(**options: object) -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **options)


def characters() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)


def paperless() -> Pipeline:
    """The classifier of paperless-ngx: counts of words 1-2 found in 1 % of texts, a network of 100 units."""
    counts = CountVectorizer(analyzer="word", ngram_range=(1, 2), min_df=0.01)
    return make_pipeline(counts, MLPClassifier(tol=0.01, random_state=SEED))


def fasttext(rows: Sequence[Example], axis: str) -> Predict:
    """Supervised fastText, words 1-2 and character 2-5-grams, 50 passes: its defaults learn nothing of small sets."""
    from fasttext import train_supervised

    labels = sorted({e.labels[axis] for e in rows})
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        for e in rows:
            file.write(f"__label__{labels.index(e.labels[axis])} {plain(e.text)}\n")
        file.flush()
        model = train_supervised(
            file.name, lr=0.5, epoch=50, wordNgrams=2, minn=2, maxn=5, dim=100, bucket=200_000, thread=1, verbose=0
        )
    return lambda texts: [labels[int(found[0][9:])] for found in model.predict([plain(t) for t in texts])[0]]


def plain(text: str) -> str:
    """One line in small letters, punctuation apart, as fastText's manual asks."""
    return "".join(c if c.isalnum() or c.isspace() else f" {c} " for c in text.lower()).replace("\n", " ")


def spacy(rows: Sequence[Example], axis: str) -> Predict:
    """The bag-of-words text categoriser of spaCy on its blank French pipeline, ten passes."""
    from spacy import blank
    from spacy.training import Example as Annotated
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(SEED)
    nlp = blank("fr")
    model = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "ngram_size": 2,
        "no_output_layer": False,
    }
    nlp.add_pipe("textcat", config={"model": model})
    labels = sorted({e.labels[axis] for e in rows})
    annotated = [
        Annotated.from_dict(nlp.make_doc(e.text), {"cats": {name: float(name == e.labels[axis]) for name in labels}})
        for e in rows
    ]
    optimizer = nlp.initialize(lambda: annotated)
    generator = random.Random(SEED)
    for _ in range(10):
        generator.shuffle(annotated)
        for batch in minibatch(annotated, 32):
            nlp.update(batch, sgd=optimizer)
    return lambda texts: [max(doc.cats, key=doc.cats.get) for doc in nlp.pipe(texts)]


METHODS: dict[str, Learn] = {
    "triage, first stage": triage(Settings(encoder=False)),
    "triage": triage(Settings()),
    "word TF-IDF, LinearSVC": scikit_learn(lambda: make_pipeline(words(), LinearSVC())),
    "word + char TF-IDF, balanced LinearSVC": scikit_learn(
        lambda: make_pipeline(make_union(words(), characters()), LinearSVC(class_weight="balanced"))
    ),
    "word TF-IDF, complement naive Bayes": scikit_learn(lambda: make_pipeline(words(), ComplementNB())),
    "fastText": fasttext,
    "spaCy textcat BOW": spacy,
    "counts + MLP (paperless-ngx)": scikit_learn(paperless),
}


@dataclass(frozen=True)
class Result:
    """Scores in [0, 1], processor seconds to learn, texts a processor second."""

    accuracy: float
    macro_f1: float
    seconds: float
    speed: float


def measure(learn: Learn, rows: Sequence[Example], test: Sequence[Example], axis: str) -> Result:
    start = time.process_time()
    predict = learn(rows, axis)
    learning = time.process_time() - start
    predict([e.text for e in rows[:WARM_UP]])
    start = time.process_time()
    predicted = predict([e.text for e in test])
    seconds = time.process_time() - start
    truth = [e.labels[axis] for e in test]
    macro = f1_score(truth, predicted, average="macro")
    return Result(accuracy_score(truth, predicted), macro, learning, len(test) / seconds)


def line(name: str, found: Result, reference: Result | None) -> str:
    cells = [f"{found.accuracy:.3f}", f"{found.macro_f1:.3f}", f"{found.seconds:.1f}", f"{found.speed:,.0f}"]
    ratios = ["–", "–"]
    if reference:
        ratios = [f"× {found.seconds / reference.seconds:.2f}", f"× {found.speed / reference.speed:.2f}"]
    return f"| {name} | " + " | ".join(cells + ratios) + " |"


Part = tuple[Sequence[Example], Sequence[Example]]


def small_parts(rows: Sequence[Example], test: Sequence[Example], axis: str) -> list[Part]:
    """Draws of 150 training texts of 8 labels, each with the test texts of those labels; none from a poorer set."""
    by_label: dict[str, list[Example]] = {}
    for example in rows:
        by_label.setdefault(example.labels[axis], []).append(example)
    parts = []
    for draw in range(DRAWS):
        generator = random.Random(SEED + draw)
        sizes = {}
        for size in SMALL:
            rich = sorted(label for label, found in by_label.items() if len(found) >= size and label not in sizes)
            if not rich:
                return []
            sizes[generator.choice(rich)] = size
        chosen = [e for label, size in sizes.items() for e in generator.sample(by_label[label], size)]
        parts.append((chosen, [e for e in test if e.labels[axis] in sizes]))
    return parts


def mean(results: Sequence[Result]) -> Result:
    return Result(*(sum(values) / len(results) for values in zip(*map(astuple, results), strict=True)))


def table(title: str, parts: Sequence[Part], axis: str, names: Sequence[str]) -> None:
    rows, test = parts[0]
    print(f"\n**{title}**: {len(rows)} train, {len(test)} test, {len({e.labels[axis] for e in rows})} labels\n")
    print("| method | accuracy | macro-F1 | train CPU s | texts/CPU s | train time | speed |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    reference: Result | None = None
    for name in names:
        try:
            found = mean([measure(METHODS[name], rows, test, axis) for rows, test in parts])
        except ModuleNotFoundError as error:
            print(f"| {name} | not installed ({error.name}) | | | | | |")
            continue
        reference = found if name.startswith("triage") and not reference else reference
        print(line(name, found, reference), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", nargs="*", type=Path, metavar="TRAIN TEST")
    parser.add_argument("--axis", default="service")
    parser.add_argument("--only", nargs="+", choices=METHODS, default=list(METHODS), metavar="NAME")
    given = parser.parse_args(arguments)
    if len(given.corpora) % 2:
        parser.error("corpora come in pairs: TRAIN TEST")
    names = ("questions", "themes", "dossiers")
    shipped = [path for n in names for path in (SETS / f"{n}.train.jsonl.gz", SETS / f"{n}.test.jsonl.gz")]
    paths = given.corpora or shipped
    for train_path, test_path in zip(paths[::2], paths[1::2], strict=True):
        rows, test = (
            [e for e in load_examples([path], [given.axis]) if given.axis in e.labels]
            for path in (train_path, test_path)
        )
        title = train_path.name.split(".")[0]
        table(title, [(rows, test)], given.axis, given.only)
        if few := small_parts(rows, test, given.axis):
            table(f"{title}, mean of {DRAWS} small unbalanced draws", few, given.axis, given.only)


if __name__ == "__main__":
    main()
