"""Drafts and copies of mails on their way to disk.

Contents of drafts are committed to the journal with their outcomes, then written as files without waiting for the
disk. Every few thousand messages, and at the end, the system is asked once to write everything down; then the journal
forgets them. A run that finds some left over writes them again, unless an agent has changed the file since.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.batch.recipe import DRAFTS
from triage.errors import UsageError
from triage.journal import Journal, Unsettled
from triage.write import make_folder, put_draft

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CHUNKS = 64  # between two waits for the disk


class Settler:
    """Puts drafts in `out`, and knows which of them are not yet safe."""

    def __init__(self, out: Path, journal: Journal) -> None:
        self._folder = out / DRAFTS
        self._journal = journal
        self._sorted: dict[str, str] = {}
        self._drafts = 0
        self._chunks = 0
        self.kept = 0  # files that an agent had changed

    def recover(self) -> None:
        """Finish what a killed run had begun."""
        self._put(self._journal.unsettled(), fresh=False)
        self.settle()

    def put(self, drafts: Iterable[Unsettled], sorted_into: dict[str, str]) -> None:
        """Write a chunk's drafts, which the journal holds already, and note where its mails were copied."""
        self._put(drafts, fresh=True)
        self._sorted |= sorted_into
        self._chunks += 1
        if self._chunks % _CHUNKS == 0:
            self.settle()

    def settle(self) -> None:
        """Wait until all is on disk, then say so in the journal."""
        if not self._drafts and not self._sorted:
            return
        os.sync()
        self._journal.set_sorted(self._sorted)
        self._journal.settle()
        self._sorted, self._drafts = {}, 0

    def _put(self, drafts: Iterable[Unsettled], *, fresh: bool) -> None:
        for draft in drafts:
            if not self._drafts:
                make_folder(self._folder)
            self._drafts += 1
            self.kept += not put_draft(self._folder / draft.name, draft.content, draft.previous, fresh=fresh)


@contextmanager
def disk_faults(out: Path) -> Iterator[None]:
    """Turn a full disk, or a place that cannot be written, into one line with its remedy."""
    try:
        yield
    except OSError as error:
        place = error.filename or out
        remedy = "free some space" if error.errno in _FULL else "check the path and its rights"
        raise UsageError(
            f"{place}: cannot be written ({error.strerror}): {remedy} and run again: what is done is kept"
        ) from error
