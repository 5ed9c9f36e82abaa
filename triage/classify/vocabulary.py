"""Which terms of a text are features, learned so that no personal data gets in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.classify.french import chunks, tokenizer
from triage.text import fold_word

CHARACTER_SIZES = range(2, 6)
VECTOR = 300  # columns of a word vector

Floats = NDArray[np.float64]


def character_ngrams(token: str) -> list[str]:
    """Character 2- to 5-grams of one token padded by a space on both sides (scikit-learn's `char_wb`)."""
    padded = f" {token} "
    grams = [padded[i : i + n] for n in CHARACTER_SIZES for i in range(len(padded) - n + 1)]
    return grams or [padded]


@lru_cache(maxsize=4_096)  # asked twice of each new chunk
def surfaces_of(chunk: str) -> tuple[str, ...]:
    """Tokens of one chunk that hold a letter or a digit, as written."""
    return tuple(token for token in tokenizer()(chunk) if any(map(str.isalnum, token)))


def tokens_of(chunk: str) -> list[str]:
    """Folded tokens of one chunk that hold a letter or a digit."""
    return [fold_word(token) for token in surfaces_of(chunk)]


@dataclass(frozen=True)
class Vocabulary:
    """Which terms are features. Both lists are sorted; `words` holds unigrams and « a b » bigrams.

    `center` (300,) is the mean of the word vectors of the texts it was learned from.
    """

    words: tuple[str, ...]
    characters: tuple[str, ...]
    word_idf: Floats = field(repr=False)
    character_idf: Floats = field(repr=False)
    unseen_idf: float
    center: NDArray[np.float32] = field(repr=False)

    @classmethod
    def learn(cls, texts: Sequence[str], senders: Sequence[str] | None = None, least: int = 3) -> "Vocabulary":
        """Keep the terms found in at least `least` texts of distinct senders (each text its own sender by default)."""
        merged: dict[str, list[str]] = {}
        for i, text in enumerate(texts):
            merged.setdefault(senders[i] if senders else str(i), []).append(text)
        words: Counter[str] = Counter()
        characters = _Count(character_ngrams)
        for written in merged.values():
            tokens = [[token for chunk in chunks(text) for token in tokens_of(chunk)] for text in written]
            held = set().union(*tokens)
            characters.add(held)
            words.update(held)
            words.update({f"{a} {b}" for found in tokens for a, b in pairwise(found)})
        return cls.from_counts(words, Counter(characters.found()), len(merged), least)

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
            center=np.zeros(VECTOR, dtype=np.float32),
        )


class _Count:
    """In how many sets of tokens each term occurs; the terms of a token are numbered once."""

    def __init__(self, terms: Callable[[str], list[str]]) -> None:
        self._terms = terms
        self._numbers: dict[str, int] = {}
        self._of_token: dict[str, NDArray[np.int64]] = {}
        self._counts = np.zeros(1024, dtype=np.int64)

    def add(self, tokens: Iterable[str]) -> None:
        """Count every term of the tokens once."""
        numbers = [self._of_token.get(token) for token in tokens]
        found = [self._numbered(token) if n is None else n for token, n in zip(tokens, numbers, strict=True)]
        if not found:
            return
        if len(self._numbers) > len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros(len(self._numbers), dtype=np.int64)])
        self._counts[np.unique(np.concatenate(found))] += 1

    def _numbered(self, token: str) -> NDArray[np.int64]:
        terms = dict.fromkeys(self._terms(token))
        numbers = np.array([self._numbers.setdefault(term, len(self._numbers)) for term in terms], dtype=np.int64)
        self._of_token[token] = numbers
        return numbers

    def found(self) -> dict[str, int]:
        """Term -> number of sets that hold it."""
        return {term: int(self._counts[number]) for term, number in self._numbers.items()}
