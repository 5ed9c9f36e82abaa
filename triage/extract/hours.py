"""Times of day as HH:MM: « 9h40 », « 14 h », « de 9 à 17 h », « midi », « sept heures et demie »."""

import re
from collections.abc import Iterator

from triage.extract.passage import Passage
from triage.extract.patterns import numbered, patterns
from triage.types import Fact

_FRACTIONS = {
    "et demi": 30, "et demie": 30, "trente": 30, "et quart": 15, "quinze": 15, "vingt": 20, "dix": 10, "quarante": 40,
    "moins le quart": -15, "moins dix": -10, "moins cinq": -5,
}  # fmt: skip


def read_number(passage: Passage, at: int) -> Iterator[Fact]:
    """The time of day that begins with the number at `at`."""
    rules, folded = patterns("hours"), passage.folded
    if match := rules["clock"].match(folded, at):
        minute = match["minute"] or match["colon"]
        if not minute and (_is_duration(passage, at, match.end()) or _is_money(passage, match)):
            return
        yield from _hour(passage, at, match.end(), int(match[1]), int(minute or 0), match["half"])
    elif (match := rules["bare"].match(folded, at)) and rules["bare_lead"].search(passage.before(at, 16)):
        yield from _hour(passage, at, match.end(1), int(match[1]), 0, "")


def read_noon(passage: Passage, at: int) -> Iterator[Fact]:
    """« midi » and « minuit » where they are a time: not « le midi », « l'après-midi »."""
    rules = patterns("hours")
    match = rules["noon"].match(passage.folded, at)
    if match and rules["noon_lead"].search(passage.folded[max(0, at - 14) : at]):
        minutes = (12 * 60 if match[1] == "midi" else 0) + _FRACTIONS.get(match[2] or "", 0)
        yield passage.fact("hour", _clock(minutes), at, match.end())


def read_spelled(passage: Passage, at: int) -> Iterator[Fact]:
    """« vers sept heures et demie »."""
    rules = patterns("hours")
    match, before = rules["spelled"].match(passage.folded, at), passage.folded[max(0, at - 36) : at]
    if match and (told := rules["spelled_before"].search(before)):
        start, hour = at - len(before) + told.start(1), numbered("hours", "numbers")[told[1]]
        yield from _hour(passage, start, match.end(), hour, _FRACTIONS.get(match[1] or "", 0), match["half"])


def _hour(passage: Passage, start: int, end: int, hour: int, minute: int, half: str) -> Iterator[Fact]:
    afternoon = "soir" in half or "apr" in half
    minutes = (hour + 12 * (afternoon and hour < 12)) * 60 + minute
    if 0 <= minutes < 24 * 60:
        yield passage.fact("hour", _clock(minutes), start, end)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _is_duration(passage: Passage, start: int, end: int) -> bool:
    rules, before = patterns("hours"), passage.before(start, 20)
    if rules["duration_before"].search(before) or rules["duration_after"].match(passage.folded, end):
        return True
    return bool(rules["after_weak"].match(passage.folded, end) and not rules["time_lead"].search(before))


def _is_money(passage: Passage, match: re.Match[str]) -> bool:
    """« 18 eur » is « 18 heures » in phonetic spelling only after « à », « vers »…"""
    euros = match.group().rstrip().endswith(("eur", "eurs")) and "h" not in match.group()
    return bool(euros and not patterns("hours")["phonetic_lead"].search(passage.before(match.start(), 12)))
