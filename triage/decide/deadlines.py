"""Legal and internal deadlines of a message, from the profile's regimes: never from the classifier's confidence."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from triage.decide.counting import Counted, add_months, count, french_day
from triage.profile import Case, Profile, Regime
from triage.types import Deadline, Fact

_FIRST_YEAR, _LAST_YEAR = 1950, 2200  # what lies beyond is a clock gone wrong, not a date of reception


class Course(NamedTuple):
    """What is known of a request besides its reception; None for what has not happened.

    `first` is the reception of the request a reminder recalls, and `sure` whether our own records say so. Missing
    pieces were `asked` for, to be given until `until`, and were `provided`. `transmitted` is the day the competent
    authority received the request.
    """

    first: date | None = None
    sure: bool = False
    asked: date | None = None
    until: date | None = None
    provided: date | None = None
    transmitted: date | None = None


class _Start(NamedTuple):
    """The day a delay runs from, its name (French), and the article and doubt that this adds."""

    day: date
    name: str
    article: str = ""
    sure: bool = True


NOTHING_SINCE = Course()


@lru_cache(maxsize=4096)
def deadlines(profile: Profile, case: Case, received: date, course: Course = NOTHING_SINCE) -> tuple[Deadline, ...]:
    """Every deadline that runs; of several rows with one name and one `after`, the first that holds."""
    if not _FIRST_YEAR <= received.year <= _LAST_YEAR:
        return ()
    found: dict[tuple[str, str], Deadline | None] = {}
    for regime in profile.regimes:
        key = (regime.name, regime.after)
        if key in found or not regime.holds(case):
            continue
        if regime.none:
            found[key] = None
        elif start := _start(regime, received, course, found):
            found[key] = _deadline(profile, regime, start, course)
    known = (deadline for deadline in found.values() if deadline)
    return tuple(sorted(known, key=lambda deadline: (deadline.due, deadline.name)))


def first_request(facts: Sequence[Fact], received: date) -> date | None:
    """The day of the request that a reminder recalls, as its thread or its words tell; None where they do not."""
    told = [date.fromisoformat(fact.value) for fact in facts if fact.type == "date" and fact.role == "request"]
    return min((day for day in told if day <= received), default=None)


def _start(
    regime: Regime, received: date, course: Course, found: Mapping[tuple[str, str], Deadline | None]
) -> _Start | None:
    """Where the delay begins; None where it does not run, or its beginning is not known."""
    if regime.after:
        earlier = next((d for (name, _), d in found.items() if name == regime.after and d), None)
        if earlier is None or (regime.after_effect and earlier.effect != regime.after_effect):
            return None
        sure = regime.working_days < 0 or earlier.confirmed  # a target is ours to set, whatever the law's date
        return _Start(earlier.due, f"l'échéance « {earlier.label} » du {french_day(earlier.due)}", sure=sure)
    if regime.since == "first_request":
        if course.first is None:
            return None
        doubt = "" if course.sure else ", date citée par le message, à vérifier"
        return _Start(course.first, f"la première demande du {french_day(course.first)}{doubt}", sure=course.sure)
    if regime.effect == "acceptation":
        return _acceptance(received, course)
    return _Start(received, f"la réception du {french_day(received)}")


def _acceptance(received: date, course: Course) -> _Start | None:
    """An implicit acceptance waits for the competent authority (L114-3) and for all pieces (L114-5)."""
    if course.asked and not course.provided:
        return None
    if course.provided:
        return _Start(course.provided, f"la réception des pièces du {french_day(course.provided)}", "CRPA L114-5")
    if course.transmitted:
        day = course.transmitted
        return _Start(day, f"la réception par l'administration compétente du {french_day(day)}", "CRPA L114-3")
    return _Start(received, f"la réception du {french_day(received)}")


def _deadline(profile: Profile, regime: Regime, start: _Start, course: Course) -> Deadline:
    counted = count(regime, start.day, start.name, profile.administration)
    articles = [regime.source, start.article]
    if regime.effect == "rejet" and not regime.after and (days := _suspended(course)):
        counted = _later(counted, days)
        articles.append("CRPA L114-5")
    extended = add_months(counted.due, regime.extension_months) if regime.extension_months else None
    more = [f"prolongeable de {regime.extension_months} mois, jusqu'au {french_day(extended)}"] if extended else []
    said = " ; ".join([counted.how, *more, *([regime.remark] if regime.remark else [])])
    return Deadline(
        name=regime.name,
        due=counted.due,
        source=" et ".join(article for article in articles if article),
        confirmed=regime.confirmed and start.sure,
        label=regime.label,
        computed=f"{said[0].upper()}{said[1:]}.",
        effect=regime.effect,
        extended=extended,
    )


def _suspended(course: Course) -> int:
    """Days for which the delay of an implicit refusal stood still: until the pieces came, at most the time granted."""
    ends = [day for day in (course.provided, course.until) if day]
    return max(0, (min(ends) - course.asked).days) if course.asked and ends else 0


def _later(counted: Counted, days: int) -> Counted:
    told = f"suspendu {days} jour{'s' if days > 1 else ''} dans l'attente des pièces"
    return Counted(date.fromordinal(counted.due.toordinal() + days), f"{counted.how} ; {told}")
