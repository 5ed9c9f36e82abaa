"""A body as its non-blank lines, each with its place and its depth of quotation."""

from collections.abc import Iterator
from typing import NamedTuple

from triage.types import SegmentKind

SHOWN = 600  # characters of a line that patterns see; beyond, no header or formula begins
_MARKS = "> |"


class Line(NamedTuple):
    """A line without outer blanks: text[start:end] of the body, `text` without its quote marks, cut at SHOWN.

    `depth` counts the quote marks; `gap` says that a blank line, or nothing, stands before.
    """

    start: int
    end: int
    text: str
    depth: int
    gap: bool


class Piece(NamedTuple):
    """text[start:end] of the body is of this kind."""

    kind: SegmentKind
    start: int
    end: int


def split_lines(text: str) -> list[Line]:
    """The non-blank lines of a normalised text. A line of quote marks only counts as a gap, but is kept."""
    return list(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    start, gap = 0, True
    for raw in text.split("\n"):
        content = raw.strip()
        if content:
            first = start + raw.index(content[0])
            bare, depth = _unquoted(content) if content[0] == ">" or _is_margin(content) else (content, 0)
            yield Line(first, first + len(content), bare[:SHOWN], depth, gap)
            gap = not bare
        else:
            gap = True
        start += len(raw) + 1


def _is_margin(content: str) -> bool:
    """Whether a line begins with the margin « | », which some programs draw for « > »; a table has more bars."""
    return content[0] == "|" and content[1:2] in ("", " ") and "|" not in content[1:]


def _unquoted(content: str) -> tuple[str, int]:
    bare = content.lstrip(_MARKS)
    marks = content[: len(content) - len(bare)]
    return bare, len(marks) - marks.count(" ")


def bare_offset(line: Line, body: str) -> int:
    """Where the line's text begins in the body, after its quote marks."""
    whole = body[line.start : line.end]
    return line.start + len(whole) - len(whole.lstrip(_MARKS)) if line.depth else line.start
