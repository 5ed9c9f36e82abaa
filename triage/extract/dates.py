"""Dates that begin with a number: « jeudi 12 mars 2026 », « 12/03 », « du 3 au 7 mars », « avant le 15 », « 1997 »."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from triage.extract.days import add_months, day_of, full_year, without_month, without_year
from triage.extract.passage import Passage
from triage.extract.patterns import numbered, patterns
from triage.extract.roles import date_role, direction
from triage.types import Fact

_LAST_WORD = re.compile(r"\b([a-z0-9]{3,10})\.?(?: (?:soir|matin|midi))?(?:[ ,]{1,2}|-)(?:le )?$")
_MONTH_WORD = re.compile(r"[a-z]{3,11}")
_LONE = re.compile(r"(\d{1,2})(?![\d/.-]\d|\d)((?: ?er\b)?)")
_DAY = re.compile(r"\b\d{1,2}(?=(?:er)? [a-z]{3})")
_MARKED = re.compile(r"\d{1,4}[/.-]\d")
_LONE_LEADS = ("le ", "au ", "du ", "des ")  # how the patterns `lone_lead` and `strong_lead` end
_SAME_STORY = 120  # characters in which a day without a month shares the month of the day before it
_SAME_BREATH = 30  # « le 6 au lieu du 9 février »
_FAR = 60  # days ahead from which a clause told in the past means the year before
_MOST_IN_A_ROW = 5  # « les 3, 10, 17, 24 et 31 mars »


class Found(NamedTuple):
    """A day and the characters that name it."""

    day: date
    start: int
    end: int


def read_number(passage: Passage, at: int) -> Iterator[Fact]:
    """The date whose day, or year, is the number at `at`, and the earlier days of its range."""
    found = _day_month(passage, at) or _numeric(passage, at) or _lone(passage, at)
    if found:
        days = [*_earlier(passage, found), found]
        role = date_role(passage, days[0].start, found.end, found.day)
        for each in days:
            yield passage.fact("date", each.day.isoformat(), each.start, each.end, role)
    else:
        yield from _year_alone(passage, at)


def read_spelled(passage: Passage, at: int) -> Iterator[Fact]:
    """« premier juin », « le quatre décembre [2026] »: `at` is the month's word."""
    rules = patterns("dates")
    window = passage.folded[max(0, at - 24) : at]
    spelled = rules["spelled_day"].search(window)
    month = _MONTH_WORD.match(passage.folded, at)
    number = numbered("dates", "numbers").get(spelled[1]) if spelled else None
    if not spelled or not month or not number:
        return
    weekday, start = _weekday_before(passage, at - len(window) + spelled.start(1))
    day, end = _dated(passage, numbered("dates", "months")[month[0]], number, month.end(), weekday)
    if day:
        yield passage.fact("date", day.isoformat(), start, end, date_role(passage, start, end, day))


def _day_month(passage: Passage, at: int) -> Found | None:
    match = patterns("dates")["day_month"].match(passage.folded, at)
    month = numbered("dates", "months").get(match[2]) if match else None
    if not match or not month:
        return None
    weekday, start = _weekday_before(passage, at)
    day, end = _dated(passage, month, int(match[1]), match.end(), weekday)
    return Found(day, start, end) if day else None


def _dated(passage: Passage, month: int, number: int, end: int, weekday: int | None) -> tuple[date | None, int]:
    """The day, with the year written after `end` or the one that fits best, and where its text ends."""
    rules = patterns("dates")
    if year := rules["year"].match(passage.folded, end):
        return day_of(full_year(year[1] or year[2]), month, number), year.end()
    end -= passage.folded[end - 1] == "."
    if passage.received is None:
        return None, end
    if sided := rules["next_last"].match(passage.folded, end):
        return without_year(month, number, passage.received, 1 if sided[1] else -1, weekday), sided.end()
    day = without_year(month, number, passage.received, 0, weekday)
    if day and (day - passage.received).days > _FAR and direction(passage, end, default=0) < 0:
        return without_year(month, number, passage.received, -1, weekday), end
    return day, end


def _numeric(passage: Passage, at: int) -> Found | None:
    if not _MARKED.match(passage.folded, at):
        return None
    rules = patterns("dates")
    if iso := rules["iso"].match(passage.folded, at):
        day = day_of(int(iso[1]), int(iso[2]), int(iso[3]))
        return Found(day, at, iso.end()) if day else None
    match = rules["numeric"].match(passage.folded, at)
    if not match or passage.folded[max(0, at - 1) : at] in ("/", "-", ".", ","):
        return None
    if match["mark"] == "." and rules["numeric_not"].search(passage.before(at, 20)):
        return None
    number, month, year = int(match[1]), int(match[3]), match[4]
    weekday, start = _weekday_before(passage, at)
    if year:
        day = day_of(full_year(year), month, number)
    elif _is_day_of_month(passage, at, match, weekday) and passage.received:
        day = without_year(month, number, passage.received, 0, weekday)
    else:
        return None
    return Found(day, start, match.end()) if day else None


