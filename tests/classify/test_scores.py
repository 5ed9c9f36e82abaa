import numpy as np
import pytest
from sklearn.metrics import f1_score

from triage.classify.scores import holm, macro_f1, mcnemar, percentile_interval, resamples, wilson_interval


def test_macro_f1_is_that_of_scikit_learn():
    generator = np.random.default_rng(3)
    for labels in (2, 7, 30):
        expected, predicted = generator.integers(0, labels, 50), generator.integers(0, labels, 50)
        assert macro_f1(expected, predicted) == pytest.approx(f1_score(expected, predicted, average="macro"))


def test_labels_neither_expected_nor_predicted_do_not_count():
    assert macro_f1(np.array([0, 5]), np.array([0, 5])) == 1.0


def test_wilson_interval_of_published_values():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    for right, rows, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson_interval(right, rows) == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1), (0, 5, 0.0625), (5, 0, 0.0625), (3, 3, 1), (1, 9, 22 / 1024)]
)
def test_mcnemar_is_the_exact_sign_test(first, second, p):
    assert mcnemar(first, second) == pytest.approx(p)


def test_holm_corrects_by_rank_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_bootstrap_of_a_share_has_its_width_and_is_seeded():
    right = np.arange(400) % 4 != 0
    interval = percentile_interval([float(right[s].mean()) for s in resamples(len(right))])
    half = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert interval == pytest.approx([0.75 - half, 0.75 + half], abs=0.006)
    assert interval == percentile_interval([float(right[s].mean()) for s in resamples(len(right))])
