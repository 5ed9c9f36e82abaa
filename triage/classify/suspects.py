"""Labels that the rest of the corpus contradicts: confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70).

Every text is judged by a classifier that never saw it. A label is suspicious where another one is at least as probable
as it is, on average, for the texts that do bear it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.classify.examples import Example, with_axis
from triage.classify.heldout import Features, Truth, calibrated, held_out_scores
from triage.classify.train import Settings, learn_features


@dataclass(frozen=True)
class Suspect:
    """An example whose label looks wrong; both confidences are calibrated probabilities in [0, 1]."""

    example: Example
    axis: str
    label: str
    label_confidence: float
    suggested: str
    suggested_confidence: float


def suspicious(examples: Sequence[Example], axis: str, seed: int) -> list[Suspect]:
    """Doubtful labels of one axis, the most doubtful first. Raises CorpusError when the axis has under two labels."""
    rows = with_axis(examples, axis)
    settings = Settings(seed=seed)
    texts = [example.text for example in rows]
    featurizer = learn_features(rows, settings)
    truth = Truth.of(rows, axis, settings.folds, seed)
    features = Features.of(texts, featurizer, settings.noisy_copies, seed)
    _, probabilities = calibrated(held_out_scores(features, truth, settings.learner, seed), truth)
    usual = np.array([probabilities[truth.numbers == k, k].mean() for k in range(len(truth.labels))])
    confident = np.where(probabilities >= usual, probabilities, 0.0)
    confident[truth.allowed] = 0.0  # another acceptable label is no contradiction
    suggested = confident.argmax(axis=1)
    found = [
        Suspect(
            rows[i],
            axis,
            rows[i].labels[axis],
            round(float(probabilities[i, truth.numbers[i]]), 3),
            truth.labels[suggested[i]],
            round(float(probabilities[i, suggested[i]]), 3),
        )
        for i in np.flatnonzero(confident.max(axis=1) > 0)
        if probabilities[i, suggested[i]] > probabilities[i, truth.numbers[i]]
    ]
    return sorted(found, key=lambda s: (s.label_confidence - s.suggested_confidence, s.example.id))
