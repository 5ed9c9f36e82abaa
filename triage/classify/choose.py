"""Choose how to train by cross-validation: regularisation and how many noisy copies to learn."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from triage.classify.examples import Example, with_axis
from triage.classify.heldout import Features, Numbers, Truth, held_out_scores
from triage.classify.train import Settings, learn_features

# (cost, noisy copies), the preferred first: where little tells them apart, a model that has seen noise is safer.
USUAL = ((0.3, 2), (1.0, 2), (0.3, 0), (1.0, 0))
WIDE = tuple(product((0.3, 1.0, 0.1, 3.0), (2, 1, 3, 0)))
_LITTLE = 0.005
_MOST_ROWS = 2_000  # enough to tell settings apart, and the time stays bounded
_FOLDS = 3


def choose(
    examples: Sequence[Example], axis: str, settings: Settings, *, wide: bool, report: Callable[[str], None]
) -> Settings:
    """The settings with the best mean of accuracy and macro-F1 on held-out texts of one axis.

    At most 2,000 texts are used, drawn with the seed. Raises CorpusError when the axis has under two labels.
    """
    rows = _drawn(with_axis(examples, axis), settings.seed)
    grid = WIDE if wide else USUAL
    most = replace(settings, noisy_copies=max(copies for _, copies in grid))
    featurizer = learn_features(rows, most)
    features = Features.of([row.text for row in rows], featurizer, most.noisy_copies, settings.seed)
    truth = Truth.of(rows, axis, _FOLDS, settings.seed)
    scores = {}
    for cost, copies in grid:
        some = Features(features.clean, features.copies[: copies * len(rows)])
        scores[cost, copies] = _score(held_out_scores(some, truth, cost, settings.seed).argmax(axis=1), truth)
        report(f"{axis}: cost {cost:g}, {copies} noisy copies: {scores[cost, copies]:.3f}")
    best = max(scores.values())
    cost, copies = next(pair for pair in grid if scores[pair] >= best - _LITTLE)
    report(f"{axis}: chosen cost {cost:g}, {copies} noisy copies")
    return replace(settings, cost=cost, noisy_copies=copies)


def _drawn(examples: list[Example], seed: int) -> list[Example]:
    if len(examples) <= _MOST_ROWS:
        return examples
    chosen = np.random.default_rng(seed).permutation(len(examples))[:_MOST_ROWS]
    return [examples[i] for i in np.sort(chosen)]


def _score(predicted: Numbers, truth: Truth) -> float:
    from sklearn.metrics import accuracy_score, f1_score

    return (
        float(
            accuracy_score(truth.numbers, predicted)
            + f1_score(truth.numbers, predicted, average="macro", zero_division=0)
        )
        / 2
    )
