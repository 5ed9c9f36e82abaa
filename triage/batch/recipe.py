"""The work done on one chunk, wherever it is done: in this process, another one, or on another machine."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, overload

from triage.pipeline import Engine, load_engine, process
from triage.types import Failure, Outcome, RawMessage
from triage.write import draft_bytes, record

DRAFTS = "drafts"

# Read before any other: what is loaded or compiled when a first mail comes is not counted as time of that mail.
_FIRST = RawMessage(
    "first:", "From: a@example.fr\nSubject: Éclairage\n\nLe lampadère de ma rue est éteint.\n".encode(), None
)


@dataclass(frozen=True)
class Recipe:
    """Which profile and model to load; small enough to send to another process."""

    profile: Path
    model: Path
    encoder: bool = True

    def engine(self) -> Engine:
        """Load them (once in a process)."""
        return load_engine(self.profile, self.model, self.encoder)


@dataclass(frozen=True)
class Done:
    """What became of one content. `line` is its result line without the origin.

    `seconds`: spent reading, classifying, deciding.
    """

    digest: str
    line: str
    draft: bytes | None
    failed: bool
    action: str
    service: str | None
    urgency: str
    kind: str | None
    dated: str | None
    seconds: tuple[float, float, float]

    @property
    def draft_name(self) -> str:
        """The file name of the draft, the same at every run."""
        return draft_name(self.digest)


def draft_name(digest: str) -> str:
    """The file name of the draft that answers a content."""
    return f"{digest[:20]}.eml"


def with_origin(origin: str, line: str) -> str:
    """A whole result line."""
    return f'{{"origin": {json.dumps(origin, ensure_ascii=False)}, {line[1:]}'


def work(recipe: Recipe, part: Sequence[RawMessage]) -> list[Done]:
    """Process a chunk: one Done for each message, in order. No mail can make it fail, unless it kills the process."""
    if not part:
        return []
    engine = warmed(recipe)
    clock = _Clock(part)
    outcomes = process(engine, clock)
    return [_done(engine, outcome, clock.seconds(i)) for i, outcome in enumerate(outcomes)]


@lru_cache(maxsize=2)
def warmed(recipe: Recipe) -> Engine:
    """The engine of a recipe, once it has read a first mail (once in a process)."""
    engine = recipe.engine()
    process(engine, [_FIRST])
    return engine


def set_aside(raw: RawMessage, kind: str, reason: str) -> Done:
    """What is kept of a message that killed or held up the process working on it."""
    outcome = Outcome(raw.origin, sha256(raw.content).hexdigest(), error=Failure(kind, reason))
    return _plain(record(outcome, None), None, (0.0, 0.0, 0.0))


def _done(engine: Engine, outcome: Outcome, seconds: tuple[float, float, float]) -> Done:
    try:
        return _written(engine, outcome, seconds)
    except Exception as error:  # noqa: BLE001  a result that cannot be written must not cost its chunk
        failure = Failure(type(error).__name__, "unexpected fault while writing this message's result")
        return _plain(record(Outcome(outcome.origin, outcome.digest, error=failure), None), None, seconds)


def _written(engine: Engine, outcome: Outcome, seconds: tuple[float, float, float]) -> Done:
    if outcome.draft is None:
        return _plain(record(outcome, None), None, seconds)
    office = engine.profile.administration
    content = draft_bytes(outcome.draft, office.email, outcome, office.timezone)
    return _plain(record(outcome, f"{DRAFTS}/{draft_name(outcome.digest)}"), content, seconds)


def _plain(line: dict[str, Any], draft: bytes | None, seconds: tuple[float, float, float]) -> Done:
    """Split a record into what is counted and the text that is kept."""
    del line["origin"]
    kept = json.dumps(line, ensure_ascii=False)
    kept.encode()  # what no file could hold fails here, alone, and not when results are written
    return Done(
        digest=line["digest"],
        line=kept,
        draft=draft,
        failed=line["error"] is not None,
        action=line["decision"]["action"],
        service=line["decision"]["service"],
        urgency=line["urgency"]["level"],
        kind=line["kind"],
        dated=line["date"],
        seconds=seconds,
    )


class _Clock(Sequence[RawMessage]):
    """A chunk that notes when each of its messages is asked for.

    The pipeline walks its chunk three times, to parse, to clean and to decide; what lies before the last is the
    classifier's, shared by all.
    """

    def __init__(self, part: Sequence[RawMessage]) -> None:
        self._part = part
        self._walks: list[list[float]] = []

    def __iter__(self) -> Iterator[RawMessage]:
        ticks = [perf_counter()]
        self._walks.append(ticks)
        for raw in self._part:
            yield raw
            ticks.append(perf_counter())

    def __len__(self) -> int:
        return len(self._part)

    @overload
    def __getitem__(self, index: int) -> RawMessage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RawMessage]: ...
    def __getitem__(self, index: int | slice) -> RawMessage | Sequence[RawMessage]:
        return self._part[index]

    def seconds(self, place: int) -> tuple[float, float, float]:
        """Seconds one message took to be read, classified and decided."""
        if len(self._walks) != 3 or any(len(ticks) <= place + 1 for ticks in self._walks):
            return 0.0, 0.0, 0.0
        parsing, cleaning, deciding = (ticks[place + 1] - ticks[place] for ticks in self._walks)
        shared = (self._walks[2][0] - self._walks[1][-1]) / len(self._part)
        return parsing + cleaning, max(shared, 0.0), deciding
