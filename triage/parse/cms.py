"""The content of an opaque S/MIME signature (CMS signed-data, RFC 5652), read without a cryptographic library.

Only what lies at a known place is read: ContentInfo / SignedData / EncapsulatedContentInfo / OCTET STRING.
Nothing is verified.
"""

from collections.abc import Iterator
from typing import NamedTuple

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_MAX_ELEMENTS = 200_000
_OID, _OCTETS, _SEQUENCE, _CONTEXT_0, _OCTETS_CONSTRUCTED = 0x06, 0x04, 0x30, 0xA0, 0x24


class _Element(NamedTuple):
    tag: int
    start: int
    end: int


def signed_content(data: bytes) -> bytes:
    """Return the signed bytes, or nothing when `data` is not signed-data (but encrypted, or damaged)."""
    try:
        outer = list(_elements(data, *_inside(data, 0, len(data), _SEQUENCE)))
        if data[outer[0].start : outer[0].end] != _SIGNED_DATA:
            return b""
        signed = list(_elements(data, *_inside(data, outer[1].start, outer[1].end, _SEQUENCE)))
        wrapper = next(element for element in signed if element.tag == _SEQUENCE)
        oid, explicit = list(_elements(data, wrapper.start, wrapper.end))[:2]
        if data[oid.start : oid.end] != _DATA or explicit.tag != _CONTEXT_0:
            return b""
        return b"".join(_octets(data, explicit.start, explicit.end))
    except (ValueError, IndexError, StopIteration):
        return b""


def _inside(data: bytes, start: int, end: int, tag: int) -> tuple[int, int]:
    element = next(_elements(data, start, end))
    if element.tag != tag:
        raise ValueError(tag)
    return element.start, element.end


def _octets(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield the pieces of an octet string, which streaming writers cut into many."""
    for element in _elements(data, start, end):
        if element.tag == _OCTETS:
            yield data[element.start : element.end]
        elif element.tag == _OCTETS_CONSTRUCTED:
            for piece in _elements(data, element.start, element.end):
                yield data[piece.start : piece.end]


def _elements(data: bytes, start: int, end: int) -> Iterator[_Element]:
    """Yield the elements between two offsets; one of indefinite length runs to its end mark."""
    at = start
    while at + 2 <= end and data[at : at + 2] != b"\0\0":
        tag, body, length = _header(data, at)
        stop = body + length if length >= 0 else _end_of_indefinite(data, body, end)
        yield _Element(tag, body, min(stop, end))
        at = stop if length >= 0 else stop + 2


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, start of the content, and its length (-1 when indefinite)."""
    tag, first = data[at], data[at + 1]
    if first < 0x80:
        return tag, at + 2, first
    size = first & 0x7F
    if size > 4:
        raise ValueError(size)
    return tag, at + 2 + size, int.from_bytes(data[at + 2 : at + 2 + size], "big") if size else -1


def _end_of_indefinite(data: bytes, at: int, end: int) -> int:
    """Return where the end mark of an element of indefinite length stands, without recursion."""
    depth = 1
    for _ in range(_MAX_ELEMENTS):
        if at + 2 > end:
            return end
        if data[at : at + 2] == b"\0\0":
            depth -= 1
            if not depth:
                return at
            at += 2
            continue
        _, body, length = _header(data, at)
        depth += length < 0
        at = body + max(0, length)
    raise ValueError(depth)
