"""What each part of the features brings, and their speed beside scikit-learn's vectorisers computing the same.

    python benchmarks/ablation.py CORPUS… [--test CORPUS] [--axis service]

Each block of features is left out in turn, the subject weighs as much as the body, or no noisy copies are learned; the
first stage alone, with the default settings: five folds that keep groups whole, or another corpus as test. Speed is
processor time on a warm memory.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from triage.classify import features as parts
from triage.classify.examples import Example, with_axis
from triage.classify.features import Featurizer
from triage.classify.french import chunks, word_vectors
from triage.classify.heldout import Features, Truth, held_out_scores
from triage.classify.linear import fit
from triage.classify.train import Settings, learn_features
from triage.classify.vocabulary import VECTOR, tokens_of
from triage.corpus import load_examples

Columns = Callable[[Featurizer], np.ndarray]


def _without(start: int, end: int, columns: int) -> np.ndarray:
    return np.concatenate([np.arange(start), np.arange(end, columns)])


WITHOUT: dict[str, Columns] = {
    "all features": lambda f: np.arange(f.columns),
    "without words": lambda f: _without(0, len(f.vocabulary.words), f.columns),
    "without characters": lambda f: _without(len(f.vocabulary.words), f.columns - VECTOR, f.columns),
    "without word vectors": lambda f: _without(f.columns - VECTOR, f.columns, f.columns),
}


def judged(train: list[Example], test: list[Example], axis: str, settings: Settings, columns: Columns) -> str:
    """Accuracy and macro-F1 on `test`, or without it on folds, of what `train` teaches."""
    truth = Truth.of(train, axis, settings.folds, settings.seed)
    featurizer = learn_features(train, settings)
    kept = columns(featurizer)
    everything = Features.of([e.text for e in train], featurizer, settings.noisy_copies, settings.seed)
    own = Features(everything.clean[:, kept], everything.copies[:, kept])
    expected = truth.numbers
    if test:
        rows, repeated = own.learned(np.ones(len(train), dtype=bool), truth.numbers)
        fitted = fit(rows, repeated, len(truth.labels), settings.learner, settings.seed, own.repeated)
        scores = fitted.scores(featurizer.transform([e.text for e in test])[:, kept])
        expected = np.array([truth.labels.index(e.labels[axis]) for e in test if e.labels[axis] in truth.labels])
    else:
        scores = held_out_scores(own, truth, settings.learner, settings.seed)
    found = scores.argmax(axis=1)
    macro = f1_score(expected, found, average="macro", zero_division=0)
    return f"{np.mean(found == expected):8.3f}  {macro:8.3f}"


def speeds(texts: list[str]) -> tuple[float, float]:
    """Texts a processor second: our features, and the same from scikit-learn and spaCy's vectors."""
    featurizer = Featurizer.learn(texts)
    featurizer.transform(texts)
    start = time.process_time()
    for i in range(0, len(texts), 64):
        featurizer.transform(texts[i : i + 64])
    ours = time.process_time() - start

    def words(text: str) -> list[str]:
        return [token for chunk in chunks(text) for token in tokens_of(chunk)]

    table = word_vectors()
    word = TfidfVectorizer(
        tokenizer=words, lowercase=False, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=3
    )
    character = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), lowercase=False, sublinear_tf=True, min_df=3, preprocessor=lambda t: t
    )
    word.fit(texts)
    character.fit([" ".join(words(text)) for text in texts])
    start = time.process_time()
    for i in range(0, len(texts), 64):
        some = texts[i : i + 64]
        vectors = [np.sum([table.table[r] for w in words(t) if (r := table.row(w)) >= 0] or [[0.0]]) for t in some]
        joined = [" ".join(words(text)) for text in some]
        sparse.hstack([word.transform(some), character.transform(joined), np.array(vectors)[:, None]])
    return len(texts) / ours, len(texts) / (time.process_time() - start)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("corpora", type=Path, nargs="+")
    reader.add_argument("--test", type=Path)
    reader.add_argument("--axis", default="service")
    given = reader.parse_args()
    train = with_axis(load_examples(given.corpora, [given.axis]), given.axis)
    test = with_axis(load_examples([given.test], [given.axis]), given.axis) if given.test else []
    settings = Settings(encoder=False)
    print(f"{len(train)} train, {len(test)} test\n{'':24} accuracy  macro-F1")
    for name, columns in WITHOUT.items():
        print(f"{name:24} {judged(train, test, given.axis, settings, columns)}", flush=True)
    parts.SUBJECT = 1.0
    print(f"{'subject counted once':24} {judged(train, test, given.axis, settings, WITHOUT['all features'])}")
    parts.SUBJECT = 2.0
    plain = replace(settings, noisy_copies=0)
    print(f"{'no noisy copies':24} {judged(train, test, given.axis, plain, WITHOUT['all features'])}")
    ours, theirs = speeds([example.text for example in train])
    print(f"features: {ours:,.0f} texts/s, scikit-learn's {theirs:,.0f}: × {ours / theirs:.1f}")


if __name__ == "__main__":
    main()
