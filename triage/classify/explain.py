"""Masked text -> why a model prefers its first label to the second: an exact account of their log-odds.

The scores of the first stage are linear, so the log-odds split without remainder: one share for each word, one for the
second stage where it read the text again, one for what the model holds before it reads anything.
"""

from dataclasses import dataclass, field

import numpy as np

from triage.classify.evidence import groups
from triage.classify.model import Axis, Model
from triage.types import Prediction


@dataclass(frozen=True)
class Word:
    """Masked text[start:end], and its share of the log-odds of the first label against the second."""

    text: str = field(repr=False)
    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Explanation:
    """Why `label` comes before `runner_up`: the weights of the words, `second_stage` and `bias` add up to `log_odds`.

    `words` are those that weigh anything, in text order. `threshold` is the confidence that `label` needs.
    """

    axis: str
    label: str
    runner_up: str
    confidence: float
    runner_up_confidence: float
    threshold: float
    abstention: str
    words: tuple[Word, ...]
    second_stage: float | None
    bias: float

    @property
    def log_odds(self) -> float:
        """Natural logarithm of how many times the first label is more probable than the second."""
        return sum(word.weight for word in self.words) + self.bias + (self.second_stage or 0.0)


def explain(model: Model, text: str) -> dict[str, Explanation]:
    """An explanation for each axis of a model."""
    prediction = model.predict([text])[0]
    return {name: _explained(model, text, name, prediction[name]) for name in model.axes}


def _explained(model: Model, text: str, name: str, prediction: Prediction) -> Explanation:
    axis = model.axes[name]
    (label, confidence), (runner_up, beside) = prediction.ranking[:2]
    pair = axis.labels.index(label), axis.labels.index(runner_up)
    read = model.featurizer.read([text])
    judged = model.judge([text], read.rows)[name]
    factor, twice = float(judged.factors[0]), bool(judged.reread[0])
    (words,) = groups(read)
    shares = (model.contributions(name, words, np.array([pair])) * factor).tolist()
    return Explanation(
        axis=name,
        label=label,
        runner_up=runner_up,
        confidence=confidence,
        runner_up_confidence=beside,
        threshold=axis.least_confidence(label, both_stages=model.has_second_stage),
        abstention=prediction.abstention,
        words=tuple(
            Word(chunk, start, end, weight)
            for chunk, weight, (start, end) in zip(words.names, shares, _spans(text, words.names), strict=True)
            if weight
        ),
        second_stage=_second_stage(axis, text, *pair) if twice else None,
        bias=factor * float(axis.intercepts[pair[0]] - axis.intercepts[pair[1]]),
    )


def _spans(text: str, chunks: list[str]) -> list[tuple[int, int]]:
    """Where each chunk stands; a run longer than a chunk may be is several."""
    found, at = [], 0
    for chunk in chunks:
        start = text.index(chunk, at)
        at = start + len(chunk)
        found.append((start, at))
    return found


def _second_stage(axis: Axis, text: str, first: int, second: int) -> float:
    from triage.classify.encoder import encode

    assert axis.second is not None
    scores = axis.second.scores(encode([text]))[0]
    return float(axis.second.weights[1] * (scores[first] - scores[second]))
