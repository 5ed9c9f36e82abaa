"""Choose how to train by cross-validation: method, regularisation, how many noisy copies to learn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from triage.classify.examples import Example, with_axis
from triage.classify.heldout import Features, Truth, held_out_scores
from triage.classify.linear import Learner, Numbers
from triage.classify.train import DEFAULT_LEARNER, Settings, learn_features

# (how to fit, noisy copies), the preferred first: where little tells them apart, a model that has seen noise is safer.
USUAL = tuple((learner, copies) for copies in (2, 0) for learner in (DEFAULT_LEARNER, Learner("svm", 0.3)))
_MORE = (Learner("ridge", 0.5), Learner("svm", 1.0), Learner("ridge", 2.0), Learner("svm", 0.1))
WIDE = tuple((learner, n) for n in (2, 1, 3, 0) for learner in (DEFAULT_LEARNER, Learner("svm", 0.3), *_MORE))
_LITTLE = 0.005
_MOST_ROWS = 2_000  # enough to tell settings apart, and the time stays bounded
_FOLDS = 3
# Texts and copies times labels: more are slow to learn, and a large corpus has noise of its own.
_MOST_LEARNED = 450_000
_MANY = 150  # labels: comparing settings would take minutes


def choose(
    examples: Sequence[Example], axis: str, settings: Settings, *, wide: bool, report: Callable[[str], None]
) -> Settings:
    """The settings with the best mean of accuracy and macro-F1 on held-out texts of one axis.

    At most 2,000 texts are used, drawn with the seed; over 150 labels are compared only if `wide`. Raises CorpusError
    when the axis has under two labels.
    """
    labelled = with_axis(examples, axis)
    labels = len({example.labels[axis] for example in labelled})
    affordable = max(0, _MOST_LEARNED // (len(labelled) * labels) - 1)
    if labels > _MANY and not wide:
        copies = min(settings.noisy_copies, affordable)
        report(
            f"{axis}: {labels} labels, usual settings ({_named(settings.learner, copies)}): --search compares others"
        )
        return replace(settings, noisy_copies=copies)
    rows = _drawn(labelled, settings.seed)
    grid = WIDE if wide else USUAL
    most = replace(settings, noisy_copies=max(copies for _, copies in grid))
    featurizer = learn_features(rows, most)
    features = Features.of([row.text for row in rows], featurizer, most.noisy_copies, settings.seed)
    truth = Truth.of(rows, axis, _FOLDS, settings.seed)
    scores = {}
    for learner, copies in grid:
        some = Features(features.clean, features.copies[: copies * len(rows)])
        scores[learner, copies] = _score(held_out_scores(some, truth, learner, settings.seed).argmax(axis=1), truth)
        report(f"{axis}: {_named(learner, copies)}: {scores[learner, copies]:.3f}")
    best = max(scores.values())
    learner, copies = next(pair for pair in grid if scores[pair] >= best - _LITTLE)
    copies = min(copies, affordable)
    report(f"{axis}: chosen {_named(learner, copies)}")
    return replace(settings, learner=learner, noisy_copies=copies)


def _named(learner: Learner, copies: int) -> str:
    return f"{learner.kind}, cost {learner.cost:g}, {copies} noisy copies"


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
