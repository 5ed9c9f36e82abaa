"""Dates that begin with a word: « demain », « jeudi prochain », « dans 15 jours », « fin mars », « mars 2023 »."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from triage.extract.dates import read_spelled
from triage.extract.days import add_months, month_end, month_near, week_start, weekday_near
from triage.extract.passage import Passage
from triage.extract.patterns import numbered, patterns
from triage.extract.roles import date_role, direction
from triage.types import Fact

_WORD = re.compile(r"[a-z]+")
_FIRST_WORD = re.compile(r"[ -]")
_DAY_WORDS = {"avant": -2, "hier": -1, "apres": 2, "surlendemain": 2, "demain": 1, "2main": 1, "demin": 1}
_SEASONS = {"printemps": 3, "ete": 6, "automne": 9, "hiver": 12}
_HABITUAL = 40


def read_weekday(passage: Passage, at: int) -> Iterator[Fact]:
    """« jeudi », « jeudi prochain », « lundi en huit », « mardi de la semaine dernière », « avant vendredi soir »."""
    rules, folded = patterns("dates"), passage.folded
    name = _WORD.match(folded, at)
    if not name or passage.received is None or folded[at - 1 : at] == "-":
        return
    after = rules["weekday_after"].match(folded, name.end())
    told = after and after.lastgroup
    if not told and _names_no_day(passage, at, name.end()):
        return
    weekday, end = numbered("dates", "weekdays")[name.group()], after.end() if after else name.end()
    day = _weekday(passage, at, weekday, told or "")
    yield passage.fact("date", day.isoformat(), at, end, date_role(passage, at, end, day))


def _names_no_day(passage: Passage, start: int, end: int) -> bool:
    rules = patterns("dates")
    if rules["weekday_no"].match(passage.folded, end):
        return True
    return bool(rules["weekday_habit"].search(passage.before(start, _HABITUAL)))


def _weekday(passage: Passage, at: int, weekday: int, told: str) -> date:
    received = passage.received
    assert received
    if told == "week":
        later = passage.after(at, 60).find("prochaine") >= 0
        return week_start(received, 1 if later else -1) + timedelta(days=weekday)
    if told in ("eight", "fifteen"):
        return weekday_near(weekday, received, 1) + timedelta(days=7 if told == "eight" else 14)
    if told in ("next", "last"):
        return weekday_near(weekday, received, 1 if told == "next" else -1)
    if received.weekday() == weekday and passage.before(at, 8).endswith(("ce ", "c'est ", "cest ", "on est ")):
        return received
    happened = patterns("roles")["participle"].search(passage.written[max(0, at - 16) : at])
    return weekday_near(weekday, received, -1 if happened else direction(passage, at))


def read_day_word(passage: Passage, at: int) -> Iterator[Fact]:
    """« demain soir », « hier », « ce matin »."""
    match = patterns("dates")["day_word"].match(passage.folded, at)
    if not match or passage.received is None or passage.folded[at - 1 : at] == "-":
        return
    day = passage.received + timedelta(days=_DAY_WORDS.get(_FIRST_WORD.split(match[1])[0], 0))
    yield passage.fact("date", day.isoformat(), at, match.end(), date_role(passage, at, match.end(), day))


def read_ahead(passage: Passage, at: int) -> Iterator[Fact]:
    """« dans 15 jours », « sous huitaine », « d'ici deux mois »: a day counted from reception."""
    rules = patterns("dates")
    at -= 2 if passage.folded[at - 2 : at] == "d'" else 0
    if passage.received is None:
        return
    if match := rules["fortnight"].match(passage.folded, at):
        day = passage.received + timedelta(days=7 if match[1] == "huitaine" else 15)
    elif match := rules["ahead"].match(passage.folded, at):
        day = _counted(passage.received, _number(match[1]), match[2])
    else:
        return
    bare = match.group().startswith(("dans", "ds")) and "delai" not in match.group() and " les " not in match.group()
    limit = not bare or patterns("roles")["deadline_after"].search(passage.after(match.end()))
    yield passage.fact("date", day.isoformat(), at, match.end(), "deadline" if limit else "event")


def read_ago(passage: Passage, at: int) -> Iterator[Fact]:
    """« il y a 10 jours », « depuis trois semaines »: a day counted back from reception."""
    match = patterns("dates")["ago"].match(passage.folded, at)
    if not match or passage.received is None or passage.folded[at - 1 : at] == "-":
        return
    start = at - 3 if passage.folded[max(0, at - 3) : at] == "il " else at
    day = _counted(passage.received, -_number(match[1]), match[2])
    if day.year > 1900:
        yield passage.fact("date", day.isoformat(), start, match.end(), date_role(passage, start, match.end(), day))


