"""Who is answered, and how they are addressed."""

import re

from triage.types import Address, CleanText, Fact, Message

_NO_REPLY = re.compile(
    r"(?:^|[._+-])(?:no|ne|not|do[._-]?not)[._-]?(?:pas[._-]?)?(?:reply|repondre|respond)(?:[._+-]|$)"
    r"|^(?:mailer-daemon|postmaster|bounces?)(?:[._+-]|$)"
)
_ONE_ADDRESS = re.compile(r"[^\s,;:<>()\[\]\"@]{1,64}@[^\s,;:<>()\[\]\"@]{1,255}")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’.-]{0,30}"
_CIVILITY = re.compile(
    rf"\s*(Mme|Mlle|Madame|Mademoiselle|M\.|Mr|Monsieur|Maître|Me)[ \u00a0]+{_NAME}(?:[ \u00a0]{_NAME}){{0,3}}"
)
_PHONE = re.compile(r"[\s,;:–-]*(?:t[ée]l(?:[ée]phone)?\.? ?:? ?)?(?:\+33 ?|0)\d(?:[ .-]?\d\d){4}$", re.IGNORECASE)
_HOUSE = re.compile(r",? (?:\d{1,4}(?: (?:bis|ter))?,? [^\d\n]{3,60}|\d{5} [^\d\n]{2,60}){1,2}$")
_OPENINGS = {"Maître": "Maître", "Me": "Maître", "M.": "Monsieur", "Mr": "Monsieur", "Monsieur": "Monsieur"}
_LAST_LINES = 3


def answerable(address: Address | None) -> bool:
    """Whether an address is one mailbox that a person reads: neither no-reply nor a mail server."""
    if address is None or not _ONE_ADDRESS.fullmatch(address.address):
        return False
    return not _NO_REPLY.search(address.address.split("@")[0].lower())


def recipient(message: Message, text: CleanText, facts: tuple[Fact, ...], home: str) -> tuple[Address | None, str]:
    """The person to answer, and what an agent should verify about that address (French, or nothing).

    Of a forward, its first writer; else Reply-To; else From; of a web form sent by our own site, the address typed in
    it. None when nobody reads there. `home` is the administration's own address.
    """
    if text.forwarded:
        first = text.forwarded.sender
        return (first, "le destinataire est l'auteur du message transféré") if answerable(first) else (None, "")
    candidate = message.reply_to or message.sender
    if message.kind == "form" and (not answerable(candidate) or _domain(candidate) == home.rpartition("@")[2].lower()):
        typed = next(
            (f.value for f in facts if f.type == "email" and _domain(Address("", f.value)) != _domain(candidate)), ""
        )
        found = Address("", typed)
        return (
            (found, "l'adresse du destinataire est celle saisie dans le formulaire")
            if answerable(found)
            else (None, "")
        )
    if not answerable(candidate):
        return None, ""
    return candidate, _disagreement(message)


def _disagreement(message: Message) -> str:
    answered, sender = _domain(message.reply_to), _domain(message.sender)
    if message.kind == "form" or not answered or not sender or answered == sender:
        return ""
    return f"la réponse part vers {answered}, le message vient de {sender} : est-ce bien la même personne ?"


def _domain(address: Address | None) -> str:
    return address.address.rpartition("@")[2].lower() if address else ""


def opening(message: Message, text: CleanText) -> str:
    """Madame or Monsieur only where the person wrote it beside their name; never guessed from a first name."""
    found = {
        _OPENINGS.get(match[1], "Madame") for line in _signed(message, text) if (match := _CIVILITY.fullmatch(line))
    }
    return f"{found.pop()}," if len(found) == 1 else "Madame, Monsieur,"


def _signed(message: Message, text: CleanText) -> list[str]:
    """The lines where people write their own name: signatures, the last lines of their words, the sender's name."""
    names = [] if text.forwarded or message.sender is None else [message.sender.name]
    blocks = [message.body[s.start : s.end] for s in text.segments if s.kind == "signature"]
    last = [line for line in text.body.splitlines() if line.strip()][-_LAST_LINES:]
    lines = [line.strip() for block in (*blocks, *last, *names) for line in block.splitlines()]
    bare = (_HOUSE.sub("", _PHONE.sub("", line) if line[-1:].isdigit() else line) for line in lines)
    return [line.strip(" 	,.-–—*") for line in bare]
