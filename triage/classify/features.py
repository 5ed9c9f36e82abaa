"""Texts -> sparse feature rows: word 1-2-grams, character n-grams inside words, a mean word vector.

A text is masked French with its subject on the first line. Subject and body are two fields: a term counts SUBJECT times
where the subject holds it (Robertson, Zaragoza and Taylor 2004, Simple BM25 extension to multiple weighted fields).
Each block is scaled to unit length, then by its weight, so that no block drowns another. A row does not depend on the
texts read beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.french import chunks, word_vectors
from triage.classify.memory import ChunkMemory, Ints
from triage.classify.novelty import Counts
from triage.classify.vocabulary import VECTOR, Floats, Vocabulary

# Chosen by cross-validation on the public sets and the commune corpus: docs/decisions/0001.
WEIGHTS: Mapping[str, float] = {"word": 1.0, "character": 1.0, "vector": 1.0}
SUBJECT = 2.0
_MEMORY = 50_000  # chunks remembered; a chunk holds about a kilobyte
_DAMPED = 1 + np.log(np.maximum(np.arange(100_000), 1))  # 1 + log(count), as scikit-learn's sublinear_tf


@dataclass(frozen=True)
class Places:
    """The chunks of some texts, one text after another.

    `numbers` are their numbers in memory, `ends` (texts + 1,) says where those of each text end, `counted` how often
    each counts.
    """

    numbers: Ints
    ends: Ints
    counted: Floats

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return len(self.ends) - 1


@dataclass(frozen=True)
class Bigrams:
    """The bigrams of some texts: column of each, the two chunks (by place) it spans, where each text's end."""

    columns: Ints
    places: Ints  # (bigrams, 2)
    ends: Ints


@dataclass(frozen=True)
class Reading:
    """Some texts as the model sees them.

    `terms` and `counts` have shape (texts, word and character columns); `vectors` (texts, 300) are scaled like the
    terms, `divisors` (texts,) are what the sums of weighted word vectors were divided by.
    """

    memory: ChunkMemory = field(repr=False)
    places: Places = field(repr=False)
    bigrams: Bigrams = field(repr=False)
    counts: sparse.csr_matrix
    terms: sparse.csr_matrix
    vectors: Floats
    divisors: Floats

    @cached_property
    def rows(self) -> sparse.csr_matrix:
        """Terms and vectors side by side, shape (texts, columns)."""
        size = len(self.vectors)
        full, columns = np.arange(0, size * VECTOR + 1, VECTOR), np.tile(np.arange(VECTOR), size)
        dense = sparse.csr_matrix((self.vectors.ravel(), columns, full), shape=(size, VECTOR))
        return sparse.csr_matrix(sparse.hstack([self.terms, dense], format="csr"))

    @property
    def newness(self) -> list[Counts]:
        """The words of each text by how new they are."""
        text, numbers = runs(np.diff(self.places.ends)), self.places.numbers
        columns = [
            np.bincount(text, weights=column.values[numbers], minlength=self.places.texts).astype(int).tolist()
            for column in self.memory.newness
        ]
        return [Counts(*counts) for counts in zip(*columns, strict=True)]


