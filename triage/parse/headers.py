"""The header block of a message, decoded on demand."""

import re
from datetime import datetime

from triage.parse.addresses import addresses
from triage.parse.dates import parse_date, received_date
from triage.parse.limits import MAX_HEADER_VALUE, MAX_REFERENCES, MAX_SUBJECT
from triage.parse.tree import Part
from triage.parse.words import decode_line, one_line, unescape
from triage.types import Address

_LONGEST_DATE = 200  # characters, comments included
_ID = re.compile(r"<([^<>\s]{1,400})>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,300}@[^\s<>,;\"]{1,200}")


class Headers:
    """Headers by lower-case name, each with its raw values from top to bottom."""

    def __init__(self, part: Part) -> None:
        """Read the headers of `part`."""
        self._values = part.by_name()

    def __contains__(self, name: str) -> bool:
        """Say whether a header is there, even empty."""
        return name in self._values

    def __len__(self) -> int:
        """Return the number of distinct headers."""
        return len(self._values)

    def raw(self, name: str) -> str:
        """Return the first value of a header, undecoded and cut at 16 KB, or an empty string."""
        values = self._values.get(name)
        value = values[0] if values else ""
        # A longer value is cut between words, so that no half of an encoded word is left.
        return value if len(value) <= MAX_HEADER_VALUE else value[:MAX_HEADER_VALUE].rpartition(" ")[0]

    def text(self, name: str) -> str:
        """Return the first value of a header as one decoded line, or an empty string."""
        return decode_line(self.raw(name))

    def names(self) -> list[str]:
        """Return the names of the headers that are there."""
        return list(self._values)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Return the addresses of all headers called `name`, at most 1,000."""
        values = self._values.get(name, ())
        if len(values) == 1:
            return addresses(values[0])
        return addresses(",".join(value for value in values))

    def first_address(self, *names: str) -> Address | None:
        """Return the first address of the first of these headers that has one."""
        return next((found[0] for name in names if (found := addresses(self.raw(name)))), None)

    def subject(self, warnings: list[str]) -> str:
        """Return the subject on one line of at most 2,000 characters."""
        text = self.text("subject")
        if len(text) > MAX_SUBJECT or len(self._values.get("subject", [""])[0]) > MAX_HEADER_VALUE:
            warnings.append("limit: subject")
        return text[:MAX_SUBJECT]

    def date(self, warnings: list[str]) -> datetime | None:
        """Return the moment of the Date header, in UTC, or None when it is missing or odd."""
        text = self.text("date")
        moment = parse_date(text)
        if text and not moment:
            warnings.append("date: unreadable")
        return moment

    def received(self) -> datetime | None:
        """Return the moment of the topmost Received header, in UTC, or None."""
        return received_date(decode_line(self.raw("received")[-_LONGEST_DATE:]))

    def message_id(self) -> str:
        """Return the Message-ID without brackets, or an empty string."""
        return next(iter(_ids(self.raw("message-id"))), "")

    def references(self) -> tuple[str, ...]:
        """Return the ids of References, then of In-Reply-To, oldest first; the last 100 of a long thread."""
        found = dict.fromkeys([*_ids(self.raw("references")), *_ids(self.raw("in-reply-to"))])
        return tuple(found)[-MAX_REFERENCES:]


def _ids(value: str) -> list[str]:
    text = one_line(unescape(value)) if value else ""
    return _ID.findall(text) or _BARE_ID.findall(text)
