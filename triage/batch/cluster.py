"""The same chunks on a Dask cluster. Mail travels inside the chunks; model and profile must lie on every worker.

On its worker a chunk is done by a process of its own (`local.py`): a mail that dies or hangs costs that process, not
the worker. A worker that is lost all the same gives its chunks to others. Why a plain client and not joblib's Dask
backend: docs/decisions/0004.
"""

import importlib.util
import re
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from triage import __version__
from triage.batch.local import in_own_process, reason
from triage.batch.plan import Patience
from triage.batch.recipe import Done, Recipe, set_aside
from triage.errors import UsageError
from triage.types import RawMessage

_ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s/:@\[\]]+)):(?P<port>\d{1,5})/?")
_CONNECT_SECONDS = 15
_KNOCK_SECONDS = 0.5  # between two tries
_AHEAD = 3  # chunks under way or waiting per thread of the cluster
_FEWEST_AHEAD = 4

Part = Sequence[RawMessage]
_Task = tuple[Part, Any]


def missing() -> bool:
    """Say whether the library that speaks to clusters is absent."""
    return importlib.util.find_spec("distributed") is None


def on_cluster(recipe: Recipe, parts: Iterable[Part], address: str, patience: Patience) -> Iterator[list[Done]]:
    """Yield the results of each chunk, in order. Raises UsageError when the cluster cannot be used or is lost."""
    with _connected(address) as client:
        _check_workers(client, address)
        expected = recipe.engine().recipe
        yield from _Run(client, recipe, expected, patience).results(iter(parts))


class _Run:
    def __init__(self, client: Any, recipe: Recipe, expected: str, patience: Patience) -> None:
        self._client, self._patience = client, patience
        self._asked = recipe, expected, patience
        self._tasks: deque[_Task] = deque()

    def results(self, parts: Iterator[Part]) -> Iterator[list[Done]]:
        more = True
        while more or self._tasks:
            while more and len(self._tasks) < self._window():
                part = next(parts, None)
                more = part is not None
                if part is not None:
                    self._tasks.append((part, self._submit(part)))
            if self._tasks:
                yield self._first()

    def _window(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return max(_FEWEST_AHEAD, _AHEAD * sum(threads.values()))

    def _submit(self, part: Part) -> Any:
        return self._client.submit(_work, list(part), *self._asked, __version__, pure=False)

    def _first(self) -> list[Done]:
        """Results of the oldest chunk; one that keeps costing workers is tried again mail by mail."""
        part, future = self._tasks.popleft()
        if not part:
            return []
        try:
            return _result(future)
        except _LostError:
            return [self._alone(raw) for raw in part]

    def _alone(self, raw: RawMessage) -> Done:
        try:
            return _result(self._submit([raw]))[0]
        except _LostError:
            return set_aside(raw, "WorkerDied", reason("WorkerDied", self._patience))


class _LostError(Exception):
    """A chunk cost several workers."""


def _result(future: Any) -> list[Done]:
    from distributed import CancelledError, KilledWorker

    try:
        done: list[Done] = future.result()
    except KilledWorker as error:
        raise _LostError from error
    except (CancelledError, OSError) as error:
        raise UsageError("the cluster no longer answers: start it, then run again: what is done is kept") from error
    return done


def _work(part: Part, recipe: Recipe, expected: str, patience: Patience, version: str) -> list[Done]:
    """The chunk's work, on a worker."""
    if version != __version__:
        raise UsageError(f"a worker runs triage {__version__}, this machine {version}: install the same on all")
    return in_own_process(recipe, part, expected, patience)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    _knock(address)
    from distributed import Client

    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise _unreachable(address) from error
    try:
        yield client
    finally:
        client.close(timeout=5)  # type: ignore[no-untyped-call]


def _knock(address: str) -> None:
    """Wait until the address can be reached. A client that cannot connect takes a minute, and prints a traceback."""
    found = _ADDRESS.fullmatch(address)
    if not found:
        raise UsageError(f"--scheduler {address}: is no address of a Dask scheduler: give tcp://HOST:PORT")
    place = found["v6"] or found["host"], int(found["port"])
    end = monotonic() + _CONNECT_SECONDS
    while True:
        try:
            socket.create_connection(place, timeout=_CONNECT_SECONDS).close()
        except (ConnectionError, TimeoutError) as error:
            if monotonic() > end:
                raise _unreachable(address) from error
            sleep(_KNOCK_SECONDS)
        except (OSError, OverflowError, UnicodeError) as error:  # no such host, no such port
            raise _unreachable(address) from error
        else:
            return


def _unreachable(address: str) -> UsageError:
    return UsageError(f"--scheduler {address}: no Dask scheduler answers there: check address and port")


def _check_workers(client: Any, address: str) -> None:
    from distributed import TimeoutError as TooLongError

    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TooLongError as error:
        raise UsageError(f"--scheduler {address}: has no worker: start one with `dask worker {address}`") from error
