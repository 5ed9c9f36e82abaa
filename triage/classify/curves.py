"""Confidence and correctness of some verdicts -> reliability, risk against coverage, coverage at error budgets.

`confidence` and `right` have shape (texts,); « right » may count acceptable labels, the caller decides.
"""

import numpy as np
from numpy.typing import NDArray

from triage.classify.calibrate import cuts, keep_budget

BUDGETS = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def reliability(confidence: Floats, right: Bools, bins: int = 10) -> list[dict[str, float]]:
    """Mean confidence and accuracy of equally filled bins, least confident first."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(confidence)))
    return [
        {"confidence": float(confidence[p].mean()), "accuracy": float(right[p].mean()), "rows": len(p)} for p in parts
    ]


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
            "proven": keep_budget(confidence, right, budget).coverage,
        }
        for budget in BUDGETS
    ]
