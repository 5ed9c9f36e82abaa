"""Find facts in what a person wrote: one pass over words and numbers calls the readers that each may concern."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter

from triage.extract import (
    amounts,
    dates,
    earlier,
    forms,
    hours,
    identifiers,
    numbers,
    persons,
    places,
    references,
    relative,
    schools,
)
from triage.extract.numbers import Number, Test
from triage.extract.passage import Passage, Reader
from triage.extract.patterns import words
from triage.text import fold_aligned
from triage.types import CleanText, Fact, Message, Segment

_LONGEST = 200_000
_RANK = 1 << 18  # more than the longest offset
_MOST_CALLS = 8_000  # of readers: five hundred numbers, or a hundred pages of prose; what is longer is a table
_TOKEN = re.compile(r"[a-z]{2,}|[mny]|\d+|@")  # no reader is called by another letter alone
_HEADER = re.compile(r"[ >*]{0,4}(?:(de|from)|envoye|sent|date|a|to|pour|cc|objet|subject) ?\*? ?:")
_SIGNED = ("signature", "closing")
_FIELDS = "forms.keys"
_START = attrgetter("start")

# Every reader and what it is tried at: some NUMBERS, a character, or the words of a list. The earlier win where two
# overlap.
_READERS: tuple[tuple[Reader, "str | Test"], ...] = (
    (identifiers.read_email, "@"),
    (forms.read_field, _FIELDS),
    (identifiers.read_iban, numbers.after_letter),
    (identifiers.read_nir, numbers.like_nir),
    (identifiers.read_company, numbers.by_threes),
    (identifiers.read_rna, numbers.like_rna),
    (references.read_permit, "triggers.permit"),
    (references.read_permit, numbers.like_permit),
    (identifiers.read_phone, numbers.like_phone),
    (identifiers.read_plate, numbers.like_plate),
    (references.read_plot, "triggers.plot"),
    (references.read_bare_plot, numbers.like_plot),
    (references.read_invoice, "triggers.invoice"),
    (references.read_file, "references.strong"),
    (references.read_file, "references.weak"),
    (references.read_shaped, numbers.joined),
    (places.read_address, "triggers.address"),
    (schools.read_school, "triggers.school"),
    (dates.read_number, numbers.like_date),
    (hours.read_number, numbers.like_hour),
    (amounts.read_number, numbers.like_amount),
    (references.read_numbered, "triggers.numbered"),
    (persons.read_person, "triggers.civility"),
    (relative.read_month, "dates.months"),
    (relative.read_ahead, "triggers.ahead"),
    (relative.read_ago, "triggers.ago"),
    (relative.read_day_word, "triggers.day_word"),
    (relative.read_weekday, "dates.weekdays"),
    (relative.read_week, "triggers.week"),
    (relative.read_month_relative, "triggers.month_relative"),
    (relative.read_season, "triggers.season"),
    (hours.read_noon, "triggers.noon"),
    (hours.read_spelled, "triggers.spelled_hour"),
    (schools.read_class, "triggers.class"),
    (schools.read_class, numbers.like_class),
)


def extract(message: Message, text: CleanText, received: date | None) -> tuple[Fact, ...]:
    """Facts of a mail's own words, greeting and signature, without overlaps.

    `received` (date of reception, local) resolves relative dates; without it they are left out. Offsets count in
    `Message.body`; a fact found in the subject has start and end -1. `Fact.type` and `Fact.value` are

        date        a day, YYYY-MM-DD; role birth, contested, deadline, event, request (the day of an earlier mail of
                    the writer, which the header of a quote may tell too) or none. « fin mars » is its last day,
                    « mi-mars » the 15th, « la semaine prochaine » its Monday
        period      a month, a year or a season: YYYY-MM, YYYY, YYYY-MM/YYYY-MM
        hour        HH:MM
        address     one line; role place, or sender where the writer lives
        person      civility and name; role addressee in a greeting, sender in a signature
        phone, email, iban, nir, siret, siren, rna, plate, permit    compact; phones E.164; role sender in a signature
        cadastre    « AB 212 »            file, invoice    in capitals
        amount      « 1250.40 EUR »       school, class    « école Pasteur », « CE2 »
    """
    facts: list[Fact] = []
    for segment in _readable(text, message):
        written = message.body[segment.start : segment.end]
        found = find_facts(written, received)
        if segment.kind == "forwarded":
            found = [fact for fact in found if not _in_header(written, fact)]
        facts += (_placed(fact, segment) for fact in found)
    facts += earlier.earlier_requests(message, text, received)
    in_subject = (
        Fact(fact.type, fact.value, fact.text, -1, -1, fact.role) for fact in find_facts(text.subject, received)
    )
    return (*in_subject, *facts)


def find_facts(written: str, received: date | None) -> list[Fact]:
    """Facts of one passage, in order; see `extract`. What lies beyond some five hundred numbers is not read."""
    text = fold_aligned(written[:_LONGEST])
    calls = _calls(text)
    if not calls:
        return []
    known = received if received and 1900 <= received.year <= 2200 else None
    passage = Passage(written, text, known)
    taken = bytearray(len(text))
    found: list[Fact] = []
    for call in calls:
        at = call % _RANK
        if taken[at]:
            continue
        for fact in _READERS[call // _RANK][0](passage, at):
            if taken.find(1, fact.start, fact.end) < 0:
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                found.append(fact)
    found.sort(key=_START)
    return found


def _calls(text: str) -> list[int]:
    """Rank of the reader × _RANK + offset of each word or number that may begin a fact, in the order of the readers."""
    triggers, calls = _triggers(":" in text), list[int]()
    add = calls.append
    for token in _TOKEN.finditer(text):
        word = token.group()
        ranks = triggers.get(word)
        if ranks is None:
            if word >= ":":
                continue
            at, end = token.span()
            ranks = _number_ranks(Number(end - at, word[0], text[at - 1 : at], text[end : end + 2]))
        at = token.start()
        for rank in ranks:
            add(rank + at)
        if len(calls) > _MOST_CALLS:
            break
    calls.sort()
    return calls


@cache
def _triggers(fields: bool) -> dict[str, tuple[int, ...]]:
    """Word -> ranks (× _RANK) of the readers it calls; `fields` says whether the text may hold those of a form."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for rank, (_, trigger) in enumerate(_READERS):
        if isinstance(trigger, str) and (fields or trigger != _FIELDS):
            file, _, name = trigger.partition(".")
            for word in words(file, name) if name else [trigger]:
                ranks[word].append(rank * _RANK)
    return {word: tuple(found) for word, found in ranks.items()}


