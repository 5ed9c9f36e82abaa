"""Days an administration works: Monday to Friday, without public holidays and its own closed days.

« Jour ouvré » is defined by no article of the CRPA; this is the common reading (docs/legal.md).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from triage.errors import ProfileError
from triage.profile import Administration, Profile

_DAY = timedelta(days=1)
_SATURDAY = 5
_COUNTED_AT_MOST = 30
# Alsace has one code in the library, whatever its two departments are called.
_ALSACE = frozenset({"67", "68", "Bas-Rhin", "Haut-Rhin", "Alsace-Moselle"})


class Closed(NamedTuple):
    """A weekday on which nobody works, and why (French)."""

    day: date
    why: str


@lru_cache(maxsize=256)
def _holidays(subdivision: str, year: int) -> dict[date, str]:
    """Public holidays of a year by name (French)."""
    import holidays

    code = "Alsace" if subdivision in _ALSACE else subdivision
    return dict(holidays.country_holidays("FR", subdiv=code or None, years=year, language="fr"))


@lru_cache(maxsize=256)
def _closed(subdivision: str, own: tuple[str, ...], year: int) -> dict[date, str]:
    """Public holidays and the administration's own closed days of a year, each with its reason (French)."""
    days = map(date.fromisoformat, own)
    return {day: "fermeture" for day in days if day.year == year} | _holidays(subdivision, year)


def check_holidays(profile: Profile) -> None:
    """Raise ProfileError where `holidays_subdivision` is no place the calendar knows."""
    place = profile.administration.holidays_subdivision
    try:
        _holidays(place, 2026)
    except NotImplementedError as error:
        raise ProfileError(
            f"{profile.folder / 'profile.toml'}: key 'holidays_subdivision': {place!r} is unknown: use '57' (Moselle), "
            "'67' or '68' (Alsace), '971', '972', '973', '974', '976', 'BL', 'MF', 'NC', 'PF', 'PM', 'WF' or ''"
        ) from error


def why_closed(day: date, administration: Administration) -> str:
    """Why nobody works on a day, or nothing (French)."""
    if day.weekday() >= _SATURDAY:
        return "fin de semaine"
    return _closed(administration.holidays_subdivision, administration.closed_days, day.year).get(day, "")


def is_working_day(day: date, administration: Administration) -> bool:
    """Whether the administration works on a day."""
    return not why_closed(day, administration)


def postponed(day: date, administration: Administration) -> date:
    """`day`, or the next one that is no Saturday, Sunday or public holiday: closed days of its own do not count."""
    while day.weekday() >= _SATURDAY or day in _holidays(administration.holidays_subdivision, day.year):
        day += _DAY
    return day


def add_working_days(day: date, count: int, administration: Administration) -> date:
    """The count-th working day after `day` (before it when negative); `day` itself is not counted."""
    step = _DAY if count >= 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, administration):
            day += step
    return day


def closed_between(start: date, end: date, administration: Administration) -> list[Closed]:
    """Weekdays from `start` to `end`, both excluded, on which nobody works."""
    days = (start + _DAY * number for number in range(1, (end - start).days))
    found = (Closed(day, why_closed(day, administration)) for day in days if day.weekday() < _SATURDAY)
    return [closed for closed in found if closed.why]


def working_days_between(start: date, end: date, administration: Administration) -> int:
    """Number of working days after `start` up to `end`, at most 30; 0 when `end` is not later."""
    count = 0
    day = start
    while day < end and count < _COUNTED_AT_MOST:
        day += _DAY
        count += is_working_day(day, administration)
    return count
