"""Calendar arithmetic for dates that leave something unsaid. `direction`: 1 to come, -1 past, 0 whatever is nearest."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta

_TWO_MONTHS = 62  # days


def day_of(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_year(written: str) -> int:
    """« 2026 » or « 26 » as a year: two digits up to 40 are of this century."""
    year = int(written)
    return year if len(written) == 4 else year + (2000 if year <= 40 else 1900)


def without_year(month: int, day: int, received: date, direction: int, weekday: int | None) -> date | None:
    """« 12 mars »: the one nearest to reception on the side asked for; « jeudi 12 mars » may decide the year."""
    days = [found for step in (-1, 0, 1) if (found := day_of(received.year + step, month, day))]
    named = [found for found in days if found.weekday() == weekday]
    return _pick(named or days, received, direction)


def without_month(day: int, received: date, direction: int, weekday: int | None) -> date | None:
    """« le 12 », « mardi 12 »: the one nearest to reception on the side asked for."""
    first = received.replace(day=1)
    months = (add_months(first, step) for step in (-2, -1, 0, 1, 2))
    days = [found for month in months if (found := day_of(month.year, month.month, day))]
    near = [found for found in days if abs((found - received).days) <= _TWO_MONTHS]
    return _pick([found for found in near if weekday in (None, found.weekday())], received, direction)


def weekday_near(weekday: int, received: date, direction: int) -> date:
    """The next such weekday after reception, or the last one before it."""
    ahead = (weekday - received.weekday() - 1) % 7 + 1
    return received + timedelta(days=ahead if direction > 0 else ahead - 7 if ahead < 7 else -7)


def week_start(received: date, weeks: int) -> date:
    """Monday of the week of reception, or of one before or after it."""
    return received + timedelta(days=7 * weeks - received.weekday())


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def month_near(month: int, received: date, direction: int) -> int:
    """The year of a month named without one."""
    here = received.year * 12 + received.month
    years = [received.year + step for step in (-1, 0, 1)]
    sided = [year for year in years if (year * 12 + month - here) * direction >= 0]
    return min(sided or years, key=lambda year: (abs(year * 12 + month - here), -year))


def _pick(days: Iterable[date], received: date, direction: int) -> date | None:
    known = list(days)
    sided = [found for found in known if (found - received).days * direction >= 0]
    return min(sided or known, key=lambda found: (abs((found - received).days), -found.toordinal()), default=None)
