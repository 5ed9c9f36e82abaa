"""Date headers -> aware datetimes in UTC, or None."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

_COMMENT = re.compile(r"\([^()]{0,100}\)")
_MAX_LENGTH = 100
_REMEMBERED = 1_024  # values: a batch asks for the dates of a mail before it is parsed
_DEPTH = 3  # comments within comments
_YEARS = range(1970, 2101)
_MAX_OFFSET = 14 * 3600  # a wider one is a mistake, and read as UTC

# Some web mailers write French names in their headers.
_MONTHS = {
    "janv": "Jan", "févr": "Feb", "fevr": "Feb", "mars": "Mar", "avr": "Apr", "mai": "May", "juin": "Jun",
    "juil": "Jul", "août": "Aug", "aout": "Aug", "sept": "Sep", "oct": "Oct", "nov": "Nov", "déc": "Dec", "dec": "Dec",
}  # fmt: skip
_FRENCH = re.compile(
    r"(?:\w{3,8}\.?,?\s+)?(\d{1,2})\s+(janv|févr|fevr|mars|avr|mai|juin|juil|août|aout|sept|oct|nov|déc|dec)\w{0,6}\.?\s+",
    re.IGNORECASE,
)
# Zones that the standard library does not know.
_EUROPE = {
    "CET": "+0100", "CEST": "+0200", "MET": "+0100", "MEST": "+0200", "WET": "+0000", "WEST": "+0100",
    "BST": "+0100", "EET": "+0200", "EEST": "+0300",
}  # fmt: skip
_NAMED_ZONE = re.compile(r" (CET|CEST|MET|MEST|WET|WEST|BST|EET|EEST)$", re.IGNORECASE)
_ODD_ZONE = re.compile(r" ?(?:GMT|UTC)? ?([+-])(\d\d?)(?::?(\d\d))?$")
_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d)(?::(\d\d))? (?:GMT|([+-])(\d\d)([0-5]\d))",
    re.ASCII,
)
_TWELVE_HOURS = re.compile(r"\b(\d{1,2})(:\d\d(?::\d\d)?) ?([AP])M\b", re.IGNORECASE)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = {name: rank for rank, name in enumerate(_MONTH_NAMES, 1)}
_SHORT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2})[:h](\d\d)(?::(\d\d))?$", re.ASCII)


@lru_cache(_REMEMBERED)
def parse_date(value: str) -> datetime | None:
    """Return the moment a header names, in UTC; a time without a zone is taken as UTC."""
    text = value[:_MAX_LENGTH]
    for _ in range(_DEPTH if "(" in text else 0):
        text = _COMMENT.sub(" ", text)
    text = " ".join(text.split())
    if not text:
        return None
    moment = _usual_date(text) or _iso_date(text) or _odd_date(text)
    return moment if moment and moment.year in _YEARS else None


def received_date(value: str) -> datetime | None:
    """Return the moment after the last semicolon of a Received header."""
    return parse_date(value[-_MAX_LENGTH:].rpartition(";")[2])


def _odd_date(text: str) -> datetime | None:
    text = _with_numeric_zone(_TWELVE_HOURS.sub(_twenty_four_hours, text, count=1))
    return _internet_date(text) or _internet_date(_FRENCH.sub(_english, text, count=1)) or _short_date(text)


def _twenty_four_hours(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + 12 * (match[3] in "pP")
    return f"{hour:02}{match[2]}"


def _english(match: re.Match[str]) -> str:
    return f"{match[1]} {_MONTHS[match[2].lower()]} "


def _with_numeric_zone(text: str) -> str:
    """Write the zones of Europe, « GMT+1 » and « +01:00 » as mail does: +0100."""
    if match := _NAMED_ZONE.search(text):
        return f"{text[: match.start()]} {_EUROPE[match[1].upper()]}"
    match = _ODD_ZONE.search(text)
    # A hyphen may also stand in the date itself, so a time must come first.
    if not match or ":" not in text[: match.start()]:
        return text
    return f"{text[: match.start()]} {match[1]}{int(match[2]):02}{match[3] or '00'}"


def _usual_date(text: str) -> datetime | None:
    """Read the form of RFC 5322, which nearly every mail has."""
    match = _USUAL.fullmatch(text)
    if not match:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    moment = _moment(int(year), _NUMBERS[month], int(day), int(hour), int(minute), int(second or 0))
    offset = int(f"{sign}{int(hours) * 3600 + int(minutes) * 60}") if sign else 0
    return _shifted(moment, offset) if moment else None


def _internet_date(text: str) -> datetime | None:
    try:
        fields = parsedate_tz(text)
        if not fields:
            return None
        moment = _moment(*fields[:6])
        return _shifted(moment, fields[9] or 0) if moment else None
    except (ValueError, IndexError, OverflowError, TypeError):
        return None


def _short_date(text: str) -> datetime | None:
    """Read « 03/03/2025 10:00 », day first as in France."""
    match = _SHORT.match(text)
    if not match:
        return None
    day, month, year, hour, minute, second = (int(number or 0) for number in match.groups())
    return _moment(year, month, day, hour, minute, second)


def _iso_date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _shifted(moment: datetime, offset: int) -> datetime | None:
    try:
        return moment - timedelta(seconds=offset if abs(offset) <= _MAX_OFFSET else 0)
    except OverflowError:
        return None
