"""Limits on one message, applied to its bytes before anything expensive."""

import re

MAX_SIZE = 50 * 1024 * 1024
MAX_HEADER_BLOCK = 256 * 1024
MAX_HEADERS = 1_000
MAX_HEADER_VALUE = 16_384
MAX_DEPTH = 50
MAX_PARTS = 1_000
MAX_ADDRESSES = 1_000
MAX_REFERENCES = 100
MAX_SUBJECT = 2_000
MAX_TEXT = 200_000
MAX_HTML = 1024 * 1024

# The tokeniser compares every line with the boundary of every open part: its work is bounded by
# lines x (a constant + open parts). A 50 MB attachment has 690,000 lines of base64.
_MAX_LINE_CHECKS = 8_000_000
_COST_OF_LINE = 8
_MAX_LINES_UNCHECKED = 100_000
_SLICE = 65_536

_BOUNDARY = re.compile(rb"boundary[ \t]{0,8}[*0-9]{0,3}=", re.IGNORECASE)
_HEADER_NAME = re.compile(rb"^[!-9;-~]{1,200}[ \t]*:", re.MULTILINE)


def bound(content: bytes, warnings: list[str]) -> bytes:
    """Return `content` cut to the size and to the number of lines that can be parsed in time."""
    if len(content) > MAX_SIZE:
        warnings.append("limit: size")
        content = content[:MAX_SIZE]
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines <= _MAX_LINES_UNCHECKED:
        return content
    open_parts = min(len(_BOUNDARY.findall(content)), MAX_DEPTH)
    allowed = _MAX_LINE_CHECKS // (_COST_OF_LINE + open_parts)
    if lines <= allowed:
        return content
    warnings.append("limit: lines")
    return _first_lines(content, allowed)


def _first_lines(content: bytes, allowed: int) -> bytes:
    """Cut after about `allowed` lines, at a multiple of the slice's size."""
    seen = 0
    for start in range(0, len(content), _SLICE):
        piece = content[start : start + _SLICE]
        seen += max(piece.count(b"\n"), piece.count(b"\r"))
        if seen > allowed:
            return content[:start]
    return content


def bound_head(head: bytes, warnings: list[str]) -> bytes:
    """Return the header block cut at a line end to its allowed size and number of headers."""
    if len(head) > MAX_HEADER_BLOCK:
        warnings.append("limit: header block")
        head = head[: head.rfind(b"\n", 0, MAX_HEADER_BLOCK) + 1] or head[:MAX_HEADER_BLOCK]
    if head.count(b"\n") > MAX_HEADERS:
        starts = [match.start() for match in _HEADER_NAME.finditer(head)]
        if len(starts) > MAX_HEADERS:
            warnings.append("limit: headers")
            head = head[: starts[MAX_HEADERS]]
    return head
