"""The lines that introduce somebody else's text, and what they say of it."""

from functools import cache
from re import Match, Pattern
from typing import NamedTuple

from triage.clean.lines import Line
from triage.clean.patterns import patterns
from triage.types import Address

_WRAPPED = 5  # lines an attribution may be wrapped over
_WIDEST = 500  # characters of a wrapped attribution
_BLOCK = 16  # lines of a header block, long lists of recipients included
_CONTINUED = 3  # lines a value may go on for
_INLINE = 4  # lines that a block without line ends may be wrapped over
_OPEN = ("<", ",", " a")  # ends a line of an attribution that goes on even below a blank line
_CITES = ("«", "“", '"')  # what a person puts around the words he repeats
_FULL = 60  # characters of a line that was wrapped


class Header(NamedTuple):
    """lines[first:after] introduce a text. What the header does not say is None or empty."""

    first: int
    after: int
    kind: str  # "forward", "reply", or "block" where « De : / Objet : » could be either
    sender: Address | None = None
    to: str = ""
    date: str = ""
    subject: str = ""


def find_header(lines: list[Line], at: int) -> Header | None:
    """The header that begins at `lines[at]`, if one does. Looks at a bounded number of lines."""
    text = lines[at].text
    if not text.endswith((":", ">")) and not _rule("start").match(text):
        return None
    return _separator(lines, at) or _block(lines, at) or _attribution(lines, at) or _inline(lines, at)


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("headers")[name]


def _separator(lines: list[Line], at: int) -> Header | None:
    text = lines[at].text
    kind = _separator_kind(text)
    if not kind and not _rule("rule").match(text):
        return None
    block = _block(lines, at + 1, 1 if kind else 3)
    if block:
        return block._replace(first=at, kind="forward" if kind == "forward" else "block")
    if not kind:
        return None
    return Header(at, at + 1, "forward" if kind == "forward" else "block")


def _block(lines: list[Line], at: int, fewest: int = 2) -> Header | None:
    """A block « De : / Envoyé : / À : / Objet : » in any order that names its sender, and `fewest` keys."""
    found: dict[str, str] = {}
    i, last, name, sure = at, at, "", False
    while i < min(len(lines), at + _BLOCK) and lines[i].depth == lines[at].depth:
        key = _rule("key").match(lines[i].text)
        if key and _key_name(key[1]) in found:
            break
        if key:
            name, last = _key_name(key[1]), i
            found[name] = key[2].strip(" *_")
            sure = sure or bool(_rule("key_sure").match(key[1]))
        elif name == "sender" and last == i - 1 and not found[name]:
            return _spread(lines, at)
        elif not _goes_on(lines, i, last, found):
            break
        i += 1
    return _header(found, "block")._replace(first=at, after=last + 1) if _complete(found, fewest, sure=sure) else None


def _spread(lines: list[Line], at: int) -> Header | None:
    """A block whose every value stands on the line below its key."""
    found: dict[str, str] = {}
    i = at
    while i + 1 < min(len(lines), at + _BLOCK):
        key = _rule("key").match(lines[i].text)
        if not key or key[2].strip(" *_") or _key_name(key[1]) in found or "about" in found:
            break
        found[_key_name(key[1])] = lines[i + 1].text
        i += 2
    return _header(found, "block")._replace(first=at, after=i) if _complete(found, 2, sure=False) else None


def _complete(found: dict[str, str], fewest: int, *, sure: bool) -> bool:
    """Whether the keys are a mail's, and not, say, a journey's « De : / À : / Date : »."""
    if "sender" not in found:
        return (
            "@" in found.get("to", "") and "about" in found and bool(_rule("full_moment").search(found.get("sent", "")))
        )
    if len(found) < fewest:
        return False
    if fewest == 1:
        return True
    addressed = "@" in found["sender"] or "@" in found.get("to", "")
    dated = bool(_rule("full_moment").search(found.get("sent", "")))
    named = "@" in found["sender"] and "about" in found
    return (sure or addressed or dated) and ("sent" in found or named or len(found) >= 3)


def _goes_on(lines: list[Line], i: int, last: int, found: dict[str, str]) -> bool:
    """Whether line i continues the value above: another key must follow soon, without a blank line."""
    if not found or "about" in found or lines[i].gap or i - last > _CONTINUED:
        return False
    return any(_rule("key").match(line.text) and not line.gap for line in lines[i + 1 : last + _CONTINUED + 2])


