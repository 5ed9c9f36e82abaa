"""The rules and signs of `kind.toml`, and the fields of a message as they see them."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from triage.parse.headers import Headers
from triage.types import Address, Attachment, Kind

_START, _END = 3_000, 1_000  # characters of the body that are looked at
_REACH = 240  # characters on either side of a hint within which its pattern is looked for
_MANY = 6  # places beyond which the whole text is searched at once
_STEM = 6  # letters of a word by which hints are looked up
_BLANKED = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
# What compatibility decomposition leaves outside ASCII and a pattern wants to see.
_PLAIN = {"’": "'", "‘": "'", "ʼ": "'", "œ": "oe", "æ": "ae", "–": "-", "—": "-", "−": "-", "€": " eur ", "·": "|"}
_LONG = frozenset({"body", "text", "shape"})
_QUOTE_HINTS = (">", "--", "____", " ecrit", "wrote", "de", "from")


@dataclass(frozen=True, slots=True)
class Clues:
    """What the kind is judged by; `status` holds the fields of a delivery report, in lower case."""

    headers: Headers
    sender: Address | None
    status: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A field as patterns see it, and the first six letters of each of its words."""

    text: str
    stems: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a rule or a sign looks for in `field`: `pattern`, and `also` where given, and not `unless`."""

    field: str
    hints: tuple[frozenset[bytes], ...]
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    also: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    times: int
    whole: bool  # the pattern may be found far from its hints
    reason: str

    def may_hold(self, seen: Text) -> bool:
        """Say whether it is worth looking: there is a text, with a hint of each list and one of the marks."""
        for hint in self.hints:
            if hint.isdisjoint(seen.stems):
                return False
        if self.marks:
            return any(mark in seen.text for mark in self.marks)
        return bool(seen.text)

    def holds(self, seen: Text) -> bool:
        """Say whether it is found in a text in which it may be."""
        if not self._found(seen) or (self.also and not self.also.search(seen.text)):
            return False
        return not (self.unless and self.unless.search(seen.text))

    def _found(self, seen: Text) -> bool:
        text = seen.text
        if self.times > 1:
            return any(rank >= self.times for rank, _ in enumerate(self.pattern.finditer(text), 1))
        places = [] if self.whole else sorted(places_of(text, self.hints[0] & seen.stems))
        if self.whole or len(places) > _MANY:
            return self.pattern.search(text) is not None
        return any(self.pattern.search(text, start, end) for start, end in windows(text, places))


@dataclass(frozen=True, slots=True)
class Rule:
    """Decides the kind alone where it holds; its reason is a French sentence."""

    kind: Kind
    test: Pattern


@dataclass(frozen=True, slots=True)
class Sign:
    """Counts for some kinds where it holds.

    `worth` lists its points for each kind that has a threshold, `ranks` the places in it that are not zero.
    """

    points: dict[str, int]
    worth: tuple[int, ...]
    ranks: frozenset[int]
    test: Pattern


@dataclass(frozen=True, slots=True)
class Words:
    """The patterns that are no rules of their own."""

    quote_start: re.Pattern[str]
    form_key: re.Pattern[str]
    form_identity: re.Pattern[str]
    form_content: re.Pattern[str]
    form_subject: re.Pattern[str]
    form_message: re.Pattern[str]
    forward_field: re.Pattern[str]
    polite: re.Pattern[str]
    vague_subject: re.Pattern[str]


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in their order."""
    return tuple(Rule(entry["kind"], _pattern(entry)) for entry in _data()["rule"])


@cache
def signs() -> tuple[Sign, ...]:
    """Return the signs."""
    return tuple(_sign(entry) for entry in _data()["sign"])


@cache
def signs_by_field() -> tuple[tuple[str, tuple[Sign, ...]], ...]:
    """Return the signs of each field in the order that soonest shows that none can decide.

    First those in headers, which are short; in each field what speaks for a person, then the rest by their points.
    """
    fields: dict[str, list[Sign]] = {}
    for sign in sorted(
        signs(), key=lambda sign: (sign.test.field in _LONG, "human" not in sign.points, -max(sign.worth))
    ):
        fields.setdefault(sign.test.field, []).append(sign)
    return tuple((name, tuple(found)) for name, found in fields.items())


@cache
def words() -> Words:
    """Return the other patterns."""
    return Words(**{name: re.compile(entry["pattern"], re.MULTILINE) for name, entry in _data()["words"].items()})


def thresholds() -> dict[Kind, int]:
    """Return the points each kind needs, the kinds in the order in which equal points are decided."""
    return cast("dict[Kind, int]", _data()["threshold"])


def title(kind: Kind) -> str:
    """Return what an agent reads before the reasons for a kind."""
    return str(_data()["title"][kind])


def load_rules() -> None:
    """Read the patterns, once; raises what a fault in `kind.toml` raises."""
    rules()
    signs_by_field()
    words()


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_name("kind.toml").open("rb") as stream:
        return tomllib.load(stream)


def _sign(entry: dict[str, Any]) -> Sign:
    worth = _worth(entry)
    return Sign(entry["points"], worth, frozenset(rank for rank, one in enumerate(worth) if one), _pattern(entry))


