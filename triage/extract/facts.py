"""Find facts in what a person wrote: one pass over words and numbers calls the readers that each may concern."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from triage.extract import (
    amounts,
    dates,
    earlier,
    forms,
    hours,
    identifiers,
    persons,
    places,
    references,
    relative,
    schools,
)
from triage.extract.passage import Passage, Reader, folded
from triage.extract.patterns import words
from triage.types import CleanText, Fact, Message, Segment

_LONGEST = 200_000
_MOST_CALLS = 8_000  # of readers: five hundred numbers, or a hundred pages of prose; what is longer is a table
_TOKEN = re.compile(r"[a-z]+|\d+|@")
_HEADER = re.compile(r"[ >*]{0,4}(?:(de|from)|envoye|sent|date|a|to|pour|cc|objet|subject) ?\*? ?:")
_SIGNED = ("signature", "closing")

# Every reader and what it is tried at: NUMBERS, a character, or the words of a list. The earlier win where two overlap.
_NUMBERS = "numbers"
_READERS: tuple[tuple[Reader, str], ...] = (
    (identifiers.read_email, "@"),
    (forms.read_field, "forms.keys"),
    (identifiers.read_iban, _NUMBERS),
    (identifiers.read_nir, _NUMBERS),
    (identifiers.read_company, _NUMBERS),
    (identifiers.read_rna, _NUMBERS),
    (references.read_permit, "triggers.permit"),
    (references.read_permit, _NUMBERS),
    (identifiers.read_phone, _NUMBERS),
    (identifiers.read_plate, _NUMBERS),
    (references.read_plot, "triggers.plot"),
    (references.read_bare_plot, _NUMBERS),
    (references.read_invoice, "triggers.invoice"),
    (references.read_file, "references.strong"),
    (references.read_file, "references.weak"),
    (references.read_shaped, _NUMBERS),
    (places.read_address, "triggers.address"),
    (schools.read_school, "triggers.school"),
    (dates.read_number, _NUMBERS),
    (hours.read_number, _NUMBERS),
    (amounts.read_number, _NUMBERS),
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
    (schools.read_class, _NUMBERS),
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
    in_subject = (replace(fact, start=-1, end=-1) for fact in find_facts(text.subject, received))
    return (*in_subject, *facts)


def find_facts(written: str, received: date | None) -> list[Fact]:
    """Facts of one passage, in order; see `extract`. What lies beyond some five hundred numbers is not read."""
    known = received if received and 1900 <= received.year <= 2200 else None
    passage = Passage(written, folded(written[:_LONGEST]), known)
    taken = bytearray(len(passage.folded))
    found: list[Fact] = []
    for rank, at in _calls(passage.folded):
        if taken[at]:
            continue
        for fact in _READERS[rank][0](passage, at):
            if not any(taken[fact.start : fact.end]):
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def _calls(text: str) -> list[tuple[int, int]]:
    """(rank of the reader, offset) of every word or number that may begin a fact, in the order of the readers."""
    triggers, calls = _triggers(), list[tuple[int, int]]()
    numbers = triggers[_NUMBERS]
    for token in _TOKEN.finditer(text):
        word = token.group()
        if ranks := triggers.get(word) or (numbers if word < ":" else None):
            at = token.start()
            calls += [(rank, at) for rank in ranks]
            if len(calls) > _MOST_CALLS:
                break
    calls.sort()
    return calls


@cache
def _triggers() -> dict[str, tuple[int, ...]]:
    """Word -> ranks of the readers it calls."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for rank, (_, trigger) in enumerate(_READERS):
        file, _, name = trigger.partition(".")
        for word in words(file, name) if name else [trigger]:
            ranks[word].append(rank)
    return {word: tuple(found) for word, found in ranks.items()}


def _readable(text: CleanText, message: Message) -> Sequence[Segment]:
    wanted = {"own", "signature", "greeting", "closing"} | ({"forwarded"} if text.forwarded else set())
    segments = [segment for segment in text.segments if segment.kind in wanted]
    return segments or [Segment("own", 0, len(message.body))]


def _in_header(written: str, fact: Fact) -> bool:
    """Whether a fact stands in the header block of a forward, which holds no fact but the address of who wrote."""
    line = written.rfind("\n", 0, fact.start) + 1
    header = _HEADER.match(folded(written[line : line + 20]))
    return bool(header and not (header[1] and fact.type == "email"))


def _placed(fact: Fact, segment: Segment) -> Fact:
    """The fact with offsets of the body, and the role its segment gives."""
    role = fact.role
    if segment.kind in _SIGNED and fact.type not in ("date", "period"):
        role = "sender"
    elif segment.kind == "greeting" and fact.type == "person":
        role = "addressee"
    return Fact(fact.type, fact.value, fact.text, fact.start + segment.start, fact.end + segment.start, role)
