"""Texts -> sparse feature rows: word 1-2-grams, character n-grams inside words, a mean word vector.

A text is masked French with its subject on the first line. Everything that depends on one chunk (a run without white
space) is computed once and remembered, so that on a warm memory only the word bigrams cost anything.
Each block is scaled to unit length, then by its weight, so that no block drowns another.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from triage.classify.french import chunks, tokenizer, word_vectors
from triage.text import fold_word

CHARACTER_SIZES = range(2, 6)
WEIGHTS = {"word": 1.0, "character": 1.0, "vector": 1.5}  # MEASURED.md: vectors gain most between 1 and 2
_TELLING = 3  # characters: shorter tokens say nothing of how new a text is
_UNKNOWN, _UNKNOWN_SHORT = -1, -2
_MEMORY = 200_000  # chunks remembered; a chunk holds about a kilobyte at most

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
T = TypeVar("T")


def character_ngrams(token: str) -> list[str]:
    """Character 2- to 5-grams of one token padded by a space on both sides (scikit-learn's `char_wb`)."""
    padded = f" {token} "
    grams = [padded[i : i + n] for n in CHARACTER_SIZES for i in range(len(padded) - n + 1)]
    return grams or [padded]


def tokens_of(chunk: str) -> list[str]:
    """Folded tokens of one chunk that hold a letter or a digit."""
    return [fold_word(token) for token in tokenizer()(chunk) if any(map(str.isalnum, token))]


@dataclass(frozen=True)
class Vocabulary:
    """Which terms are features. The three lists are sorted; `words` holds unigrams and « a b » bigrams."""

    words: tuple[str, ...]
    characters: tuple[str, ...]
    word_idf: Floats = field(repr=False)
    character_idf: Floats = field(repr=False)
    unseen_idf: float

    @classmethod
    def learn(cls, texts: Sequence[str], senders: Sequence[str] | None = None, least: int = 3) -> "Vocabulary":
        """Keep the terms found in at least `least` texts of distinct senders (each text its own sender by default)."""
        tokens = _remembered(tokens_of)
        grams = _remembered(character_ngrams)
        word_counts: Counter[str] = Counter()
        character_counts: Counter[str] = Counter()
        merged: dict[str, list[str]] = {}
        for i, text in enumerate(texts):
            merged.setdefault(senders[i] if senders else str(i), []).append(text)
        for written in merged.values():
            words: set[str] = set()
            for text in written:
                found = [token for chunk in chunks(text) for token in tokens(chunk)]
                words.update(found, _bigrams(found))
            word_counts.update(words)
            character_counts.update({g for word in words if " " not in word for g in grams(word)})
        return cls.from_counts(word_counts, character_counts, len(merged), least)

    @classmethod
    def from_counts(cls, words: Counter[str], characters: Counter[str], total: int, least: int) -> "Vocabulary":
        """Smoothed inverse document frequencies, log((1 + n) / (1 + df)) + 1, as scikit-learn computes them."""
        kept_words = sorted(term for term, count in words.items() if count >= least)
        kept_characters = sorted(term for term, count in characters.items() if count >= least)

        def idf(terms: Iterable[str], counts: Counter[str]) -> Floats:
            return np.array([np.log((1 + total) / (1 + counts[term])) + 1 for term in terms], dtype=np.float64)

        return cls(
            words=tuple(kept_words),
            characters=tuple(kept_characters),
            word_idf=idf(kept_words, words),
            character_idf=idf(kept_characters, characters),
            unseen_idf=float(np.log(1 + total) + 1),
        )


class _Chunk(NamedTuple):
    """What the features need to know of one chunk."""

    words: tuple[int, ...]  # number of each token, negative when no word feature holds it
    characters: tuple[int, ...]  # columns of its character n-grams, within their block
    rows: tuple[int, ...]  # rows of the vector table
    row_weights: tuple[float, ...]  # their inverse document frequencies


class Places(NamedTuple):
    """The occurrences of a text's features: each array of columns has its array of chunk ranks."""

    names: list[str]  # the chunks, in text order
    tokens: Ints
    token_place: Ints
    characters: Ints
    character_place: Ints
    vectors: Floats  # (occurrences, 300): word vectors times their inverse document frequency
    vector_place: Ints


class Featurizer:
    """Turn texts into rows: columns are words, then character n-grams, then the 300 vector dimensions."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._unigrams = {w: i for i, w in enumerate(vocabulary.words) if " " not in w}
        self._characters = {g: i for i, g in enumerate(vocabulary.characters)}
        self._tokens: dict[str, int] = {}
        self._bigram_keys, self._bigram_columns = self._index_bigrams()
        self._unigram_columns = np.array([self._unigrams.get(token, -1) for token in self._tokens] or [-1])
        self._is_telling = np.array([len(token) >= _TELLING for token in self._tokens] or [False])
        self._memory: dict[str, _Chunk] = {}

    @property
    def columns(self) -> int:
        """Number of columns of a row."""
        return len(self.vocabulary.words) + len(self.vocabulary.characters) + int(word_vectors().table.shape[1])

    def _index_bigrams(self) -> tuple[Ints, Ints]:
        """Number every token a word feature is made of; a bigram's key is first × tokens + second."""
        bigrams = {i: w.split(" ") for i, w in enumerate(self.vocabulary.words) if " " in w}
        for token in (*self._unigrams, *(token for pair in bigrams.values() for token in pair)):
            self._tokens.setdefault(token, len(self._tokens))
        size = len(self._tokens)
        keyed = sorted((self._tokens[a] * size + self._tokens[b], i) for i, (a, b) in bigrams.items())
        table = np.array([*keyed, (size * size, -1)], dtype=np.int64)  # the last row is a sentinel nothing equals
        return table[:, 0], table[:, 1]

    def _chunk(self, text: str) -> _Chunk:
        found = self._memory.get(text)
        if found is None:
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            found = self._memory[text] = self._analyse(text)
        return found

    def _analyse(self, text: str) -> _Chunk:
        vectors = word_vectors()
        words: list[int] = []
        characters: list[int] = []
        rows: list[int] = []
        weights: list[float] = []
        for surface in tokenizer()(text):
            if not any(map(str.isalnum, surface)):
                continue
            token = fold_word(surface)
            words.append(self._tokens.get(token, _UNKNOWN if len(token) >= _TELLING else _UNKNOWN_SHORT))
            characters += [self._characters[g] for g in character_ngrams(token) if g in self._characters]
            row = vectors.row(surface)
            if row >= 0:
                column = self._unigrams.get(token)
                rows.append(row)
                weights.append(
                    self.vocabulary.unseen_idf if column is None else float(self.vocabulary.word_idf[column])
                )
        return _Chunk(tuple(words), tuple(characters), tuple(rows), tuple(weights))

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Rows of shape (texts, columns), float64; a block without any known feature is zero."""
        found = [[self._chunk(chunk) for chunk in chunks(text)] for text in texts]
        words = [self._word_columns(np.array([w for c in text for w in c.words], dtype=np.int64)) for text in found]
        characters = [[g for c in text for g in c.characters] for text in found]
        blocks = [
            _weighted(words, self.vocabulary.word_idf, WEIGHTS["word"]),
            _weighted(characters, self.vocabulary.character_idf, WEIGHTS["character"]),
            sparse.csr_matrix(self._vector_block(found)),
        ]
        return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))

    def read(self, text: str) -> Places:
        """Where each feature of a text occurs, for `known_share` and `contributions`."""
        names = chunks(text)
        found = [self._chunk(name) for name in names]
        order = np.arange(len(found))
        return Places(
            names=names,
            tokens=np.array([w for c in found for w in c.words], dtype=np.int64),
            token_place=np.repeat(order, [len(c.words) for c in found]),
            characters=np.array([g for c in found for g in c.characters], dtype=np.int64),
            character_place=np.repeat(order, [len(c.characters) for c in found]),
            vectors=self._weighted_vectors(found),
            vector_place=np.repeat(order, [len(c.rows) for c in found]),
        )

    def known_share(self, places: Places) -> float:
        """Share of a text's tokens of three letters or more that the training texts held, in [0, 1]; 0 without any."""
        numbered = places.tokens[places.tokens >= 0]
        telling = self._unigram_columns[numbered[self._is_telling[numbered]]]
        total = len(telling) + int(np.count_nonzero(places.tokens == _UNKNOWN))
        return float(np.count_nonzero(telling >= 0) / total) if total else 0.0

    def contributions(
        self, places: Places, row: sparse.csr_matrix, weights: Floats, vector: Floats
    ) -> list[tuple[str, float]]:
        """Split the dot product of a text's row and a direction exactly among its chunks, in text order.

        `weights` is the direction at the row's own columns (row.indices), `vector` its last 300 values. A feature that
        occurs several times is shared equally among its places, a bigram between its two chunks.
        """
        worth = np.zeros(self.columns - len(vector))
        cut = int(np.searchsorted(row.indices, len(worth)))
        worth[row.indices[:cut]] = row.data[:cut] * weights[:cut]
        share = (
            self._word_shares(places, worth)
            + self._character_shares(places, worth[len(self.vocabulary.words) :])
            + self._vector_shares(places, vector)
        )
        return list(zip(places.names, share.tolist(), strict=True))

    def _word_shares(self, places: Places, worth: Floats) -> Floats:
        unigrams = np.where(places.tokens >= 0, self._unigram_columns[places.tokens], -1)
        bigrams = self._bigrams(places.tokens)
        columns = np.concatenate([unigrams, bigrams, bigrams])
        place = np.concatenate([places.token_place, places.token_place[:-1], places.token_place[1:]])
        part = np.repeat([1.0, 0.5], [len(unigrams), 2 * len(bigrams)])
        kept = columns >= 0
        return _shared(columns[kept], place[kept], part[kept], worth, len(places.names))

    def _character_shares(self, places: Places, worth: Floats) -> Floats:
        part = np.ones(len(places.characters))
        return _shared(places.characters, places.character_place, part, worth, len(places.names))

    def _vector_shares(self, places: Places, direction: Floats) -> Floats:
        length = float(np.linalg.norm(places.vectors.sum(axis=0))) or 1.0
        worth = WEIGHTS["vector"] * (places.vectors @ direction) / length
        return np.asarray(
            np.bincount(places.vector_place, weights=worth, minlength=len(places.names)), dtype=np.float64
        )

    def _weighted_vectors(self, found: Sequence[_Chunk]) -> Floats:
        weights = np.array([w for c in found for w in c.row_weights]).reshape(-1, 1)
        return np.asarray(word_vectors().table[[r for c in found for r in c.rows]] * weights, dtype=np.float64)

    def _bigrams(self, tokens: Ints) -> Ints:
        """Columns of the consecutive pairs of one token sequence; -1 where a pair is no feature."""
        first, second = tokens[:-1], tokens[1:]
        keys = np.where((first >= 0) & (second >= 0), first * len(self._tokens) + second, -1)
        at = np.searchsorted(self._bigram_keys, keys)
        return np.where(self._bigram_keys[at] == keys, self._bigram_columns[at], -1)

    def _word_columns(self, tokens: Ints) -> Ints:
        """Feature columns of the unigrams and bigrams of one token sequence."""
        columns = np.concatenate([self._unigram_columns[tokens[tokens >= 0]], self._bigrams(tokens)])
        return columns[columns >= 0]

    def _vector_block(self, found: list[list[_Chunk]]) -> Floats:
        """Mean of the word vectors weighted by inverse document frequency, scaled to the block's weight."""
        table = word_vectors().table
        block = np.zeros((len(found), table.shape[1]))
        for i, text in enumerate(found):
            rows = [row for c in text for row in c.rows]
            if rows:
                weights = np.array([w for c in text for w in c.row_weights])
                block[i] = weights @ table[rows]
        lengths = np.linalg.norm(block, axis=1, keepdims=True)
        lengths[lengths == 0] = 1.0
        return np.asarray(WEIGHTS["vector"] * block / lengths, dtype=np.float64)


def _shared(columns: Ints, place: Ints, part: Floats, worth: Floats, chunk_count: int) -> Floats:
    """Worth of each chunk: every feature's worth is split among its places in proportion to `part`."""
    total = np.bincount(columns, weights=part, minlength=1)
    worths = part * worth[columns] / total[columns]
    return np.asarray(np.bincount(place, weights=worths, minlength=chunk_count), dtype=np.float64)


def _remembered(function: Callable[[str], list[T]]) -> Callable[[str], list[T]]:
    from functools import lru_cache

    return lru_cache(maxsize=_MEMORY)(function)


def _bigrams(tokens: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in pairwise(tokens)]


def _weighted(columns: Sequence[Sequence[int] | Ints], idf: Floats, length: float) -> sparse.csr_matrix:
    """Rows of shape (texts, len(idf)) holding (1 + log count) × idf, scaled to `length`; from each row's columns."""
    indptr = np.cumsum([0, *map(len, columns)])
    indices = np.concatenate([np.zeros(0, np.int64), *(np.asarray(c, dtype=np.int64) for c in columns)])
    matrix = sparse.csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(columns), len(idf)))
    matrix.sum_duplicates()
    matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(length, norms, out=np.zeros_like(norms), where=norms > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix)
