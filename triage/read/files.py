"""Single mails (.eml, Outlook .msg), folders of them, and standard input."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from triage.errors import EmptyError, SourceError
from triage.read import mbox
from triage.read.lines import MAX_KEPT
from triage.read.mapi import OLE_MAGIC, NotAMessageError
from triage.read.msg import convert, envelope
from triage.read.origin import origin
from triage.read.sniff import HEAD_SIZE, foreign, starts_like_mail, strip_start
from triage.read.unread import unread
from triage.types import RawMessage

_ACCEPTED = "give an .eml, a .msg, an mbox, a Maildir, a folder of .eml files, or - for standard input"
_SUFFIXES = (".eml", ".msg")
_DAMAGED = "cannot be read as an Outlook message ({}): open it in Outlook and save it again, or as .eml"


def is_standard_input(source: str) -> bool:
    """Say whether `source` means standard input."""
    return source == "-"


def is_folder(source: str) -> bool:
    """Say whether `source` is a folder."""
    return Path(source).is_dir()


def is_mail(source: str) -> bool:
    """Say whether the file at `source` is one mail: its first bytes, or else its name, say so."""
    path = Path(source)
    if not path.is_file() or not os.access(path, os.R_OK):
        return False
    with path.open("rb") as stream:
        head = stream.read(HEAD_SIZE)
    named = path.suffix.lower() in _SUFFIXES and strip_start(head).strip() != b""
    return head.startswith(OLE_MAGIC) or (not foreign(head) and (named or starts_like_mail(head)))


def read_mail(source: str) -> Iterator[RawMessage]:
    """Return the one mail of the file at `source`."""
    return iter([_mail(origin("file", source), source, _load(Path(source)))])


def read_folder(source: str) -> Iterator[RawMessage]:
    """Return the .eml and .msg files below the folder `source`, sorted by path."""
    paths = _list(Path(source))
    if not paths:
        fault = f"{source}: this folder holds no .eml or .msg file and is no Maildir: {_ACCEPTED}"
        raise SourceError(fault) if any(names for _, _, names in os.walk(source)) else EmptyError(fault)
    return (_kept(path) for path in paths)


def left_aside(folder: str) -> int:
    """Count the files below a folder that hold mail under another name: an mbox, a mail of a Maildir, an .eml~."""
    return sum(
        not name.lower().endswith(_SUFFIXES) and _holds_mail(Path(parent, name))
        for parent, _, names in os.walk(folder)
        for name in names
    )


def passed_over(folder: str) -> int:
    """Count what is named .eml or .msg below a folder and is no file: links that lead nowhere, pipes, folders."""
    return sum(
        name.lower().endswith(_SUFFIXES) and not Path(parent, name).is_file()
        for parent, folders, names in os.walk(folder)
        for name in (*folders, *names)
    )


def _holds_mail(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            head = stream.read(HEAD_SIZE)
    except OSError:
        return False
    return not foreign(head) and starts_like_mail(head)


def read_standard_input(_source: str) -> Iterator[RawMessage]:
    """Return what standard input holds: an mbox if it starts with a `From ` line, else one mail."""
    stream = sys.stdin.buffer
    head = stream.read(HEAD_SIZE)
    if mbox.starts_mbox(head):
        return mbox.split(stream, "-", head)
    if not head.startswith(OLE_MAGIC) and (foreign(head) or not starts_like_mail(head)):
        raise _refusal("standard input", head)
    return iter([_mail("file:-", "standard input", head + stream.read(MAX_KEPT - len(head)))])


def why_not(source: str) -> SourceError:
    """Return the error that says in one line why `source` cannot be read as mail, and what to do."""
    path = Path(source)
    if not path.exists():
        return SourceError(f"{source}: no such file or folder: check the path")
    if not path.is_file():
        return SourceError(f"{source}: is neither a file nor a folder: {_ACCEPTED}")
    try:
        with path.open("rb") as stream:
            return _refusal(source, stream.read(HEAD_SIZE))
    except OSError as error:
        return SourceError(f"{source}: cannot be read ({error.strerror}): check its rights")


def _refusal(place: str, head: bytes) -> SourceError:
    if not strip_start(head).strip():
        return EmptyError(f"{place}: holds no message: {_ACCEPTED}")
    return SourceError(f"{place}: {foreign(head) or f'holds no mail header, so it is no mail: {_ACCEPTED}'}")


def _list(folder: Path) -> list[Path]:
    """List regular files only: a named pipe would block for ever. Links to folders are not followed."""
    found = [
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=_refuse)
        for name in names
        if name.lower().endswith(_SUFFIXES)
    ]
    return sorted(path for path in found if path.is_file())


def _refuse(error: OSError) -> None:
    raise SourceError(f"{error.filename}: cannot be listed ({error.strerror}): check its rights") from error


def _kept(path: Path) -> RawMessage:
    """Return a file of a folder; a damaged .msg comes inside a mail without text, for a person to open."""
    try:
        data = _load(path)
    except SourceError as error:
        return unread(origin("file", path), str(error))
    try:
        return _mail(origin("file", path), str(path), data)
    except SourceError as error:
        return RawMessage(origin("file", path), envelope(path.name, data, str(error.__cause__))[:MAX_KEPT])


def _mail(found: str, place: str, data: bytes) -> RawMessage:
    """Return the mail that `data`, found at that origin, is. Raises SourceError for a .msg that cannot be read."""
    if not data.startswith(OLE_MAGIC):
        return RawMessage(found, data)
    if len(data) == MAX_KEPT:  # cut: nothing in it can be found; its own bytes take it over the parser's limit
        return RawMessage(found, envelope(Path(place).name, data, "over 50 MB")[:MAX_KEPT])
    try:
        content, received = convert(data)
    except NotAMessageError as error:
        raise SourceError(f"{place}: {_DAMAGED.format(error)}") from error
    return RawMessage(found, content[:MAX_KEPT], received)


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_KEPT)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}): check the file and its rights") from error
