"""The fields of a message that rules and signs look at."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from triage.parse.evidence import Pattern, screen, words
from triage.parse.headers import Headers
from triage.parse.plain import Text, plain
from triage.types import Address, Attachment

_START, _END = 3_000, 1_000  # characters of the body that are looked at
_QUOTE_HINTS = (">", "--", "____", " ecrit", "wrote", "de :", "de:", "from:", "from :")


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


def above_quotes(text: str) -> str:
    """Return a plain text as far as the first quoted or forwarded mail: what follows is not the sender's."""
    if not any(hint in text for hint in _QUOTE_HINTS):
        return text
    match = words().quote_start.search(text)
    return text[: match.start()] if match else text


def excerpt(body: str) -> str:
    """Return the start and the end of a body, which is where mails say what they are."""
    return body if len(body) <= _START + _END else f"{body[:_START]}\n{body[-_END:]}"


class Seen:
    """The fields of a message, read when a rule asks for one."""

    def __init__(self, clues: Clues) -> None:
        """Look at `clues`."""
        self._clues = clues
        self._fields: dict[str, Text] = {}

    def field(self, name: str) -> Text:
        """Return a field; an absent header is a text that no rule is tried on."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = self._read(name)
        return found

    def _read(self, name: str) -> Text:
        if read := _FIELDS.get(name):
            return read(self)
        return Text(plain(self._clues.headers.text(name))) if name in self._clues.headers else Text("")

    def may_hold(self, test: Pattern) -> bool:
        """Say whether a pattern is worth a try: its header is there, or the screen let it pass."""
        return test.field in self.present if test.screened is None else test.screened in self.held

    @cached_property
    def present(self) -> AbstractSet[str]:
        """The names of the fields that are there."""
        return _FIELDS.keys() | self._clues.headers.names()

    @cached_property
    def whole(self) -> str:
        """The start and the end of the body in `plain` form."""
        return plain(excerpt(self._clues.body))

    @cached_property
    def own(self) -> str:
        """The sender's own words in `plain` form."""
        return above_quotes(self.whole)

    @cached_property
    def subject(self) -> str:
        """The subject in `plain` form."""
        return plain(self._clues.subject)

    @cached_property
    def worded(self) -> str:
        """Subject and own words."""
        return f"{self.subject}\n{self.own}"

    @cached_property
    def held(self) -> frozenset[int]:
        """The screened patterns that subject or own words may hold."""
        return screen().held(self.worded)

    def holds(self, test: Pattern) -> bool:
        """Say whether a pattern is found in its field."""
        if not self.may_hold(test):
            return False
        text = self.field(test.field)
        return test.may_hold(text) and test.holds(text)

    def shape(self) -> str:
        """Return the own words as they were written."""
        return "\n".join(excerpt(self._clues.body).split("\n")[: self.own.count("\n") + 1])

    def sender(self) -> str:
        """Return the sender's address in lower case."""
        return self._clues.sender.address.lower() if self._clues.sender else ""

    def names(self) -> str:
        """Return the names of headers, one a line."""
        return "\n".join(self._clues.headers.names())

    def attachments(self) -> str:
        """Return the names of attachments, one a line."""
        return "\n".join(one.name.lower() for one in self._clues.attachments)


_FIELDS: dict[str, Callable[[Seen], Text]] = {
    "subject": lambda seen: Text(seen.subject),
    "body": lambda seen: Text(seen.own, seen.worded),
    "text": lambda seen: Text(seen.worded, seen.worded),
    "shape": lambda seen: Text(seen.shape()),
    "sender": lambda seen: Text(seen.sender()),
    "names": lambda seen: Text(seen.names()),
    "attachments": lambda seen: Text(seen.attachments()),
}
