"""Choose the template that answers a message, and fill it with what the message says.

Nothing is invented: what is not known becomes a visible gap.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from triage.draft.templates import Gaps, check_template, render
from triage.errors import ProfileError
from triage.profile import Case, Profile, Service
from triage.text import fold
from triage.types import Address, CleanText, Deadline, Decision, Draft, Fact, Message

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_NO_REPLY = re.compile(
    r"(?:^|[._+-])(?:no|ne|not|do[._-]?not)[._-]?(?:pas[._-]?)?(?:reply|repondre|respond)(?:[._+-]|$)"
    r"|^(?:mailer-daemon|postmaster|bounces?)(?:[._+-]|$)"
)
_EMPTY_SUBJECTS = {
    "",
    "bonjour",
    "question",
    "demande",
    "urgent",
    "mail",
    "sans objet",
    "objet",
    "info",
    "(sans objet)",
}
_CIVILITY = re.compile(r"^\s*(Mme|Madame|M\.|Mr|Monsieur|Maître|Me)[ \u00a0]+[A-ZÉÈ]")
_OPENINGS = {"Mme": "Madame", "Madame": "Madame", "Maître": "Maître", "Me": "Maître"}  # else Monsieur


@dataclass(frozen=True)
class Situation:
    """Everything a reply may draw on; `received` is the local date from which delays run."""

    profile: Profile
    message: Message
    text: CleanText
    decision: Decision
    facts: Sequence[Fact]
    received: date | None

    @property
    def case(self) -> Case:
        """The message as rules look at it."""
        d = self.decision
        return Case(self.message.kind, d.service, d.nature, d.flags, d.urgency.level)


def draft(situation: Situation) -> Draft | None:
    """The reply to a message whose decision is « draft », or None when there is nobody to answer."""
    message, decision = situation.message, situation.decision
    recipient = _recipient(message, situation.text)
    if decision.action != "draft" or recipient is None or message.kind not in ("human", "form"):
        return None
    rule = next((r for r in situation.profile.replies if r.holds(situation.case)), None)
    if rule is None or decision.service is None:
        return None
    gaps = Gaps()
    service = situation.profile.services[decision.service]
    body = render(rule.template, situation.profile.templates[rule.template], _values(situation, service, gaps))
    threaded = not message.id.startswith("sha256:")
    return Draft(
        to=recipient,
        subject=f"Re: {situation.text.subject or 'votre message'}",
        body=re.sub(r"\n{3,}", "\n\n", body).strip() + "\n",
        in_reply_to=message.id if threaded else "",
        references=(*message.references, message.id) if threaded else message.references,
        template=rule.template,
        sources=tuple(dict.fromkeys(d.source for d in decision.deadlines if french_date(d.due) in body)),
        missing=tuple(gaps.missing),
    )


def broken_templates(profile: Profile) -> list[str]:
    """What is wrong with the profile's templates, one line each; empty when all can be rendered."""
    problems = []
    for name, source in profile.templates.items():
        try:
            check_template(name, source, _sample_values(profile))
        except ProfileError as error:
            problems.append(f"{profile.folder}/{error}")
    return problems


def answerable(address: Address | None) -> bool:
    """Whether a person reads an address: neither no-reply nor a mail server."""
    return address is not None and not _NO_REPLY.search(address.address.split("@")[0].lower())


