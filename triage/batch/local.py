"""Chunks on several processes of this machine, each known by name: who dies or hangs is replaced.

Not joblib: when one of its workers dies, all chunks under way are lost with it and none can be blamed. Here each
worker has its own pipe and its own chunk. A chunk that cost a worker is tried again mail by mail; the mail that costs
a worker alone is set aside.
"""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from time import monotonic
from typing import TYPE_CHECKING

from triage.batch.recipe import Done, Recipe, set_aside, work
from triage.errors import UsageError
from triage.types import RawMessage

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

CHUNK_SECONDS = 60.0  # beyond, a chunk is tried again mail by mail: nothing is lost by being impatient
MAIL_SECONDS = 30.0  # six times what THREATS.md grants a mail: beyond, it is set aside
START_SECONDS = 300.0
_AHEAD = 4  # chunks under way or waiting for an earlier one, per process
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

Part = Sequence[RawMessage]


@dataclass
class _Task:
    """Messages of one chunk, from a place in it: the whole chunk, or a single mail of it."""

    chunk: "_Chunk"
    start: int
    part: Part


@dataclass
class _Chunk:
    """A chunk waiting for its results."""

    part: Part
    found: dict[int, Done] = field(default_factory=dict)

    def results(self) -> list[Done]:
        return [self.found[i] for i in range(len(self.part))]

    @property
    def complete(self) -> bool:
        return len(self.found) == len(self.part)


@dataclass
class _Worker:
    process: "SpawnProcess"
    pipe: "Connection"
    deadline: float
    ready: bool = False
    task: _Task | None = None

    @property
    def free(self) -> bool:
        return self.ready and self.task is None


def on_processes(recipe: Recipe, parts: Iterable[Part], jobs: int) -> Iterator[list[Done]]:
    """Yield the results of each chunk, in order. Raises UsageError when processes cannot be started."""
    crew = _Crew(recipe, jobs)
    try:
        yield from crew.run(iter(parts))
    finally:
        crew.dismiss()


class _Crew:
    def __init__(self, recipe: Recipe, jobs: int) -> None:
        self._recipe = recipe
        self._expected = recipe.engine().recipe
        self._workers = [self._hired() for _ in range(jobs)]
        self._tasks: deque[_Task] = deque()
        self._chunks: deque[_Chunk] = deque()

    def run(self, parts: Iterator[Part]) -> Iterator[list[Done]]:
        more = True
        while more or self._chunks:
            while more and len(self._chunks) < _AHEAD * len(self._workers):
                more = self._take(parts)
            self._give()
            while self._chunks and self._chunks[0].complete:
                yield self._chunks.popleft().results()
            if self._chunks:
                self._wait()

    def dismiss(self) -> None:
        for worker in self._workers:
            _end(worker)

    def _take(self, parts: Iterator[Part]) -> bool:
        part = next(parts, None)
        if part is None:
            return False
        chunk = _Chunk(part)
        self._chunks.append(chunk)
        if part:
            self._tasks.append(_Task(chunk, 0, part))
        return True

    def _give(self) -> None:
        for i, worker in enumerate(self._workers):
            if worker.free and self._tasks:
                worker.task = self._tasks.popleft()
                worker.deadline = monotonic() + (MAIL_SECONDS if len(worker.task.part) == 1 else CHUNK_SECONDS)
                try:
                    worker.pipe.send(worker.task.part)
                except OSError:
                    self._lost(i, "WorkerDied")

    def _wait(self) -> None:
        """Wait for the next word of a worker, or for the first deadline."""
        busy = [worker for worker in self._workers if not worker.free]
        if not busy:
            return
        left = max(0.0, min(worker.deadline for worker in busy) - monotonic())
        speaking = set(connection.wait([worker.pipe for worker in busy], left))
        for i, worker in enumerate(self._workers):
            if worker.pipe in speaking:
                self._hear(i, worker)
            elif not worker.free and worker.deadline < monotonic():
                self._lost(i, "WorkerHung")

    def _hear(self, place: int, worker: _Worker) -> None:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            self._lost(place, "WorkerDied")
            return
        if isinstance(said, str):
            raise UsageError(said)
        if worker.task is None:
            worker.ready = True
            return
        task, worker.task = worker.task, None
        task.chunk.found.update(enumerate(said, task.start))

    def _lost(self, place: int, kind: str) -> None:
        """Replace a worker; try what it worked on again in single mails, or set the one mail aside."""
        worker = self._workers[place]
        _end(worker)
        if not worker.ready:
            raise UsageError("a worker process cannot start (not enough memory?): use fewer --jobs")
        self._workers[place] = self._hired()
        task = worker.task
        if task is None:
            return
        if len(task.part) == 1:
            task.chunk.found[task.start] = set_aside(task.part[0], kind, reason(kind))
        else:
            self._tasks.extendleft(_Task(task.chunk, i, [raw]) for i, raw in reversed(list(enumerate(task.part))))

    def _hired(self) -> _Worker:
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(
            target=_serve, args=(theirs, self._recipe, self._expected), daemon=True, name="triage-worker"
        )
        with _one_thread_each():
            process.start()
        theirs.close()
        return _Worker(process, ours, monotonic() + START_SECONDS)


def reason(kind: str) -> str:
    """Why a mail was set aside."""
    if kind == "WorkerHung":
        return f"reading this message took over {MAIL_SECONDS:.0f} seconds: it was set aside"
    return "the process reading this message died (out of memory, or a fault in a library): it was set aside"


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes share the cores: their linear algebra must not start one thread per core in each."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(pipe: "Connection", recipe: Recipe, expected: str) -> None:
    """A worker's life: load once, then a chunk in, its results out, until the pipe closes, as when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    with suppress(EOFError, OSError):
        try:
            work(recipe, [], expected)
            pipe.send(None)
            while True:
                pipe.send(work(recipe, pipe.recv(), expected))
        except UsageError as error:
            pipe.send(str(error))