def _key_name(key: str) -> str:
    key = key.lower()
    return next((name for name in ("sender", "sent", "to", "about") if _rule(f"key_{name}").match(key)), key)


def _attribution(lines: list[Line], at: int) -> Header | None:
    """« Le 3 févr. 2026 à 10:12, Anne a écrit : », perhaps wrapped over several lines."""
    joined = ""
    for i in range(at, min(len(lines), at + _WRAPPED)):
        if i > at and not _wraps(lines, at, i):
            return None
        joined = f"{joined} {lines[i].text}".strip()
        if len(joined) > _WIDEST:
            return None
        if _rule("introduces").search(joined):
            header = _read_attribution(joined, lines, at, i + 1)
            if header:
                return header
    return None


def _wraps(lines: list[Line], at: int, i: int) -> bool:
    """Whether line i may go on with an attribution begun at lines[at]: no sentence ends above, no header begins."""
    line, above = lines[i], lines[i - 1].text
    if line.depth != lines[at].depth or above.endswith((".", "!", "?")):
        return False
    if line.gap and not above.endswith(_OPEN):
        return False
    return not (any(_rule(name).match(line.text) for name in ("key", "rule", "dated")) or _separator_kind(line.text))


def _read_attribution(joined: str, lines: list[Line], at: int, after: int) -> Header | None:
    """Where no quote mark follows, everything below would be taken for a quote: more proof is asked."""
    if not _rule("attribution").match(joined):
        return None
    sender = read_address(joined)
    below = lines[after] if after < len(lines) else None
    marked = below is not None and below.depth > lines[at].depth
    proof = _rule("moment" if marked else "full_moment").search(joined)
    cited = below is not None and below.text.startswith(_CITES)
    if not (sender and "@" in sender.address) and (not proof or cited or _rule("told").search(joined)):
        return None
    return Header(at, after, "reply", sender, date=_date_part(joined))


def _date_part(joined: str) -> str:
    before = joined.partition("<")[0]
    return before.rpartition(",")[0].strip() or before.strip()


def _inline(lines: list[Line], at: int) -> Header | None:
    """« De : … Envoyé : … À : … Objet : … » on one line, or wrapped, perhaps behind « --- Message d'origine --- »."""
    joined = ""
    for i in range(at, min(len(lines), at + _INLINE)):
        if i > at and (lines[i].gap or lines[i].depth != lines[at].depth):
            return None
        joined = f"{joined} {lines[i].text}".strip()
        keys = list(_rule("inline").finditer(joined))
        if len(keys) < (2 if i > at else 1):
            return None
        header = _read_inline(joined, keys)
        if header and i > at and i + 1 < len(lines) and not lines[i + 1].gap and len(lines[i].text) >= _FULL:
            return header._replace(first=at, after=i + 2, subject=f"{header.subject} {lines[i + 1].text}")
        if header:
            return header._replace(first=at, after=i + 1)
    return None


def _read_inline(joined: str, keys: list[Match[str]]) -> Header | None:
    """What the keys say, `first` and `after` left open, where they are a header's and nothing else stands above."""
    above = joined[: keys[0].start()].strip()
    kind = _separator_kind(above)
    names = [_key_name(key[1]) for key in keys]
    if (above and not kind) or len(set(names)) < 4 or not {"sender", "about"} <= set(names):
        return None
    ends = [key.start() for key in keys[1:]] + [len(joined)]
    values = {name: joined[key.end() : end].strip() for name, key, end in zip(names, keys, ends, strict=True)}
    return _header(values, "forward" if kind == "forward" else "block")


def _separator_kind(text: str) -> str:
    return next((kind for kind in ("reply", "forward") if _rule(f"{kind}_line").match(text)), "")


def _header(found: dict[str, str], kind: str) -> Header:
    sent, about = found.get("sent", ""), found.get("about", "")
    return Header(0, 0, kind, read_address(found.get("sender", "")), found.get("to", ""), sent, about)


def read_address(text: str) -> Address | None:
    """The first name and address in a value such as `Anne Roux <anne@exemple.org>`; the name alone if no address."""
    found = _rule("address").search(text[:300])
    if found:
        return Address((found[1] or "").strip(" '*-«»“”"), found[2].strip(".>").lower())
    name = text[:100].strip(" \"'*<>[]")
    return Address(name, "") if name else None
