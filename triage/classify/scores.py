"""Scores of predicted labels and their uncertainty; labels are integers, arrays have shape (texts,)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Interval = list[float]

DRAWS = 1_000


def macro_f1(expected: Labels, predicted: Labels) -> float:
    """Mean F1 of the labels that are expected or predicted at least once, in [0, 1]."""
    size = int(max(expected.max(), predicted.max())) + 1
    hits = np.bincount(expected[expected == predicted], minlength=size)
    met = np.bincount(expected, minlength=size) + np.bincount(predicted, minlength=size)
    return float(np.mean(2 * hits[met > 0] / met[met > 0]))


def resamples(rows: int, draws: int = DRAWS) -> Iterator[Labels]:
    """Row numbers of bootstrap samples (Efron, 1979), seeded: the same ones for every figure of one size."""
    generator = np.random.default_rng(0)
    return (generator.integers(0, rows, rows) for _ in range(draws))


def percentile_interval(values: list[float]) -> Interval:
    """95 % percentile interval of bootstrapped values."""
    return [float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))]


def wilson_interval(right: int, rows: int) -> Interval:
    """95 % interval of a share (Wilson, 1927): honest for small groups, where the bootstrap is not."""
    z2 = 1.959964**2
    centre = (right + z2 / 2) / (rows + z2)
    half = (z2 * (right * (rows - right) / rows + z2 / 4)) ** 0.5 / (rows + z2)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def clopper_pearson(hits: int, rows: int) -> Interval:
    """Exact 95 % interval of a share (Clopper and Pearson, 1934): never too narrow; [0, 1] without rows."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, hits, rows - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, rows - hits)) if hits < rows else 1.0
    return [low, high]


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value, from their disagreements, that two classifiers are equally right (McNemar, 1947)."""
    from scipy.stats import binomtest

    disagreements = only_first + only_second
    return float(binomtest(only_first, disagreements, 0.5).pvalue) if disagreements else 1.0


def holm(p_values: list[float]) -> list[float]:
    """p-values corrected for being several (Holm, 1979), in the given order."""
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = largest
    return corrected
