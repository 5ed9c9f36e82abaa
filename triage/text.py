"""What several stages need to compare French text: standard library only."""

import re
import unicodedata
from functools import lru_cache

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LIGATURES = (("œ", "oe"), ("æ", "ae"), ("’", "'"), ("‘", "'"), ("ʼ", "'"), ("\u00a0", " "), ("\u202f", " "))
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_OTHER_SCRIPTS = re.compile("[\u0483-\u1fff\u20d0-\u20ff\u2c00-\U0010ffff]")  # where all other combining marks lie


def fold(text: str) -> str:
    """Lower case without accents, ligatures or curly apostrophes: « L’Œuvre » -> « l'oeuvre ».

    What survives capitals and hurried typing.
    """
    lowered = text.lower()
    for written, plain in _LIGATURES:
        lowered = lowered.replace(written, plain)
    if lowered.isascii():
        return lowered
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", lowered))
    if not _OTHER_SCRIPTS.search(bare):
        return bare
    return "".join(c for c in bare if not unicodedata.combining(c))


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
