"""The second stage: a linear classifier on sentence vectors, stacked on the scores of the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from triage.classify.calibrate import fit_weights
from triage.classify.encoder import encode
from triage.classify.heldout import Features, Flags, Truth, held_out_scores
from triage.classify.linear import Fitted, Learner, Numbers, fit
from triage.classify.model import softmax
from triage.classify.vocabulary import Floats

# The encoder reads about a hundred texts a second: it learns from at most so many, the least sure first.
MOST_ENCODED = 4_000
_LEARNER = Learner("ridge", 3.0)  # the vectors have unit length


@dataclass(frozen=True)
class Reread:
    """Which examples the second stage reads again, and the sentence vectors of those it learns from.

    `unsure` has shape (examples,); `encoded` holds example numbers and `vectors` their rows, shape (encoded, 512).
    """

    below: float
    unsure: Flags
    encoded: Numbers
    vectors: Floats


def reread(texts: Sequence[str], confidence: Floats, share: float, seed: int, step: Callable[[int], None]) -> Reread:
    """Encode the texts of which the first stage is least sure, and others to learn from, up to MOST_ENCODED."""
    below = float(np.quantile(confidence, share))
    unsure = confidence < below
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~unsure))
    encoded = np.sort(np.concatenate([np.flatnonzero(unsure), others])[:MOST_ENCODED])
    return Reread(below, unsure, encoded, encode([texts[i] for i in encoded], step))


@dataclass(frozen=True)
class Stacked:
    """A second stage fitted for one axis, and the held-out probabilities of both stages together (examples, labels)."""

    fitted: Fitted
    weights: tuple[float, float]
    probabilities: Floats


def stack(first: Floats, probabilities: Floats, truth: Truth, again: Reread, numbers: Numbers, seed: int) -> Stacked:
    """Fit the second stage of an axis.

    `first` and `probabilities` are the held-out log-odds and probabilities of the first stage for this axis's examples;
    `numbers` are their places among all examples.
    """
    place = {int(number): i for i, number in enumerate(numbers)}
    own = np.array([place[int(n)] for n in again.encoded if int(n) in place], dtype=np.int64)
    vectors = again.vectors[[k for k, n in enumerate(again.encoded) if int(n) in place]]
    seen = truth.chosen(own)
    nothing = sparse.csr_matrix((0, vectors.shape[1]))
    second = held_out_scores(Features(sparse.csr_matrix(vectors), nothing), seen, _LEARNER, seed)
    unsure = again.unsure[numbers][own]
    weights = fit_weights(first[own][unsure], second[unsure], seen.numbers[unsure])
    both = probabilities.copy()
    both[own[unsure]] = softmax(first[own][unsure] * weights[0] + second[unsure] * weights[1])
    return Stacked(fit(sparse.csr_matrix(vectors), seen.numbers, len(truth.labels), _LEARNER, seed), weights, both)
