"""Which terms of a text are features, learned so that no personal data gets in."""

from collections import Counter
from collections.abc import Iterable, Sequence
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


@lru_cache(maxsize=50_000)
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
        word_counts: Counter[str] = Counter()
        merged: dict[str, list[str]] = {}
        for i, text in enumerate(texts):
            merged.setdefault(senders[i] if senders else str(i), []).append(text)
        grams = lru_cache(maxsize=200_000)(lambda token: frozenset(character_ngrams(token)))
        character_counts: Counter[str] = Counter()
        for written in merged.values():
            unigrams: set[str] = set()
            bigrams: set[str] = set()
            for text in written:
                found = [token for chunk in chunks(text) for token in tokens_of(chunk)]
                unigrams.update(found)
                bigrams.update(f"{a} {b}" for a, b in pairwise(found))
            word_counts.update(unigrams)
            word_counts.update(bigrams)
            character_counts.update(set().union(*map(grams, unigrams)))
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
            center=np.zeros(VECTOR, dtype=np.float32),
        )
