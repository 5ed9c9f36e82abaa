"""What is asked of a run."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from triage.errors import UsageError
from triage.journal import Known

Export = Literal["csv", "parquet"]


@dataclass(frozen=True)
class Sorting:
    """Where copies of mails go, one mailbox per service; `form` is `maildir` or `mbox`."""

    folder: Path
    form: str = "maildir"


class Patience(NamedTuple):
    """Seconds after which a process is taken for hung. A chunk is then tried again mail by mail, so little is lost."""

    chunk: float = 60.0
    mail: float = 30.0  # six times what reading the most hostile mail takes


@dataclass(frozen=True)
class Placing:
    """Where drafts go besides `DIR/drafts`: a Maildir, or the Drafts folders of the IMAP `sources` they answer."""

    form: Literal["maildir", "imap"]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How to run, and what of the work already done to do again: all, mail dated from a day on, what failed."""

    jobs: int = 1
    scheduler: str | None = None
    again: bool = False
    since: date | None = None
    only_failed: bool = False
    journal: str | None = None
    exports: tuple[Export, ...] = ()
    sorting: Sorting | None = None
    metrics: Path | None = None
    patience: Patience = field(default_factory=Patience)
    placing: Placing | None = None

    def redoes(self, known: Known) -> bool:
        """Say whether a message done before is to be done again. Conditions given together must all hold."""
        if self.only_failed and not known.failed:
            return False
        if self.since and (known.dated is None or known.dated[:10] < self.since.isoformat()):
            return False
        return self.again or self.only_failed or self.since is not None

    def check(self) -> None:
        """Raise UsageError for what cannot be done on this machine, before any work."""
        from triage.write import parquet_missing

        if self.metrics:
            _check_file("--metrics", self.metrics)
        if self.sorting:
            _check_folder(f"--sort-into {self.sorting.folder}", self.sorting.folder)

        if "parquet" in self.exports and parquet_missing():
            raise UsageError("--parquet needs a library that is not installed: pip install 'triage[parquet]'")
        if self.scheduler:
            from triage.batch.cluster import missing

            if missing():
                raise UsageError("--scheduler needs a library that is not installed: pip install 'triage[cluster]'")


def _check_file(option: str, path: Path) -> None:
    """Raise UsageError where no file can be written at `path`."""
    if path.is_dir():
        raise UsageError(f"{option} {path}: is a folder: name a file")
    _check_folder(f"{option} {path}", path.parent)


def _check_folder(asked: str, path: Path) -> None:
    """Raise UsageError where `path` is no folder to write in and cannot be made one. Nothing is made yet."""
    folder = next(place for place in (path, *path.absolute().parents) if os.path.lexists(place))
    if not folder.is_dir():
        raise UsageError(f"{asked}: {folder} is no folder: choose another path")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{asked}: {folder} cannot be written in: check its rights or choose another path")
