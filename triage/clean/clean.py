"""What the sender of a message newly wrote, and its masked form."""

from collections.abc import Sequence

from triage.clean.mask import mask, sender_names
from triage.clean.patterns import patterns
from triage.clean.segment import segment
from triage.clean.subject import strip_prefixes
from triage.types import CleanText, Forwarded, Message, Segment

_SIGNED = 3  # first lines of a signature where a name stands


def clean(message: Message) -> CleanText:
    """Segment, strip and mask `message`. Never raises; takes time linear in the size of the body.

    `body` is never empty unless subject and body both are; `masked` always holds exactly one line
    feed after the subject, and the body's own words only (nothing where the body is the subject).
    """
    found = segment(message)
    subject = strip_prefixes(message.subject)
    names = names_of(message, found.segments, found.forwarded)
    masked = mask(subject, found.own, names)
    return CleanText(subject, found.own or subject, found.segments, masked, found.forwarded, found.recalled)


def names_of(message: Message, segments: Sequence[Segment], forwarded: Forwarded | None) -> list[str]:
    """Texts that name the writer: what the addresses say and what the mail is signed with."""
    writer = forwarded.sender if forwarded else None
    names = sender_names(message.sender) + sender_names(writer)
    signed = patterns("parts")["signature_name"]
    for part in segments:
        if part.kind == "signature":
            lines = message.body[part.start : part.end][:500].split("\n")[:_SIGNED]
            names += [_before_remark(line) for line in lines if signed.match(line.strip())]
    return names


def _before_remark(line: str) -> str:
    """« Anne Roux » of « Anne Roux, présidente »."""
    for mark in (",", "(", "–", "—", "|", " - ", "/"):
        line = line.partition(mark)[0]
    return line
