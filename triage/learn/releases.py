"""A folder of numbered releases of a model: each never changes, one is in use, any can be taken up again.

DIR/0001/ DIR/0002/ …   model folders, with `release.json` (who, when, why, from what) and `trained_on.txt`
DIR/current             one line, the number in use: a file replaced by rename, which any file system can do
DIR/history.jsonl       every release, change of the one in use, and removal
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.errors import ModelError, UsageError
from triage.write import whole_file

CURRENT, CARD, TRAINED_ON, HISTORY = "current", "release.json", "trained_on.txt", "history.jsonl"
_MANIFEST = "manifest.json"
_NUMBER = re.compile(r"\d{4,9}")
_READ_ONLY, _FOLDER = 0o444, 0o755


@dataclass(frozen=True)
class Release:
    """One release. `before`: the number in use when it was made; `facts`: what it was made from and how it was judged.

    `id` is what results name: the folder's name, the number, the digest of the weights.
    """

    number: int
    folder: Path
    id: str
    at: str
    by: str
    why: str
    before: int | None
    facts: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The number as the folder is named."""
        return self.folder.name

    def trained_on(self) -> frozenset[str]:
        """The digests of the corrected mails it has learned from."""
        path = self.folder / TRAINED_ON
        return frozenset(path.read_text("ascii").split()) if path.is_file() else frozenset()


def resolve(folder: Path) -> Path:
    """The model folder that `--model` means: itself, or the release in use of a releases folder. Raises ModelError."""
    if (folder / _MANIFEST).is_file() or not (folder / CURRENT).is_file():
        return folder
    release = current(folder)
    assert release is not None
    return release.folder


def releases(folder: Path) -> list[Release]:
    """All releases, oldest first. Raises ModelError for one whose card cannot be read or whose manifest was altered."""
    if not folder.is_dir():
        return []
    return [_read(path) for path in sorted(folder.iterdir()) if _NUMBER.fullmatch(path.name) and path.is_dir()]


def current(folder: Path) -> Release | None:
    """The release in use, or None where there is none yet. Raises ModelError."""
    path = folder / CURRENT
    if not path.is_file():
        return None
    name = path.read_text("ascii", "replace").strip()
    if not _NUMBER.fullmatch(name) or not (folder / name).is_dir():
        raise ModelError(f"{path}: names no release of {folder}: run `triage models rollback N --models {folder}`")
    return _read(folder / name)


def find(folder: Path, number: int) -> Release:
    """A release by its number. Raises UsageError naming those there are."""
    known = {release.number: release for release in releases(folder)}
    if number not in known:
        raise UsageError(f"{folder}: has no release {number}: it has {', '.join(map(str, known)) or 'none'}")
    return known[number]


def deciding(folder: Path, model: str) -> Release | None:
    """The release that bears a model id as results name it, or else the same weights."""
    known = releases(folder)
    same_weights = model.rpartition("-")[2]
    return next(
        (release for release in known if release.id == model),
        next((release for release in known if release.id.rpartition("-")[2] == same_weights), None),
    )


