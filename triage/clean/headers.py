"""The lines that introduce somebody else's text, and what they say of it."""

from functools import cache
from re import Pattern
from typing import NamedTuple

from triage.clean.lines import Line
from triage.clean.patterns import patterns
from triage.types import Address

_WRAPPED = 5  # lines an attribution may be wrapped over
_WIDEST = 500  # characters of a wrapped attribution
_BLOCK = 16  # lines of a header block, long lists of recipients included
_CONTINUED = 3  # lines a value may go on for


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
    kind = next((kind for kind in ("reply", "forward") if _rule(f"{kind}_line").match(text)), "")
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
    i, last = at, at
    while i < min(len(lines), at + _BLOCK) and lines[i].depth == lines[at].depth:
        key = _rule("key").match(lines[i].text)
        name = _key_name(key[1]) if key else ""
        if key and name in found:
            break
        if key:
            found[name], last = key[2].strip(" *_"), i
        elif not _goes_on(lines, i, last, found):
            break
        i += 1
    if not _complete(found, fewest):
        return None
    return Header(
        at, last + 1, "block", read_address(found["sender"]), found.get("to", ""), found.get("sent", ""),
        found.get("about", ""),
    )  # fmt: skip


def _complete(found: dict[str, str], fewest: int) -> bool:
    if "sender" not in found or len(found) < fewest:
        return False
    return fewest == 1 or "sent" in found or len(found) >= 3


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
        if i > at and (lines[i].gap or lines[i].depth != lines[at].depth):
            return None
        joined = f"{joined} {lines[i].text}".strip()
        if len(joined) > _WIDEST:
            return None
        if joined[-1:] in ":>*" or joined.endswith("crit"):
            header = _read_attribution(joined, at, i + 1, _marked(lines, at, i + 1))
            if header:
                return header
    return None


def _marked(lines: list[Line], at: int, after: int) -> bool:
    return after < len(lines) and lines[after].depth > lines[at].depth


def _read_attribution(joined: str, at: int, after: int, marked: bool) -> Header | None:
    """Where no quote mark follows, everything below would be taken for a quote: more proof is asked."""
    if not _rule("attribution").match(joined):
        return None
    sender = read_address(joined)
    proof = _rule("moment" if marked else "full_moment").search(joined)
    if not (sender and "@" in sender.address) and (not proof or _rule("told").search(joined)):
        return None
    return Header(at, after, "reply", sender, date=_date_part(joined))


def _date_part(joined: str) -> str:
    before = joined.partition("<")[0]
    return before.rpartition(",")[0].strip() or before.strip()


def _inline(lines: list[Line], at: int) -> Header | None:
    text = lines[at].text
    keys = list(_rule("inline").finditer(text))
    names = [_key_name(key[1]) for key in keys]
    if len(set(names)) < 4 or keys[0].start() > 2 or not {"sender", "about"} <= set(names):
        return None
    ends = [key.start() for key in keys[1:]] + [len(text)]
    values = {name: text[key.end() : end].strip() for name, key, end in zip(names, keys, ends, strict=True)}
    return Header(
        at, at + 1, "block", read_address(values["sender"]), values.get("to", ""), values.get("sent", ""),
        values["about"],
    )  # fmt: skip


def read_address(text: str) -> Address | None:
    """The first name and address in a value such as `Anne Roux <anne@exemple.org>`; the name alone if no address."""
    found = _rule("address").search(text[:300])
    if found:
        return Address((found[1] or "").strip(" '*-"), found[2].strip(".>").lower())
    name = text[:100].strip(" \"'*<>[]")
    return Address(name, "") if name else None
