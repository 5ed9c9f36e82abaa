"""Date headers -> aware datetimes in UTC, or None."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

_COMMENT = re.compile(r"\([^()]{0,100}\)")
_MAX_LENGTH = 100
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

_USUAL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d)(?::(\d\d))? (?:GMT|([+-])(\d\d)([0-5]\d))",
    re.ASCII,
)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = {name: rank for rank, name in enumerate(_MONTH_NAMES, 1)}


def parse_date(value: str) -> datetime | None:
    """Return the moment a header names, in UTC; a time without a zone is taken as UTC."""
    text = " ".join(_COMMENT.sub(" ", value[:_MAX_LENGTH]).split())
    if not text:
        return None
    moment = (
        _usual_date(text)
        or _internet_date(text)
        or _internet_date(_FRENCH.sub(_english, text, count=1))
        or _iso_date(text)
    )
    return moment if moment and moment.year in _YEARS else None


def received_date(value: str) -> datetime | None:
    """Return the moment after the last semicolon of a Received header."""
    return parse_date(value[-_MAX_LENGTH:].rpartition(";")[2])


def _english(match: re.Match[str]) -> str:
    return f"{match[1]} {_MONTHS[match[2].lower()]} "


def _usual_date(text: str) -> datetime | None:
    """Read the form of RFC 5322, which nearly every mail has."""
    match = _USUAL.fullmatch(text)
    if not match:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
    offset = int(f"{sign}1") * (int(hours) * 60 + int(minutes)) if sign else 0
    try:
        moment = datetime(
            int(year), _NUMBERS[month], int(day), int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC
        )
    except ValueError:
        return None
    return (
        moment - timedelta(minutes=offset if abs(offset) * 60 <= _MAX_OFFSET else 0) if moment.year in _YEARS else None
    )


def _internet_date(text: str) -> datetime | None:
    try:
        fields = parsedate_tz(text)
        if not fields:
            return None
        offset = fields[9] or 0
        moment = datetime(*fields[:5], min(fields[5], 59), tzinfo=UTC)
        return moment - timedelta(seconds=offset if abs(offset) <= _MAX_OFFSET else 0)
    except (ValueError, IndexError, OverflowError, TypeError):
        return None


def _iso_date(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
