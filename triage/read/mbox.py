r"""A streaming mbox splitter that holds one message at a time and opens the file read-only.

A `From ` line starts a message when a header line follows it and it carries a day and a time, or it
follows a blank line, names an address and precedes a header mails start with: so neither `From ` in
a text nor a missing blank line shifts the count. `>From ` is unescaped as mboxrd says, which also
serves mboxo. `Content-Length` (mboxcl) is believed as long as every message so far carried one that
led exactly to the next.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from triage.read.lines import MAX_KEPT, Lines
from triage.read.origin import origin
from triage.read.sniff import BOM, HEAD_SIZE, is_from_line, is_header_line, is_known_header, strip_start
from triage.read.unread import unread
from triage.types import RawMessage

_DATED = re.compile(rb"From [^\r\n]{1,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b[^\r\n]{1,20}?\b\d{1,2}:\d\d")
_ADDRESSED = re.compile(rb"From (?:[^\s@]{0,200}@|-|\S{1,200}[ \t]*\r?\n|[^\r\n]{1,300}?\d\d:\d\d)")
_ESCAPED = re.compile(rb"^>(>*From (?![ \t]*:))", re.MULTILINE)
_LENGTH = re.compile(rb"^Content-Length[ \t]*:[ \t]*(\d{1,10})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def is_mbox(source: str) -> bool:
    """Say whether the file at `source` starts with a `From ` line and a header line."""
    if not Path(source).is_file():
        return False
    try:
        with Path(source).open("rb") as stream:
            return starts_mbox(stream.read(HEAD_SIZE))
    except OSError:
        return False


def starts_mbox(head: bytes) -> bool:
    """Say whether these first bytes are those of an mbox."""
    first, _, second = strip_start(head).partition(b"\n")
    return is_from_line(first) and (is_header_line(second) or second.startswith(b">From "))


def read_mbox(source: str) -> Iterator[RawMessage]:
    """Yield the messages of the mbox at `source`; `mbox:path#0` is the first. A fault of the disk ends it."""
    rank = 0
    try:
        with Path(source).open("rb") as stream:
            for raw in split(stream, source):
                yield raw
                rank += 1
    except OSError as error:
        fault = f"{source}: cannot be read from message {rank} on ({error.strerror}): check the file and its rights"
        yield unread(origin("mbox", source, str(rank)), fault)


def split(stream: BinaryIO, path: str, head: bytes = b"") -> Iterator[RawMessage]:
    """Yield the messages of an mbox `stream` of which `head` has been read already."""
    lines = Lines(stream, head)
    _skip_start(lines)
    rank, counted = 0, True
    while lines.next():  # the `From ` line
        headers = _take_headers(lines)
        body = _take_counted(lines, headers) if counted else None
        counted = body is not None
        content = headers + (_take_body(lines) if body is None else body)
        yield RawMessage(origin("mbox", path, str(rank)), content[:MAX_KEPT])
        rank += 1


def _skip_start(lines: Lines) -> None:
    while (line := lines.peek()) and not line.removeprefix(BOM).strip(b"\r\n"):
        lines.next()


def _separates(line: bytes, following: bytes, after_blank: bool) -> bool:
    if not (is_header_line(following) or following.startswith(b">From ")):
        return False
    if _DATED.match(line):
        return True
    return after_blank and is_known_header(following) and _ADDRESSED.match(line) is not None


def _take_headers(lines: Lines) -> bytes:
    """Take the header block with the blank line that ends it."""
    taken: list[bytes] = []
    size = 0
    while size < MAX_KEPT and (line := lines.next()):
        if line.startswith(b"From ") and taken and _separates(line, lines.peek(), after_blank=False):
            lines.put_back([line])
            break
        taken.append(line)
        size += len(line)
        if line in {b"\n", b"\r\n"}:
            break
    return b"".join(taken)


def _take_body(lines: Lines) -> bytes:
    """Take the lines up to the next message, without the blank line that belongs to the mbox."""
    taken: list[bytes] = []
    size, previous, following = 0, b"\n", lines.next
    while line := following():
        at_start = line.startswith(b"From ") and previous.endswith(b"\n")
        if at_start and _separates(line, lines.peek(), previous in {b"\n", b"\r\n"}):
            lines.put_back([line])
            break
        if size <= MAX_KEPT:
            taken.append(line)
        size += len(line)
        previous = line
    if taken and taken[-1] in {b"\n", b"\r\n"}:
        taken.pop()
    return _ESCAPED.sub(rb"\1", b"".join(taken))


def _take_counted(lines: Lines, headers: bytes) -> bytes | None:
    """Take as many bytes as `Content-Length` says, or nothing when a message does not follow there."""
    match = _LENGTH.search(headers)
    length = int(match[1]) if match else MAX_KEPT
    if length >= MAX_KEPT:
        return None
    taken: list[bytes] = []
    size = 0
    while size < length and (line := lines.next()):
        taken.append(line)
        size += len(line)
    if size != length or not _ends_here(lines):
        lines.put_back(taken)
        return None
    body = b"".join(taken)
    # An unescaped `From ` line means mboxcl2, where nothing is escaped.
    return body if body.startswith(b"From ") or b"\nFrom " in body else _ESCAPED.sub(rb"\1", body)


def _ends_here(lines: Lines) -> bool:
    """Say whether the end or another message follows; skip the blank lines in between if so."""
    skipped: list[bytes] = []
    while lines.peek() in {b"\n", b"\r\n"} and len(skipped) < 3:
        skipped.append(lines.next())
    line = lines.next()
    ends = not line or (line.startswith(b"From ") and _separates(line, lines.peek(), after_blank=True))
    lines.put_back([line] if line else [])
    if not ends:
        lines.put_back(skipped)
    return ends
