"""What a long run says on standard error: a progress bar on a terminal, or one JSON object a line for a log collector.

No line holds an address, a subject or a text: mails are named by the first digits of their digest.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from triage.cli.output import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from triage.batch import Summary

_LOG_SECONDS = 10.0
_REFRESH_SECONDS = 0.2
# Outcomes as they are counted while the run goes.
_SHORT = {"draft": "réponses", "route": "à traiter", "review": "à relire", "ignore": "sans suite", "failed": "erreurs"}


@dataclass(frozen=True)
class Log:
    """Standard error, as text for people or as JSON for machines."""

    form: str

    @property
    def is_json(self) -> bool:
        """Whether lines are JSON objects."""
        return self.form == "json"

    def say(self, event: str, *, level: str = "info", **figures: Any) -> None:
        """Write one line; figures are shown in JSON only."""
        if not self.is_json:
            report(event)
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": level, "event": event, **figures}
        click.echo(json.dumps(line, ensure_ascii=False), err=True)


@contextmanager
def watching(summary: "Summary", sources: tuple[str, ...], log: Log) -> "Iterator[Callable[[], None]]":
    """Yield what to call once for each message; it shows how the run goes, by what `summary` holds."""
    if log.is_json:
        yield _logging(summary, log)
    elif sys.stderr.isatty():
        with _bar() as bar:
            yield _drawing(summary, bar, _total_size(sources))
    else:
        yield lambda: None


def _logging(summary: "Summary", log: Log) -> "Callable[[], None]":
    log.say("started")
    start = last = monotonic()

    def advance() -> None:
        nonlocal last
        now = monotonic()
        if now - last >= _LOG_SECONDS:
            last = now
            log.say(
                "progress", messages=summary.seen, rate=round(summary.seen / (now - start), 1), outcomes=summary.live
            )

    return advance


def _drawing(summary: "Summary", bar: "Progress", total: int | None) -> "Callable[[], None]":
    """Progress is measured in bytes of mail, the one total known beforehand; what is shown are messages."""
    task = bar.add_task("messages", total=total, rate="", outcomes="")
    start = monotonic()
    last = 0.0

    def advance() -> None:
        nonlocal last
        now = monotonic()
        if now - last >= _REFRESH_SECONDS:
            last = now
            outcomes = ", ".join(f"{_SHORT[name]} {count}" for name, count in summary.live.most_common())
            rate = f"{summary.seen} ({summary.seen / max(now - start, 0.001):.0f}/s)"
            bar.update(task, completed=summary.octets, rate=rate, outcomes=outcomes)

    return advance


@contextmanager
def _bar() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description} {task.fields[rate]}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("reste"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[outcomes]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def _total_size(sources: tuple[str, ...]) -> int | None:
    """Bytes of all sources, or None where one cannot be known beforehand (a server, standard input)."""
    paths = [Path(source) for source in sources]
    if not all(path.exists() for path in paths):
        return None
    return sum(_size(path) for path in paths)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(found.stat().st_size for found in path.rglob("*") if found.is_file())
    return path.stat().st_size
