"""Legal and internal deadlines of a message, from the profile's regimes: never from the classifier's confidence."""

import calendar
from datetime import date, timedelta

from triage.decide.working_days import add_working_days
from triage.profile import Case, Profile, Regime
from triage.types import Deadline


def deadlines(profile: Profile, case: Case, received: date) -> tuple[Deadline, ...]:
    """Every deadline that runs from `received`; of several rows with one name and one `after`, the first that holds."""
    found: dict[tuple[str, str], Deadline] = {}
    for regime in profile.regimes:
        start = received
        if regime.after:
            earlier = next((d for (name, _), d in found.items() if name == regime.after), None)
            if earlier is None:
                continue
            start = earlier.due
        key = (regime.name, regime.after)
        if key not in found and regime.holds(case):
            found[key] = Deadline(regime.name, _due(profile, regime, start), regime.source, regime.confirmed)
    return tuple(sorted(found.values(), key=lambda deadline: (deadline.due, deadline.name)))


def add_months(day: date, months: int) -> date:
    """Same day number `months` later; the last day of the month where that number does not exist."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _due(profile: Profile, regime: Regime, start: date) -> date:
    later = add_months(start, regime.months) + timedelta(days=regime.days)
    return add_working_days(later, regime.working_days, profile.administration)
