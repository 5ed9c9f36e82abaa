"""What one line looks like, whoever wrote it."""

from functools import cache, lru_cache
from re import Pattern

from triage.clean.patterns import patterns

_LINES = 4_096  # looks that are remembered: most mails begin and end alike, and a line is looked at several times
SIGNED = 150  # characters of the longest line in a signature
_STROKES = "_=*~—–-"  # what a line that parts a signature is made of
_CLOSED = 400  # characters of the longest formula


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


@lru_cache(_LINES)
def greets(text: str) -> bool:
    """Whether the whole line is a greeting."""
    found = _rule("greeting").match(text) if len(text) <= SIGNED else None
    return found is not None and found.end() == len(text)


@lru_cache(_LINES)
def closes(text: str) -> bool:
    """Whether the whole line closes a letter."""
    return is_farewell(text) or (len(text) <= _CLOSED and bool(_rule("closing").match(text)))


@lru_cache(_LINES)
def is_farewell(text: str) -> bool:
    """Whether the whole line is « Cordialement » or the like, perhaps with a name."""
    return len(text) <= SIGNED and bool(_rule("farewell").match(text))


def is_delimiter(text: str) -> bool:
    """Whether a line such as « -- » parts what was written from what signs it."""
    return text[:1] in _STROKES and bool(_rule("delimiter").match(text))


@lru_cache(_LINES)
def may_sign(text: str) -> bool:
    """Whether a line may stand in a signature: it is short and tells nothing."""
    if len(text) > SIGNED:
        return False
    if is_contact(text) or is_delimiter(text):
        return True
    return not (_rule("postscript").match(text) or _rule("sentence").search(text.partition("(")[0]))


@lru_cache(_LINES)
def is_contact(text: str) -> bool:
    """Whether a line says where to reach somebody, what is attached, or which program sent the mail."""
    return len(text) <= _CLOSED and any(_rule(name).match(text) for name in ("mobile", "contact", "enclosure"))
