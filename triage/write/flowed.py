"""Text as format=flowed (RFC 3676): long lines are folded with a space at their end and unfold in mail programs."""

import re
from collections.abc import Iterator

_WIDTH = 72  # characters
_MARKED = (" ", ">", "From ")  # what a reader would take for a stuffed line, a quote or an mbox line
_QUOTES = re.compile(r"(?:> ?)+")


def flowed(text: str) -> str:
    """Fold a text. Read back by a program that knows format=flowed, it has its lines again, without end spaces."""
    out: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        if len(line) <= _WIDTH and not line.startswith(_MARKED) and not line.endswith(" "):
            out.append(line)
        else:
            out += _fold(line)
    return "".join([f"{line}\n" for line in out])


def _fold(line: str) -> Iterator[str]:
    line = line if line == "-- " else line.rstrip(" ")  # « -- » opens a signature
    quotes = _QUOTES.match(line)
    marks = ">" * quotes.group().count(">") if quotes else ""
    rest = line[quotes.end() :] if quotes else line
    while len(rest) > _WIDTH and (end := _break(rest)):
        yield _stuffed(marks, rest[:end])
        rest = rest[end:]
    yield _stuffed(marks, rest)


def _break(rest: str) -> int:
    """Where a line is folded: after its last space before the width, else after its first one; 0 where it has none."""
    return (rest.rfind(" ", 1, _WIDTH) + 1) or (rest.find(" ", _WIDTH) + 1)


def _stuffed(marks: str, part: str) -> str:
    """A space after quote marks, and before what would be taken for something else."""
    if marks:
        return f"{marks} {part}" if part else marks
    return f" {part}" if part.startswith(_MARKED) else part
