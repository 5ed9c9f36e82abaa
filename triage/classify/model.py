"""A trained model at work: NumPy and SciPy only, no scikit-learn.

For each axis the score of a label is linear in the features; probabilities are the softmax of the scores
times one inverse temperature fitted on held-out predictions
(Guo et al., "On Calibration of Modern Neural Networks", 2017).

A model may have a second stage: the texts of which the first stage is least sure are read again by a sentence encoder,
and the scores of both stages are added, each times a weight fitted on held-out predictions (stacking, Wolpert 1992).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.features import Featurizer, Floats, Places, Vocabulary
from triage.types import Prediction

VECTOR = 300  # columns of the word vector, the last ones of a row
EVIDENCE = 8  # terms kept to explain a decision
_PLACEHOLDER = re.compile(r"xx([a-z]+)xx")  # masked data, shown as « [date] »
_PUNCTUATION = ".,;:!?()[]«»\"'…-*_>"


@dataclass(frozen=True)
class Second:
    """The second stage of an axis. `coefficients` has shape (labels, 512), `intercepts` (labels,).

    `weights` are the factors of the scores of the first and of the second stage; `threshold` replaces the first
    stage's where both stages work together.
    """

    coefficients: NDArray[np.float32] = field(repr=False)
    intercepts: NDArray[np.float32] = field(repr=False)
    weights: tuple[float, float]
    threshold: float

    def scores(self, vectors: Floats) -> Floats:
        """Decision scores of the second stage alone, shape (texts, labels)."""
        return np.asarray(vectors @ self.coefficients.T.astype(np.float64) + self.intercepts, dtype=np.float64)


@dataclass(frozen=True)
class Axis:
    """Weights of one axis. `coefficients` has shape (labels, columns), `intercepts` (labels,).

    `threshold` is the confidence under which the model abstains; `stricter` holds the labels that need more.
    """

    labels: tuple[str, ...]
    coefficients: NDArray[np.float32] = field(repr=False)
    intercepts: NDArray[np.float32] = field(repr=False)
    inverse_temperature: float
    threshold: float
    stricter: Mapping[str, float] = field(default_factory=dict)
    second: Second | None = None

    @cached_property
    def by_column(self) -> Floats:
        """Coefficients of shape (columns, labels): one feature's weights lie together."""
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)

    @cached_property
    def vector_part(self) -> Floats:
        """Coefficients of the word vector, shape (labels, 300)."""
        return np.ascontiguousarray(self.by_column[-VECTOR:].T)

    def scores(self, rows: sparse.csr_matrix) -> Floats:
        """Decision scores of the first stage, shape (rows, labels)."""
        return np.asarray(rows @ self.by_column + self.intercepts, dtype=np.float64)

    def probabilities(self, scores: Floats) -> Floats:
        """Calibrated probabilities from the scores of the first stage, shape (rows, labels)."""
        return softmax(scores * self.inverse_temperature)

    def reread(self, scores: Floats, vectors: Floats) -> Floats:
        """Calibrated probabilities from both stages, shape (rows, labels)."""
        assert self.second is not None
        first, second = self.second.weights
        return softmax(scores * first + self.second.scores(vectors) * second)

    def least_confidence(self, label: str, *, both_stages: bool) -> float:
        """The confidence under which a label is not given."""
        threshold = self.second.threshold if both_stages and self.second else self.threshold
        return max(threshold, self.stricter.get(label, 0.0))


class Reading(NamedTuple):
    """One text as the model sees it: its features' places, its feature row (1, columns), whether it was read twice."""

    places: Places
    row: sparse.csr_matrix
    reread: bool


