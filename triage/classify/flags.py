"""Flags at work: what a text holds besides its labels, any number of them, each with its own probability."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.vocabulary import Floats
from triage.types import Prediction

FLAGS = "flags"  # the key of their prediction, beside those of the axes


@dataclass(frozen=True)
class Flags:
    """Weights of the flags a model learned. `coefficients` has shape (flags, columns), `intercepts` (flags,).

    The probability of a flag is the logistic function of slope × score + offset, fitted on held-out scores (Platt,
    1999).
    """

    names: tuple[str, ...]
    coefficients: NDArray[np.float32] = field(repr=False)
    intercepts: NDArray[np.float32] = field(repr=False)
    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    @cached_property
    def by_column(self) -> Floats:
        """Coefficients of shape (columns, flags): one feature's weights lie together."""
        return np.ascontiguousarray(self.coefficients.T, dtype=np.float64)

    def probabilities(self, rows: sparse.csr_matrix) -> Floats:
        """Probability of each flag in each text, shape (rows, flags); those of a text do not add up to 1."""
        scores = np.asarray(rows @ self.by_column + self.intercepts)
        return logistic(scores * np.array(self.slopes) + np.array(self.offsets))

    def predictions(self, rows: sparse.csr_matrix, model: str) -> list[Prediction]:
        """The flags of each text, likeliest first; no one label is given."""
        found = []
        for probabilities in self.probabilities(rows).tolist():
            ranking = tuple(sorted(zip(self.names, probabilities, strict=True), key=lambda pair: -pair[1]))
            found.append(Prediction(None, ranking[0][1], ranking, (), model))
        return found


def logistic(odds: Floats) -> Floats:
    """Log-odds -> probabilities, shape kept."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))))
