"""Parameters of Content-Type and Content-Disposition, RFC 2231 included."""

import re
from urllib.parse import unquote_to_bytes

from triage.parse import charset

Parameters = dict[str, str]

_MAX_HEADER = 8_192
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.DOTALL)
_ESCAPE = re.compile(r"\\([\\\"])")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


def parameters(value: str) -> Parameters:
    """Return the parameters after a header's first `;`, names in lower case, the first of each name.

    Continued (`name*0`) and encoded (`name*=utf-8''…`) parameters are joined and decoded; the others
    are returned raw, since boundaries must not be decoded.
    """
    found: Parameters = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, token in _PARAMETER.findall(value[:_MAX_HEADER]):
        text = _ESCAPE.sub(r"\1", quoted) if quoted else token.strip()
        match = _SECTION.match(name.lower())
        if match and (match[2] or match[3]):
            sections.setdefault(match[1], []).append((int(match[2] or 0), bool(match[3]), text))
        else:
            found.setdefault(name.lower(), text)
    for name, pieces in sections.items():
        found[name] = _join(pieces)
    return found


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    """Join sections in the order of their numbers and decode them with the charset the first names."""
    pieces.sort(key=lambda piece: piece[0])
    label, data = "", b""
    for rank, (_, encoded, text) in enumerate(pieces):
        value = text
        if rank == 0 and encoded and text.count("'") >= 2:
            label, _, value = text.split("'", 2)
        raw = value.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    return charset.decode(data, label)[0]
