"""What several stages need to compare French text: standard library only."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_LIGATURES = {"œ": "oe", "æ": "ae", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "}
_WESTERN = "cp1252"  # holds what French mail is written with; tables of bytes are five times as fast
_WESTERN_LIGATURES = ((b"\x9c", b"oe"), (b"\xe6", b"ae"))
_LAST_REMEMBERED = 0x2FFF  # Latin, punctuation and symbols: the table stays small whatever a text holds


class _Folding(dict[int, str]):
    """A table for str.translate that works out a character once: base letters without their accents."""

    def __missing__(self, code: int) -> str:
        found = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if code <= _LAST_REMEMBERED:
            self[code] = found
        return found


_FOLDING = _Folding({ord(character): plain for character, plain in _LIGATURES.items()})


def _table(folding: Callable[[str], str]) -> bytes:
    """A folding of characters for windows-1252; what does not become one character of it stays as it is."""
    characters = [bytes([code]).decode(_WESTERN, "ignore") for code in range(256)]
    folded = [folding(character).encode(_WESTERN) if character else b"" for character in characters]
    return bytes(one[0] if len(one) == 1 else code for code, one in enumerate(folded))


_FOLDED_BYTES = _table(lambda character: character.lower().translate(_FOLDING))


def of_spreadsheet(content: bytes) -> str:
    """The text of a file that a spreadsheet wrote: UTF-8, UTF-16 (« texte Unicode »), else what plain CSV is here."""
    if content.startswith(_UTF_16):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def fold(text: str) -> str:
    """Lower case without accents, ligatures or curly apostrophes: « L’Œuvre » -> « l'oeuvre ».

    What survives capitals and hurried typing.
    """
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    try:
        western = lowered.encode(_WESTERN)
    except UnicodeEncodeError:
        return lowered.translate(_FOLDING)
    for letter, plain in _WESTERN_LIGATURES:
        western = western.replace(letter, plain)
    return western.translate(_FOLDED_BYTES).decode(_WESTERN)


@lru_cache(maxsize=16_384)
def fold_word(word: str) -> str:
    """`fold` of one word, remembered."""
    return fold(word)


def fold_aligned(text: str) -> str:
    """`fold` character by character: the result has the same length, so that offsets hold in both texts."""
    if text.isascii():
        return text.lower()
    try:
        return text.encode(_WESTERN).translate(_ALIGNED_BYTES).decode(_WESTERN)
    except UnicodeEncodeError:
        return _NOT_ASCII.sub(_folded, text).lower()


def _folded(found: re.Match[str]) -> str:
    return _fold_character(found[0])


@lru_cache(maxsize=10_000)
def _fold_character(character: str) -> str:
    folded = fold(character)
    return folded[0] if folded else " "


_ALIGNED_BYTES = _table(_fold_character)
