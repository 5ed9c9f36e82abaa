"""Maildir and its nested folders (Maildir++ `.Sub.folder`, or plain sub-folders).

The key of a message is its file name without the flags, so that origins and order stay the same when
a mail reader moves it from `new` to `cur` or marks it as seen.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from triage.errors import EmptyError, SourceError
from triage.read.lines import MAX_KEPT
from triage.read.origin import origin
from triage.read.unread import unread
from triage.types import RawMessage

_FLAGS = re.compile(r"[:;!]2,[^/]*$")  # `;` and `!` where the file system forbids a colon
_PLACES = ("new", "cur")


class _Entry(NamedTuple):
    key: str
    path: Path


def is_maildir(source: str) -> bool:
    """Say whether `source` is a Maildir, or a folder of nothing but Maildir sub-folders."""
    path = Path(source)
    return _has_places(path) or (path.is_dir() and any(_has_places(child) for child in path.glob(".[!.]*")))


def read_maildir(source: str) -> Iterator[RawMessage]:
    """Return the messages of a Maildir, folder by folder, sorted by key."""
    folders = [(folder, _entries(folder)) for folder in _folders(Path(source))]
    if not any(entries for _, entries in folders):
        raise EmptyError(f"{source}: this Maildir holds no message: check the path")
    return _read_entries(folders)


def _read_entries(folders: list[tuple[Path, list[_Entry]]]) -> Iterator[RawMessage]:
    for folder, entries in folders:
        for entry in entries:
            found = origin("maildir", folder, entry.key)
            try:
                yield RawMessage(found, _load(folder, entry))
            except SourceError as error:
                yield unread(found, str(error))


def passed_over(source: str) -> int:
    """Count what lies among the messages of a Maildir and is no file: links that lead nowhere, pipes, folders."""
    return sum(
        not item.name.startswith(".") and not item.is_file()
        for folder in _folders(Path(source))
        for place in _PLACES
        if (folder / place).is_dir()
        for item in os.scandir(folder / place)
    )


def _has_places(path: Path) -> bool:
    return any((path / place).is_dir() for place in _PLACES)


def _folders(root: Path) -> list[Path]:
    """List `root` and the Maildirs below it, by name."""
    found = [root] if _has_places(root) else []
    for child in sorted(root.iterdir()):
        if child.is_dir() and not child.is_symlink() and child.name not in {"new", "cur", "tmp"} and _has_places(child):
            found += _folders(child)
    return found


def _entries(folder: Path) -> list[_Entry]:
    try:
        names = [
            _Entry(_FLAGS.sub("", item.name), Path(item.path))
            for place in _PLACES
            if (folder / place).is_dir()
            for item in os.scandir(folder / place)
            if not item.name.startswith(".") and item.is_file()
        ]
    except OSError as error:
        raise SourceError(f"{folder}: cannot be listed ({error.strerror}): check its rights") from error
    return sorted(names)


def _load(folder: Path, entry: _Entry) -> bytes:
    try:
        return _content(entry.path)
    except FileNotFoundError:
        return _load_moved(folder, entry)
    except OSError as error:
        raise SourceError(f"{entry.path}: cannot be read ({error.strerror}): check its rights") from error


def _load_moved(folder: Path, entry: _Entry) -> bytes:
    """Find a message whose flags a mail reader changed since the folder was listed."""
    try:
        moved = {found.key: found.path for found in _entries(folder)}
        return _content(moved[entry.key])
    except (KeyError, OSError) as error:
        raise SourceError(f"{entry.path}: disappeared while reading: close other programs and run again") from error


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_KEPT)
