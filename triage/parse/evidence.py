"""The rules and signs of `kind.toml`."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from triage.parse.plain import STEM, Text, places_of, windows
from triage.patterns import Screen
from triage.types import Kind

_MANY = 6  # places of hints beyond which the whole text is searched at once
_LONG = frozenset({"body", "text", "shape"})
_SCREENED = frozenset({"subject", "body", "text"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a rule or a sign looks for in `field`: `pattern`, and `also` where given, and not `unless`."""

    field: str
    screened: int | None  # its number in the screen
    hints: tuple[frozenset[bytes], ...]  # what is looked for stands near one of the first list
    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    also: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    times: int
    whole: bool  # the pattern may be found far from its hints
    reason: str

    def may_hold(self, seen: Text) -> bool:
        """Say whether it is worth looking: there is a text, with a hint of each list and one of the marks."""
        if not seen.text:
            return False
        if any(seen.stems.isdisjoint(hints) for hints in self.hints):
            return False
        return not self.marks or _occur(self.marks, seen.text, self.times)

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


def _occur(marks: tuple[str, ...], text: str, times: int) -> bool:
    if times > 1:
        return sum(map(text.count, marks)) >= times
    for mark in marks:  # noqa: SIM110 - a third faster than any(), and run for every mail
        if mark in text:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """Decides the kind alone where it holds; its reason is a French sentence."""

    kind: Kind
    test: Pattern


@dataclass(frozen=True, slots=True)
class Sign:
    """Counts for some kinds where it holds.

    `worth` lists its points for each kind that has a threshold, `steps` the rank of each that is not zero with what it
    adds where it is above zero and below; `ranks` has one bit for each of these.
    """

    points: dict[str, int]
    worth: tuple[int, ...]
    steps: tuple[tuple[int, int, int], ...]
    ranks: int
    test: Pattern


@dataclass(frozen=True, slots=True)
class Group:
    """The signs of a field; `gate` finds what any of them would."""

    field: str
    signs: tuple[Sign, ...]
    gate: re.Pattern[str] | None

    def candidates(self, text: Text, held: frozenset[int]) -> Sequence[Sign]:
        """Return the signs that may hold, in their order; `held` are the numbers of those that the screen let pass."""
        if self.gate:
            return self.signs if self.gate.search(text.text) else ()
        if self.field not in _SCREENED:
            return self.signs
        return [sign for sign in self.signs if sign.test.screened in held]


@dataclass(frozen=True, slots=True)
class Words:
    """The patterns that are no rules of their own."""

    quote_start: re.Pattern[str]
    discussion: re.Pattern[str]
    campaign: re.Pattern[str]
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
def screen() -> Screen:
    """Return what tells which of the patterns of worded fields a subject and the own words below it may hold."""
    return Screen(entry["pattern"] for entry in _screened())


@cache
def groups() -> tuple[Group, ...]:
    """Return the signs of each field, those in headers first: they are short, and most often decide.

    In each group what speaks for a person comes first, then the others by their points: so it soonest shows that
    no kind can get enough.
    """
    fields: dict[str, list[Sign]] = {}
    for sign in sorted(signs(), key=lambda one: (one.test.field in _LONG, "human" not in one.points, -max(one.worth))):
        fields.setdefault(sign.test.field, []).append(sign)
    return tuple(_group(name, tuple(found)) for name, found in fields.items())


def _group(name: str, found: tuple[Sign, ...]) -> Group:
    either = "|".join(f"(?:{sign.test.pattern.pattern})" for sign in found)
    gate = None if name in _LONG else re.compile(either, re.MULTILINE)
    return Group(name, found, gate)


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
    groups()
    words()
    screen()


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_name("kind.toml").open("rb") as stream:
        return tomllib.load(stream)


def _screened() -> list[dict[str, Any]]:
    return [entry for entry in (*_data()["rule"], *_data()["sign"]) if entry["field"] in _SCREENED]


@cache
def _numbers() -> dict[str, int]:
    return {entry["pattern"]: number for number, entry in enumerate(_screened())}


def _sign(entry: dict[str, Any]) -> Sign:
    worth = _worth(entry)
    steps = tuple((rank, max(0, one), min(0, one)) for rank, one in enumerate(worth) if one)
    return Sign(entry["points"], worth, steps, sum(1 << rank for rank, _, _ in steps), _pattern(entry))


def _worth(entry: dict[str, Any]) -> tuple[int, ...]:
    """Return the points of a sign for each kind; what speaks for a person speaks against all, or those in `only`."""
    points = entry["points"]
    against = points.get("human", 0)
    only = entry.get("only", thresholds())
    return tuple(points.get(kind, 0) - against * (kind in only) for kind in thresholds())


def _pattern(entry: dict[str, Any]) -> Pattern:
    also, unless = entry.get("also"), entry.get("unless")
    return Pattern(
        field=entry["field"],
        screened=_numbers()[entry["pattern"]] if entry["field"] in _SCREENED else None,
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
    return tuple(frozenset(word[:STEM].encode() for word in one) for one in lists)