@lru_cache(maxsize=20_000)
def _number_ranks(number: Number) -> tuple[int, ...]:
    """Ranks (× _RANK) of the readers that a number of this shape may concern."""
    return tuple(rank * _RANK for rank, (_, test) in enumerate(_READERS) if not isinstance(test, str) and test(number))


def _readable(text: CleanText, message: Message) -> Sequence[Segment]:
    wanted = {"own", "signature", "greeting", "closing"} | ({"forwarded"} if text.forwarded else set())
    segments = [segment for segment in text.segments if segment.kind in wanted]
    return segments or [Segment("own", 0, len(message.body))]


def _in_header(written: str, fact: Fact) -> bool:
    """Whether a fact stands in the header block of a forward, which holds no fact but the address of who wrote."""
    line = written.rfind("\n", 0, fact.start) + 1
    header = _HEADER.match(fold_aligned(written[line : line + 20]))
    return bool(header and not (header[1] and fact.type == "email"))


def _placed(fact: Fact, segment: Segment) -> Fact:
    """The fact with offsets of the body, and the role its segment gives."""
    role = fact.role
    if segment.kind in _SIGNED and fact.type not in ("date", "period"):
        role = "sender"
    elif segment.kind == "greeting" and fact.type == "person":
        role = "addressee"
    return Fact(fact.type, fact.value, fact.text, fact.start + segment.start, fact.end + segment.start, role)
