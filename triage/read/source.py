"""Find out what a source is, and read it.

A new kind of source is one function and one line in `_SOURCES`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from triage.errors import SourceError
from triage.read import files, maildir, mbox
from triage.types import RawMessage


class _Source(NamedTuple):
    """How to recognise a source, to read it, and to guess its number of messages."""

    recognises: Callable[[str], bool]
    reads: Callable[[str], Iterator[RawMessage]]
    estimates: Callable[[str], int | None]


# The first line that recognises a source reads it: standard input before paths, folders before files.
_SOURCES = (
    _Source(files.is_standard_input, files.read_standard_input, lambda _: None),
    _Source(maildir.is_maildir, maildir.read_maildir, maildir.count_maildir),
    _Source(files.is_folder, files.read_folder, files.count_folder),
    _Source(mbox.is_mbox, mbox.read_mbox, mbox.estimate_mbox),
    _Source(files.is_mail, files.read_mail, lambda _: 1),
)


def _find(source: str) -> _Source:
    for candidate in _SOURCES:
        if candidate.recognises(source):
            return candidate
    raise SourceError(files.why_not(source))


def read(source: str) -> Iterator[RawMessage]:
    """Return the messages of `source`, in a stable order, one at a time.

    `source` is the path of an .eml file, a folder of .eml files (searched recursively), an mbox or a
    Maildir, or `-` for standard input (one mail or an mbox). Nothing is ever written to it. A message
    over 50 MB comes cut one byte above that limit, so that the parser sees and flags it.

    Raises `SourceError`, at once, when the source is missing, unreadable, empty or no mail; and
    while reading when a file disappears or cannot be read.
    """
    return _find(source).reads(source)


def estimate(source: str) -> int | None:
    """Return about how many messages `source` holds, cheaply, or None when that is unknown.

    Exact for a file, a folder and a Maildir; drawn from the first megabytes for an mbox. Raises
    `SourceError` as `read` does.
    """
    return _find(source).estimates(source)
