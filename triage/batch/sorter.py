"""`--sort-into`: copies of mails, one mailbox per service, for agents who work in their mail program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from triage.batch.plan import Sorting
from triage.write import Maildirs, Mboxes, make_folder

# Where mail goes that no service gets.
_ELSEWHERE = {"review": "a-relire", "ignore": "sans-suite"}
_FAILED = "en-erreur"
_UNDECIDED = "courrier"
_MBOX = ".mbox"
NO_SERVICE = (*_ELSEWHERE.values(), _FAILED, _UNDECIDED)


class Sorter(Protocol):
    """Copies a mail to its service's mailbox."""

    def put(self, digest: str, content: bytes, service: str, before: str | None) -> str | None:
        """Copy unless it lies where `before` says; returns the place to remember, or None if nothing changed."""
        ...


@contextmanager
def sorter(sorting: Sorting | None) -> "Iterator[Sorter | None]":
    """Yield what copies mails, or None when nobody asked."""
    if sorting is None:
        yield None
        return
    make_folder(sorting.folder)
    if sorting.form == "maildir":
        yield _IntoMaildirs(sorting.folder)
        return
    with Mboxes(sorting.folder) as mboxes:
        yield _IntoMboxes(mboxes, sorting.folder)


def mailbox_of(action: str, service: str | None, *, failed: bool) -> str:
    """The mailbox a mail belongs to."""
    return _FAILED if failed else _ELSEWHERE.get(action) or service or _UNDECIDED


class _IntoMaildirs:
    def __init__(self, folder: Path) -> None:
        self._maildirs = Maildirs(folder.absolute())
        self._root = str(folder.absolute())

    def put(self, digest: str, content: bytes, service: str, before: str | None) -> str | None:
        place = str(self._maildirs.place(service))
        if place == before:
            return None
        if before and before.startswith(f"{self._root}/") and not before.endswith(_MBOX):
            self._maildirs.take(before, digest)
        self._maildirs.put(service, digest, content)
        return place


class _IntoMboxes:
    def __init__(self, mboxes: Mboxes, root: Path) -> None:
        self._mboxes = mboxes
        self._root = root.absolute()

    def put(self, digest: str, content: bytes, service: str, before: str | None) -> str | None:  # noqa: ARG002
        self._mboxes.put(service, content)
        place = str(
            self._root / f"{service}{_MBOX}"
        )  # written anew at each run, so that nothing is taken from an earlier place
        return None if place == before else place
