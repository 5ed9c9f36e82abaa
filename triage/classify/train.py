"""Examples -> Model, with scikit-learn: a balanced linear classifier for each axis, calibrated out of fold."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.calibrate import (
    UNPROVEN_THRESHOLD,
    Promise,
    describe,
    expected_calibration_error,
    fit_inverse_temperature,
    keep_budget,
)
from triage.classify.examples import Example, folds, with_axis
from triage.classify.features import Featurizer, Floats, Vocabulary
from triage.classify.model import Axis, Model, softmax
from triage.classify.noise import noisy
from triage.errors import CorpusError

# Inverse regularisation of the support vector classifier, chosen by cross-validation on public question texts.
COST = 0.3
# Under this many rows a term needs three texts of distinct senders, else five: no model holds personal data.
SMALL_CORPUS = 5_000
DEFAULT_BUDGET = 0.10

Report = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How to train. `budget` is the promised error among routed mail (None: no promise asked).

    `noisy_copies` of each text, with typing errors or in SMS spelling, are learned beside it.
    """

    folds: int = 5
    seed: int = 20_260_101
    budget: float | None = None
    threshold: float | None = None
    noisy_copies: int = 1


@dataclass(frozen=True)
class Fitted:
    """A linear classifier as arrays: shapes (labels, columns) and (labels,)."""

    coefficients: Floats
    intercepts: Floats

    def scores(self, rows: sparse.csr_matrix) -> Floats:
        """Decision scores, shape (rows, labels)."""
        return np.asarray(rows @ self.coefficients.T) + self.intercepts


@dataclass(frozen=True)
class HeldOut:
    """Scores of examples by classifiers that never saw them, with the calibration fitted on them.

    `scores` and `allowed` have shape (examples, labels); `allowed` holds the true label and the acceptable ones, since
    a mail that reaches a service able to handle it is not misrouted.
    """

    labels: tuple[str, ...]
    truth: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    scores: Floats
    inverse_temperature: float

    @property
    def probabilities(self) -> Floats:
        """Calibrated probabilities, shape (examples, labels)."""
        return softmax(self.scores * self.inverse_temperature)

    def judged(self) -> tuple[Floats, NDArray[np.bool_]]:
        """Confidence of the first label of each example, and whether that label is allowed."""
        probabilities = self.probabilities
        first = probabilities.argmax(axis=1)
        return probabilities.max(axis=1), self.allowed[np.arange(len(first)), first]


def train(examples: Sequence[Example], axes: Sequence[str], settings: Settings, report: Report) -> Model:
    """Fit one model for all axes. Raises CorpusError when an axis cannot be learned."""
    unlabelled = len(examples)
    examples = [example for example in examples if any(axis in example.labels for axis in axes)]
    unlabelled -= len(examples)
    if not examples:
        raise CorpusError(f"the corpus holds no row labelled on {', '.join(axes)}: nothing to train on")
    if unlabelled:
        report(f"{unlabelled} rows without a label on {', '.join(axes)} are left out")
    labelled = {axis: with_axis(examples, axis) for axis in axes}
    report(f"vocabulary: terms found in at least {least_texts(examples)} texts of distinct senders")
    vocabulary = learn_vocabulary(examples, settings)
    featurizer = Featurizer(vocabulary)
    fitted = {axis: _train_axis(rows, axis, featurizer, settings, report) for axis, rows in labelled.items()}
    known = np.array([featurizer.known_share(featurizer.read(example.text)) for example in examples])
    return Model(
        id="",
        vocabulary=vocabulary,
        axes={name: axis for name, (axis, _) in fitted.items()},
        # Half of what the strangest hundredth of the training texts share with the vocabulary.
        least_known=round(float(np.quantile(known, 0.01)) / 2, 3),
        manifest={
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "data": {"rows": len(examples), "least_texts_per_term": least_texts(examples), "seed": settings.seed},
            "metrics": {name: metrics for name, (_, metrics) in fitted.items()},
        },
    )


def least_texts(examples: Sequence[Example]) -> int:
    """In how many texts of distinct senders a term must occur."""
    return 3 if len(examples) < SMALL_CORPUS else 5


def learn_vocabulary(examples: Sequence[Example], settings: Settings) -> Vocabulary:
    """The terms of a corpus and its noisy copies; a text without a sender counts as a sender of its own."""
    senders = [example.sender or f"\0{i}" for i, example in enumerate(examples)]
    texts = [example.text for example in examples]
    copies = noisy_texts(texts, settings)
    return Vocabulary.learn([*texts, *copies], senders * (1 + settings.noisy_copies), least_texts(examples))


def noisy_texts(texts: Sequence[str], settings: Settings) -> list[str]:
    """The noisy copies of all texts, in their order, as often as the settings ask."""
    generator = np.random.default_rng(settings.seed)
    return [noisy(text, generator) for _ in range(settings.noisy_copies) for text in texts]


@dataclass(frozen=True)
class Features:
    """Rows of the texts and, stacked under one another, of their noisy copies."""

    clean: sparse.csr_matrix
    copies: sparse.csr_matrix

    @classmethod
    def of(cls, examples: Sequence[Example], featurizer: Featurizer, settings: Settings) -> "Features":
        """Features of the examples' texts."""
        texts = [example.text for example in examples]
        return cls(featurizer.transform(texts), featurizer.transform(noisy_texts(texts, settings)))

    def learned(self, kept: NDArray[np.bool_], truth: NDArray[np.int64]) -> tuple[sparse.csr_matrix, NDArray[np.int64]]:
        """What a classifier learns of the texts kept: their rows and those of their copies, and the labels of all."""
        times = self.copies.shape[0] // len(kept)
        return (
            sparse.vstack([self.clean[kept], self.copies[np.tile(kept, times)]], format="csr"),
            np.tile(truth[kept], 1 + times),
        )


