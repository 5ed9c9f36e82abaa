"""Examples -> Flags: which flags are learned, their weights, and probabilities that held-out texts bear out."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classify.examples import Example, folds
from triage.classify.flags import Flags, logistic
from triage.classify.heldout import Features
from triage.classify.linear import Learner, Numbers, fit_flags
from triage.classify.vocabulary import Floats
from triage.errors import CorpusError

LEAST_TEXTS = 10  # with fewer, cross-validation can say nothing of a flag
_HELD = "flags"  # the axis under which `folds` spreads the examples


class Learned(NamedTuple):
    """Flags, and what their held-out predictions say."""

    flags: Flags
    metrics: dict[str, dict[str, float]]


def learnable(examples: Sequence[Example]) -> tuple[str, ...]:
    """The flags said of enough texts to be learned, in order of their names."""
    counts = Counter(flag for example in examples if not example.repeat for flag in example.flags or ())
    return tuple(sorted(flag for flag, texts in counts.items() if texts >= LEAST_TEXTS))


def learn_flags(examples: Sequence[Example], features: Features, learner: Learner, count: int, seed: int) -> Learned:
    """Learn the flags of the examples that say theirs; `features` are those of all examples.

    Raises CorpusError where no flag is frequent enough.
    """
    numbers = np.array([i for i, example in enumerate(examples) if example.flags is not None], dtype=np.int64)
    told = [examples[i] for i in numbers]
    names = learnable(told)
    if not names:
        raise CorpusError(
            f"no flag is said of at least {LEAST_TEXTS} texts: leave --flags out, or add rows with `flags`"
        )
    held = np.array([[name in (example.flags or ()) for name in names] for example in told])
    own = features.chosen(numbers)
    fold = _folds(told, count, seed)
    scores = _held_out(own, held, fold, learner)
    counted = np.array([not example.repeat for example in told])
    slopes, offsets = _calibrated(scores[counted], held[counted])
    fitted = fit_flags(*_learned(own, np.ones(len(told), dtype=bool), held), learner, own.repeated)
    flags = Flags(
        names=names,
        coefficients=np.ascontiguousarray(fitted.coefficients, dtype=np.float32),  # as files hold them, row by row
        intercepts=fitted.intercepts.astype(np.float32),
        slopes=slopes,
        offsets=offsets,
    )
    return Learned(flags, _metrics(flags, scores[counted], held[counted]))


def _folds(examples: Sequence[Example], count: int, seed: int) -> Numbers:
    """Folds that keep groups whole and spread the rarest flag of each example."""
    frequency = Counter(flag for example in examples for flag in example.flags or ())
    rarest = [min(e.flags or ("",), key=lambda flag: (frequency[flag], flag)) for e in examples]
    marked = [Example(e.id, "", {_HELD: flag}, group=e.group) for e, flag in zip(examples, rarest, strict=True)]
    return folds(marked, _HELD, count, seed)


def _held_out(features: Features, held: NDArray[np.bool_], fold: Numbers, learner: Learner) -> Floats:
    """Scores of every example by flags learned on the other folds, shape (examples, flags)."""
    scores = np.zeros(held.shape)
    for part in np.unique(fold):
        kept = fold != part
        fitted = fit_flags(*_learned(features, kept, held), learner, features.repeated)
        scores[~kept] = fitted.scores(features.clean[~kept])
    return scores


def _learned(features: Features, kept: NDArray[np.bool_], held: NDArray[np.bool_]) -> tuple[Any, NDArray[np.bool_]]:
    """Rows of the texts kept and of their noisy copies, and the flags of all."""
    rows, numbers = features.learned(kept, np.arange(len(held)))
    return rows, held[numbers]


def _calibrated(scores: Floats, held: NDArray[np.bool_]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Slope and offset of each flag that make held-out log-odds of its scores (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    fits = [LogisticRegression(C=1e3).fit(scores[:, [i]], held[:, i]) for i in range(held.shape[1])]
    return tuple(float(f.coef_[0, 0]) for f in fits), tuple(float(f.intercept_[0]) for f in fits)


def _metrics(flags: Flags, scores: Floats, held: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """Held-out figures of each flag, given where it is likelier than not."""
    from sklearn.metrics import average_precision_score

    given = logistic(scores * np.array(flags.slopes) + np.array(flags.offsets)) >= 0.5
    both = (given & held).sum(axis=0)
    return {
        name: {
            "texts": int(held[:, i].sum()),
            "precision": round(float(both[i] / max(1, given[:, i].sum())), 4),
            "recall": round(float(both[i] / held[:, i].sum()), 4),
            "average_precision": round(float(average_precision_score(held[:, i], scores[:, i])), 4),
        }
        for i, name in enumerate(flags.names)
    }
