"""Header values -> one line of text: raw 8-bit bytes, RFC 2047 words, control characters."""

import binascii
import re

from triage.parse import charset

# Bounded, and tolerant of blanks in the payload: mail gateways fold encoded words too.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000}|[^\r\n]{0,400}?)\?=")
_GAP = re.compile(r"\s*\Z")
_BLANKS = re.compile(r"[ \t\r\n\f\v\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_MAX_PIECES = 1_000
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def decode_line(value: str) -> str:
    """Return a raw header value as one line of text without control and bidirectional characters."""
    if value.isascii() and "=?" not in value:
        return one_line(value)
    return one_line(_decode_words(unescape(value)))


def one_line(text: str) -> str:
    """Return `text` on one line, without characters that act on a terminal or on the reading order."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _UNSEEN.sub("", _BLANKS.sub(" ", text)).strip()


def unescape(value: str) -> str:
    """Return a value whose surrogates stand for raw bytes with those bytes decoded."""
    if value.isascii():
        return value
    return charset.guess(value.encode("utf-8", "surrogateescape"))


def _decode_words(text: str) -> str:
    """Decode encoded words; the bytes of neighbours in one charset are joined before decoding."""
    out: list[str] = []
    data, label, end = b"", "", 0
    for match in _WORD.finditer(text):
        gap = text[end : match.start()]
        name = match[1].lower().partition("*")[0]  # without the language of RFC 2231
        if data and (not _GAP.match(gap) or name != label):
            out.append(charset.decode(data, label)[0])
            data = b""
        if not (end and _GAP.match(gap)):
            out.append(gap)
        data, label, end = data + _payload(match[2], match[3]), name, match.end()
    out.append(charset.decode(data, label)[0])
    out.append(text[end:])
    return "".join(out)


def _payload(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b"\n", b" "), header=True)
    return decode_base64(raw)


def decode_base64(raw: bytes) -> bytes:
    """Return the bytes of base64 that may hold blanks, stray characters, padding amid or missing.

    Text after the padding, such as the footer of a mailing list, is left out.
    """
    pieces = raw.split(b"=", _MAX_PIECES)
    out = [_quads(pieces[0])]
    last = len(pieces) - 1
    for rank, piece in enumerate(pieces[1:], 1):
        packed = b"".join(piece.split())
        if _NOT_BASE64.search(packed) or (rank == last and len(packed) % 4):
            break
        out.append(_quads(packed))
    return b"".join(out)


def _quads(piece: bytes) -> bytes:
    clean = _NOT_BASE64.sub(b"", piece)
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
