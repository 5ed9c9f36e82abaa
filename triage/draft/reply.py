"""Choose the template that answers a message, and fill it with what the message says.

Nothing is invented: what is not known becomes a visible gap, what nobody has verified a visible doubt, and both are
listed in `Draft.missing` with what the linter found and what the agent must check.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from triage.draft.citations import Citations
from triage.draft.days import french_date
from triage.draft.letters import letter_faults, letters_of
from triage.draft.lint import lint_filled
from triage.draft.recipient import recipient
from triage.draft.situation import Situation, chosen_template
from triage.draft.templates import render
from triage.draft.values import Notes, empty_values, values
from triage.errors import MessageError, ProfileError
from triage.profile import Profile
from triage.types import Address, CleanText, Deadline, Decision, Draft, Message, Urgency

_ANSWERED = ("human", "form")
_LEFT = re.compile(r"\[à compléter : ([^\]]+)\]|\[(à confirmer : [^\]]+)\]|\((à confirmer : [^)]+)\)")


def draft(situation: Situation) -> Draft | None:
    """The reply to a message whose decision is « draft », or None when no rule or nobody to answer is there."""
    template = chosen_template(situation) if situation.decision.action == "draft" else None
    to, doubt = _to(situation)
    if template is None or to is None or situation.decision.service is None:
        return None
    return _draft(template, situation, to, doubt)


def why_no_draft(situation: Situation) -> str:
    """Why `draft` found no reply where one was to be prepared, for the agent."""
    if _to(situation)[0] is None:
        return "le message ne donne aucune adresse où une personne lirait la réponse"
    return "aucun modèle de réponse du profil ne convient"


def draft_with(name: str | None, situation: Situation) -> Draft:
    """The reply an agent asks for, whatever was decided: by number (« T18 »), by template name, or as rules choose.

    Raises ProfileError for an unknown name, MessageError when nobody can be answered or rules choose nothing.
    """
    template = letters_of(situation.profile).template_named(name) if name else chosen_template(situation)
    kind = situation.message.kind
    if kind not in _ANSWERED:
        raise MessageError(f"a message of kind {kind!r} is never answered")
    to, doubt = _to(situation)
    if to is None:
        raise MessageError("nobody to answer: the message gives no address that a person reads")
    if template is None:
        raise MessageError("no rule chooses a template for this message: name one, such as T02")
    return _draft(template, situation, to, doubt)


def broken_templates(profile: Profile) -> list[str]:
    """What is wrong with the profile's templates and letter files, one line each; empty when all can be used."""
    problems = letter_faults(profile)
    sample = _sample(profile)
    for name in profile.templates:
        try:
            everything = values(sample, Citations(sample.letters), Notes())
            render(name, profile.templates, everything)
            render(name, profile.templates, empty_values(everything))
        except ProfileError as error:
            problems.append(f"{profile.folder}/{error}")
    return problems


def _to(situation: Situation) -> tuple[Address | None, str]:
    if situation.message.kind not in _ANSWERED:
        return None, ""
    home = situation.profile.administration.email
    return recipient(situation.message, situation.text, tuple(situation.facts), home)


def _draft(template: str, situation: Situation, to: Address, doubt: str) -> Draft:
    message, citations, notes = situation.message, Citations(situation.letters), Notes()
    rendered = render(template, situation.profile.templates, values(situation, citations, notes))
    lines = "\n".join([line.rstrip(" \t") for line in rendered.split("\n")])
    body = re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
    threaded = not message.id.startswith("sha256:")
    return Draft(
        to=to,
        subject=f"Re: {situation.subject or _dated(situation)}",
        body=body,
        in_reply_to=message.id if threaded else "",
        references=(*message.references, message.id) if threaded else message.references,
        template=template,
        sources=_sources(situation, citations, body),
        missing=_missing(body, situation, citations.doubts, notes, doubt),
    )


def _dated(situation: Situation) -> str:
    written = situation.profile.administration.local_date(situation.message.date)
    return f"votre message du {french_date(written)}" if written else "votre message"


def _sources(situation: Situation, citations: Citations, body: str) -> tuple[str, ...]:
    """The articles and passages the letter rests on."""
    quoted = (f"{p.title}, {p.date}, {p.link}" for p in situation.passages if p.text in body)
    return (*citations.cited, *quoted)


def _missing(body: str, situation: Situation, doubts: Sequence[str], notes: Notes, doubt: str) -> tuple[str, ...]:
    """Gaps and doubts in reading order, then what the agent must check, then what the linter found."""
    doubtful = [f"à confirmer : {what}" for what in doubts]
    left = [found[1] or found[2] or found[3] for found in _LEFT.finditer(body)]
    alarming = set(situation.letters.no_suggestion) & set(situation.decision.flags)
    alarms = [f"{flag.id} : {flag.reason}" for flag in situation.profile.flags if flag.id in alarming]
    names = [fact.value for fact in situation.facts if fact.type == "person"]
    faults = map(str, lint_filled(body, notes.told, situation.profile, names=names))
    checked = [f"à vérifier : {what}" for what in (*alarms, *notes.checks, doubt) if what]
    return tuple(dict.fromkeys((*left, *doubtful, *checked, *(f"à corriger : {fault}" for fault in faults))))


def _sample(profile: Profile) -> Situation:
    """An invented situation, to try templates on without a mail."""
    day = date(2026, 1, 5)
    names = ("silence", "cada", "rgpd", "acknowledgement")
    due = tuple(Deadline(name, day, "CRPA L231-4 2°", confirmed=True) for name in names)
    service, nature = next(iter(profile.services)), next(iter(profile.natures))
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    message = Message(
        id="m@example.fr", digest="0" * 64, origin="", kind="human", kind_reason="", sender=Address("", "a@example.fr"),
        reply_to=None, to=(), cc=(), subject="Objet", date=moment, received=moment, body="", html_only=False,
        references=(), attachments=(), warnings=(),
    )  # fmt: skip
    decision = Decision("draft", service, nature, Urgency("normale"), (), due, ())
    return Situation(profile, message, CleanText("Objet", "", (), "Objet\n"), decision, (), day)
