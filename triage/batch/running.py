"""A run: look at each message, do what is not done, keep it, then write the results."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from triage.batch.intake import Intake, Part, chunks, count_known, digest_of, is_to_do
from triage.batch.outputs import write_manifest, write_metrics, write_results
from triage.batch.place import alone, existing_journal, open_journal
from triage.batch.placing import check, place
from triage.batch.plan import Plan
from triage.batch.recipe import Done, Recipe, draft_name, work
from triage.batch.settle import Settler, disk_faults
from triage.batch.sorter import Sorter, mailbox_of, sorter
from triage.batch.summary import Summary
from triage.journal import Entry, Journal, Known, Seen, Unsettled
from triage.types import RawMessage


def results(recipe: Recipe, messages: Iterable[RawMessage], plan: Plan) -> Iterator[tuple[str, Done]]:
    """Process messages in order, keeping nothing; yields each one's origin and result."""
    waiting: deque[list[RawMessage]] = deque()

    def parts() -> Iterator[list[RawMessage]]:
        for part in chunks(messages):
            waiting.append(part)
            yield part

    for found in _worked(recipe, parts(), plan):
        yield from zip([raw.origin for raw in waiting.popleft()], found, strict=True)


def run(
    recipe: Recipe,
    messages: Iterable[RawMessage],
    out: Path,
    *,
    jobs: int = 1,
    again: bool = False,
    advance: Callable[[], None] = lambda: None,
    plan: Plan | None = None,
    summary: Summary | None = None,
) -> Summary:
    """Write results and drafts of all messages into `out`; what is already done there is not done again.

    `plan` says more than `jobs` and `again`, which it replaces. `summary` is filled as the run goes, and `advance`
    called once for each message. Raises UsageError when `out` cannot be used or another run uses it.
    """
    plan = plan or Plan(jobs=jobs, again=again)
    summary = summary or Summary()
    started, clock = datetime.now(UTC), perf_counter()
    with alone(out), open_journal(out, plan) as journal, disk_faults(out):
        if plan.placing:
            check(plan.placing)
        _do(recipe, messages, out, plan, journal, summary, advance)
        write_results(out, journal, summary, plan.exports)
        manifest = write_manifest(out, recipe, plan, summary, started, perf_counter() - clock)
        if plan.metrics:
            write_metrics(plan.metrics, manifest)
        if plan.placing:
            summary.placed = place(out, journal, plan.placing)
    return summary


def preview(recipe: Recipe, messages: Iterable[RawMessage], out: Path, plan: Plan) -> Summary:
    """Count what `run` would do, writing nothing: `seen`, `processed` (to be), `reused`, `other_recipe`, `copies`."""
    summary, current = Summary(), recipe.engine().recipe
    digests: set[str] = set()
    with existing_journal(out, plan) as journal:
        for part in chunks(messages):
            keys = [(raw.origin, digest_of(raw)) for raw in part]
            known = journal.known({digest for _, digest in keys}) if journal else {}
            summary.seen += len(keys)
            for origin, digest in keys:
                one = Seen(origin, digest, 0, origin if digest in digests else None)
                digests.add(digest)
                summary.processed += is_to_do(plan, known, one)
                summary.copies += one.copy_of is not None
                count_known(summary, plan, known, one, current)
    return summary


def _do(
    recipe: Recipe,
    messages: Iterable[RawMessage],
    out: Path,
    plan: Plan,
    journal: Journal,
    summary: Summary,
    advance: Callable[[], None],
) -> None:
    """Take every message through the pipeline, or from the journal, in order."""
    intake = Intake(journal, plan, summary, recipe.engine().recipe)
    settler = Settler(out, journal)
    settler.recover()
    with sorter(plan.sorting) as copies:
        for found in _worked(recipe, intake.parts(messages), plan):
            part = intake.waiting.popleft()
            _keep(part, found, recipe, journal, settler, copies)
            for done in found:
                summary.note(done)
            summary.octets += part.size
            for _ in range(part.count):
                summary.seen += 1
                advance()
        settler.settle()
        journal.finish()
    summary.kept_drafts = settler.kept


def _keep(
    part: Part, found: Sequence[Done], recipe: Recipe, journal: Journal, settler: Settler, copies: Sorter | None
) -> None:
    """Commit a chunk's outcomes with their drafts, then write the drafts and copy the mails."""
    current = recipe.engine().recipe
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entries = [_entry(done, part.known.get(done.digest), current, now) for done in found]
    drafts = [draft for done in found if (draft := _draft(done, part.known.get(done.digest)))]
    journal.add(entries, drafts)
    settler.put(drafts, _copy(part, entries, copies) if copies else {})


def _entry(done: Done, known: Known | None, recipe: str, now: str) -> Entry:
    model, _, profile = recipe.rpartition(" ")
    return Entry(
        digest=done.digest,
        model=model,
        profile=profile,
        failed=done.failed,
        action=done.action,
        service=done.service,
        urgency=done.urgency,
        kind=done.kind,
        dated=done.dated,
        read_seconds=done.seconds[0],
        classify_seconds=done.seconds[1],
        decide_seconds=done.seconds[2],
        done_at=now,
        draft=None if done.draft is None else sha256(done.draft).hexdigest(),
        sorted_into=known.sorted_into if known else None,
        record=done.line,
    )


def _draft(done: Done, known: Known | None) -> Unsettled | None:
    """The draft to write; or, where an earlier one no longer holds, the order to remove it."""
    previous = known.draft if known else None
    if done.draft is None and previous is None:
        return None
    return Unsettled(draft_name(done.digest), done.draft, previous)


def _copy(part: Part, entries: Sequence[Entry], copies: Sorter) -> dict[str, str]:
    """Copy a chunk's mails, exact copies aside, into the mailboxes of their services."""
    decided: dict[str, Entry | Known] = {**part.known, **{entry.digest: entry for entry in entries}}
    placed = {}
    for one in part.seen:
        if one.copy_of is None and not part.raws[one.digest].fault:
            outcome = decided[one.digest]
            mailbox = mailbox_of(outcome.action, outcome.service, failed=outcome.failed)
            place = copies.put(one.digest, part.raws[one.digest].content, mailbox, outcome.sorted_into)
            if place is not None:
                placed[one.digest] = place
    return placed


def _worked(recipe: Recipe, parts: Iterable[Sequence[RawMessage]], plan: Plan) -> Iterator[list[Done]]:
    """Results of each chunk, in order, wherever the work is done."""
    if plan.scheduler:
        from triage.batch.cluster import on_cluster

        return on_cluster(recipe, parts, plan.scheduler, plan.patience)
    if plan.jobs > 1:
        from triage.batch.local import on_processes

        return on_processes(recipe, parts, plan.jobs, plan.patience)
    return (work(recipe, part) for part in parts)
