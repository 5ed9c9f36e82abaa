"""Urgency from facts: what the mail says happens, and the dates it cites. Tone never counts.

The model is a second reader. Facts whose words may mean nothing count only where it sees some urgency too; it may
raise a mail without any fact, if it is sure, or lower one to « basse ». It takes nothing away from a clear fact.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from triage.decide.working_days import working_days_between
from triage.profile import Case, Needed, Profile, Said, Trigger, UrgencyRule, said
from triage.types import URGENCY_LEVELS, Fact, Prediction, Urgency, UrgencyLevel

_NO_DATE = ("birth", "contested")
_WORDS_SHOWN = 4
_LEAST_LETTERS = 3  # « il » and « de » tell an agent nothing


class Found(NamedTuple):
    """What speaks for a level, and why (French)."""

    level: UrgencyLevel
    reason: str


class Seen(NamedTuple):
    """The model's word: its prediction, the probabilities of a level or a higher one and of each flag it learned."""

    predicted: Prediction | None
    critique: float
    haute: float
    basse: float = 0.0
    flags: Mapping[str, float] = MappingProxyType({})

    @classmethod
    def by(cls, profile: Profile, predicted: Prediction | None, flags: Prediction | None = None) -> "Seen":
        """What a model says; where it has no axis `urgency`, what the profile takes it to say."""
        likely = dict(flags.ranking) if flags else {}
        if predicted is None:
            return cls(None, profile.urgency.model.absent, profile.urgency.model.absent, flags=likely)
        said = dict(predicted.ranking)
        critique = said.get("critique", 0.0)
        return cls(predicted, critique, critique + said.get("haute", 0.0), said.get("basse", 0.0), likely)

    def supports(self, level: UrgencyLevel, needed: float) -> bool:
        """Whether the level, or a higher one, is likely enough."""
        return (self.critique if level == "critique" else self.haute) >= needed


def counting(profile: Profile, words: Said, seen: Seen) -> list[Trigger]:
    """The rules that a text triggers and that count; those that the model rules out are not even looked for."""
    doubted = any(rule.find(words) for rule in profile.urgency.over)
    least = profile.urgency.model.doubted if doubted else 0.0

    def counts(needed: Needed) -> bool:
        return needed.level is None or seen.supports(needed.level, max(needed.probability, least))

    return profile.triggered(words, counts)


def recalling(profile: Profile, own: Said, recalled: str, triggers: Sequence[Trigger]) -> list[Trigger]:
    """The rules that only the own mail triggers which a reminder leaves its matter to; the model has not read that one.

    A reminder that says it is over takes everything away.
    """
    if not recalled or any(rule.find(own) for rule in profile.urgency.over):
        return []
    known = {rule.id for rule, _ in triggers}
    return [found for found in counting(profile, said(recalled), Seen.by(profile, None)) if found[0].id not in known]


def urgency(
    profile: Profile,
    triggers: Sequence[Trigger],
    recalled: Sequence[Trigger],
    facts: Sequence[Fact],
    case: Case,
    received: date | None,
    seen: Seen,
) -> Urgency:
    """Find the highest level a fact gives, with the words that gave it; else the model's, else the profile's default.

    `triggers` are the rules that count, `recalled` those of the own mail that the sender reminds us of.
    """
    found = _facts(triggers, "") + _facts(recalled, "dans le message cité, ")
    if received:
        found += _near_date(profile, facts, received, seen)
    found += _alarm(profile, seen)
    if not found:
        return _without_fact(profile, case, seen)
    level = min((fact.level for fact in found), key=URGENCY_LEVELS.index)
    return Urgency(level, tuple(fact.reason for fact in found if fact.level == level))


def _facts(triggers: Sequence[Trigger], where: str) -> list[Found]:
    return [
        Found(rule.level, f"{where}{rule.reason} : « {words} »")
        for rule, words in triggers
        if isinstance(rule, UrgencyRule)
    ]


def _near_date(profile: Profile, facts: Sequence[Fact], received: date, seen: Seen) -> list[Found]:
    """The nearest date to come, if it is near; births and contested decisions do not count.

    The day of reception may tell what has happened: unless it is a deadline, it needs more of the model's word.
    """
    use = profile.urgency.model
    days = sorted(
        (day, fact.text)
        for fact in facts
        if fact.type == "date" and fact.role not in _NO_DATE
        for day in [date.fromisoformat(fact.value)]
        if day > received or (day == received and (fact.role == "deadline" or seen.supports("haute", use.same_day)))
    )
    near = profile.urgency.near_date_working_days
    return [
        Found("haute", f"échéance proche : « {text} » ({day:%d/%m/%Y})")
        for day, text in days[:1]
        if working_days_between(received, day, profile.administration) <= near and seen.supports("haute", use.near_date)
    ]


def _alarm(profile: Profile, seen: Seen) -> list[Found]:
    """What the model is sure of by itself."""
    use = profile.urgency.model
    reasons = {rule.id: rule.reason for rule in profile.flags}
    if flagged := [reasons[flag] for flag, least in use.flags.items() if seen.flags.get(flag, 0.0) >= least]:
        return [Found("critique", f"selon le modèle, {reason}") for reason in flagged]
    if seen.predicted is None:
        return []
    if seen.critique >= use.critique:
        return [Found("critique", _told("le modèle reconnaît un danger", seen.predicted, "critique"))]
    if seen.haute >= use.haute:
        return [Found("haute", _told("le modèle reconnaît une urgence", seen.predicted, "haute"))]
    return []


def _without_fact(profile: Profile, case: Case, seen: Seen) -> Urgency:
    for default in profile.urgency.default:
        if default.holds(case):
            return Urgency(default.level, (default.reason,))
    if seen.predicted and seen.basse >= profile.urgency.model.basse:
        return Urgency("basse", (_told("rien ne presse, selon le modèle", seen.predicted, "basse"),))
    return Urgency("normale", ("aucun fait urgent relevé",))


def _told(reason: str, predicted: Prediction, level: UrgencyLevel) -> str:
    """A reason with the words that weigh most for a level; evidence opposes the model's first label to its second."""
    first, second = (label for label, _ in (*predicted.ranking, ("", 0.0))[:2])
    sign = 1 if level == first else -1 if level == second else 0
    words = [f"« {word} »" for word, weight in predicted.evidence if weight * sign > 0 and len(word) >= _LEAST_LETTERS]
    return f"{reason} : {', '.join(words[:_WORDS_SHOWN])}" if words else reason
