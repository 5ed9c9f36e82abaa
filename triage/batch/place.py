"""The output folder and its journal: opened for one run at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from triage.batch.plan import Plan
from triage.batch.recipe import DRAFTS
from triage.batch.settle import disk_faults
from triage.errors import UsageError
from triage.journal import Journal
from triage.write import make_folder, sweep, whole_file

_JOURNAL = "journal.sqlite"


@contextmanager
def open_journal(out: Path, plan: Plan) -> Iterator[Journal]:
    """Yield the journal of an output folder, or the database that serves as one."""
    journal = Journal(plan.journal or out / _JOURNAL)
    try:
        if plan.journal:
            _tie(out, journal)
        yield journal
    finally:
        journal.close()


def _tie(out: Path, journal: Journal) -> None:
    """A journal that lies elsewhere serves one folder only: both carry the same token, the folder first."""
    token = out / ".journal"
    with disk_faults(out):
        if not token.exists():
            with whole_file(token) as file:
                file.write(uuid4().hex.encode("ascii"))
        journal.belongs_to(token.read_text("ascii"))


@contextmanager
def existing_journal(out: Path, plan: Plan) -> "Iterator[Journal | None]":
    """Yield the journal to read only, or None where there is none yet."""
    place = plan.journal or out / _JOURNAL
    journal = Journal(place, read_only=True) if isinstance(place, str) or place.is_file() else None
    try:
        yield journal
    finally:
        if journal:
            journal.close()


@contextmanager
def shared_journal(out: Path, url: str | None = None) -> Iterator[Journal]:
    """Yield the journal of a folder that has one, to read and to add corrections to; a run may go on beside."""
    if url is None and not (out / _JOURNAL).is_file():
        raise UsageError(f"{out}: no journal here: name the folder of a run, `triage apply SOURCE --out {out}`")
    journal = Journal(url or out / _JOURNAL, alone=False)
    try:
        if url:
            _tie(out, journal)
        yield journal
    finally:
        journal.close()


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Make the folder, hold its lock, and sweep what a killed run left; a second run says so and stops."""
    try:
        make_folder(out)
        descriptor = os.open(out / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written to ({error.strerror}): choose another --out") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        sweep(out)
        sweep(out / DRAFTS)
        yield
    except BlockingIOError as error:
        raise UsageError(
            f"{out}: another run is using this folder: wait for it to end or choose another --out"
        ) from error
    finally:
        os.close(descriptor)
