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

from triage.classify.evidence import Evidence, Pair, Weights, groups
from triage.classify.features import Featurizer, Reading
from triage.classify.flags import FLAGS, Flags
from triage.classify.memory import Ints
from triage.classify.novelty import Bounds, reason
from triage.classify.usual import Usual
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


class Ranked(NamedTuple):
    """Labels of an axis by their numbers: those that may be given, likeliest first; the likeliest of all, which may be
    gone; the label that the first one is held against.
    """

    places: Sequence[int]
    likeliest: int
    against: int


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

    def ranked(self, order: Sequence[int]) -> "Ranked":
        """Of all labels by probability, those that may be given; to one left alone, one that is gone is opposed."""
        places = [place for place in order if self.labels[place] not in self.gone] if self.gone else order
        against = places[1] if len(places) > 1 else next(place for place in order if place != places[0])
        return Ranked(places, order[0], against)

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
    usual: Mapping[str, Usual] = field(
        repr=False, default_factory=dict
    )  # of the first axis, as it was trained; not loaded
    flags: Flags | None = None  # what a text may hold besides its labels, where that was learned
    note: str = ""  # what the user should know of how the model was loaded

    @cached_property
    def featurizer(self) -> Featurizer:
        """The features of this model's vocabulary, with their memory of chunks."""
        return Featurizer(self.vocabulary)

    @cached_property
    def weights(self) -> Weights:
        """The coefficients of all axes side by side, (columns, labels of all): one feature's weights lie together."""
        together = np.concatenate([axis.coefficients for axis in self.axes.values()])
        return Weights(np.ascontiguousarray(together.T, dtype=np.float64), self.vocabulary.center)

    @cached_property
    def _places(self) -> dict[str, slice]:
        """Where the labels of each axis lie in `weights`."""
        ends = np.cumsum([len(axis.labels) for axis in self.axes.values()]).tolist()
        return {
            name: slice(end - len(axis.labels), end) for (name, axis), end in zip(self.axes.items(), ends, strict=True)
        }

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
        novel = self._novel(read)
        explained = list(groups(read))
        found = {name: self._predictions(name, one, novel, explained) for name, one in judged.items()}
        if self.flags:
            found[FLAGS] = self.flags.predictions(read.rows, self.id)
        return [dict(zip(found, of_text, strict=True)) for of_text in zip(*found.values(), strict=True)]

    def _novel(self, read: Reading) -> list[str]:
        """Why each text is too new to be judged, in French; empty where it is not."""
        return [reason(counts, self.bounds) for counts in read.newness]

    def scores(self, rows: sparse.csr_matrix) -> dict[str, Floats]:
        """For each axis the decision scores of the first stage, shape (rows, labels)."""
        together = rows @ self.weights.coefficients
        return {name: together[:, place] + self.axes[name].intercepts for name, place in self._places.items()}

    def judge(self, texts: Sequence[str], rows: sparse.csr_matrix) -> dict[str, Judged]:
        """What every axis says of texts, of which `rows` are the features."""
        scores = self.scores(rows)
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

    def _predictions(
        self, name: str, judged: Judged, novel: Sequence[str], explained: Sequence[Evidence]
    ) -> list[Prediction]:
        """The predictions of one axis; `novel` says of each text why it is too new, `explained` covers them all."""
        axis = self.axes[name]
        ranked = [axis.ranked(order) for order in np.argsort(-judged.probabilities, axis=1, kind="stable").tolist()]
        pairs = np.array([(one.places[0], one.against) for one in ranked], dtype=np.int64)
        evidence = [told for group in explained for told in self._told(name, group, judged.factors, pairs)]
        shares, both = judged.probabilities.tolist(), self.has_second_stage
        found = zip(ranked, shares, novel, evidence, strict=True)
        return [self._prediction(axis, one, share, new, told, both_stages=both) for one, share, new, told in found]

    def _told(self, name: str, group: Evidence, factors: Floats, pairs: Ints) -> list[tuple[tuple[str, float], ...]]:
        own = slice(group.start, group.stop)
        weighed = self.contributions(name, group, pairs[own]) * group.of_texts(factors[own])
        return group.strongest(weighed, EVIDENCE)

    def _prediction(
        self,
        axis: Axis,
        ranked: Ranked,
        shares: Sequence[float],
        new: str,
        told: Sequence[tuple[str, float]],
        *,
        both_stages: bool,
    ) -> Prediction:
        places, likeliest, _ = ranked
        label, confidence = axis.labels[places[0]], shares[places[0]]
        threshold = axis.least_confidence(label, both_stages=both_stages)
        abstention = new or _gone(axis, axis.labels[likeliest]) or _unsure(threshold, confidence)
        return Prediction(
            label=None if abstention else label,
            confidence=confidence,
            ranking=tuple([(axis.labels[place], shares[place]) for place in places]),
            evidence=tuple([(word, round(share, 4)) for word, share in told]),
            model=self.id,
            abstention=abstention,
        )

    def contributions(self, name: str, group: Evidence, pairs: Ints) -> Floats:
        """What each chunk of some texts adds to the first label's score less the second's, in order, shape (chunks,).

        `pairs` (texts, 2) holds numbers of labels of the axis. With the difference of the intercepts they add up, for
        each text, to the difference of the first stage's scores.
        """
        places = pairs + self._places[name].start
        return group.contributions(self.weights, Pair(places[:, 0], places[:, 1]))


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
