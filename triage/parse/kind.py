"""What kind of message this is, and why: headers first, then the text.

The patterns, and the sentences an agent reads, are data: `kind.toml`. A rule there decides alone; where none
holds, the signs that are found are added up. Only reports, web forms, forwards and empty mails need code.
"""

import re
from dataclasses import replace
from functools import cache

from triage.parse.addresses import addresses
from triage.parse.attachments import is_signature
from triage.parse.evidence import Sign, groups, rules, signs, thresholds, title, words
from triage.parse.headers import Headers
from triage.parse.seen import Clues, Seen
from triage.parse.tree import Part
from triage.text import fold
from triage.types import Kind

_MAX_POLITE = 50  # words: greeting, closing and signature are hardly longer together
_MAX_REASONS = 3
_MIN_SENTENCE = 6  # words, the name of the field included
_MAX_COMMENT = 40  # words of a colleague above what they forward
_REPLY = re.compile(r"\W{0,3}re\s?:")
_SUBJECT_NAMES = frozenset({"objet", "subject", "sujet"})
_WORDED = frozenset({"subject", "body", "text", "shape"})
_FILED = frozenset({"bounce", "auto_reply", "receipt", "newsletter", "suspect"})  # a device's notice may want an action

Verdict = tuple[Kind, str]


def judge(clues: Clues) -> Verdict:
    """Return the kind of a message and the reason, a French sentence."""
    seen = Seen(clues)
    form = _is_form(seen)
    found = _report(clues) or _first_rule(seen, form=form) or _by_points(seen, form=form)
    if found and found[0] == "newsletter":
        return _discussed(seen) or found
    if found:
        return _relayed(clues, seen.own) or found if found[0] == "machine" else found
    if form:
        return "form", "Champs « nom : valeur » d'un formulaire en ligne."
    return _forwarded(clues, seen) or _empty(clues) or ("human", "Aucun signe d'envoi automatique.")


def _first_rule(seen: Seen, *, form: bool) -> Verdict | None:
    """Return what the first rule that holds says; the words of a web form are a person's, whatever they resemble."""
    for rule in rules():
        if seen.holds(rule.test):
            if form and rule.kind != "suspect" and rule.test.field in _WORDED:
                continue
            return rule.kind, rule.test.reason
    return None


def _by_points(seen: Seen, *, form: bool) -> Verdict | None:
    """Return the kind with the most points, if it has enough; a web form can only be suspect."""
    found = _held(seen)
    points = {kind: sum(sign.worth[rank] for sign in found) for rank, kind in enumerate(thresholds())}
    enough = [kind for kind, needed in thresholds().items() if points[kind] >= needed]
    if form:
        enough = [kind for kind in enough if kind == "suspect"]
    if not enough:
        return None
    kind = max(enough, key=points.__getitem__)
    best = sorted((sign for sign in found if kind in sign.points), key=lambda sign: -sign.points[kind])
    return kind, f"{title(kind)} : {', '.join(dict.fromkeys(sign.test.reason for sign in best[:_MAX_REASONS]))}."


def _held(seen: Seen) -> list[Sign]:
    """Return the signs that hold, or none as soon as no kind can reach its threshold however the rest turn out."""
    needed = tuple(thresholds().values())
    left = []
    for group in groups():
        if group.field in seen.present and (text := seen.field(group.field)).text:
            left += [(sign, text) for sign in group.candidates(text, seen.held)]
    most = [0] * len(needed)
    for sign, _ in left:
        for rank, gain, _ in sign.steps:
            most[rank] += gain
    within_reach = sum(1 << rank for rank, points in enumerate(most) if points >= needed[rank])
    found = []
    for sign, text in left:
        if not within_reach:
            return []
        if not sign.ranks & within_reach:
            continue
        held = sign.test.may_hold(text) and sign.test.holds(text)
        if held:
            found.append(sign)
        for rank, gain, loss in sign.steps:
            most[rank] += loss if held else -gain
            if most[rank] < needed[rank]:
                within_reach &= ~(1 << rank)
    return found


def _report(clues: Clues) -> Verdict | None:
    """Read delivery reports (RFC 3464) and read receipts (RFC 8098)."""
    if "reporting-mta:" in clues.status or ("final-recipient:" in clues.status and "action:" in clues.status):
        if re.search(r"^action:\s{0,9}(?:failed|delayed)", clues.status, re.MULTILINE):
            return "bounce", "Avis de non-remise envoyé par un serveur de messagerie."
        return "receipt", "Avis de remise envoyé par un serveur de messagerie."
    if "disposition:" in clues.status:
        return "receipt", "Accusé de lecture envoyé par un logiciel de messagerie."
    return None


