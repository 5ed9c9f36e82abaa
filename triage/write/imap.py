"""Drafts put in the Drafts folder of a mailbox, once each. Only APPEND: nothing is sent, changed or deleted.

The caller logs in and lends the connection (triage.read owns IMAPClient), and remembers what was put.
"""

from collections.abc import Callable, Iterable, Sequence
from email.parser import BytesHeaderParser
from typing import Any, NamedTuple, Protocol

from triage.errors import SourceError

_NAMES = ("brouillons", "drafts", "draft")  # in this order, where the server names no folder itself
_USE = rb"\drafts"
_NOT_OPENED = rb"\noselect"


class Connection(Protocol):
    """What is used of an IMAPClient that has logged in."""

    def list_folders(self) -> Sequence[tuple[Sequence[bytes], bytes, str]]: ...
    def select_folder(self, folder: str, readonly: bool = False) -> Any: ...
    def search(self, criteria: list[str]) -> Sequence[int]: ...
    def append(self, folder: str, msg: bytes, flags: Sequence[bytes]) -> Any: ...


class Waiting(NamedTuple):
    """A draft to put: the digest of the mail it answers, and its bytes."""

    digest: str
    content: bytes


def append_drafts(client: Connection, drafts: Iterable[Waiting], remember: Callable[[str], None]) -> int:
    r"""Append drafts with the flag \Draft, and call `remember` with each digest; returns how many were appended.

    One whose Message-ID lies in the folder already is only remembered: an earlier run died between the two. Raises
    SourceError where the mailbox has no Drafts folder.
    """
    folder = drafts_folder(client.list_folders())
    client.select_folder(folder, readonly=True)
    count = 0
    for draft in drafts:
        if not client.search(["HEADER", "Message-ID", _message_id(draft.content)]):
            client.append(folder, draft.content, [rb"\Draft"])
            count += 1
        remember(draft.digest)
    return count


def drafts_folder(folders: Sequence[tuple[Sequence[bytes], bytes, str]]) -> str:
    r"""The folder the server marks \Drafts (RFC 6154), else the first named « Brouillons » or Drafts, top level first.

    `folders` as IMAPClient lists them: flags, separator, name. Raises SourceError.
    """
    open_ones = [(flags, mark, name) for flags, mark, name in folders if _NOT_OPENED not in _lower(flags)]
    if marked := [name for flags, _, name in open_ones if _USE in _lower(flags)]:
        return marked[0]
    named = [(_last(name, mark), name.count((mark or b"/").decode()), name) for _, mark, name in open_ones]
    if fitting := sorted((depth, _NAMES.index(last), name) for last, depth, name in named if last in _NAMES):
        return fitting[0][2]
    raise SourceError("the mailbox has no Drafts folder: make one named Brouillons, or write drafts to files")


def _lower(flags: Sequence[bytes]) -> list[bytes]:
    return [flag.lower() for flag in flags]


def _last(name: str, mark: bytes | None) -> str:
    return name.rsplit((mark or b"/").decode(), 1)[-1].lower()


def _message_id(content: bytes) -> str:
    return str(BytesHeaderParser().parsebytes(content)["Message-ID"])
