"""A trained model at work: NumPy and SciPy only, no scikit-learn.

For each axis the score of a label is linear in the features; probabilities are the softmax of the scores
times one inverse temperature fitted on held-out predictions
(Guo et al., "On Calibration of Modern Neural Networks", 2017).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.features import Featurizer, Floats, Places, Vocabulary
from triage.types import Prediction

EVIDENCE = 8  # terms kept to explain a decision
_PLACEHOLDER = re.compile(r"xx([a-z]+)xx")  # masked data, shown as « [date] »
_PUNCTUATION = ".,;:!?()[]«»\"'…-*_>"


@dataclass(frozen=True)
class Axis:
    """Weights of one axis. `coefficients` has shape (labels, columns), `intercepts` (labels,).

    `threshold` is the confidence under which the model abstains.
    """

    labels: tuple[str, ...]
    coefficients: NDArray[np.float32] = field(repr=False)
    intercepts: NDArray[np.float32] = field(repr=False)
    inverse_temperature: float
    threshold: float

    def probabilities(self, rows: sparse.csr_matrix) -> Floats:
        """Calibrated probabilities, shape (rows, labels)."""
        scores = np.asarray(rows @ self.coefficients.T.astype(np.float64) + self.intercepts, dtype=np.float64)
        return softmax(scores * self.inverse_temperature)


class Reading(NamedTuple):
    """One text as the model sees it: where its features are, and its feature row (1, columns)."""

    places: Places
    row: sparse.csr_matrix


@dataclass(frozen=True)
class Model:
    """Everything needed to predict; `manifest` is the JSON object stored beside the weights."""

    id: str
    vocabulary: Vocabulary
    axes: Mapping[str, Axis]
    least_known: float  # under this share of known words a text is too new to be classified
    manifest: Mapping[str, Any] = field(repr=False)

    @cached_property
    def featurizer(self) -> Featurizer:
        """The features of this model's vocabulary, with their memory of chunks."""
        return Featurizer(self.vocabulary)

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each axis, calibrated probabilities of shape (texts, labels of the axis)."""
        rows = self.featurizer.transform(texts)
        return {name: axis.probabilities(rows) for name, axis in self.axes.items()}

    def predict(self, texts: Sequence[str]) -> list[dict[str, Prediction]]:
        """One prediction per axis for each masked text (subject on the first line)."""
        rows = self.featurizer.transform(texts)
        everything = {name: axis.probabilities(rows) for name, axis in self.axes.items()}
        found = []
        for i, text in enumerate(texts):
            read = Reading(self.featurizer.read(text), rows[i])
            found.append({name: self._prediction(axis, read, everything[name][i]) for name, axis in self.axes.items()})
        return found

    def _prediction(self, axis: Axis, read: Reading, probabilities: Floats) -> Prediction:
        order = np.argsort(-probabilities, kind="stable")
        confidence = float(probabilities[order[0]])
        abstention = self._abstention(axis, confidence, self.featurizer.known_share(read.places))
        return Prediction(
            label=None if abstention else axis.labels[order[0]],
            confidence=confidence,
            ranking=tuple((axis.labels[i], float(probabilities[i])) for i in order),
            evidence=self._evidence(axis, read, int(order[0]), int(order[1])),
            model=self.id,
            abstention=abstention,
        )

    def _abstention(self, axis: Axis, confidence: float, known: float) -> str:
        """Why the model does not decide, in French; empty when it does."""
        if known < self.least_known or known == 0:
            return f"texte trop éloigné des exemples appris ({known:.0%} de mots connus)".replace("%", " %")
        if confidence < axis.threshold:
            return f"confiance {confidence:.2f} sous le seuil {axis.threshold:.2f}".replace(".", ",")
        return ""

    def _evidence(self, axis: Axis, read: Reading, first: int, second: int) -> tuple[tuple[str, float], ...]:
        """The words that weigh most, with their share of the log-odds of label `first` against label `second`."""
        direction = (axis.coefficients[first] - axis.coefficients[second]).astype(np.float64)
        shares = self.featurizer.contributions(read.places, read.row, direction * axis.inverse_temperature)
        total: dict[str, float] = {}
        for chunk, share in shares:
            word = _PLACEHOLDER.sub(r"[\1]", chunk.strip(_PUNCTUATION).lower())
            if word:
                total[word] = total.get(word, 0.0) + share
        strongest = sorted(total.items(), key=lambda pair: (-abs(pair[1]), pair[0]))[:EVIDENCE]
        return tuple((word, round(share, 4)) for word, share in strongest)


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax, shape kept."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
