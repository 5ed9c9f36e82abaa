"""French dates: absolute (« 12 mars 2026 », « 12/03 ») and relative to the day a mail was received."""

import re
from datetime import date, timedelta

_MONTH_NAMES = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()  # noqa: SIM905
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)} | {
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_WEEKDAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()  # noqa: SIM905
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(_WEEKDAYS)

# All on folded text. A bare weekday is no date: nobody can tell whether it is past or to come.
WRITTEN = re.compile(rf"\b(?:(?:{_WEEKDAY}) )?(\d{{1,2}})(?:er)? ({_MONTH})\b\.?(?: (\d{{4}}))?")
NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/])")
WEEKDAY_NUMBER = re.compile(rf"\b({_WEEKDAY}) (\d{{1,2}})\b(?! ?(?:h|:|/|\.|{_MONTH}))")
WEEKDAY_TO_COME = re.compile(rf"\b(?:({_WEEKDAY}) prochain|(?:ce|d'ici(?: a)?|avant|pour|des) ({_WEEKDAY}))\b")
TOMORROW = re.compile(r"\b(apres-demain|demain)\b")
IN_SOME_DAYS = re.compile(r"\b(?:dans|d'ici|sous) (\d{1,2}|quinze|huit) jours?\b")
_WORDS = {"quinze": 15, "huit": 8}


def written(found: re.Match[str], received: date) -> date | None:
    """« 12 mars [2026] »; without a year, the one nearest to reception."""
    day, month, year = int(found[1]), _MONTHS[found[2]], found[3]
    return _day(int(year), month, day) if year else _nearest(month, day, received)


def numeric(found: re.Match[str], received: date) -> date | None:
    """« 12/03/2026 », « 12/03 », « 12.03.26 ». A dot between two numbers alone is a decimal, not a date."""
    day, month, year = int(found[1]), int(found[3]), found[4]
    if not year:
        return _nearest(month, day, received) if found[2] == "/" else None
    return _day(int(year) + (2000 if len(year) == 2 else 0), month, day)


def weekday_number(found: re.Match[str], received: date) -> date | None:
    """« mardi 12 »: the day with that name and number nearest to reception."""
    weekday, number = _WEEKDAYS.index(found[1]), int(found[2])
    offsets = sorted(range(-45, 46), key=lambda offset: (abs(offset), -offset))
    days = (received + timedelta(days=offset) for offset in offsets)
    return next((day for day in days if day.day == number and day.weekday() == weekday), None)


def weekday_to_come(found: re.Match[str], received: date) -> date | None:
    """« jeudi prochain », « avant vendredi »: the next such day after reception."""
    weekday = _WEEKDAYS.index(found[1] or found[2])
    return received + timedelta(days=(weekday - received.weekday() - 1) % 7 + 1)


def tomorrow(found: re.Match[str], received: date) -> date | None:
    """« demain », « après-demain »."""
    return received + timedelta(days=1 if found[1] == "demain" else 2)


def in_some_days(found: re.Match[str], received: date) -> date | None:
    """« dans 15 jours », « sous huit jours »."""
    number = found[1]
    return received + timedelta(days=_WORDS.get(number) or int(number))


READERS = (
    (WRITTEN, written),
    (NUMERIC, numeric),
    (WEEKDAY_NUMBER, weekday_number),
    (WEEKDAY_TO_COME, weekday_to_come),
    (TOMORROW, tomorrow),
    (IN_SOME_DAYS, in_some_days),
)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, received: date) -> date | None:
    days = [_day(received.year + step, month, day) for step in (-1, 0, 1)]
    return min((d for d in days if d), key=lambda d: abs((d - received).days), default=None)
