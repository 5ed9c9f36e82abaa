"""Content-Transfer-Encoding -> bytes; wrong or damaged encodings are read as far as they go."""

import binascii
import re

from triage.parse.words import decode_base64

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_ENCODING = re.compile(r"[\s\"']*([\w-]{1,40})")
_BASE64_LINE = re.compile(rb"\s{0,100}(?:[A-Za-z0-9+/]{4}){4,250}(?:[A-Za-z0-9+/]{2,3}={1,2})?[ \t]{0,8}(?:\r?\n|\Z)")
_SOFT_BREAK = re.compile(rb"=[ \t]{1,100}(?=\r?\n)")
_UU_START = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,300}\r?\n", re.MULTILINE)

_FILE_START = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,300})\r?\n(?=[!-`])|^=ybegin [^\r\n]{0,200}name=([^\r\n]{1,300})\r?\n", re.MULTILINE
)
_YENC_PART = re.compile(rb"\A=ypart [^\n]{0,200}\n")
_YENC_END = re.compile(rb"^=yend[^\n]{0,200}\n?", re.MULTILINE)
_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YENC = bytes((code - 42) % 256 for code in range(256))
_MAX_FILES = 20


def transfer_decode(data: bytes, encoding: str, warnings: list[str]) -> bytes:
    """Return the bytes that `data` stands for."""
    match = _ENCODING.match(encoding)
    name = match[1].lower() if match else ""
    if name == "quoted-printable":
        return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", data) if b"= " in data or b"=\t" in data else data)
    if name == "base64":
        return _base64(data, warnings)
    if name in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _uuencoded(data)
    return data


def _base64(data: bytes, warnings: list[str]) -> bytes:
    """Decode base64, unless the text is plain and only the label says otherwise."""
    start = data[:4096]
    if _BASE64_LINE.match(start):
        return decode_base64(data)
    if len(_NOT_BASE64.findall(start)) > len(start) // 20 and b"=" not in start.rstrip(b"=\r\n \t")[-4:]:
        warnings.append("mime: not base64")
        return data
    return decode_base64(data)


def _uuencoded(data: bytes) -> bytes:
    match = _UU_START.search(data)
    return _uu_lines(data[match.end() :])[0] if match else data


def _uu_lines(data: bytes) -> tuple[bytes, int]:
    """Decode lines up to the end of the file; return its bytes, and how many were read for it."""
    out, at = [], 0
    for line in data.splitlines(keepends=True):
        at += len(line)
        if line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out), at


def inline_files(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return a text without the files that stand in it as uuencode or yEnc, and these as names and bytes."""
    files: list[tuple[bytes, bytes]] = []
    kept, rest = [], data
    while len(files) < _MAX_FILES and (match := _FILE_START.search(rest)):
        inside = rest[match.end() :]
        content, read = _uu_lines(inside) if match[1] else _yenc_lines(inside)
        if not content or (match[1] and not inside[:read].rstrip().endswith(b"end")):
            break
        files.append((match[1] or match[2], content))
        kept.append(rest[: match.start()])
        rest = inside[read:]
    return b"".join([*kept, rest]), files


def _yenc_lines(data: bytes) -> tuple[bytes, int]:
    match = _YENC_END.search(data)
    body = data[: match.start()] if match else data
    body = _YENC_PART.sub(b"", body, count=1).replace(b"\r", b"").replace(b"\n", b"")
    plain = _YENC_ESCAPE.sub(lambda found: bytes([(found[1][0] - 64) % 256]), body)
    return plain.translate(_YENC), match.end() if match else len(data)