def identity(model: Path) -> str:
    """The id a model folder bears; empty where there is no model."""
    try:
        return str(json.loads((model / _MANIFEST).read_text("utf-8"))["id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def add(
    folder: Path,
    model: Path,
    *,
    by: str,
    why: str,
    facts: Mapping[str, Any],
    trained_on: Collection[str] = (),
) -> Release:
    """Copy a model folder as the next release, and take it into use. Raises ModelError for what is no model."""
    from triage.classify.store import load

    load(model)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        before = current(folder)
        number = 1 + max((0, *_numbers(folder)))
        fresh = Path(tempfile.mkdtemp(prefix=f".{number:04d}-", dir=folder))
        try:
            _copy(model, fresh, f"{folder.resolve().name}-{number:04d}")
            (fresh / TRAINED_ON).write_text("".join(f"{digest}\n" for digest in sorted(trained_on)), "ascii")
            _write_card(fresh, number, by, why, before, facts)
            for path in fresh.iterdir():
                _sync(path)
                path.chmod(_READ_ONLY)
            fresh.chmod(_FOLDER)
            fresh.rename(folder / f"{number:04d}")
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        _switch(folder, number, "release", by, why)
        return _read(folder / f"{number:04d}")


def use(folder: Path, number: int, *, by: str, why: str) -> Release:
    """Take a release into use again. Raises UsageError where there is no such one."""
    with _alone(folder):
        release = find(folder, number)
        _switch(folder, number, "rollback", by, why)
        return release


def earlier(folder: Path) -> int:
    """The release that was in use before the present one was made. Raises UsageError where there is none."""
    now = current(folder)
    if now is None:
        raise UsageError(f"{folder}: holds no release: make one with `triage models release MODEL --models {folder}`")
    if now.before is None:
        raise UsageError(f"{folder}: release {now.number} is the first: nothing to go back to")
    return now.before


def prunable(folder: Path, keep: int, used: Collection[str] = ()) -> list[Release]:
    """Releases that may go: all but the `keep` newest, the one in use, the one before it, and those named in `used`."""
    known, now = releases(folder), current(folder)
    kept = {release.number for release in known[len(known) - keep :]} | {now and now.number, now and now.before}
    needed = {found.number for model in used if (found := deciding(folder, model))}
    return [release for release in known if release.number not in kept | needed]


def named(folder: Path, numbers: Collection[int]) -> list[Release]:
    """These releases, which may go. Raises UsageError for one that is not there, or is in use."""
    now = current(folder)
    found = [find(folder, number) for number in sorted(numbers)]
    if now in found:
        raise UsageError(f"{folder}: release {now.number if now else 0} is in use: make or take up another one first")
    return found


def remove(folder: Path, release: Release, *, by: str, why: str) -> None:
    """Remove a release for good; its number is never given again."""
    with _alone(folder):
        gone = folder / f".{release.name}.gone"
        release.folder.rename(gone)
        shutil.rmtree(gone)
        _note(folder, "prune", release.number, by, why, id=release.id)


def history(folder: Path) -> list[dict[str, Any]]:
    """What was done with the releases, oldest first."""
    path = folder / HISTORY
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def _numbers(folder: Path) -> Iterator[int]:
    yield from (int(path.name) for path in folder.iterdir() if _NUMBER.fullmatch(path.name))
    yield from (int(line["number"]) for line in history(folder))


def _copy(model: Path, to: Path, name: str) -> None:
    """Copy a model's files; its id becomes that of the release, in the manifest and on the card."""
    from triage.classify.card import card
    from triage.classify.store import CARD_FILE

    for path in model.iterdir():
        if path.is_file() and path.name not in (CARD, TRAINED_ON):
            shutil.copyfile(path, to / path.name)
    manifest = json.loads((to / _MANIFEST).read_text("utf-8"))
    manifest["id"] = f"{name}-{str(manifest['id']).rpartition('-')[2]}"
    (to / _MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (to / CARD_FILE).write_text(card(manifest), "utf-8")


def _write_card(folder: Path, number: int, by: str, why: str, before: Release | None, facts: Mapping[str, Any]) -> None:
    content = {
        "number": number,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": by,
        "why": why,
        "before": before.number if before else None,
        "manifest": _digest(folder / _MANIFEST),
        **facts,
    }
    (folder / CARD).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _read(folder: Path) -> Release:
    path = folder / CARD
    try:
        content = json.loads(path.read_text("utf-8"))
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        release = Release(
            number=int(folder.name),
            folder=folder,
            id=str(manifest["id"]),
            at=str(content.pop("at")),
            by=str(content.pop("by")),
            why=str(content.pop("why")),
            before=content.pop("before"),
            facts=content,
        )
        altered = content["manifest"] != _digest(folder / _MANIFEST)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: is no card of a release ({type(error).__name__}): restore the folder") from error
    if altered:
        raise ModelError(f"{folder / _MANIFEST}: was altered after its release: restore it, or remove this release")
    return release


def _switch(folder: Path, number: int, action: str, by: str, why: str) -> None:
    before = current(folder) if (folder / CURRENT).is_file() else None
    with whole_file(folder / CURRENT) as file:
        file.write(f"{number:04d}\n".encode())
    (folder / CURRENT).chmod(0o644)
    _note(folder, action, number, by, why, before=before.number if before else None)


def _note(folder: Path, action: str, number: int, by: str, why: str, **more: Any) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"at": at, "action": action, "number": number, "by": by, "why": why, **more}
    with (folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; another program that changes releases waits."""
    descriptor = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
