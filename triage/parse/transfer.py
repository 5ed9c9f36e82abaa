"""Content-Transfer-Encoding -> bytes; wrong or damaged encodings are read as far as they go."""

import binascii
import re

from triage.parse.words import decode_base64

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]")
_UU_START = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,300}\r?\n", re.MULTILINE)


def transfer_decode(data: bytes, encoding: str, warnings: list[str]) -> bytes:
    """Return the bytes that `data` stands for."""
    name = encoding.strip().strip("\"'").lower().partition(";")[0].strip()
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    if name == "base64":
        return _base64(data, warnings)
    if name in {"x-uuencode", "uuencode", "x-uue", "uue"}:
        return _uuencoded(data)
    return data


def _base64(data: bytes, warnings: list[str]) -> bytes:
    """Decode base64, unless the text is plain and only the label says otherwise."""
    start = data[:4096]
    if len(_NOT_BASE64.findall(start)) > len(start) // 20 and b"=" not in start.rstrip(b"=\r\n \t")[-4:]:
        warnings.append("mime: not base64")
        return data
    return decode_base64(data)


def _uuencoded(data: bytes) -> bytes:
    match = _UU_START.search(data)
    if not match:
        return data
    out = []
    for line in data[match.end() :].splitlines():
        if line.strip() in {b"end", b"`", b""}:
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)
