"""Copies of mails in one mailbox per service; the originals are never touched.

A Maildir grows by one file a mail, named by the mail's digest, so that putting it twice changes nothing. An mbox is
written anew, whole, at each run.
"""

import re
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Self

from triage.write.files import make_folder, quick_file, whole_file

_ESCAPED = re.compile(rb"^(>*From )", re.MULTILINE)
_UNSAFE = re.compile(r"[^\w.-]+")
_SEPARATOR = b"From triage@localhost Thu Jan  1 00:00:00 1970\n"  # no address of a citizen, the same bytes every time


class Maildirs:
    """One Maildir per service."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, frozenset[str]] = {}

    def place(self, service: str) -> Path:
        """The Maildir of a service."""
        return self._root / _name(service)

    def put(self, service: str, digest: str, content: bytes) -> None:
        """Copy a mail; does nothing when it lies there, read or not."""
        folder, name = self.place(service), f"{digest[:40]}.triage"
        if name not in self._names_read(folder):
            quick_file(folder / "new" / name, content)

    def take(self, place: str, digest: str) -> None:
        """Remove a copy nobody has opened yet from an earlier place: a later run decided otherwise."""
        (Path(place) / "new" / f"{digest[:40]}.triage").unlink(missing_ok=True)

    def _names_read(self, folder: Path) -> frozenset[str]:
        """Names, without flags, of the mails a mail program has moved to `cur`; listed once in a run."""
        if folder.name not in self._read:
            for part in ("tmp", "new", "cur"):
                make_folder(folder / part)
            self._read[folder.name] = frozenset(path.name.split(":")[0] for path in (folder / "cur").iterdir())
        return self._read[folder.name]


class Mboxes:
    """One mbox per service (mboxrd). They take the place of earlier ones when the block ends without an exception."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, BinaryIO] = {}
        self._stack = ExitStack()

    def put(self, service: str, content: bytes) -> None:
        """Add a mail to `root/service.mbox`."""
        name = _name(service)
        if name not in self._files:
            self._files[name] = self._stack.enter_context(whole_file(self._root / f"{name}.mbox"))
        body = _ESCAPED.sub(rb">\1", content)
        self._files[name].write(_SEPARATOR + body + (b"\n" if body.endswith(b"\n") else b"\n\n"))

    def __enter__(self) -> Self:
        make_folder(self._root)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)  # type: ignore[arg-type]


def _name(service: str) -> str:
    """A service's label as a name that cannot lead out of the folder."""
    return _UNSAFE.sub("_", service).strip(".") or "_"