def _is_day_of_month(passage: Passage, at: int, match: re.Match[str], weekday: int | None) -> bool:
    """Whether « 12/03 » without a year is a date: a fraction, a score and a decimal are none."""
    if match["mark"] != "/":
        return False
    led = weekday is not None or bool(patterns("dates")["numeric_lead"].search(passage.before(at, 20)))
    return led or len(match[3]) == 2


def _lone(passage: Passage, at: int) -> Found | None:
    """« le 12 », « mardi 12 »: a day number without a month."""
    rules = patterns("dates")
    number = _LONE.match(passage.folded, at)
    if not number or not 1 <= int(number[1]) <= 31 or passage.received is None:
        return None
    weekday, start = _weekday_before(passage, at)
    if weekday is None and not passage.folded.endswith(_LONE_LEADS, 0, at):
        return None
    if any(rules[name].match(passage.folded, number.end()) for name in ("lone_not_word", "joined_later")):
        return None
    if weekday is None and not _is_lone_day(passage, at, number.end()):
        return None
    day = without_month(int(number[1]), *_anchor(passage, at, weekday), weekday)
    return Found(day, start, number.end(2)) if day and weekday in (None, day.weekday()) else None


def _is_lone_day(passage: Passage, at: int, end: int) -> bool:
    """Whether the words around « le 12 » leave no other reading than a day."""
    rules, before = patterns("dates"), passage.before(at, 40)
    if passage.written[max(0, at - 3) : at] == "lé ":  # « les » in phonetic spelling
        return False
    if rules["strong_lead"].search(before):
        return True
    return bool(
        rules["lone_lead"].search(before)
        and rules["lone_after"].match(passage.folded, end)
        and not rules["lone_not"].search(before)
    )


def _anchor(passage: Passage, at: int, weekday: int | None) -> tuple[date, int]:
    """The day « le 12 » is nearest to: the one named shortly before, else reception, on the side the clause tells."""
    assert passage.received
    if weekday is not None:
        return passage.received, 0
    before, after = max(0, at - _SAME_STORY), at + _SAME_BREATH
    named = [*_DAY.finditer(passage.folded, at + 2, after), *reversed([*_DAY.finditer(passage.folded, before, at)])]
    for number in named:
        if found := _day_month(passage, number.start()):
            return found.day, 0
    telling = passage.written[max(0, at - 3) : at] == "Le "  # « Le 26, rien. Le 28 non plus. »
    return passage.received, direction(passage, at, default=-1 if telling else 0)


def _weekday_before(passage: Passage, at: int) -> tuple[int | None, int]:
    """The weekday named right before `at`, and where the date's text then begins."""
    window = passage.folded[max(0, at - 20) : at]
    last = _LAST_WORD.search(window)
    weekday = numbered("dates", "weekdays").get(last[1]) if last else None
    if last is None or weekday is None:
        return None, at
    return weekday, at - len(window) + last.start(1)


def _earlier(passage: Passage, found: Found) -> list[Found]:
    """The days joined before a date: « du 3 au [7 mars] », « les 3, 4 et [5 mars] »."""
    earlier: list[Found] = []
    latest, start = found.day, found.start
    while len(earlier) < _MOST_IN_A_ROW:
        window = passage.folded[max(0, start - 34) : start]
        joined = patterns("dates")["earlier"].search(window)
        if not joined:
            break
        day = _same_month_before(latest, int(joined[1]))
        if day is None:
            break
        end = start - len(window) + joined.end(1)
        _, start = _weekday_before(passage, start - len(window) + joined.start(1))
        earlier.insert(0, Found(day, start, end))
        latest = day
    return earlier


def _same_month_before(latest: date, number: int) -> date | None:
    """Day `number` at or before `latest`: of its month, else of the one before."""
    if number < latest.day:
        return day_of(latest.year, latest.month, number)
    month = add_months(latest.replace(day=1), -1)
    return day_of(month.year, month.month, number)


def _year_alone(passage: Passage, at: int) -> Iterator[Fact]:
    rules = patterns("dates")
    match = rules["year_alone"].match(passage.folded, at)
    if match and rules["year_lead"].search(passage.folded[max(0, at - 30) : at]):
        day = date(int(match.group()), 1, 1)
        role = date_role(passage, at, match.end(), day)
        yield passage.fact("period", match.group(), at, match.end(), role)
