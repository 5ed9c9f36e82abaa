"""Write mail: the same input gives the same bytes, and no value can add a header."""

import base64
import hashlib
import re
from collections.abc import Sequence
from urllib.parse import quote

_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS_NOISE = re.compile(r"[\s\"<>(),;:\\\x00-\x1f\x7f]+")


def header(name: str, value: str) -> bytes:
    """Return a header on one line, in UTF-8; nothing for an empty value."""
    line = _CONTROLS.sub(" ", value).strip()
    return f"{name}: {line}\n".encode("utf-8", "replace") if line else b""


def mailbox(name: str, address: str) -> str:
    """Return `"name" <address>`, or what there is of it."""
    bare = _ADDRESS_NOISE.sub("", address)
    shown = _CONTROLS.sub(" ", name).replace("\\", "").replace('"', "'").strip("' ")
    if not bare or shown.lower() == bare.lower():
        return bare or (f'"{shown}"' if shown else "")
    return f'"{shown}" <{bare}>' if shown else bare


def media_type(claimed: str) -> str:
    """Return the type a file claims, unless it is none, or one that only a tree of parts can have."""
    bare = claimed.partition(";")[0].strip().lower()
    plain = _MEDIA_TYPE.fullmatch(bare) and not bare.startswith("multipart/")
    return bare if plain else "application/octet-stream"


def text_part(kind: str, text: str | bytes, charset: str = "utf-8") -> bytes:
    """Return a text part; bytes are in `charset`, which may be unknown (empty)."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    label = f'; charset="{charset}"' if charset else ""
    return _encoded(f"text/{kind}{label}", data)


def file_part(kind: str, name: str, data: bytes, content_id: str = "") -> bytes:
    """Return an attached file."""
    file_name = _CONTROLS.sub("", name)
    named = f"attachment; filename*=utf-8''{quote(file_name, safe='', errors='replace')}" if file_name else "attachment"
    return header("Content-ID", content_id) + header("Content-Disposition", named) + _encoded(kind, data)


def mail_part(content: bytes) -> bytes:
    """Return an embedded mail."""
    return b"Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n" + content


def multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    """Return the parts as one, the only part as it is; the boundary comes from their content."""
    if len(parts) == 1 and not kind.startswith("report"):
        return parts[0]
    boundary = "=_" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:40]
    edge = f"--{boundary}".encode()
    inner = b"".join(edge + b"\n" + part.rstrip(b"\n") + b"\n\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode() + inner + edge + b"--\n"


def _encoded(content_type: str, data: bytes) -> bytes:
    head = f"Content-Type: {content_type}\nContent-Transfer-Encoding: base64\n\n".encode()
    return head + base64.encodebytes(data)
