"""An older mail under a newer one where nothing but its own greeting says so."""

from functools import cache
from re import Pattern

from triage.clean.lines import Line
from triage.clean.looks import closes, greets, may_sign
from triage.clean.patterns import patterns

_BETWEEN = 8  # lines of signature and rule between the closing of the newer mail and the greeting of the older
_RULES = "_=*—–-"  # what a rule is made of
_LINES = 400  # lines that are read


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("headers")[name]


def find_older(lines: list[Line], *, answers: bool) -> int:
    """Where the older mail begins, or len(lines) if there is none.

    The newer one must be closed above, and either be known as one that `answers` or passes on
    another, or be parted from it by a rule.
    """
    ruled = {at + 1 for at, line in enumerate(lines[:_LINES]) if _is_rule(line)}
    if not answers and not ruled:
        return len(lines)
    for at in range(2, min(len(lines), _LINES) - 1):
        if (lines[at].gap or at in ruled) and greets(lines[at].text):
            first = max(0, at - _BETWEEN)
            if (answers or not ruled.isdisjoint(range(first + 1, at + 1))) and _closed(lines[first:at]):
                return at - (at in ruled)
    return len(lines)


def _is_rule(line: Line) -> bool:
    return line.text[:1] in _RULES and bool(_rule("rule").match(line.text))


def _closed(above: list[Line]) -> bool:
    """Whether nothing but a signature follows a closing."""
    for line in reversed(above):
        if closes(line.text):
            return True
        if not may_sign(line.text):
            return False
    return False