@dataclass(frozen=True)
class Model:
    """Everything needed to predict; `manifest` is the JSON object stored beside the weights."""

    id: str
    vocabulary: Vocabulary
    axes: Mapping[str, Axis]
    least_known: float  # under this share of known words a text is too new to be classified
    reread_below: float  # confidence on the first axis under which the second stage, if any, reads a text again
    manifest: Mapping[str, Any] = field(repr=False)
    note: str = ""  # what the user should know of how the model was loaded

    @cached_property
    def featurizer(self) -> Featurizer:
        """The features of this model's vocabulary, with their memory of chunks."""
        return Featurizer(self.vocabulary)

    @property
    def has_second_stage(self) -> bool:
        """Whether the model was trained with a sentence encoder."""
        return any(axis.second for axis in self.axes.values())

    def without_encoder(self) -> "Model":
        """The first stage alone."""
        return replace(self, axes={name: replace(axis, second=None) for name, axis in self.axes.items()})

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each axis, calibrated probabilities of shape (texts, labels of the axis)."""
        return self._judge(texts, self.featurizer.transform(texts))[0]

    def predict(self, texts: Sequence[str]) -> list[dict[str, Prediction]]:
        """One prediction per axis for each masked text (subject on the first line)."""
        rows = self.featurizer.transform(texts)
        everything, reread = self._judge(texts, rows)
        found = []
        for i, text in enumerate(texts):
            read = Reading(self.featurizer.read(text), rows[i], bool(reread[i]))
            found.append({name: self._prediction(axis, read, everything[name][i]) for name, axis in self.axes.items()})
        return found

    def _judge(self, texts: Sequence[str], rows: sparse.csr_matrix) -> tuple[dict[str, Floats], NDArray[np.bool_]]:
        """Probabilities of every axis, and which texts the second stage read again."""
        scores = {name: axis.scores(rows) for name, axis in self.axes.items()}
        found = {name: axis.probabilities(scores[name]) for name, axis in self.axes.items()}
        main = next(iter(self.axes))
        unsure = found[main].max(axis=1) < self.reread_below if self.has_second_stage else np.zeros(len(texts), bool)
        if unsure.any():
            from triage.classify.encoder import encode

            vectors = encode([texts[int(i)] for i in np.flatnonzero(unsure)])
            for name, axis in self.axes.items():
                if axis.second:
                    found[name][unsure] = axis.reread(scores[name][unsure], vectors)
        return found, unsure

    def _prediction(self, axis: Axis, read: Reading, probabilities: Floats) -> Prediction:
        order = np.argsort(-probabilities, kind="stable")
        confidence = float(probabilities[order[0]])
        label = axis.labels[order[0]]
        threshold = axis.least_confidence(label, both_stages=self.has_second_stage)
        abstention = self._abstention(threshold, confidence, self.featurizer.known_share(read.places))
        return Prediction(
            label=None if abstention else label,
            confidence=confidence,
            ranking=tuple((axis.labels[i], float(probabilities[i])) for i in order),
            evidence=self._evidence(axis, read, int(order[0]), int(order[1])),
            model=self.id,
            abstention=abstention,
        )

    def _abstention(self, threshold: float, confidence: float, known: float) -> str:
        """Why the model does not decide, in French; empty when it does."""
        if known < self.least_known or known == 0:
            return f"texte trop éloigné des exemples appris ({known:.0%} de mots connus)".replace("%", " %")
        if confidence < threshold:
            return f"confiance {confidence:.2f} sous le seuil {threshold:.2f}".replace(".", ",")
        return ""

    def _evidence(self, axis: Axis, read: Reading, first: int, second: int) -> tuple[tuple[str, float], ...]:
        """The words that weigh most, with their share of the log-odds of label `first` against label `second`."""
        factor = axis.second.weights[0] if read.reread and axis.second else axis.inverse_temperature
        weights = axis.by_column[read.row.indices, first] - axis.by_column[read.row.indices, second]
        vector = axis.vector_part[first] - axis.vector_part[second]
        total: dict[str, float] = {}
        for chunk, share in self.featurizer.contributions(read.places, read.row, weights * factor, vector * factor):
            word = _shown(chunk)
            if word:
                total[word] = total.get(word, 0.0) + share
        strongest = sorted(total.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:EVIDENCE]
        return tuple((word, round(share, 4)) for word, share in strongest)


@lru_cache(maxsize=100_000)
def _shown(chunk: str) -> str:
    """A chunk as an agent reads it; empty where it is punctuation only."""
    return _PLACEHOLDER.sub(r"[\1]", chunk.strip(_PUNCTUATION).lower())


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax, shape kept."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
