"""Mend, before it is cut into parts, what makes the tokeniser lose headers."""

import re
from itertools import takewhile

from triage.parse.limits import bound_head

_BOM = b"\xef\xbb\xbf"
_REGULAR = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n|[ \t]+[^\s][^\n]*\n)*\Z")
_SPACED_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]{1,20}:")
_ODD_NAME = re.compile(rb"[^\s:]{1,80}:")
_HEADER = re.compile(rb"[!-9;-~]{1,200}:|[ \t]+\S")
_KNOWN = re.compile(
    rb"(?:Return-Path|Received|From|To|Cc|Bcc|Subject|Date|Message-ID|MIME-Version|Content-[a-z-]{1,40}|Delivered-To"
    rb"|Reply-To|Sender|In-Reply-To|References|DKIM-Signature|List-[a-z-]{1,20}|Auto-Submitted|Precedence"
    rb"|Importance|User-Agent|Thread-[a-z]{1,10}|Envelope-To|Resent-[a-z-]{1,12}|X-[a-z0-9-]{1,60})[ \t]{0,20}:",
    re.IGNORECASE,
)
_SPACED_PART_HEADER = re.compile(rb"(\nContent-[A-Za-z-]{1,30})[ \t]{1,20}:")


def repair(content: bytes, warnings: list[str]) -> bytes:
    """Return `content` with a header block that the tokeniser reads to its end."""
    content = _one_line_end(_skip_start(content))
    head, end, rest = split_head(content)
    bounded = bound_head(head, warnings)
    if bounded is not head:
        bounded, end = bounded.rstrip(b"\r\n") + b"\n", b"\n"
    mended = _mend_head(bounded, warnings)
    if b"\nContent-" in rest:
        rest = _SPACED_PART_HEADER.sub(rb"\1:", rest)
    return content if mended is head and len(content) == len(head) + len(end) + len(rest) else mended + end + rest


def split_head(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the lines before the first blank line, their ends included, the blank line, and what follows it."""
    if content.startswith((b"\n", b"\r\n")):
        head, _, rest = content.partition(b"\n")
        return b"", head + b"\n", rest
    short, long = content.find(b"\n\n"), content.find(b"\n\r\n")
    if short < 0 and long < 0:
        return content, b"", b""
    if long < 0 or 0 <= short < long:
        return content[: short + 1], b"\n", content[short + 2 :]
    return content[: long + 1], b"\r\n", content[long + 3 :]


def _skip_start(content: bytes) -> bytes:
    """Drop a byte order mark, blank lines before the first header, and an mbox separator."""
    content = content.removeprefix(_BOM)
    start = content[:1000].lstrip(b"\r\n \t")
    skipped = min(len(content), 1000) - len(start)
    if skipped and _KNOWN.match(start):
        content = content[skipped:]
    while content.startswith((b"From ", b">From ")) and not _SPACED_NAME.match(content):
        content = content.partition(b"\n")[2]
    return content


def _one_line_end(content: bytes) -> bytes:
    if b"\n" not in content:
        return content.replace(b"\r", b"\n")
    return content.replace(b"\r\r\n", b"\r\n") if b"\r\r\n" in content[:1000] else content


def _mend_head(head: bytes, warnings: list[str]) -> bytes:
    body = head.rstrip(b"\r\n") + b"\n"
    if _REGULAR.match(body):
        return head
    warnings.append("headers: malformed")
    lines = head.splitlines(keepends=True)
    kept = [_mend_line(lines, number) for number in range(len(lines))]
    return b"".join(kept)


def _mend_line(lines: list[bytes], number: int) -> bytes:
    """Close the gap before a colon; drop a stray line if a header that mails carry follows it."""
    line = lines[number]
    if spaced := _SPACED_NAME.match(line):
        return spaced[1] + line[spaced.end() - 1 :]
    if _HEADER.match(line) or (not line.strip() and number == len(lines) - 1):
        return line
    if _ODD_NAME.match(line) and not _HEADER.match(line):
        return b""
    return b"" if _headers_follow(lines[number + 1 : number + 4]) else line


def _headers_follow(lines: list[bytes]) -> bool:
    return any(_KNOWN.match(line) for line in takewhile(bytes.strip, lines))
