"""What one line looks like, whoever wrote it."""

from functools import cache
from re import Pattern

from triage.clean.patterns import patterns

SIGNED = 150  # characters of the longest line in a signature


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


def greets(text: str) -> bool:
    """Whether the whole line is a greeting."""
    found = _rule("greeting").match(text)
    return found is not None and found.end() == len(text)


def closes(text: str) -> bool:
    """Whether the whole line closes a letter."""
    return bool(_rule("farewell").match(text) or _rule("closing").match(text))


def may_sign(text: str) -> bool:
    """Whether a line may stand in a signature: it is short and tells nothing."""
    if len(text) > SIGNED:
        return False
    if is_contact(text) or _rule("delimiter").match(text):
        return True
    return not (_rule("postscript").match(text) or _rule("sentence").search(text.partition("(")[0]))


def is_contact(text: str) -> bool:
    """Whether a line says where to reach somebody, what is attached, or which program sent the mail."""
    return bool(_rule("mobile").match(text) or _rule("contact").match(text) or _rule("enclosure").match(text))
