"""Cut a message into parts with the standard library's tokeniser, within limits."""

import re
from email.feedparser import BytesFeedParser
from email.message import Message
from typing import Any

from triage.parse.limits import MAX_DEPTH, MAX_HEADER_VALUE, MAX_HEADERS, MAX_PARTS
from triage.parse.parameters import Parameters, parameters
from triage.parse.repair import split_head

_FEED_SIZE = 262_144
_MEDIA_TYPE = re.compile(r"\s*([\w.!#$&^+-]{1,100})\s*/\s*([\w.!#$&^+-]{1,100})", re.ASCII)
_BRANCHED = (b"multipart", b"message/", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e")
_REGULAR_HEAD = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_DELIMITER = re.compile(
    rb"^--([^\s-][^\r\n]{0,198}|-{1,60}[^\s-][^\r\n]{0,140})\r?\n(?=[Cc]ontent-|\r?\n)", re.MULTILINE
)


class LimitError(Exception):
    """The message has too many or too deeply nested parts."""


class Part(Message):
    """A node of the tree, whose headers are read raw, and its type and boundary leniently."""

    depth = 0
    _payload: Any  # what the tokeniser stored: the parts below, text with surrogates for raw bytes, or bytes
    _headers: list[tuple[str, str]]
    _type = ""
    _count = 0
    _index: dict[str, list[str]] | None = None

    def attach(self, payload: Any) -> None:
        """Add a child; raise `LimitError` beyond the depth that is allowed."""
        payload.depth = self.depth + 1
        if payload.depth > MAX_DEPTH:
            raise LimitError("depth")
        super().attach(payload)

    def set_raw(self, name: str, value: Any) -> None:
        """Store a header, up to the number that is allowed."""
        self._count += 1
        self._index = None
        if self._count <= MAX_HEADERS:
            super().set_raw(name, value)

    def by_name(self) -> dict[str, list[str]]:
        """Return the undecoded values of each header by its name in lower case, from top to bottom."""
        if self._index is None:
            self._index = {}
            for name, value in self._headers:
                self._index.setdefault(name.lower(), []).append(value)
        return self._index

    def raw(self, name: str) -> str:
        """Return the first header called `name` (lower case), undecoded, or an empty string."""
        found = self.by_name().get(name)
        return str(found[0])[:MAX_HEADER_VALUE] if found else ""

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return a raw header: the inherited method would decode it with a codec the mail names."""
        return self.raw(name.lower()) or failobj

    def get_content_type(self) -> str:
        """Return the media type in lower case; text/plain (in a digest, a mail) when it is missing or unreadable."""
        if not self._type:
            match = _MEDIA_TYPE.match(self.raw("content-type"))
            self._type = f"{match[1]}/{match[2]}".lower() if match else self.get_default_type()
        return self._type

    def get_content_maintype(self) -> str:
        """Return what precedes the slash of the media type."""
        return self.get_content_type().partition("/")[0]

    def type_parameters(self) -> Parameters:
        """Return the parameters of Content-Type."""
        return parameters(self.raw("content-type"))

    def get_boundary(self, failobj: Any = None) -> Any:
        """Return the boundary, or None."""
        return self.type_parameters().get("boundary", "").rstrip()[:200] or failobj

    def children(self) -> list["Part"]:
        """Return the parts below; none for a leaf."""
        return self._payload if isinstance(self._payload, list) else []

    def content(self) -> bytes:
        """Return the bytes of a leaf, still transfer-encoded (`get_payload` would decode them with any codec)."""
        if isinstance(self._payload, str):
            return self._payload.encode("ascii", "surrogateescape")
        return self._payload if isinstance(self._payload, bytes) else b""


def tokenise(content: bytes, warnings: list[str]) -> Part:
    """Return the tree of a message; beyond a limit, what was read before it, and a warning."""
    leaf = _leaf(content)
    return _tree(content, warnings) if leaf is None else leaf


def _leaf(content: bytes) -> Part | None:
    """Return a message without parts, read at a fifth of the tokeniser's price; None for any other, or an odd one."""
    head, _, body = split_head(content)
    lowered = head.lower()
    if any(odd in lowered for odd in _BRANCHED) or head.count(b"\r") > head.count(b"\r\n"):
        return None
    if not _REGULAR_HEAD.fullmatch(head):
        return None
    values: list[tuple[str, list[str]]] = []
    for line in head.decode("ascii", "surrogateescape").splitlines(keepends=True):
        if line[0] in " \t":
            values[-1][1].append(line)
        else:
            name, _, value = line.partition(":")
            values.append((name, [value.lstrip(" \t")]))
    part = Part()
    # What `set_raw` does, without its checks.
    part._headers = [(name, "".join(lines).rstrip("\r\n")) for name, lines in values]  # noqa: SLF001
    part.set_payload(body)
    return part


def _tree(content: bytes, warnings: list[str]) -> Part:
    parts: list[Part] = []

    def count(**_: Any) -> Part:
        if len(parts) >= MAX_PARTS:
            raise LimitError("parts")
        parts.append(Part())
        return parts[-1]

    parser = BytesFeedParser(_factory=count)
    parts.clear()  # the parser has tried the factory once
    try:
        for start in range(0, len(content), _FEED_SIZE):
            parser.feed(content[start : start + _FEED_SIZE])
        parser.close()
    except LimitError as error:
        warnings.append(f"limit: {error}")
    root = parts[0] if parts else Part()
    if not root.children() and not root.content() and root.get_content_maintype() == "multipart":
        root.set_payload(_without_ends(split_head(content)[2], root.get_boundary("")))
    return root


def _without_ends(body: bytes, boundary: str) -> bytes:
    """Drop the closing delimiters of a body: the tokeniser loses what follows a premature one."""
    end = f"--{boundary}--".encode("utf-8", "surrogateescape")
    return body.replace(end, b"") if boundary else body


def retokenise(part: Part, warnings: list[str]) -> list[Part]:
    """Cut a multipart whose boundary is missing or wrong at the delimiter its text shows."""
    content = part.content()
    match = _DELIMITER.search(content)
    if not match:
        return []
    warnings.append("mime: wrong boundary")
    boundary = match[1].rstrip().replace(b"\\", rb"\\").replace(b'"', rb"\"")
    head = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n'
    return tokenise(head + content, warnings).children()
