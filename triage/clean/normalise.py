"""One spelling for what Unicode writes in many: composed letters, plain apostrophes and spaces."""

import re
import unicodedata
from typing import NamedTuple

# One character for one character: offsets stay.
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r"
_LINE_ENDS = "\u000b\u000c\u0085\u2028\u2029"
_SAME_LENGTH = (
    dict.fromkeys("’‘ʼ′＇`´", "'")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_LINE_ENDS, "\n")
    | {"\u2010": "-", "\u2011": "-"}
)
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
# A base letter takes at most 40 marks here: composing an endless run of marks takes quadratic time.
_LENGTH_CHANGES = re.compile(
    rf"[^\u0300-\u036f{_INVISIBLE}][\u0300-\u036f{_INVISIBLE}]{{1,40}}|[{_INVISIBLE}]|[{''.join(_LIGATURES)}]"
)
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_SUSPECT = re.compile(rf"[\u0300-\u036f{_INVISIBLE}{''.join(_LIGATURES)}]")


class Flat(NamedTuple):
    """A normalised text; `origins[i]` is where character i stood, or None where nothing moved."""

    text: str
    origins: list[int] | None

    def origin(self, position: int) -> int:
        """The offset in the original of an offset in `text` (its length maps to the original's length)."""
        return position if self.origins is None else self.origins[position]


def flatten(text: str) -> Flat:
    """Normalise `text` and keep the way back to its offsets. Linear in its length."""
    if text.isascii() and text.isprintable() and "`" not in text:
        return Flat(text, None)
    for old, new in _SAME_LENGTH.items():
        if old in text:
            text = text.replace(old, new)
    if not _SUSPECT.search(text):
        return Flat(text, None)
    pieces, origins, last = [], [], 0
    for found in _LENGTH_CHANGES.finditer(text):
        new = _composed(found[0])
        pieces += [text[last : found.start()], new]
        origins += [*range(last, found.start()), *([found.start()] * len(new))]
        last = found.end()
    origins += range(last, len(text) + 1)
    return Flat("".join(pieces) + text[last:], origins)


def normalise(text: str) -> str:
    """`text` as NFC with plain apostrophes and spaces, without ligatures and invisible characters."""
    return flatten(text).text


def _composed(found: str) -> str:
    letters = _LIGATURES.get(found[0], found[0]) + found[1:]
    return unicodedata.normalize("NFC", _UNSEEN.sub("", letters))
