import numpy as np
import pytest

from triage.classify.calibrate import (
    describe,
    expected_calibration_error,
    fit_inverse_temperature,
    fit_weights,
    keep_budget,
    lower_bound,
    stricter_thresholds,
    upper_bound,
)
from triage.classify.model import softmax


@pytest.mark.parametrize(
    ("errors", "rows", "bound"),
    [(0, 59, 0.0495), (0, 299, 0.00997), (1, 93, 0.0500), (5, 100, 0.1022), (3, 3, 1.0), (0, 0, 1.0)],
)
def test_upper_bound_is_clopper_pearson(errors, rows, bound):
    assert upper_bound(errors, rows) == pytest.approx(bound, abs=2e-4)


def test_a_budget_is_kept_on_fresh_data():
    """Over many draws, the promise is broken by the true error at most about one time in twenty."""
    generator = np.random.default_rng(3)
    broken = 0
    for _ in range(200):
        confidence = generator.uniform(size=1500)
        right = generator.uniform(size=1500) < 0.5 + 0.5 * confidence
        promise = keep_budget(confidence, right, 0.1)
        true_error = (1 - promise.threshold) / 4  # mean of (1 - confidence) / 2 above the threshold
        broken += promise.kept and true_error > 0.1
    assert broken <= 20


def test_hopeless_data_route_nothing():
    promise = keep_budget(np.linspace(0, 1, 500), np.arange(500) % 2 == 0, 0.05)
    assert not promise.kept
    assert promise.threshold > 1
    assert promise.coverage == 0


def test_too_few_rows_promise_nothing():
    assert not keep_budget(np.ones(50), np.ones(50, dtype=bool), 0.05).kept


def test_describe_counts_what_lies_above():
    promise = describe(np.array([0.9, 0.8, 0.4]), np.array([True, False, True]), 0.5, 0.1)
    assert (promise.coverage, promise.error, promise.kept) == (2 / 3, 0.5, False)


def test_temperature_recovers_the_true_scale():
    generator = np.random.default_rng(5)
    scores = generator.normal(size=(4000, 6))
    truth = np.array([generator.choice(6, p=row) for row in softmax(scores * 3.0)])
    assert fit_inverse_temperature(scores, truth) == pytest.approx(3.0, rel=0.1)


def test_calibration_error_of_overconfidence():
    assert expected_calibration_error(np.full(100, 0.9), np.arange(100) % 5 < 3) == pytest.approx(0.3)


def test_lower_bound_is_clopper_pearson():
    assert lower_bound(0, 50) == 0
    assert lower_bound(5, 50) == pytest.approx(0.0402, abs=1e-4)


def test_a_label_that_breaks_the_budget_alone_needs_more_confidence():
    confidence = np.concatenate([np.linspace(0.9, 0.6, 200), np.linspace(0.9, 0.6, 100)])
    label = np.repeat([0, 1], [200, 100])
    right = np.ones(300, dtype=bool)
    right[230:] = np.arange(70) % 3 > 0  # the second label errs from its thirtieth row down
    found = stricter_thresholds(confidence, right, label, threshold=0.6, budget=0.05)
    assert set(found) == {1}
    above = (label == 1) & (confidence >= found[1])
    assert 0 < (~right[above]).sum() <= 0.05 * above.sum()


def test_a_label_that_is_never_right_is_never_given():
    confidence, right = np.full(60, 0.9), np.zeros(60, dtype=bool)
    assert stricter_thresholds(confidence, right, np.zeros(60, dtype=int), 0.5, 0.1)[0] > 1


def test_weights_recover_the_scales_of_two_score_sets():
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=(2, 6000, 3))
    probabilities = softmax(2.0 * first + 0.5 * second)
    truth = np.array([generator.choice(3, p=row) for row in probabilities])
    assert fit_weights(first, second, truth) == pytest.approx((2.0, 0.5), rel=0.1)
