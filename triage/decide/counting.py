"""How a delay is counted from a day, and the French sentence that says so."""

import calendar
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from triage.decide.working_days import add_working_days, closed_between, postponed
from triage.profile import Administration, Regime

_DAY = timedelta(days=1)
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class Counted(NamedTuple):
    """A day and how it was found (French, without capital or final stop)."""

    due: date
    how: str


@lru_cache(maxsize=4096)
def french_day(day: date) -> str:
    """« vendredi 3 avril 2026 »."""
    return f"{_WEEKDAYS[day.weekday()]} {'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def add_months(day: date, months: int) -> date:
    """Same day number `months` later; the last day of the month where that number does not exist."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def count(regime: Regime, start: date, since: str, home: Administration) -> Counted:
    """When the delay of a regime that begins on `start` ends; `since` names that day (« la réception du … »)."""
    if regime.working_days < 0:
        due = add_working_days(start, regime.working_days, home)
        before = "veille ouvrée de" if regime.working_days == -1 else f"{-regime.working_days} jours ouvrés avant"
        return Counted(due, f"{before} {since}{_skipped(due, start, home)}")
    if regime.working_days:
        due = add_working_days(start, regime.working_days, home)
        return Counted(due, f"{_plural(regime.working_days, 'jour ouvré', 'jours ouvrés')} après {since}, jour non "
                            f"compté{_skipped(start, due, home)}")  # fmt: skip
    if regime.months:
        return _months(regime, start, since, home)
    return Counted(
        start + _DAY * regime.days, f"{_plural(regime.days, 'jour', 'jours')} après {since}, jour non compté"
    )


def _months(regime: Regime, start: date, since: str, home: Administration) -> Counted:
    """Months run to the same day number; a « franc » delay lasts until the day after."""
    later = add_months(start, regime.months)
    short = f" ; {_MONTHS[later.month - 1]} n'a pas de {start.day}" if later.day != start.day else ""
    extra = f" et {_plural(regime.days, 'jour', 'jours')}" if regime.days else ""
    last = later + _DAY * (regime.days + regime.franc)
    due = postponed(last, home) if regime.postponed else last
    months = f"{regime.months} mois francs" if regime.franc else f"{regime.months} mois de quantième à quantième"
    rule = " (ni le jour de départ ni celui de l'échéance ne comptent)" if regime.franc else ""
    if due != last:
        moved = f", reporté du {french_day(last)} au premier jour ouvrable"
    else:
        moved = "" if regime.postponed else ", sans report si ce jour est chômé"
    return Counted(due, f"{months}{extra} après {since}{rule}{moved}{short}")


def _skipped(start: date, end: date, home: Administration) -> str:
    """« ; chômé : lundi 6 avril 2026 (Lundi de Pâques) » for the weekdays that were jumped over."""
    closed = [f"{french_day(day)} ({why})" for day, why in closed_between(start, end, home)]
    return f" ; {'chômé' if len(closed) == 1 else 'chômés'} : {', '.join(closed)}" if closed else ""


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
