import numpy as np
import pytest

from triage.classify.calibrate import (
    describe,
    expected_calibration_error,
    fit_temperature,
    fit_weights,
    keep_budget,
    lower_bound,
    observed_within,
    promises_by_label,
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
    found = fit_temperature(scores, truth)
    assert found.factors(scores).mean() == pytest.approx(3.0, rel=0.1)
    assert found.evenness < 0.3


def test_scores_whose_spread_says_nothing_are_evened_out():
    generator = np.random.default_rng(6)
    logits = generator.normal(size=(4000, 6)) * 2
    truth = np.array([generator.choice(6, p=row) for row in softmax(logits)])
    spread = generator.uniform(0.2, 5.0, size=(4000, 1))
    found = fit_temperature(logits / logits.std(axis=1, keepdims=True) * spread, truth)
    assert found.evenness == pytest.approx(1.0, abs=0.15)


def test_calibration_error_of_overconfidence():
    assert expected_calibration_error(np.full(100, 0.9), np.arange(100) % 5 < 3) == pytest.approx(0.3)


def test_lower_bound_is_clopper_pearson():
    assert lower_bound(0, 50) == 0
    assert lower_bound(5, 50) == pytest.approx(0.0402, abs=1e-4)


def falling(rows: int, first_wrong: int, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences from 0.9 down to 0.6, and one error in `every` from a row down."""
    right = np.ones(rows, dtype=bool)
    right[first_wrong::every] = False
    return np.linspace(0.9, 0.6, rows), right


def test_a_label_that_breaks_the_budget_alone_needs_more_confidence():
    (fine, wrong) = falling(200, 200, 1), falling(100, 30, 2)
    confidence, right = np.concatenate([fine[0], wrong[0]]), np.concatenate([fine[1], wrong[1]])
    label = np.repeat([0, 1], [200, 100])
    found = promises_by_label(confidence, right, label, 0.6, 0.05, asked=False)
    assert (found[0].threshold, found[0].kept) == (0.6, True)
    assert found[1].threshold > 0.6
    assert not found[1].kept  # 30 texts prove nothing
    assert 0 < found[1].error <= 0.05


def test_a_label_with_enough_texts_is_given_from_where_it_keeps_a_promise_that_was_asked():
    confidence, right = falling(400, 200, 12)
    label = np.zeros(400, dtype=int)
    asked = promises_by_label(confidence, right, label, 0.6, 0.05, asked=True)[0]
    assert asked.kept
    assert asked.bound <= 0.05
    assert asked.threshold > 0.6
    left = promises_by_label(confidence, right, label, 0.6, 0.05, asked=False)[0]
    assert (left.threshold, left.kept) == (0.6, False)


def test_a_label_that_is_never_right_is_never_given():
    confidence, right = np.full(60, 0.9), np.zeros(60, dtype=bool)
    assert promises_by_label(confidence, right, np.zeros(60, dtype=int), 0.5, 0.1, asked=False)[0].threshold > 1


def test_texts_of_equal_confidence_stand_or_fall_together():
    """Half of 1,000 texts share one confidence and one in ten of them is wrong: none of these may be routed."""
    confidence = np.concatenate([np.linspace(1, 0.9, 500), np.full(500, 0.8)])
    right = np.ones(1000, dtype=bool)
    right[500:550] = False
    assert keep_budget(confidence, right, 0.02).threshold > 0.8


@pytest.mark.parametrize("kind", ["overconfident labels", "just above the budget", "one bad half"])
def test_promises_are_kept_on_fresh_data(kind):
    """Over 150 draws, the overall error breaks the budget in at most one draw of twenty, labels restrained or not.

    Thresholds are chosen and judged on the same drawn rows; the truth is that of 100,000 other rows. A promise of one
    label is broken in at most one of twenty as well.
    """
    generator = np.random.default_rng(11)
    label, confidence, p_right = drawn(kind, 100_000, generator)
    broken, of_labels = 0, list[bool]()
    for _ in range(150):
        some_label, some, p = drawn(kind, 2_000, generator)
        right = generator.uniform(size=len(p)) < p
        promise = keep_budget(some, right, 0.1)
        if not promise.kept:
            continue
        found = promises_by_label(some, right, some_label, promise.threshold, 0.1, asked=True)
        least = np.array([found[k].threshold if k in found else promise.threshold for k in range(12)])
        routed = confidence >= least[label]
        broken += float(1 - p_right[routed].mean()) > 0.1
        kept = [k for k, own in found.items() if own.kept]
        of_labels += [float(1 - p_right[routed & (label == k)].mean()) > 0.1 for k in kept]
    assert broken <= 0.05 * 150
    assert np.mean(of_labels or [0]) <= 0.05


def drawn(kind: str, rows: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels given (12 of them), confidences, and probabilities of being right."""
    label, confidence = generator.integers(0, 12, rows), generator.beta(5, 1, rows)
    p_right = {
        "overconfident labels": np.where(label < 3, confidence - 0.2, confidence + 0.04),
        "just above the budget": np.full(rows, 0.895),
        "one bad half": np.where(label < 6, 0.97, 0.828),
    }[kind]
    return label, confidence, np.clip(p_right, 0, 1)


def test_weights_recover_the_scales_of_two_score_sets():
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=(2, 6000, 3))
    probabilities = softmax(2.0 * first + 0.5 * second)
    truth = np.array([generator.choice(3, p=row) for row in probabilities])
    assert fit_weights(first, second, truth) == pytest.approx((2.0, 0.5), rel=0.1)


def test_what_was_observed_within_the_budget_is_the_most_that_can_be_routed():
    confidence = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = np.array([True, False, True, True, True, False])
    assert observed_within(confidence, right, 0.2) == 0.5  # one of five; above 0.8 it was one of two
    assert observed_within(confidence, right, 0.0) == 0.9
    assert observed_within(confidence, ~right, 0.0) > 1  # the surest is wrong: nothing
