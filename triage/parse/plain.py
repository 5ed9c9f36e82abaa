"""Texts as patterns see them: lower case, ASCII, the stems of their words, the stretches around some words."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

STEM = 6  # letters of a word by which hints are looked up
_REACH = 180  # characters on either side of a hint within which its pattern is looked for
_BLANKED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
# What compatibility decomposition leaves outside ASCII and a pattern wants to see.
_PLAIN = {"’": "'", "‘": "'", "ʼ": "'", "œ": "oe", "æ": "ae", "–": "-", "—": "-", "−": "-", "€": " eur ", "·": "|"}


@dataclass(frozen=True, slots=True)
class Text:
    """A field as patterns see it, and the text in whose words their hints are looked for."""

    text: str
    words: str = ""

    @property
    def stems(self) -> frozenset[bytes]:
        """The first six letters of each word."""
        return stems(self.words)


def plain(text: str) -> str:
    """Return `text` in lower case and ASCII: no accents, straight apostrophes, no other script, as many lines."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    for character, replacement in _PLAIN.items():
        if character in lowered:
            lowered = lowered.replace(character, replacement)
    try:
        encoded = lowered.encode("latin-1")
    except UnicodeEncodeError:
        return _bare(lowered).lower()
    if b"\xbc" in encoded or b"\xbd" in encoded or b"\xbe" in encoded:  # fractions, which become two digits
        return _bare(lowered).lower()
    return encoded.translate(_LATIN, _DROPPED).decode("ascii")


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


# The same for all of Latin-1, at a tenth of the price.
_DROPPED = bytes(code for code in range(256) if not _bare(chr(code)))
_LATIN = bytes(ord((_bare(chr(code)) or " ")[0]) for code in range(256))


@lru_cache(maxsize=4)
def stems(text: str) -> frozenset[bytes]:
    """Return the first six letters of the words of a plain text, and « % » if it is there; the last are remembered."""
    found = set(text.encode("ascii").translate(_BLANKED).split())
    if "%" in text:
        found.add(b"%")
    return frozenset([word[:STEM] for word in found])


def places_of(text: str, words: Iterable[bytes]) -> Iterator[int]:
    """Yield where some words stand in a text, one word after the other."""
    for word in words:
        sought = word.decode("ascii")
        at = text.find(sought)
        while at >= 0:
            yield at
            at = text.find(sought, at + 1)


def windows(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines around some places, in their order, none overlapping another."""
    first, last = 0, -1
    for at in places:
        line_end = text.find("\n", at)
        start = max(text.rfind("\n", 0, at) + 1, at - _REACH)
        end = min(line_end if line_end >= 0 else len(text), at + _REACH)
        if start > last >= 0:
            yield first, last
        first = start if start > last else first
        last = max(last, end)
    if last >= 0:
        yield first, last
