"""A trained model at work: NumPy and SciPy only, no scikit-learn.

For each axis the score of a label is linear in the features; probabilities are the softmax of the scores over a
temperature fitted on held-out predictions (Guo et al., "On Calibration of Modern Neural Networks", 2017).

A model may have a second stage: the texts of which the first stage is least sure are read again by a sentence encoder,
and the scores of both stages are added, each times a weight fitted on held-out predictions (stacking, Wolpert 1992).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.features import Featurizer, Reading, Text, Weights
from triage.classify.flags import FLAGS, Flags
from triage.classify.novelty import Bounds, reason
from triage.classify.vocabulary import Floats, Vocabulary
from triage.types import Prediction

EVIDENCE = 8  # terms kept to explain a decision


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
class Temperature:
    """What turns the scores of a text into log-odds: inverse × (their standard deviation) ** -evenness.

    One inverse temperature for all texts (evenness 0) trusts those with widely spread scores too much.
    """

    inverse: float
    evenness: float

    def factors(self, scores: Floats) -> Floats:
        """The factor of each row of scores, shape (rows, 1)."""
        spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-9)
        return np.asarray(self.inverse * spread**-self.evenness, dtype=np.float64)

    def scaled(self, scores: Floats) -> Floats:
        """Log-odds up to a constant for each row, shape (rows, labels)."""
        return scores * self.factors(scores)


@dataclass(frozen=True)
class Axis:
    """Weights of one axis. `coefficients` has shape (labels, columns), `intercepts` (labels,).

    `threshold` is the confidence under which the model abstains; `stricter` holds the labels that need more.
    """

    labels: tuple[str, ...]
    coefficients: NDArray[np.float32] = field(repr=False)
    intercepts: NDArray[np.float32] = field(repr=False)
    temperature: Temperature
    threshold: float
    stricter: Mapping[str, float] = field(default_factory=dict)
    second: Second | None = None
    gone: frozenset[str] = frozenset()  # labels learned that exist no more: never given, never ranked

    @cached_property
    def by_column(self) -> Floats:
        """Coefficients of shape (columns, labels): one feature's weights lie together."""
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)

    def scores(self, rows: sparse.csr_matrix) -> Floats:
        """Decision scores of the first stage, shape (rows, labels)."""
        return np.asarray(rows @ self.by_column + self.intercepts, dtype=np.float64)

    def probabilities(self, scores: Floats) -> Floats:
        """Calibrated probabilities from the scores of the first stage, shape (rows, labels)."""
        return softmax(self.temperature.scaled(scores))

    def reread(self, scores: Floats, vectors: Floats) -> Floats:
        """Calibrated probabilities from both stages, shape (rows, labels)."""
        assert self.second is not None
        first, second = self.second.weights
        return softmax(self.temperature.scaled(scores) * first + self.second.scores(vectors) * second)

    def factors(self, scores: Floats, reread: NDArray[np.bool_]) -> Floats:
        """What turns a difference of first-stage scores into its part of the log-odds, shape (rows,)."""
        own = self.temperature.factors(scores)[:, 0]
        return np.where(reread, own * self.second.weights[0], own) if self.second else own

    def least_confidence(self, label: str, *, both_stages: bool) -> float:
        """The confidence under which a label is not given."""
        threshold = self.second.threshold if both_stages and self.second else self.threshold
        return max(threshold, self.stricter.get(label, 0.0))