def _train_axis(
    examples: Sequence[Example], axis: str, featurizer: Featurizer, settings: Settings, report: Report
) -> tuple[Axis, dict[str, Any]]:
    features = Features.of(examples, featurizer, settings)
    counts = Counter(example.labels[axis] for example in examples)
    report(f"{axis}: {len(examples)} texts, {len(counts)} labels")
    if small := sorted(label for label, count in counts.items() if count < settings.folds):
        report(f"{axis}: labels with fewer than {settings.folds} texts are hardly learned: {', '.join(small)}")
    held_out = hold_out(examples, axis, features, settings)
    learned = features.learned(np.ones(len(examples), dtype=bool), held_out.truth)
    fitted = fit(*learned, len(held_out.labels), settings.seed)
    promise = _promise(held_out, settings)
    metrics = _metrics(held_out, promise, settings)
    report(_sentence(axis, metrics))
    return (
        Axis(
            labels=held_out.labels,
            coefficients=fitted.coefficients.astype(np.float32),
            intercepts=fitted.intercepts.astype(np.float32),
            inverse_temperature=held_out.inverse_temperature,
            threshold=promise.threshold,
        ),
        metrics,
    )


def fit(rows: sparse.csr_matrix, truth: NDArray[np.int64], labels: int, seed: int) -> Fitted:
    """Fit a balanced linear support vector classifier; a label absent from `truth` gets a score nothing beats."""
    from sklearn.svm import LinearSVC

    classifier = LinearSVC(C=COST, class_weight="balanced", random_state=seed, max_iter=2000)
    classifier.fit(rows, truth)
    coefficients, intercepts = classifier.coef_, classifier.intercept_
    if len(classifier.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.concatenate([-intercepts, intercepts])
    everything = np.zeros((labels, rows.shape[1]))
    offsets = np.full(labels, -3.0)
    everything[classifier.classes_] = coefficients
    offsets[classifier.classes_] = intercepts
    return Fitted(everything, offsets)


def hold_out(examples: Sequence[Example], axis: str, features: Features, settings: Settings) -> HeldOut:
    """Score every example by a classifier trained on the other folds, then calibrate on those scores."""
    from joblib import Parallel, delayed

    labels = tuple(sorted({example.labels[axis] for example in examples}))
    number = {label: i for i, label in enumerate(labels)}
    truth = np.array([number[example.labels[axis]] for example in examples])
    fold = folds(examples, axis, settings.folds, settings.seed)

    def score(part: int) -> Floats:
        if len(set(truth[fold != part])) < 2:
            return np.zeros((int((fold == part).sum()), len(labels)))
        learned = features.learned(fold != part, truth)
        return fit(*learned, len(labels), settings.seed).scores(features.clean[fold == part])

    scores = np.zeros((len(examples), len(labels)))
    parts = Parallel(n_jobs=-1, prefer="threads")(delayed(score)(part) for part in range(settings.folds))
    for part, found in enumerate(parts):
        scores[fold == part] = found
    allowed = np.array([[label == e.labels[axis] or label in e.acceptable for label in labels] for e in examples])
    return HeldOut(labels, truth, allowed, scores, fit_inverse_temperature(scores, truth))


def _promise(held_out: HeldOut, settings: Settings) -> Promise:
    confidence, right = held_out.judged()
    budget = DEFAULT_BUDGET if settings.budget is None else settings.budget
    if settings.threshold is not None:
        return describe(confidence, right, settings.threshold, budget)
    promise = keep_budget(confidence, right, budget)
    if settings.budget is None and not promise.kept:
        return describe(confidence, right, UNPROVEN_THRESHOLD, budget)
    return promise


def _metrics(held_out: HeldOut, promise: Promise, settings: Settings) -> dict[str, Any]:
    from sklearn.metrics import f1_score

    confidence, right = held_out.judged()
    predicted = held_out.probabilities.argmax(axis=1)
    return {
        "accuracy": round(float((predicted == held_out.truth).mean()), 4),
        "acceptable": round(float(right.mean()), 4),
        "macro_f1": round(float(f1_score(held_out.truth, predicted, average="macro")), 4),
        "expected_calibration_error": round(expected_calibration_error(confidence, right), 4),
        "budget": DEFAULT_BUDGET if settings.budget is None else settings.budget,
        "budget_kept": bool(promise.kept),
        "coverage": round(promise.coverage, 4),
        "routed_error": round(promise.error, 4),
        "routed_error_bound": round(promise.bound, 4),
    }


def _sentence(axis: str, metrics: Mapping[str, Any]) -> str:
    judged = f"{axis}: cross-validated accuracy {metrics['accuracy']:.3f}, macro-F1 {metrics['macro_f1']:.3f}; "
    if metrics["budget_kept"]:
        return judged + (
            f"routes {metrics['coverage']:.0%} with at most {metrics['budget']:.0%} wrong "
            f"(95 % bound {metrics['routed_error_bound']:.1%})"
        )
    return judged + (
        f"too few or too hard texts to promise at most {metrics['budget']:.0%} wrong; "
        f"routes {metrics['coverage']:.0%} with {metrics['routed_error']:.1%} wrong in cross-validation"
    )
