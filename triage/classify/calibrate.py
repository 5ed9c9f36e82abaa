"""From held-out scores to honest confidence: a temperature, then a threshold that keeps an error budget."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classify.model import Temperature, softmax
from triage.classify.vocabulary import Floats

CONFIDENCE = 0.95  # certainty with which the error budget is kept
_UNREACHABLE = 1.01  # no confidence reaches it: everything goes to humans
# How many errors would break the budget where the search for a threshold starts: all texts; the fewer ones of a label.
OVERALL_START, LABEL_START = 10, 5
_START_SHARE = 0.2

Flags = NDArray[np.bool_]


class Promise(NamedTuple):
    """A threshold and what the held-out predictions say about it."""

    threshold: float
    coverage: float  # share of held-out rows at or above the threshold
    error: float  # share of wrong ones among them
    bound: float  # upper confidence bound of that share; 1.0 where nothing is routed
    kept: bool  # whether the budget is kept with 95 % confidence


NOTHING_ROUTED = Promise(threshold=_UNREACHABLE, coverage=0.0, error=0.0, bound=1.0, kept=False)


def fit_temperature(scores: Floats, truth: NDArray[np.int64]) -> Temperature:
    """Find the temperature that minimises the negative log-likelihood of held-out scores, shape (rows, labels)."""
    from scipy.optimize import minimize

    rows = np.arange(len(truth))

    def loss(found: Floats) -> float:
        scaled = Temperature(float(np.exp(found[0])), float(found[1])).scaled(scores)
        return float(-np.mean(np.log(np.maximum(softmax(scaled)[rows, truth], 1e-12))))

    best = minimize(loss, x0=(1.0, 0.0), method="Nelder-Mead", bounds=((-3.0, 5.0), (0.0, 1.5))).x
    return Temperature(float(np.exp(best[0])), float(best[1]))


def fit_weights(first: Floats, second: Floats, truth: NDArray[np.int64]) -> tuple[float, float]:
    """Find the factors of two sets of held-out scores whose sum has the least negative log-likelihood."""
    from scipy.optimize import minimize

    rows = np.arange(len(truth))

    def loss(logs: Floats) -> float:
        chosen = softmax(first * np.exp(logs[0]) + second * np.exp(logs[1]))[rows, truth]
        return float(-np.mean(np.log(np.maximum(chosen, 1e-12))))

    best = minimize(loss, x0=np.zeros(2), method="Nelder-Mead", bounds=((-5.0, 5.0), (-5.0, 5.0))).x
    return float(np.exp(best[0])), float(np.exp(best[1]))


def upper_bound(errors: int, rows: int) -> float:
    """Exact one-sided upper bound of an error rate (Clopper and Pearson, 1934) at 95 % confidence."""
    from scipy.stats import beta

    return 1.0 if errors >= rows else float(beta.ppf(CONFIDENCE, errors + 1, rows - errors))


def cuts(confidence: Floats, right: Flags) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every number of texts a threshold can route, ascending, and the errors among them."""
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    ends = np.flatnonzero(np.append(falling[:-1] > falling[1:], True)) + 1  # equal confidences go together
    return ends, np.cumsum(~right[order], dtype=np.int64)[ends - 1]


def keep_budget(confidence: Floats, right: Flags, budget: float, start: int = OVERALL_START) -> Promise:
    """Find the lowest threshold whose error among routed rows stays within `budget` with 95 % confidence.

    Thresholds are tested from the most confident rows down, and the first failure stops: a sequence fixed
    beforehand needs no correction for multiple tests (Angelopoulos et al., "Learn then Test", 2021). It starts
    where about `start` errors would break the budget, as with fewer rows a single one would, and at a fifth of the
    rows or more, as an unlucky error among the first few hundred would end it.
    """
    routed, errors = cuts(confidence, right)
    enough = np.flatnonzero(routed >= max(math.ceil(start / budget), _START_SHARE * len(confidence)))
    best = 0
    for i in enough[:: max(1, len(enough) // 100)]:
        if upper_bound(int(errors[i]), int(routed[i])) > budget:
            break
        best = int(routed[i])
    if not best:
        return NOTHING_ROUTED
    return describe(confidence, right, float(np.sort(confidence)[-best]), budget)


def describe(confidence: Floats, right: Flags, threshold: float | Floats, budget: float) -> Promise:
    """Say what held-out predictions tell of a given threshold, the same for all rows or one for each."""
    routed = confidence >= threshold
    count, errors = int(routed.sum()), int((routed & ~right).sum())
    bound = upper_bound(errors, count)
    lowest = float(np.min(threshold))
    return Promise(lowest, count / len(confidence), errors / count if count else 0.0, bound, bound <= budget)


def lower_bound(errors: int, rows: int) -> float:
    """Exact one-sided lower bound of an error rate (Clopper and Pearson, 1934) at 95 % confidence."""
    from scipy.stats import beta

    return 0.0 if errors == 0 else float(beta.ppf(1 - CONFIDENCE, errors, rows - errors + 1))


def promises_by_label(
    confidence: Floats, right: Flags, label: NDArray[np.int64], threshold: float, budget: float, *, asked: bool
) -> dict[int, Promise]:
    """What may be promised of every label that is given; `label` (rows,) is the label given.

    A label whose own rows prove the budget from some confidence up is given from there, where a promise was `asked`
    or where it breaks the budget (at 95 % confidence) at the overall `threshold`. A label that breaks it without such
    a proof is given from where its own share of errors stays within the budget, which promises nothing, or never.
    All others are given from the overall threshold. Each promise holds with 95 % confidence on its own.
    """
    found = {}
    for number in np.unique(label).tolist():
        rows = label == number
        own = confidence[rows], right[rows]
        proven = keep_budget(*own, budget, LABEL_START)
        plain = describe(*own, threshold, budget)
        routed = own[0] >= threshold
        breaks = lower_bound(int((routed & ~own[1]).sum()), int(routed.sum())) > budget
        if proven.kept and proven.threshold <= threshold:
            found[number] = plain
        elif proven.kept and (asked or breaks):
            found[number] = proven
        elif breaks:
            found[number] = describe(*own, max(threshold, observed_within(*own, budget)), budget)._replace(kept=False)
        else:
            found[number] = plain._replace(kept=False)
    return found


def observed_within(confidence: Floats, right: Flags, budget: float) -> float:
    """Find the lowest threshold above which the share of errors, as observed, stays within the budget.

    It proves nothing: it is what to use where `keep_budget` finds too few texts to prove anything.
    """
    routed, errors = cuts(confidence, right)
    within = np.flatnonzero(errors <= budget * routed)
    return float(np.sort(confidence)[-routed[within[-1]]]) if len(within) else _UNREACHABLE


def expected_calibration_error(confidence: Floats, right: Flags, bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equally filled bins (Nguyen and O'Connor, 2015), in [0, 1]."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, max(1, len(confidence))))
    gaps = [abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts if len(p)]
    return float(np.sum(gaps) / max(1, len(confidence)))