def _relayed(clues: Clues, own: str) -> Verdict | None:
    """Recognise the mail that a site sends in a person's name: from no-reply, to be answered elsewhere."""
    sender = clues.sender
    reply_to = clues.headers.first_address("reply-to")
    if not (sender and reply_to and own.strip()) or "auto-submitted" in clues.headers:
        return None
    domain = reply_to.address.rpartition("@")[2].lower()
    if domain == sender.address.rpartition("@")[2].lower() or "@" not in reply_to.address:
        return None
    if any(pattern.search(reply_to.address.lower()) for pattern in _unread_addresses()):
        return None
    return "form", "Message transmis par un site au nom d'une personne (adresse de réponse distincte)."


def _discussed(seen: Seen) -> Verdict | None:
    """Recognise what a person writes to a discussion list, whose server adds the headers of a list."""
    names = seen.field("names").text
    if not words().discussion.search(names) or words().campaign.search(names) or not _asks(seen):
        return None
    return "human", "Demande d'une personne, reçue par une liste de discussion."


@cache
def _unread_addresses() -> tuple[re.Pattern[str], ...]:
    """Return what tells addresses that nobody reads."""
    return tuple(
        sign.test.pattern for sign in signs() if sign.test.field == "sender" and sign.points.get("machine", 0) > 4
    )


def _forwarded(clues: Clues, seen: Seen) -> Verdict | None:
    """Recognise a bounce, an automatic reply or a letter to many that a colleague passes on with a word or two."""
    if seen.own == seen.whole or (seen.own.strip() and _REPLY.match(seen.subject)):
        return None
    if len(seen.own) > _MAX_COMMENT * 20 or len(seen.own.split()) > _MAX_COMMENT:
        return None
    rest = seen.whole[len(seen.own) :]
    head, _, body = rest.strip("\n").partition("\n\n")
    fields = {match[1]: match[2] for match in words().forward_field.finditer(head)}
    if not fields.keys() & _SUBJECT_NAMES or _asks(seen):
        return None
    subject = next(value for name, value in fields.items() if name in _SUBJECT_NAMES)
    sender = next(iter(addresses(next((fields[name] for name in ("de", "from") if name in fields), ""))), None)
    inner = Seen(replace(clues, headers=Headers(Part()), sender=sender, subject=subject, body=body, attachments=()))
    found = _first_rule(inner, form=False) or _by_points(inner, form=False)
    if not found or found[0] not in _FILED:
        return None
    return found[0], f"Transféré par un collègue : {found[1]}"


def _asks(seen: Seen) -> bool:
    """Say whether the sender asks for something or speaks of their own affairs."""
    newsletter = tuple(thresholds()).index("newsletter")
    return any(seen.holds(sign.test) for sign in signs() if sign.worth[newsletter] < 0)


def _is_form(seen: Seen) -> bool:
    """Recognise a web form: it opens with labelled values, among them who writes, and what; or says that it is one."""
    own = seen.own
    if words().form_subject.search(seen.subject) and words().form_message.search(own):
        return True
    if sum(map(own.count, ":=|")) < 3:
        return False
    lines = [line.strip() for line in own.split("\n") if line.strip()][:40]
    keys = {rank: match[1].strip() for rank, line in enumerate(lines) if (match := words().form_key.match(line))}
    if len(keys) < 3 or sum(rank < 10 for rank in keys) < 3:
        return False
    if not any(words().form_identity.match(key) for key in keys.values()):
        return False
    return any(words().form_content.match(key) and _says_much(lines[rank:]) for rank, key in keys.items())


def _says_much(lines: list[str]) -> bool:
    """Say whether a field holds a sentence, on its line or on the next."""
    return len(" ".join(lines[:2]).split()) >= _MIN_SENTENCE


def _empty(clues: Clues) -> Verdict | None:
    """Recognise a mail that says nothing: fewer than three words beside greeting, closing and « ci-joint »."""
    if len(clues.body) > 20 * _MAX_POLITE or len(clues.body.split(None, _MAX_POLITE)) > _MAX_POLITE:
        return None
    rest = words().polite.sub(" ", fold(clues.body))
    if len(re.findall(r"[^\W\d_]{1,40}", rest)) >= 3:
        return None
    if clues.encrypted:
        return "empty", "Message chiffré : le texte ne peut pas être lu ici."
    if any(not is_signature(one) for one in clues.attachments):
        return "empty", "Pas de texte à lire : le contenu est dans la pièce jointe."
    if words().vague_subject.match(fold(clues.subject.strip())):
        return "empty", "Ni texte ni objet à lire."
    return None
