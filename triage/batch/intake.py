"""The input in chunks, each message looked up in the journal: what is done, what is a copy, what is to do."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from triage.batch.plan import Plan
from triage.batch.summary import Summary
from triage.batch.threads import linked
from triage.journal import Journal, Known, Seen
from triage.types import RawMessage

CHUNK = 128  # messages…
CHUNK_SIZE = 8 * 1024 * 1024  # …or bytes, whichever comes first: what is in memory stays bounded


@dataclass(frozen=True)
class Part:
    """A chunk of the input: all of it, its places in the journal, what is known of it, what is to do."""

    raws: dict[str, RawMessage]  # by digest
    seen: list[Seen]
    known: dict[str, Known]
    todo: list[RawMessage]
    count: int
    size: int


class Intake:
    """Turns the input into chunks, and finds in the journal what of them is done."""

    def __init__(self, journal: Journal, plan: Plan, summary: Summary, current: str) -> None:
        self._journal, self._plan, self._summary, self._current = journal, plan, summary, current
        self._position = self._taken = 0
        self.waiting: deque[Part] = deque()

    def parts(self, messages: Iterable[RawMessage]) -> Iterator[list[RawMessage]]:
        """Yield what is to do of each chunk; the chunk itself is appended to `waiting`."""
        self._journal.start_run()
        for chunk in chunks(messages):
            part = self._look(chunk)
            self.waiting.append(part)
            yield part.todo

    def _look(self, chunk: Sequence[RawMessage]) -> Part:
        chunk = linked(chunk, self._journal, self._taken + 1)
        self._taken += len(chunk)
        keys = [(raw.origin, digest_of(raw)) for raw in chunk]
        raws = {digest: raw for raw, (_, digest) in reversed(list(zip(chunk, keys, strict=True)))}
        known = self._journal.known(raws)
        seen = self._journal.see(keys, self._position)
        self._position += len(seen)
        for one in seen:
            count_known(self._summary, self._plan, known, one, self._current)
        todo = [raws[one.digest] for one in seen if is_to_do(self._plan, known, one)]
        return Part(raws, seen, known, todo, len(chunk), sum(len(raw.content) for raw in chunk))


def is_to_do(plan: Plan, known: dict[str, Known], seen: Seen) -> bool:
    """Say whether a message is to be processed: neither a copy nor done, unless it is to be done again."""
    if seen.copy_of is not None:
        return False
    before = known.get(seen.digest)
    return before is None or plan.redoes(before)


def count_known(summary: Summary, plan: Plan, known: dict[str, Known], seen: Seen, current: str) -> None:
    """Count a message whose outcome is kept; an exact copy is counted apart."""
    before = known.get(seen.digest)
    if before is not None and seen.copy_of is None and not plan.redoes(before):
        summary.reused += 1
        summary.other_recipe += before.recipe != current


def chunks(messages: Iterable[RawMessage]) -> Iterator[list[RawMessage]]:
    """Cut messages into chunks."""
    chunk: list[RawMessage] = []
    size = 0
    for raw in messages:
        chunk.append(raw)
        size += len(raw.content)
        if len(chunk) >= CHUNK or size >= CHUNK_SIZE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def digest_of(raw: RawMessage) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return sha256(raw.content).hexdigest()
