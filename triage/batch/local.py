"""Chunks on processes of this machine, each known by name: who dies or hangs is replaced.

Each worker has its own pipe and its own chunk. A chunk that cost a worker is tried again mail by mail; the mail that
costs a worker alone is set aside. A cluster's workers do the same, each with one process of its own. Why not joblib:
docs/decisions/0004.

Workers are forked by a nursery, a program that has loaded model and profile, runs no thread and has nothing open: a
worker is there at once, and shares that memory.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from queue import SimpleQueue
from time import monotonic
from typing import Any

from triage.batch.plan import Patience
from triage.batch.recipe import Done, Recipe, set_aside, warmed, work
from triage.errors import TriageError, UsageError
from triage.types import RawMessage

START_SECONDS = 300.0
_AHEAD = 4  # chunks under way or waiting for an earlier one, per process
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # processes share the cores
_SERVE = "import sys; from triage.batch.local import serve; serve(int(sys.argv[1]))"
_NO_WORKER = "a worker process cannot start (not enough memory?): use fewer --jobs"
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
    number: int
    pipe: "Connection[Any, Any]"
    tasks: "deque[_Task]" = field(default_factory=deque)  # the first is under way, the second waits with the worker
    deadline: float = 0.0
    outbox: "SimpleQueue[Part | None]" = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self._sender = threading.Thread(target=_send_out, args=(self.pipe, self.outbox), daemon=True)
        self._sender.start()

    def hang_up(self) -> None:
        """Speak with it no more, even in the middle of a chunk that it does not take."""
        self.outbox.put(None)
        with suppress(OSError), socket.socket(fileno=os.dup(self.pipe.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)  # ends a write under way, as closing would not
        self._sender.join()
        self.pipe.close()


class _Nursery:
    """The program that forks workers, as this process knows it.

    multiprocessing would run the caller's script again, and may not in Dask.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._pipe, theirs = connection.Pipe()
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603  this same interpreter
            [sys.executable, "-c", _SERVE, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, **dict.fromkeys(_THREADS, "1")},
        )
        theirs.close()
        with suppress(OSError):  # it died at once: who waits for its first word will know
            self._pipe.send(recipe)
        self._deadline = monotonic() + START_SECONDS

    def recipe(self) -> str:
        """What it loaded, once it has. Raises UsageError when that cannot be loaded."""
        return str(self._heard(max(0.0, self._deadline - monotonic())))

    def fork(self) -> _Worker:
        """A new worker. Raises UsageError when there can be none."""
        ours, theirs = connection.Pipe()
        try:
            self._pipe.send(None)
            send_handle(self._pipe, theirs.fileno(), self._process.pid)
        except OSError as error:
            raise UsageError(_NO_WORKER) from error
        finally:
            theirs.close()
        return _Worker(int(self._heard(START_SECONDS)), ours)

    def end(self, worker: _Worker) -> None:
        """Kill a worker, dead or alive."""
        worker.hang_up()
        with suppress(OSError):
            self._pipe.send(worker.number)

    def close(self) -> None:
        """End it and all its workers."""
        self._pipe.close()
        self._process.wait()

    def _heard(self, seconds: float) -> str | int:
        try:
            if not self._pipe.poll(seconds):
                raise UsageError(_NO_WORKER)
            said, refused = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise UsageError(_NO_WORKER) from error
        if refused:
            raise UsageError(refused)
        found: str | int = said
        return found


_PREPARED: dict[Recipe, _Nursery] = {}


