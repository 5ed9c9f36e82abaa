"""From held-out scores to honest confidence: a temperature, then a threshold that keeps an error budget."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classify.model import softmax
from triage.classify.vocabulary import Floats

CONFIDENCE = 0.95  # certainty with which the error budget is kept
UNPROVEN_THRESHOLD = 0.5  # where the data prove nothing and no promise was asked
_UNREACHABLE = 1.01  # no confidence reaches it: everything goes to humans


class Promise(NamedTuple):
    """A threshold and what the held-out predictions say about it."""

    threshold: float
    coverage: float  # share of held-out rows at or above the threshold
    error: float  # share of wrong ones among them
    bound: float  # upper confidence bound of that share; 1.0 where nothing is routed
    kept: bool  # whether bound <= budget


def fit_inverse_temperature(scores: Floats, truth: NDArray[np.int64]) -> float:
    """Find the factor that minimises the negative log-likelihood of held-out scores, shape (rows, labels)."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(truth))

    def loss(log_factor: float) -> float:
        chosen = softmax(scores * np.exp(log_factor))[rows, truth]
        return float(-np.mean(np.log(np.maximum(chosen, 1e-12))))

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 5.0), method="bounded").x))


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


def keep_budget(confidence: Floats, right: NDArray[np.bool_], budget: float) -> Promise:
    """Find the lowest threshold whose error among routed rows stays within `budget` with 95 % confidence.

    Thresholds are tested from the most confident rows down, and the first failure stops: a sequence fixed
    beforehand needs no correction for multiple tests (Angelopoulos et al., "Learn then Test", 2021). It starts
    where about ten errors would break the budget: with fewer rows a single one would.
    """
    order = np.argsort(-confidence, kind="stable")
    errors = np.cumsum(~right[order])
    best = 0
    for routed in range(math.ceil(10 / budget), len(order) + 1, max(1, len(order) // 100)):
        if upper_bound(int(errors[routed - 1]), routed) > budget:
            break
        best = routed
    if not best:
        return Promise(threshold=_UNREACHABLE, coverage=0.0, error=0.0, bound=1.0, kept=False)
    return describe(confidence, right, float(confidence[order[best - 1]]), budget)


def describe(confidence: Floats, right: NDArray[np.bool_], threshold: float, budget: float) -> Promise:
    """Say what held-out predictions tell of a given threshold."""
    routed = confidence >= threshold
    count, errors = int(routed.sum()), int((routed & ~right).sum())
    bound = upper_bound(errors, count)
    return Promise(threshold, count / len(confidence), errors / count if count else 0.0, bound, bound <= budget)


def lower_bound(errors: int, rows: int) -> float:
    """Exact one-sided lower bound of an error rate (Clopper and Pearson, 1934) at 95 % confidence."""
    from scipy.stats import beta

    return 0.0 if errors == 0 else float(beta.ppf(1 - CONFIDENCE, errors, rows - errors + 1))


def stricter_thresholds(
    confidence: Floats, right: NDArray[np.bool_], label: NDArray[np.int64], threshold: float, budget: float
) -> dict[int, float]:
    """Thresholds of the labels that break the budget on their own, at 95 % confidence, at the overall threshold.

    `label` (rows,) is the label given. Such a label needs the lowest confidence above which its own share of errors
    stays within the budget; where none does, it is never given.
    """
    stricter = {}
    for number in sorted(set(label[confidence >= threshold].tolist())):
        rows = np.flatnonzero((label == number) & (confidence >= threshold))
        if lower_bound(int((~right[rows]).sum()), len(rows)) > budget:
            rows = rows[np.argsort(-confidence[rows], kind="stable")]
            within = np.flatnonzero(np.cumsum(~right[rows]) <= budget * np.arange(1, len(rows) + 1))
            stricter[number] = float(confidence[rows[within[-1]]]) if len(within) else _UNREACHABLE
    return stricter


def expected_calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equally filled bins (Nguyen and O'Connor, 2015), in [0, 1]."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, max(1, len(confidence))))
    gaps = [abs(confidence[p].mean() - right[p].mean()) * len(p) for p in parts if len(p)]
    return float(np.sum(gaps) / max(1, len(confidence)))