def french_date(day: date) -> str:
    """« 1er mars 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _sample_values(profile: Profile) -> dict[str, Any]:
    """Values of every name a template may use, to check templates without a mail."""
    day = date(2026, 1, 5)
    deadline = _deadline_values(Deadline("silence", day, "CRPA L231-4 2°", confirmed=True), "rejet")
    return {
        "administration": profile.administration,
        "service": next(iter(profile.services.values())),
        "opening": "Madame, Monsieur,",
        "closing": "Bien cordialement,",
        "contact": "01 99 00 00 01",
        "contact_line": "01 99 00 00 01",
        "gap": Gaps(),
        "about": " au sujet de « Objet »",
        "received": french_date(day),
        "written": french_date(day),
        "place": "12 rue des Lilas",
        "event": french_date(day),
        "contested": french_date(day),
        "reference": "2026-118",
        "invoice": "F-2026-011",
        "attachments": "1 pièce jointe",
        "identified": True,
        "silence": deadline,
        "cada": deadline,
        "rgpd": deadline,
    }


def _recipient(message: Message, text: CleanText) -> Address | None:
    """The person who wrote: of a forward the first writer, else Reply-To, else From; None when nobody reads there."""
    candidate = text.forwarded.sender if text.forwarded else (message.reply_to or message.sender)
    return candidate if answerable(candidate) else None


def _values(situation: Situation, service: Service, gaps: Gaps) -> dict[str, Any]:
    """Every name a template may use; None or an empty string where the mail says nothing."""
    profile, message, facts, received = situation.profile, situation.message, situation.facts, situation.received
    home = profile.administration
    written = home.local_date(message.date)
    effect = next((r.effect for r in profile.regimes if r.name == "silence" and r.holds(situation.case)), "")
    due = {d.name: _deadline_values(d, effect) for d in situation.decision.deadlines}
    return {
        "administration": home,
        "service": service,
        "opening": _opening(message, situation.text),
        "closing": _closing(profile, gaps),
        "contact": _contact(profile, service),
        "contact_line": f"{service.phone or home.phone} ou {service.email or home.email}",
        "gap": gaps,
        "about": _about(situation.text),
        "received": french_date(received) if received else gaps("date de réception"),
        "written": french_date(written) if written else gaps("date du message"),
        "place": _first(facts, "address", "place"),
        "event": _date(facts, ("event", "deadline")),
        "contested": _date(facts, ("contested",)),
        "reference": _first(facts, "file") or _first(facts, "permit") or _first(facts, "invoice"),
        "invoice": _first(facts, "invoice"),
        "attachments": _attachments(message),
        "identified": _first(facts, "address", "sender") is not None,
        "silence": due.get("silence"),
        "cada": due.get("cada"),
        "rgpd": due.get("rgpd"),
    }


def _deadline_values(deadline: Deadline, effect: str) -> Mapping[str, Any]:
    return {
        "due": french_date(deadline.due),
        "source": deadline.source,
        "confirmed": deadline.confirmed,
        "effect": effect,
    }


def _opening(message: Message, text: CleanText) -> str:
    """Madame or Monsieur only where the person wrote it at the foot of the mail or in the sender's name."""
    signatures = [message.body[s.start : s.end] for s in text.segments if s.kind == "signature"]
    names = [] if text.forwarded or message.sender is None else [message.sender.name]
    for line in (line for block in (*signatures, *names) for line in block.splitlines()):
        if found := _CIVILITY.match(line):
            return _OPENINGS.get(found[1], "Monsieur") + ","
    return "Madame, Monsieur,"


def _closing(profile: Profile, gaps: Gaps) -> str:
    lines = [
        "Bien cordialement,",
        "",
        gaps("prénom, nom et qualité de l'agent (CRPA L111-2)"),
        profile.administration.name,
    ]
    if profile.administration.algorithm_notice:
        lines += ["", profile.administration.algorithm_notice]
    return "\n".join(lines)


def _contact(profile: Profile, service: Service) -> str:
    """The mentions R112-11-1 2° asks of an acknowledgement: name, postal or electronic address, telephone."""
    home = profile.administration
    return "\n".join(
        (
            f"{service.name} – {home.name}",
            service.postal_address or home.postal_address,
            f"{service.phone or home.phone} – {service.email or home.email}",
        )
    )


def _about(text: CleanText) -> str:
    """« au sujet de « … » » with the subject as written, unless it is empty or holds what must not be repeated."""
    subject = " ".join(text.subject.split())
    empty = fold(subject).strip(" .!?") in _EMPTY_SUBJECTS
    masked = text.masked.split("\n", 1)[0]
    if empty or len(subject) > 120 or _words(subject) != _words(masked):
        return ""
    return f" au sujet de « {subject} »"


def _words(line: str) -> list[str]:
    return re.findall(r"\w+", line.lower())


def _first(facts: Sequence[Fact], kind: str, role: str | None = None) -> str | None:
    found = (" ".join(f.text.split()) for f in facts if f.type == kind and (role is None or f.role == role))
    return next(found, None)


def _date(facts: Sequence[Fact], roles: Sequence[str]) -> str | None:
    found = (french_date(date.fromisoformat(f.value)) for f in facts if f.type == "date" and f.role in roles)
    return next(found, None)


def _attachments(message: Message) -> str:
    count = len(message.attachments)
    return "" if not count else "1 pièce jointe" if count == 1 else f"{count} pièces jointes"
