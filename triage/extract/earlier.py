"""The sender's own earlier mails, where the thread quotes them: the days they were written, from their headers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from triage.extract.dates import read_number
from triage.extract.days import day_of
from triage.extract.passage import Passage
from triage.extract.patterns import patterns
from triage.text import fold_aligned
from triage.types import Address, CleanText, Fact, Message

_LONGEST = 20_000  # characters of quotes that are read
_MOST_HEADERS = 40
_ABOVE, _BELOW = 240, 400  # characters of a header above and below its sender
_NUMBER = re.compile(r"\d+")
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905


def earlier_requests(message: Message, text: CleanText, received: date | None) -> Iterator[Fact]:
    """A date with role `request` for each quoted mail that the sender wrote on or before the day of reception."""
    names = _names(message.sender)
    if not names or received is None:
        return
    for segment in text.segments:
        if segment.kind != "quoted":
            continue
        quoted = message.body[segment.start : min(segment.end, segment.start + _LONGEST)]
        passage = Passage(quoted, fold_aligned(quoted), received)
        for fact in _headers(passage, names):
            if date.fromisoformat(fact.value) <= received:
                yield replace(fact, start=fact.start + segment.start, end=fact.end + segment.start)


def _names(sender: Address | None) -> tuple[str, ...]:
    """How a header may name the sender, folded: the address, or a name of two words."""
    if sender is None:
        return ()
    name = " ".join(fold_aligned(sender.name).split())
    return tuple(known for known in (fold_aligned(sender.address), name if " " in name else "") if known)


def _headers(passage: Passage, names: tuple[str, ...]) -> Iterator[Fact]:
    taken = -1
    named = re.finditer("|".join(map(re.escape, names)), passage.folded)
    for found in islice(named, _MOST_HEADERS):
        fact = _dated(passage, found.start(), found.end())
        if fact and fact.start > taken:
            taken = fact.start
            yield fact


def _dated(passage: Passage, start: int, end: int) -> Fact | None:
    """The date of the header in which the sender is named at `start`:`end`."""
    rules = patterns("earlier")
    first = max(0, start - _ABOVE)
    above, below = passage.folded[first:start], passage.folded[end : end + _BELOW]
    if (told := rules["attribution"].search(above)) and rules["wrote"].search(below):
        return _date(passage, first + told.start(1), first + told.end(1))
    if not rules["sender"].search(above):
        return None
    if told := rules["sent"].search(below):
        return _date(passage, end + told.start(1), end + told.end(1))
    told = rules["sent"].search(above)
    return _date(passage, first + told.start(1), first + told.end(1)) if told else None


def _date(passage: Passage, start: int, end: int) -> Fact | None:
    """The first date of a passage, French or English."""
    for number in _NUMBER.finditer(passage.folded, start, end):
        for fact in read_number(passage, number.start()):
            if fact.type == "date":
                return replace(fact, role="request")
    english = patterns("earlier")["english"].search(passage.folded, start, end)
    if english is None:
        return None
    day = day_of(int(english[4]), _ENGLISH.index(english[2]) + 1, int(english[1] or english[3] or 0))
    return passage.fact("date", day.isoformat(), english.start(), english.end(), "request") if day else None
