"""`triage deadlines RESULTS|OUT_DIR`: what falls due, by date and service."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click

from triage.cli.calendar import calendar
from triage.cli.output import table
from triage.errors import SourceError

_COLUMNS = ("échéance", "service", "délai", "texte", "objet", "message")
_OPEN = ("draft", "route", "review")


class Due(NamedTuple):
    """One deadline of one message; `service` is « courrier » where a human must still choose."""

    due: date
    service: str
    name: str
    source: str
    confirmed: bool
    subject: str
    origin: str
    digest: str

    @property
    def article(self) -> str:
        """The article, with its doubt."""
        return self.source if self.confirmed else f"{self.source} (à confirmer)"

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of a table."""
        return (self.due.isoformat(), self.service, self.name, self.article, self.subject, self.origin)


@click.command("deadlines", short_help="List what falls due, by date and service.")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--service", help="Only what this service must do.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only what falls due until this day.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV for spreadsheets.")
@click.option("--ical", "form", flag_value="ical", help="Print an iCalendar file, one all-day event each.")
@click.option("--json", "form", flag_value="json", help="Print one JSON object a line.")
def command(results: Path, service: str | None, until: datetime | None, form: str | None) -> None:
    """List the deadlines in RESULTS, a results.jsonl or the folder of a run, soonest first."""
    path = results / "results.jsonl" if results.is_dir() else results
    found = [
        due
        for due in sorted(read_due(path))
        if (service is None or due.service == service) and (until is None or due.due <= until.date())
    ]
    if form == "csv":
        click.echo(_csv(found), nl=False)
    elif form == "ical":
        click.echo(calendar(found, datetime.now(UTC)).encode(), nl=False)
    elif form == "json":
        for due in found:
            click.echo(json.dumps({**due._asdict(), "due": due.due.isoformat()}, ensure_ascii=False))
    else:
        table(_COLUMNS, [due.row for due in found])


def read_due(path: Path) -> Iterator[Due]:
    """Every deadline of a results.jsonl. Raises SourceError naming the line that is no result."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            try:
                yield from _of(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise SourceError(
                    f"{path}, line {number}: is no result of `triage apply`: name its results.jsonl or folder"
                ) from error


def _of(line: dict[str, Any]) -> Iterator[Due]:
    decision = line["decision"]
    if decision["action"] not in _OPEN:
        return
    for deadline in line["deadlines"]:
        yield Due(
            due=date.fromisoformat(deadline["due"]),
            service=decision["service"] or "courrier",
            name=deadline["name"],
            source=deadline["source"],
            confirmed=deadline["confirmed"],
            subject=line["subject"] or "(sans objet)",
            origin=line["origin"],
            digest=line["digest"],
        )


def _csv(found: Sequence[Due]) -> str:
    """UTF-8 with BOM and `;` for French spreadsheets; no cell starts a formula."""
    from triage.write import safe_cell

    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    written = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    written.writerow(_COLUMNS)
    written.writerows([safe_cell(text) for text in due.row] for due in found)
    return stream.getvalue()
