"""Run the pipeline over whole mailboxes: in chunks, on several processes, resumable, results in input order.

DIR/results.jsonl   one object per message (written whole at the end)     DIR/drafts/*.eml   reply drafts
DIR/journal.sqlite  what is done: a run that stops goes on from here
"""

import fcntl
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from triage.errors import UsageError
from triage.journal import Entry, Journal
from triage.pipeline import Engine, load_engine, process
from triage.types import Outcome, RawMessage
from triage.write import draft_bytes, record, write_draft

CHUNK = 64
DRAFTS = "drafts"


@dataclass(frozen=True)
class Recipe:
    """Which profile and model to load; small enough to send to another process."""

    profile: Path
    model: Path

    def engine(self) -> Engine:
        """Load them (once in a process)."""
        return load_engine(self.profile, self.model)


@dataclass
class Summary:
    """Counts of a run, filled as it goes."""

    messages: int = 0
    reused: int = 0
    drafts: int = 0
    failed: list[str] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    other_recipe: int = 0


@dataclass(frozen=True)
class Done:
    """A message's line and draft, made where the message was processed."""

    record: dict[str, Any]
    draft: bytes | None
    draft_name: str


def results(recipe: Recipe, messages: Iterable[RawMessage], jobs: int) -> Iterator[Done]:
    """Process messages chunk by chunk, in order; at most a few chunks per job are in memory."""
    from joblib import Parallel, delayed

    parts = _chunks(messages)
    if jobs == 1:
        for part in parts:
            yield from _work(recipe, part)
        return
    pool = Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
    for done in pool(delayed(_work)(recipe, part) for part in parts):
        yield from done


def run(
    recipe: Recipe, messages: Iterable[RawMessage], out: Path, *, jobs: int, again: bool, advance: Callable[[], None]
) -> Summary:
    """Write results and drafts of all messages into `out`; what is already done there is not done again.

    `advance` is called once for each message. Raises UsageError when `out` cannot be used or another run uses it.
    """
    _make_folder(out)
    with _alone(out):
        journal = Journal(out / "journal.sqlite")
        try:
            summary = Summary()
            _process_new(recipe, messages, out, journal, summary, jobs=jobs, again=again, advance=advance)
            _write_results(out, journal, summary)
            return summary
        finally:
            journal.close()


def _process_new(
    recipe: Recipe,
    messages: Iterable[RawMessage],
    out: Path,
    journal: Journal,
    summary: Summary,
    *,
    jobs: int,
    again: bool,
    advance: Callable[[], None],
) -> None:
    current = recipe.engine().recipe
    done = {} if again else journal.done()
    order: list[tuple[str, str]] = []
    seen: dict[str, str] = {}

    def new() -> Iterator[RawMessage]:
        for raw in messages:
            key = (raw.origin, sha256(raw.content).hexdigest())
            order.append(key)
            if key in done:
                seen.setdefault(key[1], key[0])
                summary.reused += 1
                summary.other_recipe += done[key] != current
                advance()
            else:
                yield raw

    waiting: list[Entry] = []
    for made in results(recipe, new(), jobs):
        waiting.append(_kept(made, out, seen, current))
        advance()
        if len(waiting) >= CHUNK:
            journal.add(waiting)
            waiting = []
    journal.add(waiting)
    if not order:
        raise UsageError("the source holds no message: nothing was done")
    journal.set_order(order)


def _kept(made: Done, out: Path, seen: dict[str, str], recipe: str) -> Entry:
    """Put a message's draft on disk, then return its journal row. Of exact copies only the first gets a draft."""
    line, digest, origin = made.record, made.record["digest"], made.record["origin"]
    first = seen.setdefault(digest, origin)
    if first != origin:
        line["draft"] = None
        line["decision"] = {
            "action": "ignore" if not line["error"] else "review",
            "service": None,
            "reasons": [f"copie exacte d'un message déjà traité : {first}"],
        }
    elif made.draft is not None:
        write_draft(out / DRAFTS, made.draft_name, made.draft)
    return Entry(origin, digest, recipe, line["error"] is not None, json.dumps(line, ensure_ascii=False))


def _work(recipe: Recipe, part: Sequence[RawMessage]) -> list[Done]:
    engine = recipe.engine()
    return [_done(engine, outcome) for outcome in process(engine, part)]


def _done(engine: Engine, outcome: Outcome) -> Done:
    name = f"{outcome.digest[:20]}.eml"
    if outcome.draft is None:
        return Done(record(outcome, None), None, name)
    content = draft_bytes(outcome.draft, engine.profile.administration.email, outcome)
    return Done(record(outcome, f"{DRAFTS}/{name}"), content, name)


def _chunks(messages: Iterable[RawMessage]) -> Iterator[list[RawMessage]]:
    iterator = iter(messages)
    while part := list(islice(iterator, CHUNK)):
        yield part


def _write_results(out: Path, journal: Journal, summary: Summary) -> None:
    """Write results.jsonl beside its place, then swap: it is never half there."""
    descriptor, temporary = tempfile.mkstemp(prefix=".results-", dir=out)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            for entry in journal.in_order():
                file.write(entry.record + "\n")
                _count(summary, entry)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(out / "results.jsonl")
    except OSError as error:
        raise UsageError(
            f"{out}: results cannot be written ({error.strerror}): free some space and run again"
        ) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _count(summary: Summary, entry: Entry) -> None:
    line = json.loads(entry.record)
    summary.messages += 1
    summary.actions[line["decision"]["action"]] += 1
    summary.drafts += line["draft"] is not None
    if entry.failed:
        summary.failed.append(entry.origin)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{out}: cannot be made into a folder ({error.strerror}): choose another --out") from error


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the folder's lock; a second run says so and stops."""
    try:
        descriptor = os.open(out / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written to ({error.strerror}): choose another --out") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(
            f"{out}: another run is using this folder: wait for it to end or choose another --out"
        ) from error
    else:
        yield
    finally:
        os.close(descriptor)
