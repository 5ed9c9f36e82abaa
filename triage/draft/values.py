"""The names a template may use, drawn from a situation; None or an empty string where the mail says nothing.

Values: administration, service (name, called, phone, email, postal_address, named), opening, formal, our_reference,
reference, title, topic, authority, transmitted, online, civil_judge, located, received, written, place, contested,
wrote, invoice, attachments, needs, identity, helplines, pressing, signs, kindness, passages, effect, silence, cada,
rgpd, acknowledgement.
Functions: gap(what…) prints « [à compléter : what] », confirm(what) « [à confirmer : what] »; check(what) prints
nothing and adds « à vérifier » to what the agent must do; cite(article…) names articles of letters.toml, law(deadline)
the one a deadline comes from; due(deadline, what) its date, or a gap; concerns(noun) says in one sentence what the
person asked, noted() the place and dates alone.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from triage.draft.asked import details_alone, ours, place, taken_up
from triage.draft.citations import Citations, confirm, gap
from triage.draft.days import contested, french_date, wrote
from triage.draft.recipient import opening
from triage.draft.situation import Situation
from triage.profile import Service
from triage.text import fold
from triage.types import Deadline, Fact

_REFERENCES = ("permit", "file", "reference", "invoice")
_LOGIN = re.compile(r"\b(?:identifiants?|login|code d'acces|nom d'utilisateur|mot de passe)\b[^.;\n]{0,15}$")
_DEADLINES = ("silence", "cada", "rgpd", "acknowledgement")


class Notes:
    """Beside the text of a letter: what an agent must see to before sending, and which words come from the mail."""

    def __init__(self) -> None:
        self.checks: list[str] = []
        self.told: list[str] = []

    def tell(self, words: str) -> str:
        """Remember words drawn from the mail, and return them."""
        if words:
            self.told.append(words)
        return words

    def check(self, what: str) -> str:
        """Remember an act of the agent, such as joining a copy; prints nothing."""
        if what not in self.checks:
            self.checks.append(what)
        return ""


def values(situation: Situation, citations: Citations, notes: Notes) -> dict[str, Any]:
    """Every name a template may use."""
    return {
        **_writers(situation),
        **_facts(situation, notes),
        **_subject_matter(situation, notes),
        **{name: _deadline(situation.deadline(name)) for name in _DEADLINES},
        "effect": situation.effect,
        "passages": [passage for passage in situation.passages if notes.tell(passage.text)],
        "gap": gap,
        "confirm": confirm,
        "check": notes.check,
        "cite": citations.cite,
        "law": lambda deadline: citations.source(deadline["source"], confirmed=deadline["confirmed"]),
        "due": lambda deadline, what: deadline["shown"] if deadline else gap(what),
        "concerns": lambda noun: notes.tell(taken_up(noun, situation)),
        "noted": lambda: notes.tell(details_alone(situation)),
    }


def empty_values(everything: Mapping[str, Any]) -> dict[str, Any]:
    """The same names with nothing known of the mail, to try a template on."""
    kept = ("administration", "service", "opening", "formal", "our_reference", "received", "signs")
    nothing: dict[type, Any] = {str: "", list: [], tuple: (), bool: False}
    return {
        name: value if name in kept or callable(value) else nothing.get(type(value))
        for name, value in everything.items()
    }


def _writers(situation: Situation) -> dict[str, Any]:
    greeting = opening(situation.message, situation.text)
    return {
        "administration": situation.profile.administration,
        "service": _service(situation),
        "opening": greeting,
        "formal": f"Veuillez recevoir, {greeting.rstrip(',')}, nos salutations distinguées.",
    }


def _service(situation: Situation) -> dict[str, Any]:
    """The service that signs, its own contact or the administration's; unnamed where a citizen could not place it."""
    home, decided = situation.profile.administration, situation.decision.service
    named = decided is not None and decided not in situation.letters.signed_by_administration
    service = situation.profile.services[decided] if decided else Service(id="desk", name=home.name, description="")
    return {
        "named": named,
        "name": service.name if named else home.name,
        "called": f"service « {service.name} »" if named else "service compétent",
        "phone": service.phone or home.phone,
        "email": service.email or home.email,
        "postal_address": service.postal_address or home.postal_address,
    }


def _facts(situation: Situation, notes: Notes) -> dict[str, Any]:
    facts, home = situation.facts, situation.profile.administration
    written = home.local_date(situation.message.date)
    return {
        "our_reference": notes.tell(situation.message.digest[:8].upper()) or gap("numéro d'enregistrement"),
        "reference": notes.tell(_written([fact for fact in facts if not _is_login(fact, situation)], _REFERENCES)),
        "invoice": notes.tell(_written(facts, ("invoice",))),
        "received": french_date(situation.received) if situation.received else gap("date de réception"),
        "written": french_date(written) if written else gap("date du message"),
        "place": place(situation),
        "contested": contested(situation),
        "wrote": wrote(situation),
        "attachments": _attachments(len(situation.message.attachments)),
        "needs": situation.needs,
        "identity": situation.identity,
        "helplines": _helplines(situation),
        "pressing": situation.decision.urgency.level == "haute",
        "signs": situation.signs,
        "kindness": [rule.says for rule in situation.letters.kindness if rule.find(situation.words)],
    }


def _subject_matter(situation: Situation, notes: Notes) -> dict[str, Any]:
    topic = situation.topic
    return {
        "title": notes.tell(situation.quoted),
        "topic": topic.id if topic else "",
        "authority": topic.authority if topic else "",
        "transmitted": topic.transmitted if topic else True,
        "online": topic.online if topic else "",
        "civil_judge": situation.decision.service in situation.letters.civil_judge,
        "located": situation.decision.service in situation.letters.located,
    }


def _deadline(deadline: Deadline | None) -> Mapping[str, Any] | None:
    """A deadline as « 3 juin 2026 », followed by its doubt where nobody has confirmed it."""
    if deadline is None:
        return None
    day = french_date(deadline.due)
    doubt = "" if deadline.confirmed else f" {confirm(f'régime et date, {deadline.source}')}"
    return {
        "shown": day + doubt,
        "source": deadline.source,
        "confirmed": deadline.confirmed,
        "read": f"{deadline.label}, {deadline.effect or 'effet inconnu'} le {day}, {deadline.source}",
    }


def _written(facts: Sequence[Fact], types: Sequence[str]) -> str:
    """The first fact of the first of `types` found, as written, where a reply may repeat it."""
    texts = [" ".join(fact.text.split()) for kind in types for fact in facts if fact.type == kind and ours(fact)]
    return next(iter(texts), "")


def _is_login(fact: Fact, situation: Situation) -> bool:
    """Whether a number is what the person logs in with: no reference of a file, and not to be repeated."""
    return fact.start >= 0 and bool(_LOGIN.search(fold(situation.message.body[max(0, fact.start - 30) : fact.start])))


def _attachments(count: int) -> str:
    return "" if not count else "1 pièce jointe" if count == 1 else f"{count} pièces jointes"


def _helplines(situation: Situation) -> list[str]:
    """« 3114 : numéro national de prévention du suicide… », those that the mail's flags and words call for."""
    called = [line for line in situation.letters.helpline if set(line.flags) & set(situation.decision.flags)]
    found = [line for line in called if line.find(situation.words)]
    return [f"{line.number} : {line.says}{'' if line.confirmed else f' {confirm(line.number)}'}" for line in found]
