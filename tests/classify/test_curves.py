import numpy as np
import pytest

from triage.classify.calibrate import upper_bound
from triage.classify.curves import BUDGETS, budget_coverage, reliability, risk_coverage


def test_reliability_bins_hold_every_text_once():
    confidence = np.linspace(0.1, 0.9, 25)
    bins = reliability(confidence, confidence > 0.5)
    assert sum(b["rows"] for b in bins) == 25
    assert bins[0] == {"confidence": pytest.approx(confidence[:3].mean()), "accuracy": 0.0, "rows": 3}
    assert bins[-1]["accuracy"] == 1.0


def test_risk_grows_with_coverage_where_the_unsure_are_wrong():
    points = risk_coverage(np.array([0.9, 0.5, 0.8, 0.7]), np.array([True, False, True, True]))
    assert points == [
        {"coverage": 0.25, "error": 0.0},
        {"coverage": 0.5, "error": 0.0},
        {"coverage": 0.75, "error": 0.0},
        {"coverage": 1.0, "error": 0.25},
    ]


def test_texts_of_equal_confidence_are_routed_together():
    assert risk_coverage(np.array([0.5, 0.5]), np.array([True, False])) == [{"coverage": 1.0, "error": 0.5}]


def test_long_curves_are_thinned_and_keep_both_ends():
    confidence = np.linspace(0, 1, 5000)
    points = risk_coverage(confidence, np.ones(5000, dtype=bool))
    assert len(points) == 101
    assert (points[0]["coverage"], points[-1]["coverage"]) == (1 / 5000, 1.0)


def test_budgets_in_hindsight_and_proven():
    """1,000 texts, wrong exactly among the 100 least sure, one of two."""
    confidence = np.linspace(1, 0, 1000)
    right = np.ones(1000, dtype=bool)
    right[900::2] = False
    found = {row["budget"]: row for row in budget_coverage(confidence, right)}
    assert tuple(found) == BUDGETS
    assert found[0.05]["observed"] == 1.0  # 50 errors of 1,000
    assert found[0.02]["observed"] == pytest.approx(0.938, abs=0.002)  # 19 of 938
    assert found[0.02]["proven"] < found[0.02]["observed"]
    routed = round(found[0.02]["proven"] * 1000)
    assert upper_bound(int((~right[:routed]).sum()), routed) <= 0.02


def test_a_handful_of_right_texts_proves_nothing():
    (row,) = [r for r in budget_coverage(np.linspace(0.5, 1, 30), np.ones(30, dtype=bool)) if r["budget"] == 0.05]
    assert row == {"budget": 0.05, "observed": 1.0, "proven": 0.0}
