"""Address headers -> addresses. One linear pass over the raw value, before any decoding.

Decoding first would let an encoded word smuggle in a comma or an angle bracket.
"""

import re
from collections.abc import Iterable, Iterator

from triage.parse.limits import MAX_ADDRESSES
from triage.parse.words import decode_line, one_line, unescape
from triage.types import Address

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.){0,2000}"|<[^<>]{0,1000}>|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,2000}\?=|\\.|[^",;:<>()]|.', re.DOTALL
)
_SIMPLE = re.compile(
    r'\s*(?:"([^"\\<>]{0,200})"|([^",;:<>()\\@=]{0,200}?))\s*<([^\s\x00-\x20\x7f<>,;:"()@]{1,100}@[\w.-]{1,200})>\s*\Z'
)
_BARE = re.compile(r"\s*([^\s\x00-\x20\x7f<>,;:\"()@=]{1,100}@[\w.-]{1,200})\s*\Z")
_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,100}@[^\s<>,;:\"()@]{1,200}")
_MAILTO = re.compile(r"\[mailto:([^\]\s<>]{1,300})\]", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_QUOTED_LOCAL = re.compile(r'"[^"\\]{1,100}"@[\w.-]{1,200}')
_MAX_LENGTH = 320


def addresses(value: str) -> tuple[Address, ...]:
    """Return the addresses of a raw header value in their order, at most 1,000; groups are opened."""
    if simple := _simple(value):
        return (simple,)
    value = _MAILTO.sub(r"<\1>", value)
    found = []
    for tokens in _join_names(_split(value)):
        if address := _address(tokens):
            found.append(address)
        if len(found) == MAX_ADDRESSES:
            break
    return tuple(found) or _from_encoded(value)


def _join_names(pieces: Iterable[list[str]]) -> Iterator[list[str]]:
    """Put « Martin, Jeanne <…> » together again, which should have been in quotes."""
    name: list[str] = []
    for tokens in pieces:
        angle = any(len(token) > 2 and token[0] == "<" for token in tokens)
        if angle and name:
            yield [*name, ",", *tokens]
            name = []
        elif angle or any("@" in token for token in tokens) or not "".join(tokens).strip() or name:
            if name:
                yield name
            yield tokens
            name = []
        else:
            name = tokens
    if name:
        yield name


def _simple(value: str) -> Address | None:
    """Read the two shapes nearly every mail has without taking them to pieces."""
    if not value.isascii():
        return None
    if match := _SIMPLE.match(value):
        return Address(_shown(match[1] or match[2] or ""), match[3])
    return Address("", match[1]) if (match := _BARE.match(value)) else None


def _split(value: str) -> Iterator[list[str]]:
    """Cut a value into the tokens of each address; comments are one token that starts with a bracket."""
    tokens: list[str] = []
    comment: list[str] = []
    depth = 0
    grouped = ";" in value
    for piece in _TOKEN.findall(value):
        if depth or piece == "(":
            depth += (piece == "(") - (piece == ")")
            comment.append(piece)
            if not depth:
                tokens.append("".join(comment))
                comment = []
        elif piece in ",;":
            yield tokens
            tokens = []
        elif piece == ":" and grouped and not any("@" in one for one in tokens):
            tokens = []  # the name of a group
        else:
            tokens.append(piece)
    yield [*tokens, "".join(comment)] if comment else tokens


def _address(tokens: list[str]) -> Address | None:
    angle = next((token for token in reversed(tokens) if len(token) > 2 and token[0] == "<"), "")
    comment = next((token for token in tokens if token[0:1] == "("), "")
    words = "".join(_unquote(token) for token in tokens if token[0:1] not in {"<", "("}).strip()
    if angle:
        return _make(words or comment.strip("()"), angle[1:-1])
    if _QUOTED_LOCAL.fullmatch(bare := "".join(tokens).strip()):
        return _make("", bare)
    if match := _ADDRESS.search(words):
        rest = words.replace(match[0], " ").strip()
        return _make(rest or comment.strip("()"), match[0])
    # A local name (`root`, `MAILER-DAEMON`) is an address too, but a display name alone is none.
    return _make(comment.strip("()"), words) if words and words.isascii() and words.isidentifier() else None


def _unquote(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if len(token) > 1 and token[0] == '"' else token


def _make(name: str, spec: str) -> Address | None:
    """Return an address without its comments, its route (`@relay:`) and blanks."""
    plain = one_line(unescape(_COMMENT.sub("", spec))).rpartition(":")[2].strip("<> ")
    plain = plain if plain.startswith('"') else "".join(plain.split())
    return Address(_shown(name), plain[:_MAX_LENGTH]) if plain else None


def _shown(name: str) -> str:
    """Return a display name without the quotes and brackets that are left around it."""
    shown = decode_line(name).strip("\"'").strip()
    return (shown if "<" in shown else shown.rstrip("> "))[:_MAX_LENGTH]


def _from_encoded(value: str) -> tuple[Address, ...]:
    """Find the one address in a value that was encoded as a whole, against the rules."""
    text = decode_line(value)
    match = _ADDRESS.search(text) if text != value.strip() else None
    if not match:
        return ()
    return (Address(text[: match.start()].strip(' <"')[:_MAX_LENGTH], match[0]),)
