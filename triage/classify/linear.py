"""Linear classifiers, balanced over labels: least squares by our own solver, or scikit-learn's support vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.vocabulary import Floats

Numbers = NDArray[np.int64]

# Relative residual at which least squares stop: held-out accuracy is the same at a hundredth of it.
TOLERANCE = 0.01
_MOST_STEPS = 200
_ABSENT = -3.0  # a score under those of all labels that were learned


class Learner(NamedTuple):
    """How to fit: `cost` is the inverse regularisation, for one copy of each text."""

    kind: Literal["ridge", "svm"]
    cost: float


@dataclass(frozen=True)
class Fitted:
    """A linear classifier as arrays: shapes (labels, columns) and (labels,)."""

    coefficients: Floats
    intercepts: Floats

    def scores(self, rows: sparse.csr_matrix | Floats) -> Floats:
        """Decision scores, shape (rows, labels)."""
        return np.asarray(rows @ self.coefficients.T) + self.intercepts


def fit(rows: sparse.csr_matrix, truth: Numbers, labels: int, learner: Learner, seed: int, repeated: int = 1) -> Fitted:
    """Fit a classifier of every label against the rest; a label absent from `truth` gets a score nothing beats.

    `repeated` says how many rows stand for each text: noisy copies do not weaken the regularisation of least squares.
    """
    present, numbers = np.unique(truth, return_inverse=True)
    if learner.kind == "ridge":
        fitted = ridge(rows, numbers, repeated / learner.cost)
    else:
        fitted = _support_vectors(rows, numbers, learner.cost, seed)
    everything, offsets = np.zeros((labels, rows.shape[1])), np.full(labels, _ABSENT)
    everything[present], offsets[present] = fitted.coefficients, fitted.intercepts
    return Fitted(everything, offsets)


def ridge(rows: sparse.csr_matrix, truth: Numbers, penalty: float, tolerance: float = TOLERANCE) -> Fitted:
    """Regularised least squares towards 1 for a row's label and -1 for the others, each label weighing the same.

    What scikit-learn's RidgeClassifier(class_weight="balanced") minimises, by conjugate gradients on the normal
    equations (Hestenes and Stiefel 1952) for all labels at once: several times faster than one after another.
    """
    labels = int(truth.max()) + 1
    weight = (len(truth) / (labels * np.bincount(truth, minlength=labels)))[truth]
    return least_squares(rows, _signs(truth[:, None] == np.arange(labels)), weight, penalty, tolerance)


def fit_flags(rows: sparse.csr_matrix, held: NDArray[np.bool_], learner: Learner, repeated: int = 1) -> Fitted:
    """Fit a yes or no for each of several flags, of which a row may have any number; `held` has shape (rows, flags).

    Every row weighs the same: balancing rare flags ranked held-out texts no better, and without it one system of
    equations serves all flags.
    """
    return least_squares(rows, _signs(held), np.ones(len(held)), repeated / learner.cost)


def least_squares(
    rows: sparse.csr_matrix, targets: Floats, weight: Floats, penalty: float, tolerance: float = TOLERANCE
) -> Fitted:
    """Regularised least squares towards `targets` (rows, outputs), each row weighing `weight` (rows,)."""
    turned, total = sparse.csr_matrix(rows.T), weight.sum()
    center, offset = turned @ weight / total, weight @ targets / total

    def normal(directions: Floats) -> Floats:
        seen = turned @ (weight[:, None] * (rows @ directions))
        return np.asarray(seen - total * np.outer(center, center @ directions) + penalty * directions)

    wanted = turned @ (weight[:, None] * targets) - total * np.outer(center, offset)
    coefficients = _conjugate_gradients(normal, np.asarray(wanted), tolerance)
    return Fitted(coefficients.T, offset - center @ coefficients)


def _signs(true: NDArray[np.bool_]) -> Floats:
    return np.where(true, 1.0, -1.0)


def _conjugate_gradients(operator: Callable[[Floats], Floats], wanted: Floats, tolerance: float) -> Floats:
    """Solve operator(x) = wanted for every column at once; `operator` is linear, symmetric and positive."""
    found, residual = np.zeros_like(wanted), wanted.copy()
    direction, square = residual.copy(), (residual**2).sum(axis=0)
    enough = tolerance**2 * square
    for _ in range(_MOST_STEPS):
        image = operator(direction)
        step = square / np.maximum((direction * image).sum(axis=0), 1e-300)
        found += step * direction
        residual -= step * image
        previous, square = square, (residual**2).sum(axis=0)
        if (square <= enough).all():
            break
        direction = residual + square / np.maximum(previous, 1e-300) * direction
    return found


def _support_vectors(rows: sparse.csr_matrix, truth: Numbers, cost: float, seed: int) -> Fitted:
    from sklearn.svm import LinearSVC

    classifier = LinearSVC(C=cost, class_weight="balanced", random_state=seed, max_iter=2000)
    classifier.fit(rows, truth)
    coefficients, intercepts = classifier.coef_, classifier.intercept_
    if len(classifier.classes_) == 2:
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.concatenate([-intercepts, intercepts])
    return Fitted(coefficients, intercepts)
