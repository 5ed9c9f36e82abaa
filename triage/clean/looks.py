"""What one line looks like, whoever wrote it."""

from functools import cache
from re import Pattern

from triage.clean.patterns import patterns

SIGNED = 150  # characters of the longest line in a signature
_CLOSED = 400  # characters of the longest formula


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


def greets(text: str) -> bool:
    """Whether the whole line is a greeting."""
    found = _rule("greeting").match(text) if len(text) <= SIGNED else None
    return found is not None and found.end() == len(text)


def closes(text: str) -> bool:
    """Whether the whole line closes a letter."""
    return is_farewell(text) or (len(text) <= _CLOSED and bool(_rule("closing").match(text)))


def is_farewell(text: str) -> bool:
    """Whether the whole line is « Cordialement » or the like, perhaps with a name."""
    return len(text) <= SIGNED and bool(_rule("farewell").match(text))


def may_sign(text: str) -> bool:
    """Whether a line may stand in a signature: it is short and tells nothing."""
    if len(text) > SIGNED:
        return False
    if is_contact(text) or _rule("delimiter").match(text):
        return True
    return not (_rule("postscript").match(text) or _rule("sentence").search(text.partition("(")[0]))


def is_contact(text: str) -> bool:
    """Whether a line says where to reach somebody, what is attached, or which program sent the mail."""
    return len(text) <= _CLOSED and any(_rule(name).match(text) for name in ("mobile", "contact", "enclosure"))
