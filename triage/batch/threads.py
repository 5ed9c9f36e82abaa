"""Which mails recall an earlier one of the same sender: its day of reception goes with them to the pipeline.

A Message-ID and its sender are kept in the journal as one hash. A mail is linked to what stands before it in the same
input, or in an input that was finished: so a run that was interrupted gives the same results as one that was not.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import NamedTuple

from triage.journal import Begun, Journal
from triage.parse.dates import parse_date, received_date
from triage.types import RawMessage

_HEADERS = 65_536  # bytes
_MOST_REFERENCES = 20  # of a mail: the first ten and the last ten
_FIELD = re.compile(
    rb"^(message-id|references|in-reply-to|from|date|received)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_ID = re.compile(rb"<([^<>\s]{3,250})>")
_ADDRESS = re.compile(rb"[\w.+'=-]{1,64}@[\w.-]{1,190}")


class _Head(NamedTuple):
    """What a header block says: keys of the mail itself and of those it answers, and its moment of reception."""

    own: str
    answered: tuple[str, ...]
    moment: datetime | None


def linked(raws: Sequence[RawMessage], journal: Journal, start: int) -> list[RawMessage]:
    """The same messages, `first` set where one recalls an earlier one; `start` is the position of the first of them."""
    heads = [_head(raw) for raw in raws]
    begun = {
        head.own: Begun(head.moment.isoformat(), position)
        for position, head in reversed(list(enumerate(heads, start)))
        if head.own and head.moment
    }
    journal.note_begun(begun)
    known = journal.begun(set(chain.from_iterable(head.answered for head in heads)))
    return [
        _with_first(raw, head, [known[key] for key in head.answered if key in known], position)
        for position, (raw, head) in enumerate(zip(raws, heads, strict=True), start)
    ]


def _with_first(raw: RawMessage, head: _Head, begun: Sequence[Begun], position: int) -> RawMessage:
    before = [datetime.fromisoformat(one.moment) for one in begun if one.position < position]
    first = min(before, default=None)
    return replace(raw, first=first) if first and head.moment and first < head.moment else raw


def _head(raw: RawMessage) -> _Head:
    block = raw.content[:_HEADERS].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields: dict[bytes, bytes] = {}
    for found in _FIELD.finditer(block):
        fields.setdefault(found[1].lower(), found[2])
    sender = _ADDRESS.search(fields.get(b"from", b"").rpartition(b"<")[2])
    if sender is None:
        return _Head("", (), None)
    ids = _ID.findall(fields.get(b"message-id", b""))
    answered = _ID.findall(fields.get(b"references", b"") + fields.get(b"in-reply-to", b""))
    if len(answered) > _MOST_REFERENCES:
        answered = answered[: _MOST_REFERENCES // 2] + answered[-_MOST_REFERENCES // 2 :]
    keys = [sha256(one + b"\0" + sender.group().lower()).hexdigest()[:32] for one in (*ids[:1], *answered)]
    return _Head(keys[0] if ids else "", tuple(dict.fromkeys(keys[len(ids[:1]) :])), raw.received or _moment(fields))


def _moment(fields: dict[bytes, bytes]) -> datetime | None:
    received = received_date(" ".join(fields.get(b"received", b"").decode("latin-1").split()))
    return received or parse_date(fields.get(b"date", b"").decode("latin-1"))