def _worth(entry: dict[str, Any]) -> tuple[int, ...]:
    """Return the points of a sign for each kind: what speaks for a person speaks against all kinds, or those in `only`."""
    points = entry["points"]
    against = points.get("human", 0)
    only = entry.get("only", thresholds())
    return tuple(points.get(kind, 0) - against * (kind in only) for kind in thresholds())


def _pattern(entry: dict[str, Any]) -> Pattern:
    also, unless = entry.get("also"), entry.get("unless")
    return Pattern(
        field=entry["field"],
        hints=_hints(entry.get("hint", [])),
        marks=tuple(entry.get("marks", ())),
        pattern=re.compile(entry["pattern"], re.MULTILINE),
        also=re.compile(also, re.MULTILINE) if also else None,
        unless=re.compile(unless, re.MULTILINE) if unless else None,
        times=entry.get("times", 1),
        whole=not entry.get("hint") or r"[\s\S]" in entry["pattern"],
        reason=entry["reason"],
    )


def _hints(words: list[Any]) -> tuple[frozenset[bytes], ...]:
    """Return the lists of hints: one, or several that all must have a word in the text."""
    lists = words if words and isinstance(words[0], list) else [words] * bool(words)
    return tuple(frozenset(word[:_STEM].encode() for word in one) for one in lists)


def plain(text: str) -> str:
    """Return `text` in lower case and ASCII: no accents, straight apostrophes, no other script, as many lines."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    for character, replacement in _PLAIN.items():
        if character in lowered:
            lowered = lowered.replace(character, replacement)
    return unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode("ascii")


def stems(text: str) -> frozenset[bytes]:
    """Return the first six letters of the words of a plain text, and « % » if it is there."""
    found = set(text.encode("ascii").translate(_BLANKED).split())
    if "%" in text:
        found.add(b"%")
    return frozenset([word[:_STEM] for word in found])


def places_of(text: str, words: Iterable[bytes]) -> Iterator[int]:
    """Yield where some words stand in a text, one word after the other."""
    for word in words:
        sought = word.decode("ascii")
        at = text.find(sought)
        while at >= 0:
            yield at
            at = text.find(sought, at + 1)


def windows(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines around some places, in their order, none overlapping another."""
    first, last = 0, -1
    for at in places:
        line_end = text.find("\n", at)
        start = max(text.rfind("\n", 0, at) + 1, at - _REACH)
        end = min(line_end if line_end >= 0 else len(text), at + _REACH)
        if start > last >= 0:
            yield first, last
        first = start if start > last else first
        last = max(last, end)
    if last >= 0:
        yield first, last


def above_quotes(text: str) -> str:
    """Return a plain text as far as the first quoted or forwarded mail: what follows is not the sender's."""
    if not any(hint in text for hint in _QUOTE_HINTS):
        return text
    match = words().quote_start.search(text)
    return text[: match.start()] if match else text


def excerpt(body: str) -> str:
    """Return the start and the end of a body, which is where mails say what they are."""
    return body if len(body) <= _START + _END else f"{body[:_START]}\n{body[-_END:]}"


class Seen:
    """The fields of a message, read when a rule asks for one."""

    def __init__(self, clues: Clues) -> None:
        """Look at `clues`."""
        self._clues = clues
        self._fields: dict[str, Text] = {}

    def field(self, name: str) -> Text:
        """Return a field; an absent header is a text that no rule is tried on."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = self._read(name)
        return found

    def _read(self, name: str) -> Text:
        if read := _FIELDS.get(name):
            return read(self)
        return Text(plain(self._clues.headers.text(name))) if name in self._clues.headers else Text("")

    @cached_property
    def own(self) -> str:
        """The sender's own words in `plain` form."""
        return above_quotes(plain(excerpt(self._clues.body)))

    @cached_property
    def subject(self) -> str:
        """The subject in `plain` form."""
        return plain(self._clues.subject)

    @cached_property
    def stems(self) -> frozenset[bytes]:
        """The stems of subject and own words."""
        return stems(self.subject) | stems(self.own)

    def shape(self) -> str:
        """Return the own words as they were written."""
        return "\n".join(excerpt(self._clues.body).split("\n")[: self.own.count("\n") + 1])

    def sender(self) -> str:
        """Return the sender's address in lower case."""
        return self._clues.sender.address.lower() if self._clues.sender else ""

    def names(self) -> str:
        """Return the names of headers, one a line."""
        return "\n".join(self._clues.headers.names())

    def attachments(self) -> str:
        """Return the names of attachments, one a line."""
        return "\n".join(one.name.lower() for one in self._clues.attachments)


_FIELDS: dict[str, Callable[[Seen], Text]] = {
    "subject": lambda seen: Text(seen.subject),
    "body": lambda seen: Text(seen.own, seen.stems),
    "text": lambda seen: Text(f"{seen.subject}\n{seen.own}", seen.stems),
    "shape": lambda seen: Text(seen.shape()),
    "sender": lambda seen: Text(seen.sender()),
    "names": lambda seen: Text(seen.names()),
    "attachments": lambda seen: Text(seen.attachments()),
}
