"""Reading -> what each word adds to the difference of two scores, for all texts and axes of a model at once.

The scores are linear in the features, so a score splits among the chunks of its text without remainder.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classify.features import Reading, runs
from triage.classify.french import word_vectors
from triage.classify.memory import Ints
from triage.classify.vocabulary import VECTOR, Floats

_AT_ONCE = 20_000  # chunks of text explained together: some 300,000 terms


class Weights:
    """A linear model: `coefficients` (columns, labels), and what the word vectors met so far add to each score."""

    def __init__(self, coefficients: Floats, center: NDArray[np.float32]) -> None:
        self.coefficients = coefficients
        self._vectors = coefficients[-VECTOR:]
        self._center = center
        self._projected = np.zeros((len(word_vectors().table), coefficients.shape[1]))
        self._is_projected = np.zeros(len(self._projected), dtype=bool)

    def projected(self, rows: Ints) -> Floats:
        """What every word vector adds to each label's score; those at `rows`, at least, are worked out."""
        new = np.unique(rows[~self._is_projected[rows]])
        if len(new):
            self._projected[new] = (word_vectors().table[new] - self._center) @ self._vectors
            self._is_projected[new] = True
        return self._projected


class Pair(NamedTuple):
    """For each text two columns of `Weights`: a label, and the one it is held against. Both have shape (texts,)."""

    label: Ints
    against: Ints

    def difference(self, table: Floats, rows: NDArray[np.integer], texts: Ints) -> Floats:
        """table[rows] at the label less the same at the other, for rows that belong to `texts`; shape (rows,)."""
        start = rows.astype(np.int64) * table.shape[1]
        flat = table.ravel()
        return np.asarray(flat.take(start + self.label[texts]) - flat.take(start + self.against[texts]))


def groups(reading: Reading) -> Iterator["Evidence"]:
    """All texts of a reading, in groups small enough for what explaining them takes in memory."""
    ends, start = reading.places.ends, 0
    while start < reading.places.texts:
        stop = int(np.searchsorted(ends, ends[start] + _AT_ONCE, side="right")) - 1
        stop = min(max(stop, start + 1), reading.places.texts)
        yield Evidence(reading, start, stop)
        start = stop


