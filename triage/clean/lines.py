"""A body as its non-blank lines, each with its place and its depth of quotation."""

from collections.abc import Iterator
from typing import NamedTuple

SHOWN = 600  # characters of a line that patterns see; beyond, no header or formula begins


class Line(NamedTuple):
    """A line without outer blanks: text[start:end] of the body, `text` without its quote marks, cut at SHOWN.

    `depth` counts the quote marks; `gap` says that a blank line, or nothing, stands before.
    """

    start: int
    end: int
    text: str
    depth: int
    gap: bool


def split_lines(text: str) -> list[Line]:
    """The non-blank lines of a normalised text. A line of quote marks only counts as a gap, but is kept."""
    return list(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    start, gap = 0, True
    for raw in text.split("\n"):
        content = raw.strip()
        if content:
            first = start + raw.index(content[0])
            bare, depth = _unquoted(content) if content[0] == ">" else (content, 0)
            yield Line(first, first + len(content), bare[:SHOWN], depth, gap)
            gap = not bare
        else:
            gap = True
        start += len(raw) + 1


def _unquoted(content: str) -> tuple[str, int]:
    bare = content.lstrip("> ")
    return bare, content[: len(content) - len(bare)].count(">")


def bare_offset(line: Line, body: str) -> int:
    """Where the line's text begins in the body, after its quote marks."""
    whole = body[line.start : line.end]
    return line.start + len(whole) - len(whole.lstrip("> ")) if line.depth else line.start