class Featurizer:
    """Turn texts into rows: columns are words, then character n-grams, then the 300 vector dimensions."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._idf = np.concatenate([vocabulary.word_idf, vocabulary.character_idf])
        self._scale = np.array([WEIGHTS["character"], WEIGHTS["word"]])
        self._memory = ChunkMemory(vocabulary)

    @classmethod
    def learn(cls, texts: Sequence[str], senders: Sequence[str] | None = None, least: int = 3) -> "Featurizer":
        """Keep the terms found in at least `least` texts of distinct senders (each text its own sender by default)."""
        plain = cls(Vocabulary.learn(texts, senders, least))
        return cls(replace(plain.vocabulary, center=plain.mean_vector(texts)))

    @property
    def columns(self) -> int:
        """Number of columns of a row."""
        return len(self._idf) + VECTOR

    def mean_vector(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Mean over texts of the weighted mean of their word vectors, shape (300,)."""
        weights = self._vector_weights(self._placed(texts))
        total = np.maximum(weights.sum(axis=1), 1e-9)
        return np.asarray(((weights @ word_vectors().table) / total).mean(axis=0), dtype=np.float32).ravel()

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Rows of shape (texts, columns), float64; a block without any known feature is zero."""
        return self.read(texts).rows

    def read(self, texts: Sequence[str]) -> Reading:
        """Rows of texts, and the places of their features."""
        places = self._placed(texts)
        bigrams = self._bigrams(places)
        counts = self._counts(places, bigrams)
        vectors, divisors = self._vectors(places)
        return Reading(self._memory, places, bigrams, counts, self._weighted(counts), vectors, divisors)

    def _placed(self, texts: Sequence[str]) -> Places:
        if len(self._memory.names) >= _MEMORY:
            self._memory = ChunkMemory(self.vocabulary)
        number = self._memory.numbers.__getitem__
        numbers: list[int] = []
        ends, subjects = [0], []
        for text in texts:
            numbers += map(number, chunks(text))
            subjects.append(len(chunks(subject_of(text))))
            ends.append(len(numbers))
        counted = np.ones(len(numbers))
        for start, length in zip(ends, subjects, strict=False):
            counted[start : start + length] = SUBJECT
        return Places(np.array(numbers, dtype=np.int64), np.array(ends, dtype=np.int64), counted)

    def _bigrams(self, places: Places) -> Bigrams:
        tokens, lengths = self._memory.tokens.gather(places.numbers)
        place = runs(lengths)
        text = runs(np.diff(places.ends))[place]
        columns = self._memory.bigrams(tokens)
        kept = np.flatnonzero((columns >= 0) & (text[:-1] == text[1:]))
        counts = np.bincount(text[:-1][kept], minlength=places.texts)
        spanned = np.column_stack([place[:-1][kept], place[1:][kept]])
        return Bigrams(columns[kept], spanned, np.concatenate([[0], np.cumsum(counts)]))

    def _counts(self, places: Places, bigrams: Bigrams) -> sparse.csr_matrix:
        """How often each term occurs in each text: occurring chunks and bigrams, times the terms of each."""
        ends = places.ends + bigrams.ends
        is_bigram = np.zeros(int(ends[-1]), dtype=bool)
        is_bigram[np.arange(len(bigrams.columns)) + np.repeat(places.ends[1:], np.diff(bigrams.ends))] = True
        used, counted = np.empty(len(is_bigram), dtype=np.int32), np.empty(len(is_bigram))
        used[~is_bigram], counted[~is_bigram] = places.numbers + self._memory.word_count, places.counted
        used[is_bigram], counted[is_bigram] = bigrams.columns, places.counted[bigrams.places[:, 1]]
        terms = self._memory.term_matrix()
        occurring = sparse.csr_matrix((counted, used, ends.astype(np.int32)), shape=(places.texts, terms.shape[0]))
        return sparse.csr_matrix(occurring @ terms)

    def _weighted(self, counts: sparse.csr_matrix) -> sparse.csr_matrix:
        """(1 + log count) × idf, the words and the characters of each text scaled to their weights."""
        raw = _DAMPED[np.minimum(counts.data, len(_DAMPED) - 1).astype(np.int64)] * self._idf[counts.indices]
        block = 2 * runs(np.diff(counts.indptr)) + (counts.indices < self._memory.word_count)
        lengths = np.sqrt(np.bincount(block, weights=raw * raw, minlength=2 * counts.shape[0]))
        factor = np.tile(self._scale, counts.shape[0]) / np.where(lengths > 0, lengths, 1.0)
        return sparse.csr_matrix((raw * factor[block], counts.indices, counts.indptr), shape=counts.shape)

    def _vector_weights(self, places: Places) -> sparse.csr_matrix:
        """Weights of the word vectors of each text, shape (texts, rows of the vector table)."""
        rows, lengths = self._memory.vector_rows.gather(places.numbers)
        weights, _ = self._memory.vector_weights.gather(places.numbers)
        weighted = weights * np.repeat(places.counted, lengths).astype(np.float32)
        pointers = np.concatenate([[0], np.cumsum(lengths)])[places.ends].astype(np.int32)
        return sparse.csr_matrix((weighted, rows, pointers), shape=(places.texts, len(word_vectors().table)))

    def _vectors(self, places: Places) -> tuple[Floats, Floats]:
        """Sums of weighted centered word vectors scaled to the block's weight, and what they were divided by."""
        weights = self._vector_weights(places)
        centers = np.asarray(weights.sum(axis=1)) * self.vocabulary.center
        sums = (weights @ word_vectors().table - centers).astype(np.float64)
        lengths = np.linalg.norm(sums, axis=1)
        divisors = np.where(lengths > 0, lengths, 1.0) / WEIGHTS["vector"]
        return sums / divisors[:, None], divisors


def subject_of(text: str) -> str:
    """The first line of a text of several lines."""
    subject, line_end, _ = text.partition("\n")
    return subject if line_end else ""


def runs(lengths: Ints) -> Ints:
    """0 repeated lengths[0] times, 1 repeated lengths[1] times…"""
    return np.repeat(np.arange(len(lengths)), lengths)
