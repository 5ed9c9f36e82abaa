"""What stands above the matter of a letter: a gateway's banner, who writes to whom, the greeting."""

from functools import cache
from re import Pattern

from triage.clean.lines import Line, Piece, bare_offset
from triage.clean.looks import greets, is_contact, may_sign
from triage.clean.patterns import patterns
from triage.types import SegmentKind

_BANNER = 6  # lines that a banner may run over
_WRAPPED = 45  # characters of a line that goes on below
_GREETED = 12  # lines a greeting may run over
_GREETINGS = 4  # greetings on one line
_HEAD = 14  # lines of a letter above its greeting


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


def find_banner(lines: list[Line]) -> int:
    """How many lines at the top warn of a sender from outside."""
    end = 0
    while end < min(len(lines), _BANNER) and (
        _rule("banner").match(lines[end].text) or (end and _goes_on(lines[end - 1], lines[end]))
    ):
        end += 1
    return end


def _goes_on(above: Line, line: Line) -> bool:
    return not line.gap and len(above.text) >= _WRAPPED and not greets(line.text)


def mark_letterhead(lines: list[Line], kinds: list[SegmentKind]) -> int:
    """Mark who writes to whom above the greeting of a letter; where that greeting is looked for.

    What stands there otherwise, such as « Objet : … », is own words.
    """
    first = _salutation(lines)
    above = lines[:first]
    if not any(_heads(line.text) for line in above):
        return 0
    for at, line in enumerate(above):
        if kinds[at] == "own" and _heads(line.text):
            kinds[at] = "signature"
    return first


def _salutation(lines: list[Line]) -> int:
    """The greeting under a letterhead, whose « Mairie de Montreval » passes for one; 0 where there is no letterhead."""
    first = 0
    for at, line in enumerate(lines[:_HEAD]):
        if greets(line.text):
            first = at
            if line.text.endswith(","):
                break
        if not may_sign(line.text):
            break
    return first


def _heads(text: str) -> bool:
    return is_contact(text) or bool(_rule("full_name").match(text) or _rule("letterhead").match(text))


def cut_greeting(lines: list[Line], pieces: list[Piece], body: str, first: int) -> list[Piece]:
    """`pieces`, one for each line (two for the last), with the greeting cut off the own ones from the `first` on."""
    result = list(pieces)
    for at in range(first, min(first + _GREETED, len(lines))):
        line, piece = lines[at], pieces[at]
        length = _greeting(line.text) if piece.kind == "own" else 0
        if not length:
            break
        start = bare_offset(line, body)
        told = body[start + length : piece.end].lstrip()
        if not told:
            result[at] = Piece("greeting", piece.start, piece.end)
            continue
        greeted = len(line.text[:length].rstrip())
        result[at : at + 1] = [
            Piece("greeting", line.start, start + greeted),
            Piece("own", piece.end - len(told), piece.end),
        ]
        break
    return result


def _greeting(text: str) -> int:
    """The length of the greetings that a line begins with, blanks after them included."""
    end = 0
    for _ in range(_GREETINGS):
        rest = text[end:]
        found = _rule("greeting").match(rest) if not end or _rule("hello").match(rest) else None
        if not found or not found[0].strip():
            break
        end += found.end()
        end += len(text[end:]) - len(text[end:].lstrip())
    return end
