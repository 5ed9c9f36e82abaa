"""Deadlines as iCalendar (RFC 5545): one all-day event each, always the same UID, so that importing twice adds none."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_LINE = 75  # bytes, without its end


class Event(Protocol):
    """What an event says; `due` is a day."""

    @property
    def due(self) -> date: ...
    @property
    def service(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def rank(self) -> int: ...
    @property
    def computed(self) -> str: ...
    @property
    def article(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def digest(self) -> str: ...


def calendar(events: Sequence[Event], now: datetime) -> str:
    """The whole file, CRLF line ends; `now` (UTC) stamps it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//triage//deadlines//FR", "CALSCALE:GREGORIAN"]
    for event in events:
        lines += _event(event, now)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(event: Event, now: datetime) -> list[str]:
    again = f" {event.rank}" if event.rank else ""
    uid = sha256(f"{event.digest} {event.name}{again}".encode()).hexdigest()[:32]
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@triage.invalid",
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{event.due:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.due + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(f'{event.service} : {event.label} – {event.subject}')}",
        f"DESCRIPTION:{_text(_told(event))}",
        f"CATEGORIES:{_text(event.service)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _told(event: Event) -> str:
    """The article, then how the date was counted."""
    return f"{event.article}\n{event.computed}" if event.computed else event.article


def _text(value: str) -> str:
    """A value that can end neither its line nor its list."""
    clean = _CONTROL.sub(" ", value)
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 bytes, never inside a character; those that follow begin with a space."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LONGEST_LINE:
            yield part
            part = " "
        part += character
    yield part
