"""What several stages need to compare French text: standard library only."""

import re
import unicodedata
from functools import lru_cache

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})


def fold(text: str) -> str:
    """Lower case without accents, ligatures or curly apostrophes: « L’Œuvre » -> « l'oeuvre ».

    What survives capitals and hurried typing.
    """
    lowered = text.lower().translate(_LIGATURES)
    if lowered.isascii():
        return lowered
    return "".join(c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))


@lru_cache(maxsize=200_000)
def fold_word(word: str) -> str:
    """`fold` of one word, remembered."""
    return fold(word)


def fold_aligned(text: str) -> str:
    """`fold` character by character: the result has the same length, so that offsets hold in both texts."""
    if not text.isascii():
        text = _NOT_ASCII.sub(_folded, text)
    return text.lower()


def _folded(found: re.Match[str]) -> str:
    return _fold_character(found[0])


@lru_cache(maxsize=10_000)
def _fold_character(character: str) -> str:
    folded = fold(character)
    return folded[0] if folded else " "
