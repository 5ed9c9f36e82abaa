"""Pairs of texts that are nearly the same, in time linear in their number.

Character 5-grams of folded text, MinHash signatures cut into bands (Broder 1997, On the resemblance and containment of
documents; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, ch. 3), then the exact Jaccard similarity of
every pair that shares a band.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from triage.text import fold

SHINGLE = 5
# 32 bands of 4: a pair of similarity .6 shares a band with probability .99, one of .2 with probability .05.
_BANDS, _ROWS = 32, 4
# Automatic copies of one text would make millions of pairs: each text is compared with this many others of a band.
_MOST_COMPARED = 50
_PRIME = np.uint64((1 << 31) - 1)

Signature = NDArray[np.uint64]


@dataclass(frozen=True, order=True)
class Near:
    """Two texts, by their places in the sequence, and the share of 5-grams they have in common, in [0, 1]."""

    first: int
    second: int
    similarity: float


def near_duplicates(texts: Sequence[str], least: float = 0.6) -> list[Near]:
    """All pairs found whose similarity is at least `least`, in order. Texts under ten characters are left out."""
    shingled = [_shingles(text) for text in texts]
    found = set()
    for first, second in _candidates(shingled):
        similarity = _jaccard(shingled[first], shingled[second])
        if similarity >= least:
            found.add(Near(first, second, round(similarity, 3)))
    return sorted(found)


def _shingles(text: str) -> NDArray[np.uint64]:
    """Distinct hashed 5-grams of letters and figures, sorted; empty for a text too short to be compared."""
    squeezed = " ".join(fold(text).split())
    if len(squeezed) < 2 * SHINGLE:
        return np.empty(0, np.uint64)
    letters = np.frombuffer(squeezed.encode("utf-32-le"), np.uint32).astype(np.uint64)
    mixed = np.zeros(len(letters) - SHINGLE + 1, np.uint64)
    for offset in range(SHINGLE):
        mixed = (mixed * np.uint64(1_000_003) + letters[offset : offset + len(mixed)]) % _PRIME
    return np.unique(mixed)


def _signatures(shingled: Sequence[NDArray[np.uint64]]) -> list[Signature]:
    generator = np.random.default_rng(1)
    slopes = generator.integers(1, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    offsets = generator.integers(0, int(_PRIME), _BANDS * _ROWS, dtype=np.uint64)
    return [((slopes[:, None] * shingles + offsets[:, None]) % _PRIME).min(axis=1) for shingles in shingled]


def _candidates(shingled: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[int, int]]:
    """Pairs that share at least one band of their signatures, each once."""
    compared = [i for i, shingles in enumerate(shingled) if len(shingles)]
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for i, signature in zip(compared, _signatures([shingled[i] for i in compared]), strict=True):
        for band, rows in enumerate(signature.reshape(_BANDS, _ROWS)):
            buckets[band, rows.tobytes()].append(i)
    pairs = {pair for members in buckets.values() for pair in combinations(members[:_MOST_COMPARED], 2)}
    yield from sorted(pairs)


def _jaccard(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
