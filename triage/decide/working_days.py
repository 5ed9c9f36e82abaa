"""Days an administration works: Monday to Friday, without public holidays and its own closed days.

« Jour ouvré » is defined by no article of the CRPA; this is the common reading (docs/legal.md).
"""

from datetime import date, timedelta
from functools import lru_cache

from triage.profile import Administration

_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def _holidays(subdivision: str, year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays("FR", subdiv=subdivision or None, years=year))


def is_working_day(day: date, administration: Administration) -> bool:
    """Whether the administration works on a day."""
    return (
        day.weekday() < 5
        and day not in _holidays(administration.holidays_subdivision, day.year)
        and day.isoformat() not in administration.closed_days
    )


def add_working_days(day: date, count: int, administration: Administration) -> date:
    """The count-th working day after `day` (before it when negative); `day` itself is not counted."""
    step = _DAY if count >= 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, administration):
            day += step
    return day


def working_days_between(start: date, end: date, administration: Administration) -> int:
    """Number of working days after `start` up to `end`, at most 30; 0 when `end` is not later."""
    count = 0
    day = start
    while day < end and count < 30:
        day += _DAY
        count += is_working_day(day, administration)
    return count