class Judged(NamedTuple):
    """What an axis says of some texts.

    `probabilities` has shape (texts, labels); `factors` (texts,) turn differences of first-stage scores into log-odds;
    `reread` (texts,) says whether the second stage read the text again.
    """

    probabilities: Floats
    factors: Floats
    reread: NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """Everything needed to predict; `manifest` is the JSON object stored beside the weights."""

    id: str
    vocabulary: Vocabulary
    axes: Mapping[str, Axis]
    bounds: Bounds  # beyond them a text is too new to be classified
    reread_below: float  # confidence on the first axis under which the second stage, if any, reads a text again
    manifest: Mapping[str, Any] = field(repr=False)
    flags: Flags | None = None  # what a text may hold besides its labels, where that was learned
    note: str = ""  # what the user should know of how the model was loaded

    @cached_property
    def featurizer(self) -> Featurizer:
        """The features of this model's vocabulary, with their memory of chunks."""
        return Featurizer(self.vocabulary)

    @cached_property
    def _weights(self) -> dict[str, Weights]:
        return {name: self.featurizer.weights(axis.by_column) for name, axis in self.axes.items()}

    @property
    def has_second_stage(self) -> bool:
        """Whether the model was trained with a sentence encoder."""
        return any(axis.second for axis in self.axes.values())

    def without_encoder(self) -> "Model":
        """The first stage alone."""
        return replace(self, axes={name: replace(axis, second=None) for name, axis in self.axes.items()})

    def without_labels(self, known: Mapping[str, Collection[str]]) -> "Model":
        """The model that never gives a label an axis of `known` does not hold.

        The mail that such a label suits best goes to a human: nothing learned says which other label it should have.
        An axis of which no label is known stays as it is: it is of another label set.
        """
        axes = dict(self.axes)
        for name in axes.keys() & known.keys():
            gone = frozenset(axes[name].labels) - frozenset(known[name])
            if len(gone) < len(axes[name].labels):
                axes[name] = replace(axes[name], gone=gone)
        return replace(self, axes=axes)

    def probabilities(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each axis, calibrated probabilities of shape (texts, labels of the axis)."""
        judged = self.judge(texts, self.featurizer.transform(texts))
        return {name: found.probabilities for name, found in judged.items()}

    def predict(self, texts: Sequence[str]) -> list[dict[str, Prediction]]:
        """One prediction per axis for each masked text (subject on the first line), and one of its flags if learned."""
        if not texts:
            return []
        read = self.featurizer.read(texts)
        judged = self.judge(texts, read.rows)
        found = [
            {
                name: self._prediction(name, text, found.probabilities[i], new, float(found.factors[i]))
                for name, found in judged.items()
            }
            for i, new in enumerate(self._novel(read))
            for text in [read.text(i)]
        ]
        if self.flags:
            for predicted, probabilities in zip(found, self.flags.probabilities(read.rows).tolist(), strict=True):
                predicted[FLAGS] = self.flags.prediction(probabilities, self.id)
        return found

    def _novel(self, read: Reading) -> list[str]:
        """Why each text is too new to be judged, in French; empty where it is not."""
        return [reason(counts, self.bounds) for counts in read.newness]

    def judge(self, texts: Sequence[str], rows: sparse.csr_matrix) -> dict[str, Judged]:
        """What every axis says of texts, of which `rows` are the features."""
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
        return {
            name: Judged(found[name], axis.factors(scores[name], unsure), unsure & (axis.second is not None))
            for name, axis in self.axes.items()
        }

    def _prediction(self, name: str, text: Text, probabilities: Floats, new: str, factor: float) -> Prediction:
        axis = self.axes[name]
        order = np.argsort(-probabilities, kind="stable")
        places = [place for place in order.tolist() if axis.labels[place] not in axis.gone]
        shares = probabilities[places].tolist()
        label, likeliest = axis.labels[places[0]], axis.labels[order[0]]
        threshold = axis.least_confidence(label, both_stages=self.has_second_stage)
        abstention = new or _gone(axis, likeliest) or _unsure(threshold, shares[0])
        # Where one label alone is left, what speaks against it is the likeliest of those that are gone.
        second = places[1] if len(places) > 1 else next(place for place in order.tolist() if place != places[0])
        weighed = self.contributions(name, text, (places[0], second)) * factor
        return Prediction(
            label=None if abstention else label,
            confidence=shares[0],
            ranking=tuple(zip([axis.labels[place] for place in places], shares, strict=True)),
            evidence=tuple((word, round(share, 4)) for word, share in text.strongest(weighed, EVIDENCE)),
            model=self.id,
            abstention=abstention,
        )

    def contributions(self, name: str, text: Text, labels: tuple[int, int]) -> Floats:
        """What each chunk of a text adds to the first label's score less the second's, in text order.

        With the difference of the intercepts they add up to the difference of the first stage's scores.
        """
        return text.contributions(self._weights[name], *labels)


def _gone(axis: Axis, likeliest: str) -> str:
    """Why a text is left to a human that a label suits best which exists no more; empty where it does exist."""
    return f"ressemble le plus au libellé {likeliest!r}, qui n'existe plus" if likeliest in axis.gone else ""


def _unsure(threshold: float, confidence: float) -> str:
    """Why the model does not decide, in French; empty when it does."""
    if confidence >= threshold:
        return ""
    return f"confiance {confidence:.2f} sous le seuil {threshold:.2f}".replace(".", ",")


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax, shape kept."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