def _counted(received: date, number: int, unit: str) -> date:
    if unit.startswith("mo"):
        return add_months(received, number)
    if unit.startswith("a"):
        return add_months(received, 12 * number)
    if unit.startswith("h"):
        return received + timedelta(hours=number)
    return received + timedelta(days=number * (7 if unit.startswith("s") else 1))


def _number(written: str) -> int:
    return int(written) if written.isdigit() else numbered("dates", "numbers").get(written, 3)


def read_week(passage: Passage, at: int) -> Iterator[Fact]:
    """« la semaine prochaine » (Monday), « ce week-end » (Saturday), « fin de semaine » (Friday), « fin du mois »."""
    match = patterns("dates")["week"].match(passage.folded, at)
    if not match or passage.received is None:
        return
    led = patterns("dates")["week_lead"].search(passage.before(at, 14))
    if (match.lastgroup or "").endswith("_led") and not led:
        return
    day = _week_day(passage.received, match)
    yield passage.fact("date", day.isoformat(), at, match.end(), date_role(passage, at, match.end(), day))


def _week_day(received: date, match: re.Match[str]) -> date:
    if match["monthend"]:
        return month_end(received.year, received.month)
    if match["yearend_led"]:
        return date(received.year, 12, 31)
    if match["weekend_led"]:
        side = -1 if match["wlast"] else 1 if match["wnext"] and received.weekday() >= 5 else 0
        return week_start(received, side) + timedelta(days=5)
    weeks = 1 if match["next"] or match["end_next"] else -1 if match["last"] or match["end_last"] else 0
    return week_start(received, weeks) + timedelta(days=0 if match["next"] or match["last"] else 4)


def read_month(passage: Passage, at: int) -> Iterator[Fact]:
    """« premier juin »; « fin mars », « mi-mai » as a day; « en mars », « mars 2023 » as the period YYYY-MM."""
    spelled = list(read_spelled(passage, at))
    if spelled:
        yield from spelled
        return
    name = _WORD.match(passage.folded, at)
    if name and passage.received:
        yield from _month(passage, name)


def _month(passage: Passage, name: re.Match[str]) -> Iterator[Fact]:
    rules, folded, received = patterns("dates"), passage.folded, passage.received
    assert received
    at, number = name.start(), numbered("dates", "months")[name.group()]
    year_written = rules["year"].match(folded, name.end())
    window = folded[max(0, at - 28) : at]
    named = rules["month_lead"].search(window) or rules["month_joined"].match(folded, name.end())
    if not named and not (year_written and year_written[1]):
        return
    side = rules["next_last"].match(folded, name.end())
    end = year_written.end() if year_written else side.end() if side else name.end()
    sign = (1 if side[1] else -1) if side else direction(passage, at, default=0)
    year = int(year_written[1]) if year_written and year_written[1] else month_near(number, received, sign)
    vague = rules["vague"].search(window)
    start = at - len(window) + vague.start() if vague else at
    if vague and (day := _vague_day(year, number, vague[1])):
        yield passage.fact("date", day.isoformat(), start, end, date_role(passage, start, end, day))
        return
    last = month_end(year, number)
    yield passage.fact("period", f"{year}-{number:02}", start, end, date_role(passage, start, end, last))


def _vague_day(year: int, month: int, part: str) -> date | None:
    if part.endswith("fin"):
        return month_end(year, month)
    if part in ("mi", "milieu"):
        return date(year, month, 15)
    if part.endswith("quinzaine"):
        return date(year, month, 1 if part.startswith(("premiere", "1ere")) else 16)
    return date(year, month, 1) if part == "debut" else None


def read_month_relative(passage: Passage, at: int) -> Iterator[Fact]:
    """« le mois prochain » as the period YYYY-MM."""
    match = patterns("dates")["month_relative"].match(passage.folded, at)
    if match and passage.received:
        month = add_months(passage.received.replace(day=1), 1 if match[1] else -1)
        role = date_role(passage, at, match.end(), month_end(month.year, month.month))
        yield passage.fact("period", f"{month:%Y-%m}", at, match.end(), role)


def read_season(passage: Passage, at: int) -> Iterator[Fact]:
    """« printemps 2027 », « l'été prochain » as the period YYYY-MM/YYYY-MM of its three months."""
    match = patterns("dates")["season"].match(passage.folded, at)
    if not match or passage.received is None:
        return
    if match.lastindex == 1 and not patterns("dates")["season_lead"].search(passage.before(at, 10)):
        return
    first = _SEASONS[match[1]]
    this = passage.before(at, 5).endswith(("ce ", "cet "))
    side = 1 if match["next"] else -1 if match["last"] else 0 if this else direction(passage, at)
    year = int(match["year"]) if match["year"] else month_near(first, passage.received, side)
    start = date(year, first, 1)
    last = add_months(start, 2)
    role = date_role(passage, at, match.end(), month_end(last.year, last.month))
    yield passage.fact("period", f"{start:%Y-%m}/{last:%Y-%m}", at, match.end(), role)
