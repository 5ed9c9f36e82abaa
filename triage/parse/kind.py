"""What kind of message this is, and why: headers first, then the text.

The patterns, and the sentences an agent reads, are data: `kind.toml`. The rules there are tried in
their order, and the first that holds decides; only reports, web forms and empty mails need code.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from triage.parse.attachments import is_signature
from triage.parse.headers import Headers
from triage.types import KINDS, Address, Attachment, Kind

_MAX_TEXT = 3_000
_MAX_POLITE = 50  # words: greeting, closing and signature are hardly longer together
_FLAGS = re.IGNORECASE | re.MULTILINE


@dataclass(frozen=True, slots=True)
class Clues:
    """What the kind is judged by; `status` holds the fields of a delivery report, in lower case."""

    headers: Headers
    sender: Address | None
    status: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of `kind.toml`: `pattern`, and `also` where given, found in `field`, and `unless` not."""

    kind: Kind
    field: str
    hint: tuple[str, ...]
    pattern: re.Pattern[str]
    also: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    reason: str

    def holds(self, text: str, lowered: str) -> bool:
        """Say whether the rule holds for the text of its field, given as it is and in lower case."""
        if self.hint and not any(word in lowered for word in self.hint):
            return False
        if not self.pattern.search(text) or (self.also and not self.also.search(text)):
            return False
        return not (self.unless and self.unless.search(text))


@dataclass(frozen=True, slots=True)
class Words:
    """The patterns that are no rules of their own."""

    quote_start: re.Pattern[str]
    form_key: re.Pattern[str]
    form_identity: re.Pattern[str]
    form_content: re.Pattern[str]
    polite: re.Pattern[str]
    vague_subject: re.Pattern[str]


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in their order."""
    return tuple(_rule(entry) for entry in _data()["rule"])


@cache
def words() -> Words:
    """Return the other patterns."""
    return Words(**{name: re.compile(entry["pattern"], _FLAGS) for name, entry in _data()["words"].items()})


def load_rules() -> None:
    """Read the patterns, once; raises what a fault in `kind.toml` raises."""
    rules()
    words()


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_name("kind.toml").open("rb") as stream:
        return tomllib.load(stream)


def _rule(entry: dict[str, Any]) -> Rule:
    also, unless = entry.get("also"), entry.get("unless")
    kind = next(kind for kind in KINDS if kind == entry["kind"])
    return Rule(
        kind=kind,
        field=entry["field"],
        hint=tuple(entry.get("hint", ())),
        pattern=re.compile(entry["pattern"], _FLAGS),
        also=re.compile(also, _FLAGS) if also else None,
        unless=re.compile(unless, _FLAGS) if unless else None,
        reason=entry["reason"],
    )


def judge(clues: Clues) -> tuple[Kind, str]:
    """Return the kind of a message and the reason, a French sentence."""
    own = _own_words(clues.body)
    is_form = _is_form(own)
    found = _report(clues) or _first_rule(clues, own, ("machine", "newsletter") if is_form else ())
    if found:
        return _relayed(clues, own) or found if found[0] == "machine" else found
    if is_form:
        return "form", "Champs « nom : valeur » d'un formulaire en ligne."
    return _empty(clues) or ("human", "Aucun signe d'envoi automatique.")


def _first_rule(clues: Clues, own: str, skipped: tuple[Kind, ...]) -> tuple[Kind, str] | None:
    """Return what the first rule that holds says."""
    texts: dict[str, tuple[str, str]] = {}
    for rule in rules():
        if rule.field not in texts:
            text = _field(rule.field, clues, own)
            texts[rule.field] = text, text.lower()
        if texts[rule.field][0] and rule.kind not in skipped and rule.holds(*texts[rule.field]):
            return rule.kind, rule.reason
    return None


def _field(name: str, clues: Clues, own: str) -> str:
    """Return the text a rule looks at; an absent header is a text no pattern may match."""
    found = _FIELDS.get(name)
    return found(clues, own) if found else clues.headers.text(name)


_FIELDS: dict[str, Callable[[Clues, str], str]] = {
    "body": lambda _, own: own,
    "subject": lambda clues, _: clues.subject,
    "text": lambda clues, own: f"{clues.subject}\n{own}",
    "sender": lambda clues, _: clues.sender.address if clues.sender else "",
    "attachments": lambda clues, _: "\n".join(one.name for one in clues.attachments),
    "names": lambda clues, _: "\n".join(clues.headers.names()),
}


def _own_words(body: str) -> str:
    """Return the start of the body above the first quoted or forwarded mail: what follows is not the sender's."""
    start = body[:_MAX_TEXT]
    match = words().quote_start.search(start)
    return start[: match.start()] if match else start


def _report(clues: Clues) -> tuple[Kind, str] | None:
    """Read delivery reports (RFC 3464) and read receipts (RFC 8098)."""
    if "reporting-mta:" in clues.status or ("final-recipient:" in clues.status and "action:" in clues.status):
        if re.search(r"^action:\s{0,9}(?:failed|delayed)", clues.status, re.MULTILINE):
            return "bounce", "Avis de non-remise envoyé par un serveur de messagerie."
        return "receipt", "Avis de remise envoyé par un serveur de messagerie."
    if "disposition:" in clues.status:
        return "receipt", "Accusé de lecture envoyé par un logiciel de messagerie."
    return None


def _relayed(clues: Clues, own: str) -> tuple[Kind, str] | None:
    """Recognise the mail that a site sends in a person's name: from no-reply, to be answered elsewhere."""
    sender = clues.sender
    reply_to = clues.headers.first_address("reply-to")
    if not (sender and reply_to and own.strip()) or "auto-submitted" in clues.headers:
        return None
    domain = reply_to.address.rpartition("@")[2].lower()
    if domain == sender.address.rpartition("@")[2].lower() or "@" not in reply_to.address:
        return None
    if _sender_rule().search(reply_to.address):
        return None
    return "form", "Message transmis par un site au nom d'une personne (adresse de réponse distincte)."


@cache
def _sender_rule() -> re.Pattern[str]:
    """Return what tells addresses that nobody reads."""
    return next(rule.pattern for rule in rules() if rule.field == "sender" and rule.kind == "machine")


def _is_form(own: str) -> bool:
    """Recognise a web form: it opens with labelled values, among them who writes, and what."""
    if sum(map(own.count, ":=|")) < 3:
        return False
    lines = [line.strip() for line in own.split("\n") if line.strip()][:40]
    keys = [match[1].strip() for line in lines if (match := words().form_key.match(line))]
    opening = sum(1 for line in lines[:10] if words().form_key.match(line))
    if len(keys) < 3 or opening < 3:
        return False
    text = "\n".join(keys)
    return bool(words().form_identity.search(text)) and bool(words().form_content.search(text))


def _empty(clues: Clues) -> tuple[Kind, str] | None:
    """Recognise a mail that says nothing: fewer than three words beside greeting, closing and « ci-joint »."""
    if len(clues.body) > 20 * _MAX_POLITE or len(clues.body.split()) > _MAX_POLITE:
        return None
    rest = words().polite.sub(" ", clues.body)
    if len(re.findall(r"[^\W\d_]{1,40}", rest)) >= 3:
        return None
    if clues.encrypted:
        return "empty", "Message chiffré : le texte ne peut pas être lu ici."
    if any(not is_signature(one) for one in clues.attachments):
        return "empty", "Pas de texte à lire : le contenu est dans la pièce jointe."
    if words().vague_subject.match(clues.subject.strip()):
        return "empty", "Ni texte ni objet à lire."
    return None
