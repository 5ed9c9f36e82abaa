"""How classifiers judge examples they never saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.calibrate import fit_temperature
from triage.classify.examples import Example, folds
from triage.classify.features import Featurizer
from triage.classify.linear import Learner, Numbers, fit
from triage.classify.model import Temperature, softmax
from triage.classify.noise import noisy
from triage.classify.vocabulary import Floats

Flags = NDArray[np.bool_]
_LEAST_ALIKE = 30  # texts under which figures would tell nothing


@dataclass(frozen=True)
class Truth:
    """What examples are on one axis: label numbers (examples,) and allowed labels (examples, labels).

    The acceptable labels are allowed beside the true one: a mail that reaches a service able to handle it is not
    misrouted. `fold` (examples,) keeps groups whole. `counted` (examples,) marks those that figures and promises count.
    """

    labels: tuple[str, ...]
    numbers: Numbers
    allowed: Flags
    fold: Numbers
    counted: Flags

    @classmethod
    def of(cls, examples: Sequence[Example], axis: str, fold_count: int, seed: int) -> "Truth":
        """Read the labels of examples that all have the axis."""
        labels = tuple(sorted({example.labels[axis] for example in examples}))
        number = {label: i for i, label in enumerate(labels)}
        return cls(
            labels,
            np.array([number[example.labels[axis]] for example in examples]),
            np.array([[label == e.labels[axis] or label in e.acceptable for label in labels] for e in examples]),
            folds(examples, axis, fold_count, seed),
            _counted(examples),
        )

    def chosen(self, kept: Numbers | Flags) -> "Truth":
        """What some of the examples are."""
        return Truth(self.labels, self.numbers[kept], self.allowed[kept], self.fold[kept], self.counted[kept])

    def judged(self, probabilities: Floats) -> tuple[Floats, Flags]:
        """Confidence of the first label of each example, and whether that label is allowed."""
        first = probabilities.argmax(axis=1)
        return probabilities.max(axis=1), self.allowed[np.arange(len(first)), first]


def _counted(examples: Sequence[Example]) -> Flags:
    """Texts like the mail at large; where hardly any is, those singled out too."""
    once = np.array([not example.repeat for example in examples])
    alike = once & np.array([not example.singled_out for example in examples])
    return alike if alike.sum() >= _LEAST_ALIKE else once


@dataclass(frozen=True)
class Features:
    """Rows of some texts and, stacked under one another, of their noisy copies."""

    clean: sparse.csr_matrix
    copies: sparse.csr_matrix

    @property
    def repeated(self) -> int:
        """How many rows stand for each text."""
        return 1 + self.copies.shape[0] // max(1, self.clean.shape[0])

    @classmethod
    def of(cls, texts: Sequence[str], featurizer: Featurizer, copies: int, seed: int) -> "Features":
        """Features of texts and of `copies` noisy copies of each."""
        return cls(featurizer.transform(texts), featurizer.transform(noisy_texts(texts, copies, seed)))

    def chosen(self, kept: Numbers) -> "Features":
        """Features of some of the texts, by their numbers."""
        size, times = self.clean.shape[0], self.repeated - 1
        return Features(
            self.clean[kept], self.copies[np.concatenate([kept + size * k for k in range(times)] or [kept[:0]])]
        )

    def learned(self, kept: Flags, truth: Numbers) -> tuple[sparse.csr_matrix, Numbers]:
        """What a classifier learns of the texts kept: their rows and those of their copies, and the labels of all."""
        times = self.copies.shape[0] // len(kept)
        rows = sparse.vstack([self.clean[kept], self.copies[np.tile(kept, times)]], format="csr")
        return rows, np.tile(truth[kept], 1 + times)


def noisy_texts(texts: Sequence[str], copies: int, seed: int) -> list[str]:
    """The noisy copies of all texts, in their order, `copies` times over; each text has its own random stream."""
    return [
        noisy(text, np.random.default_rng((seed, copy, number)))
        for copy in range(copies)
        for number, text in enumerate(texts)
    ]


def held_out_scores(features: Features, truth: Truth, learner: Learner, seed: int) -> Floats:
    """Score every example by a classifier fitted on the other folds, shape (examples, labels)."""
    from joblib import Parallel, delayed

    def score(part: int) -> Floats:
        kept = truth.fold != part
        if len(set(truth.numbers[kept])) < 2:
            return np.zeros((int((~kept).sum()), len(truth.labels)))
        learned = features.learned(kept, truth.numbers)
        return fit(*learned, len(truth.labels), learner, seed, features.repeated).scores(features.clean[~kept])

    scores = np.zeros((len(truth.numbers), len(truth.labels)))
    parts = sorted(set(truth.fold.tolist()))
    for part, found in zip(parts, Parallel(n_jobs=-1, prefer="threads")(map(delayed(score), parts)), strict=True):
        scores[truth.fold == part] = found
    return scores


def calibrated(scores: Floats, truth: Truth) -> tuple[Temperature, Floats]:
    """The temperature fitted on held-out scores, and the probabilities it gives them."""
    temperature = fit_temperature(scores, truth.numbers)
    return temperature, softmax(temperature.scaled(scores))
