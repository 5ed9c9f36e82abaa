"""Put everything known of a message together: flags, urgency, deadlines, then what to do and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from triage.decide.deadlines import Course, deadlines, first_request
from triage.decide.urgency import Seen, counting, recalling, urgency
from triage.profile import Case, FlagRule, Procedure, Profile, Trigger, UrgencyRule, said
from triage.types import Action, CleanText, Deadline, Decision, Fact, Message, Prediction, Urgency

READ_BY_HUMANS = ("human", "form", "suspect")
_PRESENT = {"nir": "nir_present", "iban": "iban_present"}


def decide(
    profile: Profile,
    message: Message,
    text: CleanText,
    predictions: Mapping[str, Prediction],
    facts: Sequence[Fact],
    received: date | None,
    first: date | None = None,
) -> Decision:
    """Decide what should happen to a message; `predictions` maps axis to prediction.

    Axes `service` and `nature` are needed, `urgency` and `flags` are used where they are there. `received` is the local
    date from which delays run, `first` that on which our records say the sender first wrote.
    """
    if message.kind not in READ_BY_HUMANS:
        return _technical(profile, message)
    service, nature = predictions["service"], predictions["nature"]
    known = service.label if service.label in profile.services else None
    seen = Seen.by(profile, predictions.get("urgency"), predictions.get("flags"))
    words = said(f"{text.subject}\n\n{text.body}")
    triggers = counting(profile, words, seen)
    recalled = recalling(profile, words, text.recalled, triggers)
    procedures = tuple(rule.id for rule, _ in triggers if isinstance(rule, Procedure))
    flags = _flags(profile, triggers, recalled, facts, known, seen.flags)
    case = Case(message.kind, known, nature.label, flags, procedures=procedures)
    level = urgency(profile, triggers, recalled, facts, case, received, seen)
    case = case._replace(urgency=level.level)
    action, reasons = _action(profile, message, case, service)
    return Decision(
        action=action,
        service=known if action in ("draft", "route") else None,
        nature=nature.label,
        urgency=level,
        flags=case.flags,
        deadlines=_deadlines(profile, case, facts, received, first),
        reasons=reasons,
    )


def _deadlines(
    profile: Profile, case: Case, facts: Sequence[Fact], received: date | None, first: date | None
) -> tuple[Deadline, ...]:
    """The deadlines that run; a reminder's from the earlier of what our records and what the mail itself say."""
    if received is None:
        return ()
    told = first_request(facts, received)
    earliest = min((day for day in (first, told) if day), default=None)
    return deadlines(profile, case, received, Course(first=earliest, sure=earliest is not None and earliest == first))


def _technical(profile: Profile, message: Message) -> Decision:
    """Mail no citizen wrote, or with nothing to read: the rules on `kind` alone decide."""
    rule = next((r for r in profile.actions if r.kinds and r.holds(Case(message.kind))), None)
    action: Action = rule.action if rule else "review"
    reasons = (message.kind_reason, rule.reason if rule else f"type {message.kind!r} sans règle dans le profil")
    return Decision(action, None, None, Urgency("basse" if action == "ignore" else "normale"), (), (), _told(reasons))


def _flags(
    profile: Profile,
    triggers: Sequence[Trigger],
    recalled: Sequence[Trigger],
    facts: Sequence[Fact],
    service: str | None,
    likely: Mapping[str, float],
) -> tuple[str, ...]:
    found = _borne_out(profile, _told_by(triggers), likely) + _told_by(recalled)
    found += [rule.id for rule in profile.flags if service in rule.services]
    found += [flag for kind, flag in _PRESENT.items() if any(fact.type == kind for fact in facts)]
    return tuple(dict.fromkeys(found))


def _told_by(triggers: Sequence[Trigger]) -> list[str]:
    """The flags that words say, and those that come with the dangers they tell of."""
    said = [rule.id for rule, _ in triggers if isinstance(rule, FlagRule)]
    return said + [flag for rule, _ in triggers if isinstance(rule, UrgencyRule) for flag in rule.flags]


def _borne_out(profile: Profile, said: Sequence[str], likely: Mapping[str, float]) -> list[str]:
    """The flags that words say and the model does not rule out, and those of which the model is sure by itself."""
    needs = {rule.id: rule.needs for rule in profile.flags}
    kept = [flag for flag in said if flag not in likely or likely[flag] >= needs.get(flag, 0.0)]
    return kept + [rule.id for rule in profile.flags if rule.model < 1 and likely.get(rule.id, 0.0) >= rule.model]


def _action(profile: Profile, message: Message, case: Case, service: Prediction) -> tuple[Action, tuple[str, ...]]:
    """The first rule that holds; an unsure service sends the message to the mail desk whatever the rule says."""
    rule = next((r for r in profile.actions if r.holds(case)), None)
    reason = rule.reason if rule else "aucune règle du profil ne s'applique"
    flagged = [f"{r.id} : {r.reason}" for r in profile.flags if r.id in case.flags and rule and r.id in rule.flags]
    technical = message.kind_reason if message.kind != "human" else ""
    restricted = reason if rule and rule.action in ("review", "route") else ""
    if beyond := [warning for warning in message.warnings if warning.startswith("limit")]:
        return "review", _told((f"message hors limites ({', '.join(beyond)}) : à lire en entier", restricted, *flagged))
    if case.service is None:
        return "review", _told((technical, _unsure(profile, service), restricted, *flagged))
    return (rule.action if rule else "review"), _told((technical, reason, *flagged))


def without_reply(profile: Profile, decision: Decision, why: str) -> Decision:
    """The decision where a reply was to be drafted and none can be: the service handles the message, told `why`."""
    promised = {rule.reason for rule in profile.actions if rule.action == "draft"}
    kept = [reason for reason in decision.reasons if reason not in promised]
    return replace(decision, action="route", reasons=_told((f"aucune réponse préparée : {why}", *kept)))


def _unsure(profile: Profile, service: Prediction) -> str:
    why = service.abstention or f"service {service.label!r} inconnu du profil"
    likely = profile.services.get(service.ranking[0][0]) if service.ranking else None
    return f"service incertain : {why}" + (f" ; piste la plus probable : {likely.name}" if likely else "")


def _told(reasons: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for reason in reasons if reason))
