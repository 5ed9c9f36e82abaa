"""Confidence and correctness of some verdicts -> reliability, risk against coverage, coverage at error budgets.

`confidence` and `right` have shape (texts,); « right » may count acceptable labels, the caller decides.
"""

import math

import numpy as np
from numpy.typing import NDArray

from triage.classify.calibrate import upper_bound

BUDGETS = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def reliability(confidence: Floats, right: Bools, bins: int = 10) -> list[dict[str, float]]:
    """Mean confidence and accuracy of equally filled bins, least confident first."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(confidence)))
    return [
        {"confidence": float(confidence[p].mean()), "accuracy": float(right[p].mean()), "rows": len(p)} for p in parts
    ]


def cuts(confidence: Floats, right: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every number of texts a threshold can route, ascending, and the errors among them."""
    order = np.argsort(-confidence, kind="stable")
    falling = confidence[order]
    ends = np.flatnonzero(np.append(falling[:-1] > falling[1:], True)) + 1  # equal confidences go together
    return ends, np.cumsum(~right[order], dtype=np.int64)[ends - 1]


def risk_coverage(confidence: Floats, right: Bools, most: int = 100) -> list[dict[str, float]]:
    """Share of errors among the most confident texts, for at most `most` + 1 coverages up to 1."""
    routed, errors = cuts(confidence, right)
    kept = np.unique(np.linspace(0, len(routed) - 1, min(len(routed), most + 1)).round().astype(int))
    return [{"coverage": float(routed[i] / len(right)), "error": float(errors[i] / routed[i])} for i in kept]


def budget_coverage(confidence: Floats, right: Bools) -> list[dict[str, float]]:
    """For each error budget, the coverage these texts allow: `observed` in hindsight, `proven` with 95 % confidence."""
    routed, errors = cuts(confidence, right)
    rows = len(right)
    return [
        {
            "budget": budget,
            "observed": float(routed[errors <= budget * routed].max(initial=0) / rows),
            "proven": _proven(routed, errors, budget) / rows,
        }
        for budget in BUDGETS
    ]


def _proven(routed: NDArray[np.int64], errors: NDArray[np.int64], budget: float) -> int:
    """Most texts routed before the exact bound breaks the budget; the sequence is fixed beforehand (see calibrate)."""
    best = 0
    enough = np.flatnonzero(routed >= math.ceil(10 / budget))
    for i in enough[:: max(1, len(enough) // 100)]:
        if upper_bound(int(errors[i]), int(routed[i])) > budget:
            break
        best = int(routed[i])
    return best
