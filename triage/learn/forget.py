"""The right to be forgotten, and retention: mail of a sender or of an age leaves the journal and all outputs.

Files go first, then the journal's rows, then results are written anew from what is left: a run that is killed may be
run again. The mailbox that was read is never touched.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.batch import Plan, Summary
from triage.batch.outputs import write_results
from triage.batch.place import alone, existing_journal, open_journal
from triage.batch.recipe import DRAFTS, draft_name
from triage.errors import UsageError
from triage.journal import Entry, Journal
from triage.journal.corrections import Corrections
from triage.journal.forget import forget
from triage.learn.releases import Release, releases
from triage.read import read
from triage.write import Mboxes, whole_file

_MBOX = ".mbox"
_TABLES = ("csv", "parquet")
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_ENDS = (b"", b"\n", b"\r\n")


@dataclass(frozen=True)
class Wanted:
    """Which mail to forget: all of one address, or all dated before a day."""

    sender: str | None = None
    before: date | None = None

    def is_of(self, entry: Entry) -> bool:
        """Whether an outcome is of such a mail; a mail passed on by a colleague is its writer's too."""
        if self.before and (entry.dated or entry.done_at)[:10] < self.before.isoformat():
            return True
        if not self.sender:
            return False
        line, address = json.loads(entry.record), self.sender.strip().lower()
        own = [fact["value"] for fact in line["facts"] if fact["type"] == "email" and fact["role"] == "sender"]
        return address in [(line["sender"] or "").lower(), *(value.lower() for value in own)]


@dataclass(frozen=True)
class Forgotten:
    """What was, or would be, removed. `left`: files of the folder that still hold the address or a mail."""

    mails: int
    drafts: int
    copies: int
    verdicts: int
    learned_by: tuple[Release, ...]
    left: tuple[Path, ...] = field(repr=False, default=())


def forget_mail(out: Path, url: str | None, wanted: Wanted, models: Path, *, dry_run: bool) -> Forgotten:
    """Remove wanted mail from an output folder, or say what would be. Raises UsageError, also while a run goes on."""
    plan = Plan(journal=url)
    with existing_journal(out, plan) as known:
        if known is None:
            raise UsageError(f"{out}: no journal here: name the folder of a run")
    with alone(out), open_journal(out, plan) as journal:
        corrections = Corrections(journal)
        entries = [entry for entry in journal.entries() if wanted.is_of(entry)]
        digests = {entry.digest for entry in entries}
        drafts, copies = list(_drafts(out, digests)), list(_copies(out, entries))
        boxes = _mboxes(entries)
        verdicts = sum(one.digest in digests for one in corrections.all())
        learned_by = tuple(one for one in releases(models) if one.trained_on() & digests)
        copied = len(copies) + sum(_is_of(raw.content, digests) for box in boxes for raw in read(str(box)))
        found = Forgotten(len(entries), len(drafts), copied, verdicts, learned_by)
        if dry_run:
            return found
        for path in (*drafts, *copies):
            path.unlink(missing_ok=True)
        for box in boxes:
            _take_from(box, digests)
        _forget_rows(journal, entries)
        _rewrite(out, journal, digests)
    left = tuple(_holding(out, wanted.sender, digests))
    return Forgotten(len(entries), len(drafts), copied, verdicts, learned_by, left)


def _forget_rows(journal: Journal, entries: Sequence[Entry]) -> None:
    names = [draft_name(entry.digest) for entry in entries]
    threads = [_thread(json.loads(entry.record)) for entry in entries]
    forget(journal, entries, names, threads, datetime.now(UTC).date().isoformat())
    journal.wipe()


def _thread(line: dict[str, Any]) -> str:
    """The key of a mail in the memory of threads, see triage/batch/threads.py."""
    own, sender = str(line["id"] or "").encode(), str(line["sender"] or "").lower().encode()
    return sha256(own + b"\0" + sender).hexdigest()[:32]


def _drafts(out: Path, digests: set[str]) -> Iterator[Path]:
    """Drafts that answer these mails, changed by an agent or not."""
    return (path for digest in sorted(digests) if (path := out / DRAFTS / draft_name(digest)).is_file())


def _copies(out: Path, entries: Sequence[Entry]) -> Iterator[Path]:
    """Copies of mails, and drafts put in a Maildir, in the folder or beside where the mails were last put."""
    names = {entry.digest[:40] for entry in entries}
    roots = {Path(e.sorted_into).parent for e in entries if e.sorted_into and not e.sorted_into.endswith(_MBOX)}
    for root in sorted({out.absolute(), *(root for root in roots if not root.is_relative_to(out.absolute()))}):
        yield from (path for path in root.rglob("*.triage*") if path.name[:40] in names)


def _mboxes(entries: Sequence[Entry]) -> list[Path]:
    folders = {Path(e.sorted_into).parent for e in entries if e.sorted_into and e.sorted_into.endswith(_MBOX)}
    return sorted(path for folder in folders for path in folder.glob(f"*{_MBOX}"))


def _is_of(content: bytes, digests: set[str]) -> bool:
    """Whether a mail of an mbox is one of these: an mbox may have changed its last line end."""
    bare = content.rstrip(b"\r\n")
    return any(sha256(one).hexdigest() in digests for one in (content, *(bare + end for end in _ENDS)))


def _take_from(box: Path, digests: set[str]) -> None:
    kept = 0
    with Mboxes(box.parent) as boxes:
        for raw in read(str(box)):
            if not _is_of(raw.content, digests):
                boxes.put(box.stem, raw.content)
                kept += 1
    if not kept:
        box.unlink()


def _rewrite(out: Path, journal: Journal, digests: set[str]) -> None:
    """Write results and tables anew from the journal, and run.json without these mails."""
    tables = [name for name in _TABLES if (out / f"results.{name}").is_file()]
    if (out / "results.jsonl").is_file():
        write_results(out, journal, Summary(), tables)  # type: ignore[arg-type]
    manifest = out / "run.json"
    if manifest.is_file():
        short = {digest[:12] for digest in digests}
        content = json.loads(manifest.read_text("utf-8"))
        content["slowest"] = [one for one in content.get("slowest", []) if one["digest"][:12] not in short]
        content["failed_digests"] = [one for one in content.get("failed_digests", []) if one[:12] not in short]
        with whole_file(manifest) as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n")


def _holding(out: Path, address: str | None, digests: set[str]) -> Iterator[Path]:
    """Files of the folder, such as sheets, in which the address or the digest of a mail still stands."""
    wanted = address.strip().lower().encode() if address else None
    for path in sorted(out.rglob("*")):
        content = path.read_bytes().lower() if path.is_file() else b""
        named = (found[0].decode() in digests for found in _DIGEST.finditer(content))
        if (wanted and wanted in content) or any(named):
            yield path
