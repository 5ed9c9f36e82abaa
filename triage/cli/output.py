"""What commands print: tables, progress, and text from mail made safe for a terminal."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

# C0 and C1 controls, and the bidirectional controls that make a line read as something else.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def printable(text: str) -> str:
    """Text on one line that cannot move the cursor, ring, or reorder what is read."""
    return _UNSAFE.sub("�", text.replace("\n", " ").replace("\t", " "))


def report(message: str) -> None:
    """Say on standard error what is going on."""
    click.echo(printable(message), err=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """A table on a terminal, tab-separated lines elsewhere."""
    safe = [[printable(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [columns, *safe]:
            click.echo("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in safe:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


@contextmanager
def progress(description: str) -> "Iterator[Callable[[], None]]":
    """A counter on standard error; yields what to call once for each message. Silent when that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda: bar.advance(task)
