"""The same chunks on a Dask cluster. Mail travels inside the chunks; model and profile must lie on every worker.

A plain client rather than joblib's Dask backend: there, one chunk that costs a worker ends the whole run, a chunk
cannot be called off, and its worker cannot be named. Here a lost worker's chunks go to others; a chunk that keeps
costing workers is tried again mail by mail, alone on the cluster, and the guilty mail is set aside.
"""

import importlib.util
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from triage import __version__
from triage.batch import local
from triage.batch.local import reason
from triage.batch.recipe import Done, Recipe, set_aside, work
from triage.errors import UsageError
from triage.types import RawMessage

_CONNECT_SECONDS = 15
_AHEAD = 3  # chunks under way or waiting per thread of the cluster
_FEWEST_AHEAD = 4
_STARTS = 4  # a chunk may wait for a worker to load its model, or behind others

Part = Sequence[RawMessage]
_Task = tuple[Part, Any]


def missing() -> bool:
    """Say whether the library that speaks to clusters is absent."""
    return importlib.util.find_spec("distributed") is None


def on_cluster(recipe: Recipe, parts: Iterable[Part], address: str) -> Iterator[list[Done]]:
    """Yield the results of each chunk, in order. Raises UsageError when the cluster cannot be used or is lost."""
    with _connected(address) as client:
        _check_workers(client, address)
        expected = recipe.engine().recipe
        yield from _Run(client, recipe, expected).results(iter(parts))


class _Run:
    def __init__(self, client: Any, recipe: Recipe, expected: str) -> None:
        self._client, self._recipe, self._expected = client, recipe, expected
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
        return self._client.submit(_work, self._recipe, list(part), self._expected, __version__, pure=False)

    def _first(self) -> list[Done]:
        """Results of the oldest chunk; what fails as a whole is tried in single mails once nothing else runs."""
        part, future = self._tasks.popleft()
        try:
            return self._result(future, local.CHUNK_SECONDS * _STARTS) if part else []
        except _LostError:
            self._quiet()
            return [self._alone(raw) for raw in part]

    def _alone(self, raw: RawMessage) -> Done:
        try:
            return self._result(self._submit([raw]), local.MAIL_SECONDS * _STARTS)[0]
        except _LostError as lost:
            return set_aside(raw, lost.kind, reason(lost.kind))

    def _quiet(self) -> None:
        """Let every other chunk end, well or not: who then costs a worker is guilty."""
        for _, future in self._tasks:
            with suppress(Exception):  # its own turn will say what became of it
                future.exception(local.CHUNK_SECONDS * _STARTS)

    def _result(self, future: Any, seconds: float) -> list[Done]:
        from distributed import CancelledError, KilledWorker

        try:
            done: list[Done] = future.result(seconds)
        except KilledWorker as error:
            raise _LostError("WorkerDied") from error
        except TimeoutError as error:
            self._call_off(future)
            raise _LostError("WorkerHung") from error
        except (CancelledError, OSError) as error:
            raise UsageError("the cluster no longer answers: start it, then run again: what is done is kept") from error
        return done

    def _call_off(self, future: Any) -> None:
        """Cancel a chunk and restart the worker it holds up; its other chunks go to other workers."""
        holding = [address for address, keys in self._client.processing().items() if future.key in keys]
        future.cancel(force=True)
        with suppress(Exception):  # a worker without a nanny cannot be restarted: it goes on alone
            self._client.restart_workers(holding, timeout=_CONNECT_SECONDS, raise_for_error=False)


class _LostError(Exception):
    """A chunk cost the workers it was given to, or holds one up."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def _work(recipe: Recipe, part: Part, expected: str, version: str) -> list[Done]:
    """The chunk's work, on a worker."""
    if version != __version__:
        raise UsageError(f"a worker runs triage {__version__}, this machine {version}: install the same on all")
    return work(recipe, part, expected)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"--scheduler {address}: no Dask scheduler answers there: check address and port") from error
    try:
        yield client
    finally:
        client.close(timeout=5)  # type: ignore[no-untyped-call]


def _check_workers(client: Any, address: str) -> None:
    from distributed import TimeoutError as TooLongError

    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TooLongError as error:
        raise UsageError(f"--scheduler {address}: has no worker: start one with `dask worker {address}`") from error
