"""What the features need of each chunk, computed once and kept as rows of growing arrays.

A mailbox repeats its words: on a warm memory a text costs one look-up a chunk, and the rest is arithmetic on arrays.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.french import word_vectors
from triage.classify.novelty import Counts, counted
from triage.classify.vocabulary import Vocabulary, character_ngrams, surfaces_of
from triage.text import fold_word

_PLACEHOLDER = re.compile(r"xx([a-z]+)xx")  # masked data, shown as « [date] »
_PUNCTUATION = ".,;:!?()[]«»\"'…-*_>"
UNKNOWN = -1  # the number of a token no word feature holds

Ints = NDArray[np.int64]


def shown(chunk: str) -> str:
    """A chunk as an agent reads it; empty where it is punctuation only."""
    return _PLACEHOLDER.sub(r"[\1]", chunk.strip(_PUNCTUATION).lower())


class Growing:
    """A flat array that grows by doubling; what is appended waits in a list until the array is asked for."""

    def __init__(self, dtype: Any) -> None:
        self._store = np.zeros(1024, dtype=dtype)
        self._stored = 0
        self._new: list[Any] = []

    @property
    def size(self) -> int:
        """How many values there are."""
        return self._stored + len(self._new)

    def extend(self, values: Iterable[Any]) -> None:
        """Append values."""
        self._new.extend(values)

    @property
    def values(self) -> NDArray[Any]:
        """What was appended so far: a view."""
        if self._new:
            end = self.size
            if end > len(self._store):
                more = np.zeros(max(end, len(self._store)), self._store.dtype)
                self._store = np.concatenate([self._store, more])
            self._store[self._stored : end] = self._new
            self._stored, self._new = end, []
        return self._store[: self._stored]


class Rows:
    """Rows of unequal lengths that are only ever appended."""

    def __init__(self, dtype: Any) -> None:
        self.flat = Growing(dtype)
        self.ends = Growing(np.int32)
        self.ends.extend([0])

    def append(self, row: Sequence[Any]) -> None:
        """Add a row."""
        self.flat.extend(row)
        self.ends.extend([self.flat.size])

    def append_each(self, values: Sequence[Any]) -> None:
        """Add a row of one value for each."""
        self.ends.extend(range(self.flat.size + 1, self.flat.size + len(values) + 1))
        self.flat.extend(values)

    def gather(self, numbers: Ints) -> tuple[NDArray[Any], Ints]:
        """The rows of these numbers, one after another, and their lengths."""
        starts = self.ends.values[numbers].astype(np.int64)
        lengths = self.ends.values[numbers + 1] - starts
        shift = starts - (np.cumsum(lengths) - lengths)
        places = np.repeat(shift, lengths) + np.arange(int(lengths.sum()))
        return self.flat.values[places], lengths


class _Numbers(dict[str, int]):
    """The number of every chunk: one that is new is analysed by the function given, which numbers it."""

    def __init__(self, add: Callable[[str], int]) -> None:
        super().__init__()
        self._add = add

    def __missing__(self, chunk: str) -> int:
        self[chunk] = number = self._add(chunk)
        return number


class ChunkMemory:
    """The chunks met so far, numbered from 0 in the order they came.

    `terms` holds a row for each word feature (the feature itself), then one for each chunk: columns of its unigrams and
    character n-grams, the latter after all word columns. The counts of a text are then a product of sparse matrices.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._unigrams = {w: i for i, w in enumerate(vocabulary.words) if " " not in w}
        self._characters = {g: len(vocabulary.words) + i for i, g in enumerate(vocabulary.characters)}
        self._idf = {w: float(vocabulary.word_idf[i]) for w, i in self._unigrams.items()}
        self._unseen_idf = vocabulary.unseen_idf
        self._tokens: dict[str, int] = {}
        self._bigram_keys, self._bigram_columns = self._index_bigrams(vocabulary.words)
        self.word_count = len(vocabulary.words)
        self._columns = self.word_count + len(vocabulary.characters)
        self._matrix: sparse.csr_matrix | None = None
        self.numbers = _Numbers(self._add)
        self.names: list[str] = []
        self.terms = Rows(np.int32)
        self.terms.append_each(range(self.word_count))
        self.tokens = Rows(np.int64)  # numbers of a chunk's tokens, in order
        self.vector_rows = Rows(np.int32)
        self.vector_weights = Rows(np.float32)
        self.words: list[str] = []  # the chunks as an agent reads them, each once
        self._word_numbers: dict[str, int] = {"": -1}
        self.word_of_chunk = Growing(np.int64)  # -1 where a chunk shows no word
        self.newness = tuple(Growing(np.int64) for _ in Counts._fields)  # words by how new they are, see novelty

    def _index_bigrams(self, words: Iterable[str]) -> tuple[Ints, Ints]:
        """Number every token a word feature is made of; a bigram's key is first × tokens + second."""
        bigrams = {i: w.split(" ") for i, w in enumerate(words) if " " in w}
        for token in (*self._unigrams, *(token for pair in bigrams.values() for token in pair)):
            self._tokens.setdefault(token, len(self._tokens))
        size = len(self._tokens)
        keyed = sorted((self._tokens[a] * size + self._tokens[b], i) for i, (a, b) in bigrams.items())
        table = np.array([*keyed, (size * size, -1)], dtype=np.int64)  # the last row is a sentinel nothing equals
        return table[:, 0], table[:, 1]

    def term_matrix(self) -> sparse.csr_matrix:
        """The terms of every row: each word feature, then each chunk; made again only when a chunk was new."""
        rows = self.terms.ends.size - 1
        if self._matrix is None or self._matrix.shape[0] != rows:
            flat, ends = self.terms.flat.values, self.terms.ends.values
            self._matrix = sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=(rows, self._columns))
        return self._matrix

    def _add(self, chunk: str) -> int:
        surfaces = surfaces_of(chunk)
        tokens = [fold_word(surface) for surface in surfaces]
        unigrams = [self._unigrams[token] for token in tokens if token in self._unigrams]
        grams = [self._characters[g] for t in tokens for g in character_ngrams(t) if g in self._characters]
        self.terms.append([*unigrams, *grams])
        self.tokens.append([self._tokens.get(token, UNKNOWN) for token in tokens])
        self._add_vectors(surfaces, tokens)
        for column, count in zip(self.newness, counted(chunk, self._unigrams), strict=True):
            column.extend([count])
        self.word_of_chunk.extend([self._word_number(shown(chunk))])
        self.names.append(chunk)
        return len(self.names) - 1

    def _word_number(self, word: str) -> int:
        found = self._word_numbers.setdefault(word, len(self.words))
        if found == len(self.words):
            self.words.append(word)
        return found

    def _add_vectors(self, surfaces: Sequence[str], tokens: Sequence[str]) -> None:
        """Rows of the vector table, weighted so that each vector counts with length 1 times its document frequency."""
        placed = [
            (row, self._idf.get(token, self._unseen_idf))
            for surface, token in zip(surfaces, tokens, strict=True)
            if (row := word_vectors().row(surface)) >= 0
        ]
        self.vector_rows.append([row for row, _ in placed])
        self.vector_weights.append([weight for _, weight in placed])

    def bigrams(self, tokens: Ints) -> Ints:
        """Columns of the consecutive pairs of one token sequence; -1 where a pair is no feature."""
        first, second = tokens[:-1], tokens[1:]
        keys = np.where((first >= 0) & (second >= 0), first * len(self._tokens) + second, -1)
        at = np.searchsorted(self._bigram_keys, keys)
        return np.where(self._bigram_keys[at] == keys, self._bigram_columns[at], -1)
