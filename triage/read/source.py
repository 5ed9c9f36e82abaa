"""Find out what a source is, and read it.

A new kind of source is one function and one line in `_SOURCES`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from triage.errors import EmptyError, SourceError
from triage.read import files, imap, maildir, mbox
from triage.types import RawMessage


class _Source(NamedTuple):
    """How to recognise a source and to read it."""

    recognises: Callable[[str], bool]
    reads: Callable[[str], Iterator[RawMessage]]


# The first line that recognises a source reads it: standard input and servers before paths, folders before files.
_SOURCES = (
    _Source(files.is_standard_input, files.read_standard_input),
    _Source(imap.is_imap, imap.read_imap),
    _Source(maildir.is_maildir, maildir.read_maildir),
    _Source(files.is_folder, files.read_folder),
    _Source(mbox.is_mbox, mbox.read_mbox),
    _Source(files.is_mail, files.read_mail),
)


def read(source: str, *, all_outcomes: bool = False) -> Iterator[RawMessage]:
    """Return the messages of `source`, in a stable order, one at a time.

    `source` is the path of an .eml or Outlook .msg file, a folder of them (searched recursively), an
    mbox or a Maildir, `imaps://user@host/INBOX` (see `triage.read.imap`), or `-` for standard input
    (one mail or an mbox). Nothing is ever written to it. A message over 50 MB comes cut one byte above
    that limit, so that the parser sees and flags it. A .msg comes as the RFC 5322 message it stands for.

    Raises `SourceError`, at once, when the source is missing, unreadable, empty or no mail; and
    while reading when a file disappears or a server fails. A damaged .msg among others is no error:
    it comes as a mail without text that carries the file.

    With `all_outcomes` a file that cannot be read comes as a message with a `fault`, and those after it
    follow; a mailbox that is there but empty has no message and is no error.
    """
    try:
        messages = _recognised(source)
    except EmptyError:
        if all_outcomes:
            return iter(())
        raise
    return messages if all_outcomes else _readable(messages)


def _recognised(source: str) -> Iterator[RawMessage]:
    try:
        for candidate in _SOURCES:
            if candidate.recognises(source):
                return candidate.reads(source)
    except PermissionError as error:
        raise SourceError(f"{source}: cannot be read ({error.strerror}): check its rights") from error
    raise files.why_not(source)


def _readable(messages: Iterable[RawMessage]) -> Iterator[RawMessage]:
    for raw in messages:
        if raw.fault:
            raise SourceError(raw.fault)
        yield raw


def left_aside(source: str) -> int:
    """Count the files that hold mail and that `read` leaves aside for their names; only folders have any."""
    return files.left_aside(source) if _reader(source) is files.read_folder else 0


def passed_over(source: str) -> int:
    """Count what is named as mails are and is no file: links that lead nowhere, named pipes, folders."""
    reader = _reader(source)
    if reader is files.read_folder:
        return files.passed_over(source)
    return maildir.passed_over(source) if reader is maildir.read_maildir else 0


def _reader(source: str) -> Callable[[str], Iterator[RawMessage]] | None:
    return next((candidate.reads for candidate in _SOURCES if candidate.recognises(source)), None)