def prepare(recipe: Recipe) -> None:
    """Begin to load a recipe for `on_processes`, while this process loads it too."""
    _PREPARED[recipe] = _Nursery(recipe)


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
        self._nursery = _PREPARED.pop(recipe) if recipe in _PREPARED else _Nursery(recipe)
        self._tasks: deque[_Task] = deque()
        self._chunks: deque[_Chunk] = deque()
        try:
            _check(recipe, self._nursery.recipe(), expected)
            self._workers = [self._nursery.fork() for _ in range(jobs)]
        except UsageError:
            self._nursery.close()
            raise

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
            worker.hang_up()
        self._nursery.close()

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
        """A task to each worker that has none, then a second one, so that none waits while this process is busy."""
        for most in (1, 2):
            for worker in self._workers:
                spare = most == 1 or len(self._tasks) > len(self._workers)  # the last go to whoever is free first
                if self._tasks and spare and len(worker.tasks) < most:
                    worker.tasks.append(self._tasks.popleft())
                    worker.outbox.put(worker.tasks[-1].part)
                    self._time(worker)

    def _time(self, worker: _Worker) -> None:
        """Set the deadline of a task that has just become the first of a worker's."""
        if len(worker.tasks) == 1:
            alone = len(worker.tasks[0].part) == 1
            worker.deadline = monotonic() + (self._patience.mail if alone else self._patience.chunk)

    def _wait(self) -> None:
        """Wait for the next word of a worker, or for the first deadline."""
        busy = [worker for worker in self._workers if worker.tasks]
        if not busy:
            return
        left = max(0.0, min(worker.deadline for worker in busy) - monotonic())
        speaking = set(connection.wait([worker.pipe for worker in busy], left))
        for i, worker in enumerate(self._workers):
            if worker.pipe in speaking:
                self._hear(i, worker)
            elif worker.tasks and worker.deadline < monotonic():
                self._lost(i, "WorkerHung")

    def _hear(self, place: int, worker: _Worker) -> None:
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            self._lost(place, "WorkerDied")
            return
        task = worker.tasks.popleft()
        self._time(worker)
        task.chunk.found.update(enumerate(said, task.start))

    def _lost(self, place: int, kind: str) -> None:
        """Replace a worker; try what it worked on again in single mails, or set the one mail aside."""
        worker = self._workers[place]
        self._nursery.end(worker)
        self._workers[place] = self._nursery.fork()
        if not worker.tasks:
            return
        task = worker.tasks.popleft()
        self._tasks.extendleft(reversed(worker.tasks))
        if len(task.part) == 1:
            task.chunk.found[task.start] = set_aside(task.part[0], kind, reason(kind, self._patience))
        else:
            self._tasks.extendleft(_Task(task.chunk, i, [raw]) for i, raw in reversed(list(enumerate(task.part))))


def _check(recipe: Recipe, found: str, expected: str) -> None:
    if found != expected:
        raise UsageError(f"{recipe.model}: another model or profile lies on a worker: copy the same folders to all")


def reason(kind: str, patience: Patience) -> str:
    """Why a mail was set aside."""
    if kind == "WorkerHung":
        return f"reading this message took over {patience.mail:.0f} seconds: it was set aside"
    return "the process reading this message died (out of memory, or a fault in a library): it was set aside"


def serve(descriptor: int) -> None:
    """A nursery's life: load once, then fork a worker at each None and end the one of each number, until the pipe
    closes, as when the parent dies.
    """  # fmt: skip
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    pipe: Connection[Any, Any] = Connection(descriptor)
    children: set[int] = set()
    with suppress(EOFError, OSError):
        recipe = pipe.recv()
        try:
            found = warmed(recipe).recipe  # what a first mail loads and compiles, workers share
            pipe.send((found, ""))
        except TriageError as error:
            pipe.send((None, str(error)))
        gc.freeze()  # so that no collection touches, and thus copies, what workers share
        while True:
            number = pipe.recv()
            if number is None:
                children.add(_born(pipe, recipe))
            else:
                _end(number)
                children.remove(number)
    for number in children:
        _end(number)


def _born(pipe: "Connection[Any, Any]", recipe: Recipe) -> int:
    """Fork a worker and tell its number."""
    theirs = recv_handle(pipe)
    number = os.fork()
    if number == 0:
        try:
            pipe.close()
            _live(Connection(theirs), recipe)
        finally:
            os._exit(1)
    os.close(theirs)
    pipe.send((number, ""))
    return number


def _send_out(pipe: "Connection[Any, Any]", outbox: "SimpleQueue[Part | None]") -> None:
    """Send chunks to a worker, which may be slow to take one, or never take it: who watches over it must not wait."""
    with suppress(OSError):  # it died: who waits for its results will know
        while (part := outbox.get()) is not None:
            pipe.send(part)


def _live(pipe: "Connection[Any, Any]", recipe: Recipe) -> None:
    """A worker's life: a chunk in, its results out. The next chunk is taken from the pipe meanwhile."""
    parts: SimpleQueue[Part | None] = SimpleQueue()
    threading.Thread(target=_take_in, args=(pipe, parts), daemon=True).start()
    with suppress(OSError):
        while (part := parts.get()) is not None:
            pipe.send(work(recipe, part))


def _take_in(pipe: "Connection[Any, Any]", parts: "SimpleQueue[Part | None]") -> None:
    with suppress(EOFError, OSError):
        while True:
            parts.put(pipe.recv())
    parts.put(None)


def _end(number: int) -> None:
    """Kill a child; its number is its own until it has been waited for."""
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
