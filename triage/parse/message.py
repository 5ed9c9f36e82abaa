"""RawMessage -> Message: puts together what the other modules of this stage read."""

import hashlib

from triage.parse.body import Content, gather
from triage.parse.evidence import load_rules
from triage.parse.headers import Headers
from triage.parse.kind import judge
from triage.parse.limits import MAX_TEXT, bound
from triage.parse.repair import repair
from triage.parse.seen import Clues
from triage.parse.tree import Part, tokenise
from triage.types import Address, Message, RawMessage

_MAX_WARNINGS = 20


def parse(raw: RawMessage) -> Message:
    """Return the message that `raw` holds. Never raises, whatever the bytes.

    What is wrong or over a limit is said in `warnings`: `limit: …` (size, lines, header block, headers,
    depth, parts, text, html, subject), `charset: …`, `mime: …`, `headers: …`, `date: …`, `encrypted`,
    `tnef: winmail.dat`. Anything unforeseen keeps the message, with its text unread, and warns
    `unreadable: <error>`.
    """
    digest = hashlib.sha256(raw.content).hexdigest()
    warnings: list[str] = []
    load_rules()  # outside: a fault in the program's own data is no fault of the message
    try:
        root = tokenise(repair(bound(raw.content, warnings), warnings), warnings)
        return _assemble(raw, digest, root, warnings)
    except Exception as error:  # noqa: BLE001 - one hostile message must not stop the batch, nor be lost
        return _unreadable(raw, digest, [*warnings, f"unreadable: {type(error).__name__}"])


def _assemble(raw: RawMessage, digest: str, root: Part, warnings: list[str]) -> Message:
    headers = Headers(root)
    if not len(headers):
        warnings.append("headers: none")
    content = gather(root, warnings)
    subject = headers.subject(warnings)
    date = headers.date(warnings)
    body = content.body()
    sender = headers.first_address("from", "sender")
    kind, reason = judge(_clues(headers, content, sender, subject, body))
    return Message(
        id=headers.message_id() or f"sha256:{digest[:32]}",
        digest=digest,
        origin=raw.origin,
        kind=kind,
        kind_reason=reason,
        sender=sender,
        reply_to=headers.first_address("reply-to"),
        to=headers.addresses("to"),
        cc=headers.addresses("cc"),
        subject=subject,
        date=date,
        received=raw.received or headers.received(),
        body=body,
        html_only=content.html and not content.plain,
        references=headers.references(),
        attachments=tuple(content.attachments),
        warnings=tuple(dict.fromkeys(warnings))[:_MAX_WARNINGS],
    )


def _clues(headers: Headers, content: Content, sender: Address | None, subject: str, body: str) -> Clues:
    return Clues(
        headers=headers,
        sender=sender,
        status=content.status,
        subject=subject,
        body=body,
        attachments=tuple(content.attachments),
        encrypted="encrypted" in content.warnings,
    )


def _unreadable(raw: RawMessage, digest: str, warnings: list[str]) -> Message:
    text = raw.content[:MAX_TEXT].decode("utf-8", "replace")
    body = "".join(char for char in text if char in "\n\t" or char.isprintable())
    return Message(
        id=f"sha256:{digest[:32]}",
        digest=digest,
        origin=raw.origin,
        kind="human",
        kind_reason="Message illisible par le programme : à ouvrir dans la messagerie.",
        sender=None,
        reply_to=None,
        to=(),
        cc=(),
        subject="",
        date=None,
        received=raw.received,
        body=body,
        html_only=False,
        references=(),
        attachments=(),
        warnings=tuple(warnings),
    )
