"""Greeting, own words, closing, signature and notices within the lines of one person."""

from functools import cache
from re import Pattern

from triage.clean.ending import cut_closing, find_tail, mark_farewell
from triage.clean.lines import Line, Piece
from triage.clean.opening import cut_greeting, find_banner, mark_letterhead
from triage.clean.patterns import patterns
from triage.types import SegmentKind


def divide(lines: list[Line], body: str, *, name: str = "", told: bool = False) -> list[Piece]:
    """The pieces of one passage, in order.

    `name` is the sender's display name, where known; `told` says that the mail tells its matter
    elsewhere, in its subject, so that the passage may be a signature alone.
    """
    top = find_banner(lines)
    banner = [Piece("disclaimer", line.start, line.end) for line in lines[:top]]
    return banner + _divided(lines[top:], body, name, told) if top < len(lines) else banner


def _divided(lines: list[Line], body: str, name: str, told: bool) -> list[Piece]:
    kinds: list[SegmentKind] = ["own"] * len(lines)
    tail = find_tail(lines, name, told=told)
    kinds[tail.start :] = tail.kinds
    mark_farewell(lines, tail.start, kinds)
    first = mark_letterhead(lines, kinds)
    _mark_remnants(lines, kinds)
    pieces = [Piece(kind, line.start, line.end) for kind, line in zip(kinds, lines, strict=True)]
    if tail.start and kinds[tail.start - 1] == "own":
        pieces[tail.start - 1 : tail.start] = cut_closing(lines[tail.start - 1], body)
    return cut_greeting(lines, pieces, body, first)


def _mark_remnants(lines: list[Line], kinds: list[SegmentKind]) -> None:
    """What a picture or a rule leaves behind in plain text is nobody's word."""
    for at, line in enumerate(lines):
        if kinds[at] == "own" and _rule("remnant").match(line.text):
            kinds[at] = "signature"


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]
