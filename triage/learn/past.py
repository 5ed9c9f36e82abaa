"""A message decided earlier -> where it lies and the model that decided it, so that it can be explained again."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from triage.errors import ModelError, SourceError
from triage.journal import Entry, Journal
from triage.learn.corrections import find
from triage.learn.releases import deciding, identity
from triage.read import read

_ON_DISK = ("file", "mbox", "maildir")


class Past(NamedTuple):
    """A message in its source (`rank` from 1), its outcome, and the model that decided it, with its stages."""

    source: str
    rank: int
    entry: Entry
    model: Path
    encoder: bool


def past(journal: Journal, name: str, models: Path, model: Path) -> Past:
    """Find a message by Message-ID or digest, and the release of `models`, or `model` itself, that decided it.

    Raises UsageError where the message is unknown, SourceError where it no longer lies where it was read, ModelError
    where no model at hand decided it.
    """
    entry = find(journal, name)
    decided_by, _, stages = entry.model.partition(" ")
    release = deciding(models, decided_by)
    folder = release.folder if release else model
    if release is None and identity(model) != decided_by:
        raise ModelError(
            f"{entry.digest[:12]}: was decided by {decided_by}, which is no release of {models} nor {model}: "
            "name its folder with --models or --model"
        )
    for origin in journal.origins(entry.digest):
        for source in _sources(origin):
            rank = _rank(source, entry.digest)
            if rank:
                return Past(source, rank, entry, folder, stages != "first")
    raise SourceError(
        f"{entry.digest[:12]}: no longer lies where it was read: explain a copy of the mail with --model {folder}"
    )


def _sources(origin: str) -> Iterator[str]:
    """The sources on disk an origin may mean: a path may hold a #."""
    kind, _, place = origin.partition(":")
    if kind in _ON_DISK:
        for path in (place, place.rpartition("#")[0]):
            if path and Path(path).exists():
                yield path


def _rank(source: str, digest: str) -> int:
    """Which message of a source has this content, from 1; 0 where none has."""
    ranked = enumerate(read(source), 1)
    return next((rank for rank, raw in ranked if sha256(raw.content).hexdigest() == digest), 0)
