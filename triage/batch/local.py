"""Chunks on processes of this machine, each known by name: who dies or hangs is replaced.

Each worker has its own pipe and its own chunk. A chunk that cost a worker is tried again mail by mail; the mail that
costs a worker alone is set aside. A cluster's workers do the same, each with one process of its own. Why not joblib:
docs/decisions/0004.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from triage.batch.plan import Patience
from triage.batch.recipe import Done, Recipe, set_aside, work
from triage.errors import UsageError
from triage.types import RawMessage

START_SECONDS = 300.0
_AHEAD = 4  # chunks under way or waiting for an earlier one, per process
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # processes share the cores
_SERVE = "import sys; from triage.batch.local import serve; serve(int(sys.argv[1]))"
_OWN = threading.local()

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
    process: subprocess.Popen[bytes]
    pipe: "Connection[Any, Any]"
    deadline: float
    ready: bool = False
    task: _Task | None = None

    @property
    def free(self) -> bool:
        return self.ready and self.task is None


def on_processes(recipe: Recipe, parts: Iterable[Part], jobs: int, patience: Patience) -> Iterator[list[Done]]:
    """Yield the results of each chunk, in order. Raises UsageError when processes cannot be started."""
    crew = _Crew(recipe, recipe.engine().recipe, jobs, patience)
    try:
        yield from crew.run(iter(parts))
    finally:
        crew.dismiss()


def in_own_process(recipe: Recipe, part: Part, expected: str, patience: Patience) -> list[Done]:
    """Results of one chunk from a process that belongs to the calling thread and stays for the next chunks.

    Raises UsageError when it cannot be started, or finds another model or profile than the `expected` recipe.
    """
    crew: _Crew | None = getattr(_OWN, "crew", None)
    _OWN.crew = None
    if crew and crew.asked != (recipe, expected, patience):
        crew.dismiss()
        crew = None
    crew = crew or _Crew(recipe, expected, 1, patience)
    try:
        found = next(crew.run(iter([part])))
    except BaseException:
        crew.dismiss()
        raise
    _OWN.crew = crew
    return found


class _Crew:
    def __init__(self, recipe: Recipe, expected: str, jobs: int, patience: Patience) -> None:
        self.asked = recipe, expected, patience
        self._patience = patience
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
                worker.deadline = monotonic() + (
                    self._patience.mail if len(worker.task.part) == 1 else self._patience.chunk
                )
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
            task.chunk.found[task.start] = set_aside(task.part[0], kind, reason(kind, self._patience))
        else:
            self._tasks.extendleft(_Task(task.chunk, i, [raw]) for i, raw in reversed(list(enumerate(task.part))))

    def _hired(self) -> _Worker:
        """Start a program of its own: multiprocessing would run the caller's script again, and may not in Dask."""
        ours, theirs = connection.Pipe()
        paths = os.pathsep.join(path for path in sys.path if path)
        process = subprocess.Popen(  # noqa: S603  this same interpreter
            [sys.executable, "-c", _SERVE, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, **dict.fromkeys(_THREADS, "1")},
        )
        theirs.close()
        with suppress(OSError):  # it died at once: who waits for its first word will know
            ours.send(self.asked[:2])
        return _Worker(process, ours, monotonic() + START_SECONDS)


def reason(kind: str, patience: Patience) -> str:
    """Why a mail was set aside."""
    if kind == "WorkerHung":
        return f"reading this message took over {patience.mail:.0f} seconds: it was set aside"
    return "the process reading this message died (out of memory, or a fault in a library): it was set aside"


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.wait()


def serve(descriptor: int) -> None:
    """A worker's life: load once, then a chunk in, its results out, until the pipe closes, as when the parent dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    pipe: Connection[Any, Any] = Connection(descriptor)
    with suppress(EOFError, OSError):
        recipe, expected = pipe.recv()
        try:
            work(recipe, [], expected)
            pipe.send(None)
            while True:
                pipe.send(work(recipe, pipe.recv(), expected))
        except UsageError as error:
            pipe.send(str(error))
