"""Training examples remembered without their text, and which of them are nearest to another text.

An example is kept as a small vector, its labels and a digest of its id. The vector holds how the model scores the text
and a random projection of its words, weighted by what they tell labels apart (Achlioptas 2003, Database-friendly random
projections), each of length 1. 64 dimensions rank examples but are too few to tell which words one held.

Where the corpus is at hand, the words themselves help to choose among the hundred nearest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.vocabulary import Floats

DIMENSIONS = 64  # of the projected words
MOST = 10_000  # examples remembered: two megabytes with 30 labels
CANDIDATES = 100
_DIGITS = 12  # of a reference
_SHARED, _LEAST_LETTERS = 5, 4  # words named for a pair of texts, and their letters
_TOGETHER = 512


@dataclass(frozen=True)
class Remembered:
    """Examples as vectors (examples, labels of the first axis + 64), references, and axis -> label or "" of each."""

    vectors: NDArray[np.float16] = field(repr=False)
    references: Sequence[str] = field(repr=False)
    labels: Mapping[str, Sequence[str]] = field(repr=False)


@dataclass(frozen=True)
class Neighbour:
    """A training example near a text; `similarity` is a cosine in [-1, 1].

    `id`, `text` and the words it `shared` with the other text are known where its corpus is at hand.
    """

    reference: str
    labels: Mapping[str, str]
    similarity: float
    id: str = ""
    text: str = field(repr=False, default="")
    shared: tuple[str, ...] = ()


def remember(model: Model, examples: Sequence[Example], seed: int) -> Remembered:
    """Remember examples, at most MOST of them drawn at random."""
    drawn = np.sort(np.random.default_rng(seed).permutation(len(examples))[:MOST])
    kept = [examples[i] for i in drawn]
    parts = [kept[i : i + _TOGETHER] for i in range(0, len(kept), _TOGETHER)]
    return Remembered(
        vectors=np.vstack([_vectors(model, [e.text for e in part]) for part in parts]).astype(np.float16),
        references=[reference(e.id) for e in kept],
        labels={axis: [e.labels.get(axis, "") for e in kept] for axis in model.axes},
    )


def reference(identifier: str) -> str:
    """What stands for the id of an example, which may hold an address: the first digits of its digest."""
    return hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def nearest(model: Model, remembered: Remembered, text: str, most: int = CANDIDATES) -> list[Neighbour]:
    """The remembered examples nearest to a masked text, the nearest first; none for a text without a known word."""
    vector = _vectors(model, [text])[0]
    if not vector[-DIMENSIONS:].any():
        return []
    similarity = remembered.vectors.astype(np.float32) @ vector / 2
    return [
        Neighbour(
            reference=remembered.references[i],
            labels={axis: labels[i] for axis, labels in remembered.labels.items() if labels[i]},
            similarity=float(similarity[i]),
        )
        for i in np.argsort(-similarity, kind="stable")[:most]
    ]


def reread(model: Model, text: str, candidates: Sequence[tuple[Neighbour, Example]]) -> list[Neighbour]:
    """Candidates with their texts at hand, the nearest first: the mean of what vectors and shared words say."""
    if not candidates:
        return []
    told = _words(model, [text, *(example.text for _, example in candidates)]).multiply(np.sqrt(_telling(model)))
    rows = _unit(sparse.csr_matrix(told))
    common = sparse.csr_matrix(rows[1:].multiply(rows[0]))
    similarity = (np.asarray(common.sum(axis=1)).ravel() + [one.similarity for one, _ in candidates]) / 2
    return [
        Neighbour(
            reference=candidates[i][0].reference,
            labels=candidates[i][0].labels,
            similarity=float(similarity[i]),
            id=candidates[i][1].id,
            text=candidates[i][1].text,
            shared=_shared(model, common[int(i)]),
        )
        for i in np.argsort(-similarity, kind="stable")
    ]


def _shared(model: Model, row: sparse.csr_matrix) -> tuple[str, ...]:
    strongest = row.indices[np.argsort(-row.data, kind="stable")]
    words = [model.vocabulary.words[i] for i in strongest]
    telling = [word for word in words if " " not in word and not word.startswith("xx") and len(word) >= _LEAST_LETTERS]
    return tuple(telling[:_SHARED])


def _vectors(model: Model, texts: Sequence[str]) -> NDArray[np.float32]:
    """Two halves of length 1: centred scores of the first axis, projected words."""
    rows = model.featurizer.transform(texts)
    scores = next(iter(model.scores(rows).values()))
    words = sparse.csr_matrix(_words(model, texts, rows).multiply(_telling(model)))
    return np.hstack([_scaled(scores - scores.mean(axis=1, keepdims=True)), _scaled(words @ _projection(model))])


def _words(model: Model, texts: Sequence[str], rows: sparse.csr_matrix | None = None) -> sparse.csr_matrix:
    rows = model.featurizer.transform(texts) if rows is None else rows
    return sparse.csr_matrix(rows[:, : len(model.vocabulary.words)])


def _telling(model: Model) -> Floats:
    """How much each word tells the labels of the first axis apart: the spread of its coefficients, shape (words,)."""
    weights = next(iter(model.axes.values())).coefficients[:, : len(model.vocabulary.words)]
    return np.asarray(weights.std(axis=0, dtype=np.float64), dtype=np.float64)


def _projection(model: Model) -> Floats:
    """One row of signs for each word, drawn from a hash of it: nothing to store. Shape (words, 64)."""
    drawn = b"".join(hashlib.shake_128(word.encode()).digest(DIMENSIONS // 8) for word in model.vocabulary.words)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(-1, DIMENSIONS)
    return np.asarray(2.0 * bits - 1.0)


def _scaled(rows: Floats) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return np.asarray(scaled, dtype=np.float32)


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ rows)