class Evidence:
    """Neighbouring texts of a reading, from `start` to before `stop`: their chunks, and what each adds to a score."""

    def __init__(self, reading: Reading, start: int, stop: int) -> None:
        places, memory = reading.places, reading.memory
        self.start, self.stop = start, stop
        self._reading, self._memory = reading, memory
        ends = places.ends[start : stop + 1]
        self._first_place = int(ends[0])
        self._numbers = places.numbers[ends[0] : ends[-1]]
        self._counted = places.counted[ends[0] : ends[-1]]
        self._text = runs(np.diff(ends))
        self._rows, lengths = memory.vector_rows.gather(self._numbers)
        self._row_place = runs(lengths)
        weights = memory.vector_weights.gather(self._numbers)[0]
        self._row_weights = weights / reading.divisors[start:stop][self._text[self._row_place]]
        self._columns, lengths = memory.terms.gather(self._numbers + memory.word_count)
        self._term_place = runs(lengths)
        self._term_ends = np.concatenate([[0], np.cumsum(lengths)])[ends - ends[0]]

    @property
    def names(self) -> list[str]:
        """The chunks, in order."""
        return [self._memory.names[number] for number in self._numbers]

    def contributions(self, weights: Weights, pair: Pair) -> Floats:
        """What each chunk adds to the score of its text's label less that of the other, in order, shape (chunks,).

        Those of a text add up to the difference of the two scores, intercepts left out. A feature that occurs several
        times is shared among its places as often as each counts, a bigram equally between its two chunks.
        """
        size, worth = len(self._numbers), self._worth(weights, pair)
        terms = np.bincount(self._term_place, weights=worth[self._term_entries], minlength=size)
        texts = self._text[self._row_place]
        vectors = self._row_weights * pair.difference(weights.projected(self._rows), self._rows, texts)
        found = terms + np.bincount(self._row_place, weights=vectors, minlength=size)
        return np.asarray(found * self._counted + self._bigram_shares(worth), dtype=np.float64)

    def of_texts(self, values: Floats) -> Floats:
        """For each chunk the value of its text: values (texts of the group,) -> (chunks,)."""
        return np.asarray(values[self._text])

    def strongest(self, contributions: Floats, most: int) -> list[tuple[tuple[str, float], ...]]:
        """For each text the words whose chunks' contributions add up to most in absolute value, with their sums.

        Ties go by name.
        """
        words, texts, shown, place = self._words
        sums = np.bincount(place, weights=contributions[shown], minlength=len(words))
        sizes = np.abs(sums)
        counts = np.bincount(texts, minlength=self.stop - self.start)
        kept = np.flatnonzero(sizes >= _nth_largest(sizes, texts, counts, most)[texts])
        ends = np.cumsum(np.bincount(texts[kept], minlength=len(counts))).tolist()
        named = list(zip(map(self._memory.words.__getitem__, words[kept].tolist()), sums[kept].tolist(), strict=True))
        return [
            _best(named[end - size : end], most) for size, end in zip(np.diff([0, *ends]).tolist(), ends, strict=True)
        ]

    @cached_property
    def _entries(self) -> slice:
        """Where the terms of these texts lie in the reading's sparse rows."""
        pointers = self._reading.counts.indptr
        return slice(int(pointers[self.start]), int(pointers[self.stop]))

    @cached_property
    def _bigrams(self) -> slice:
        ends = self._reading.bigrams.ends
        return slice(int(ends[self.start]), int(ends[self.stop]))

    @cached_property
    def _entry_text(self) -> Ints:
        return runs(np.diff(self._reading.counts.indptr[self.start : self.stop + 1]))

    @cached_property
    def _found(self) -> tuple[Ints, Ints]:
        """Which of `_entries` each term of a chunk is, and which each bigram is."""
        counts, bigrams = self._reading.counts, self._reading.bigrams
        where = np.zeros(counts.shape[1], dtype=np.int64)  # column -> entry, written anew for each text
        terms = np.empty(len(self._columns), dtype=np.int64)
        pairs = np.empty(self._bigrams.stop - self._bigrams.start, dtype=np.int64)
        columns = bigrams.columns[self._bigrams]
        pointers = (counts.indptr[self.start : self.stop + 1] - self._entries.start).tolist()
        ends = (bigrams.ends[self.start : self.stop + 1] - self._bigrams.start).tolist()
        indices, numbers = counts.indices[self._entries], np.arange(pointers[-1])
        for i in range(self.stop - self.start):
            entries, own = slice(pointers[i], pointers[i + 1]), slice(self._term_ends[i], self._term_ends[i + 1])
            where[indices[entries]] = numbers[entries]
            terms[own] = where[self._columns[own]]
            pairs[ends[i] : ends[i + 1]] = where[columns[ends[i] : ends[i + 1]]]
        return terms, pairs

    @property
    def _term_entries(self) -> Ints:
        return self._found[0]

    @property
    def _bigram_entries(self) -> Ints:
        return self._found[1]

    def _worth(self, weights: Weights, pair: Pair) -> Floats:
        """What one occurrence of each term of each text adds, shape (entries,)."""
        counts, terms = self._reading.counts, self._reading.terms
        direction = pair.difference(weights.coefficients, counts.indices[self._entries], self._entry_text)
        return np.asarray(direction * terms.data[self._entries] / counts.data[self._entries], dtype=np.float64)

    def _bigram_shares(self, worth: Floats) -> Floats:
        places = self._reading.bigrams.places[self._bigrams] - self._first_place
        halves = np.repeat(worth[self._bigram_entries] * self._counted[places[:, 1]] / 2, 2)
        return np.asarray(np.bincount(places.ravel(), weights=halves, minlength=len(self._numbers)), dtype=np.float64)

    @cached_property
    def _words(self) -> tuple[Ints, Ints, Ints, Ints]:
        """The different words of each text, text by text: their numbers and texts; which chunks show one, and which."""
        numbers = self._memory.word_of_chunk.values[self._numbers]
        shown = np.flatnonzero(numbers >= 0)
        size = len(self._memory.words) + 1
        keys, place = np.unique(self._text[shown] * size + numbers[shown], return_inverse=True)
        return keys % size, keys // size, shown, place


def _nth_largest(sizes: Floats, texts: Ints, counts: Ints, n: int) -> Floats:
    """The n-th largest of each text's sizes, which lie text by text; 0 where it has fewer."""
    square = np.zeros((len(counts), max(int(counts.max(initial=0)), n)))
    square[texts, np.arange(len(sizes)) - (np.cumsum(counts) - counts)[texts]] = -sizes
    return np.asarray(-np.partition(square, n - 1, axis=1)[:, n - 1])


def _best(words: Sequence[tuple[str, float]], most: int) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(words, key=_by_size)[:most])


def _by_size(word: tuple[str, float]) -> tuple[float, str]:
    return -abs(word[1]), word[0]
