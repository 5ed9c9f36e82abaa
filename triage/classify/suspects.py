"""Labels that the rest of the corpus contradicts: confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70).

Every text is judged by a classifier that never saw it. A label is suspicious where another one is at least as probable
as it is, on average, for the texts that do bear it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.classify.examples import Example, with_axis
from triage.classify.features import Featurizer
from triage.classify.train import Features, Settings, hold_out, learn_vocabulary


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
    features = Features.of(rows, Featurizer(learn_vocabulary(rows, settings)), settings)
    held_out = hold_out(rows, axis, features, settings)
    probabilities = held_out.probabilities
    usual = np.array([probabilities[held_out.truth == k, k].mean() for k in range(len(held_out.labels))])
    confident = np.where(probabilities >= usual, probabilities, 0.0)
    confident[held_out.allowed] = 0.0  # another acceptable label is no contradiction
    suggested = confident.argmax(axis=1)
    found = [
        Suspect(
            rows[i],
            axis,
            rows[i].labels[axis],
            round(float(probabilities[i, held_out.truth[i]]), 3),
            held_out.labels[suggested[i]],
            round(float(probabilities[i, suggested[i]]), 3),
        )
        for i in np.flatnonzero(confident.max(axis=1) > 0)
        if probabilities[i, suggested[i]] > probabilities[i, held_out.truth[i]]
    ]
    return sorted(found, key=lambda s: (s.label_confidence - s.suggested_confidence, s.example.id))
