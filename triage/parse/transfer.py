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
_UU_END = re.compile(rb"^end[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_YENC_PART = re.compile(rb"\A=ypart [^\n]{0,200}\n")
_YENC_END = re.compile(rb"^=yend[^\n]{0,200}\n?", re.MULTILINE)
_YENC_ESCAPE = re.compile(rb"=(.)", re.DOTALL)
_YENC_CODES = bytes((code - 42) % 256 for code in range(256))
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
    return _uu_lines(data[match.end() :]) if match else data


def _uu_lines(data: bytes) -> bytes:
    """Decode the lines of a file, up to `end`."""
    end = _UU_END.search(data)
    out = []
    for line in (data[: end.start()] if end else data).splitlines():
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)


def inline_files(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return a text without the files that stand in it as uuencode or yEnc, and these as names and bytes."""
    files: list[tuple[bytes, bytes]] = []
    kept, at = [], 0
    while len(files) < _MAX_FILES and (start := _FILE_START.search(data, at)):
        end = (_UU_END if start[1] else _YENC_END).search(data, start.end())
        if not end:
            break
        inside = data[start.end() : end.start()]
        files.append((start[1] or start[2], _uu_lines(inside) if start[1] else _yenc(inside)))
        kept.append(data[at : start.start()])
        at = end.end()
    return b"".join([*kept, data[at:]]), files


def _yenc(data: bytes) -> bytes:
    body = _YENC_PART.sub(b"", data, count=1).replace(b"\r", b"").replace(b"\n", b"")
    return _YENC_ESCAPE.sub(lambda found: bytes([(found[1][0] - 64) % 256]), body).translate(_YENC_CODES)
