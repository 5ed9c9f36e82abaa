"""Urgency from facts: what the mail says happens, and the dates it cites. Tone never counts."""

from collections.abc import Sequence
from datetime import date

from triage.decide.working_days import working_days_between
from triage.profile import Case, PatternRule, Profile, UrgencyRule
from triage.types import URGENCY_LEVELS, Fact, Urgency, UrgencyLevel

_NO_DATE = ("birth", "contested")


def urgency(
    profile: Profile,
    triggers: Sequence[tuple[PatternRule, str]],
    facts: Sequence[Fact],
    case: Case,
    received: date | None,
) -> Urgency:
    """Find the highest level a fact gives, with the words that gave it; else the profile's default for the case."""
    found: list[tuple[UrgencyLevel, str]] = [
        (rule.level, f"{rule.reason} : « {words} »") for rule, words in triggers if isinstance(rule, UrgencyRule)
    ]
    if received and (reason := _near_date(profile, facts, received)):
        found.append(("haute", reason))
    if found:
        level = min((level for level, _ in found), key=URGENCY_LEVELS.index)
        return Urgency(level, tuple(reason for at, reason in found if at == level))
    for default in profile.urgency.default:
        if default.holds(case):
            return Urgency(default.level, (default.reason,))
    return Urgency("normale", ("aucun fait urgent relevé",))


def _near_date(profile: Profile, facts: Sequence[Fact], received: date) -> str:
    """Why a date cited is near, or an empty string; past dates, births and contested decisions do not count."""
    nearest: tuple[date, str] | None = None
    for fact in facts:
        if fact.type == "date" and fact.role not in _NO_DATE:
            day = date.fromisoformat(fact.value)
            if day >= received and (nearest is None or day < nearest[0]):
                nearest = (day, fact.text)
    if nearest is None:
        return ""
    left = working_days_between(received, nearest[0], profile.administration)
    if left > profile.urgency.near_date_working_days:
        return ""
    return f"échéance proche : « {nearest[1]} » ({nearest[0]:%d/%m/%Y})"
