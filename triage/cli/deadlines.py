"""`triage deadlines RESULTS|OUT_DIR`: what falls due, by date and service; or the deadlines of one request."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from triage.cli.calendar import calendar
from triage.cli.due import Due, due_of, read_due
from triage.cli.options import profile_option
from triage.cli.output import table
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.profile import Profile

_COLUMNS = ("échéance", "service", "délai", "texte", "état", "objet", "message")
_DAY = click.DateTime(["%Y-%m-%d"])
_Command = TypeVar("_Command", bound=Callable[..., Any])
# What may be told of a request: option, help.
_COURSE = (
    ("first_request", "For a reminder: the day of the first request."),
    ("pieces_asked", "The day missing pieces were asked for."),
    ("pieces_until", "The day until which they may be given."),
    ("pieces_received", "The day they came."),
    ("transmitted", "The day the competent authority received the request."),
)


def _course_options(command: _Command) -> _Command:
    for name, told in reversed(_COURSE):
        command = click.option(f"--{name.replace('_', '-')}", type=_DAY, help=f"With --received. {told}")(command)
    return command


@click.command("deadlines", short_help="List what falls due, by date and service.")
@click.argument("results", required=False, type=click.Path(path_type=Path))
@click.option("--service", help="Only what this service must do; with --received, whose request it is.")
@click.option("--until", type=_DAY, help="Only what falls due until this day.")
@click.option("--overdue", is_flag=True, help="Only what fell due before today.")
@click.option("--by", type=click.Choice(["date", "service"]), default="date", show_default=True, help="Order.")
@click.option("--today", type=_DAY, help="The day from which to count (default: today).")
@click.option("--how", is_flag=True, help="Say how each date was counted (CSV and JSON always do).")
@click.option("--csv", "form", flag_value="csv", help="Print CSV for spreadsheets.")
@click.option("--ical", "form", flag_value="ical", help="Print an iCalendar file, one all-day event each.")
@click.option("--json", "form", flag_value="json", help="Print one JSON object a line.")
@click.option("--received", type=_DAY, help="Instead of RESULTS: the deadlines of a request received on this day.")
@click.option("--nature", help="With --received. What kind of request it is (natures.toml).")
@click.option("--procedure", help="With --received. Which procedure it follows (regimes.toml).")
@_course_options
@profile_option
def command(
    results: Path | None,
    service: str | None,
    until: datetime | None,
    overdue: bool,
    by: str,
    today: datetime | None,
    how: bool,
    form: str | None,
    received: datetime | None,
    nature: str | None,
    procedure: str | None,
    profile: Path,
    **course: datetime | None,
) -> None:
    """List the deadlines in RESULTS, a results.jsonl or the folder of a run, soonest first.

    With --received, count those of one request instead: what its regime is, when pieces were asked for, when it was
    passed on to the competent authority.
    """
    now = datetime.now(UTC)
    day = today.date() if today else now.astimezone().date()
    if (results is None) == (received is None):
        raise UsageError("name the RESULTS of a run, or a request with --received DATE and --nature")
    if received:
        found = _counted(profile, received.date(), service, nature, procedure, course)
    else:
        assert results
        found = list(read_due(results / "results.jsonl" if results.is_dir() else results))
        found = [due for due in found if service in (None, due.service)]
    wanted = [d for d in found if (not until or d.due <= until.date()) and (not overdue or d.due < day)]
    wanted.sort(key=lambda due: (due.service, due) if by == "service" else ("", due))
    _print(wanted, form, day, now, how=how or received is not None)


def _counted(
    folder: Path, received: date, service: str | None, nature: str | None, procedure: str | None, told: dict[str, Any]
) -> list[Due]:
    """The deadlines of one request. Raises UsageError for a name the profile does not know."""
    from triage.decide import Course, deadlines
    from triage.profile import Case, load_profile

    profile = load_profile(folder)
    _check_known(profile, service, nature, procedure)
    day = {name: value.date() if value else None for name, value in told.items()}
    course = Course(
        first=day["first_request"],
        sure=True,
        asked=day["pieces_asked"],
        until=day["pieces_until"],
        provided=day["pieces_received"],
        transmitted=day["transmitted"],
    )
    case = Case("human", service, nature, procedures=(procedure,) if procedure else ())
    request = " ".join(filter(None, (received.isoformat(), service, nature, procedure)))
    return list(due_of(deadlines(profile, case, received, course), service, request))


def _check_known(profile: "Profile", service: str | None, nature: str | None, procedure: str | None) -> None:
    if nature is None:
        raise UsageError(f"--received needs --nature: one of {', '.join(profile.natures)}")
    procedures = {rule.id: rule for rule in profile.procedures}
    for option, name, known in (
        ("--service", service, profile.services),
        ("--nature", nature, profile.natures),
        ("--procedure", procedure, procedures),
    ):
        if name is not None and name not in known:
            raise UsageError(f"{option} {name}: unknown: choose one of {', '.join(known)}")


def _print(found: Sequence[Due], form: str | None, today: date, now: datetime, *, how: bool) -> None:
    if form == "csv":
        click.echo(_csv(found, today), nl=False)
    elif form == "ical":
        click.echo(calendar(found, now).encode(), nl=False)
    elif form == "json":
        for due in found:
            click.echo(json.dumps(_json(due, today), ensure_ascii=False))
    else:
        columns = (*_COLUMNS, "calcul") if how else _COLUMNS
        table(columns, [(*_row(due, today), due.computed)[: len(columns)] for due in found])


def _row(due: Due, today: date) -> tuple[str, ...]:
    return (due.due.isoformat(), due.service, due.label, due.article, due.state(today), due.subject, due.origin)


def _json(due: Due, today: date) -> dict[str, Any]:
    fields = due._asdict() | {"due": due.due.isoformat(), "overdue": due.due < today}
    del fields["rank"]
    return fields


def _csv(found: Sequence[Due], today: date) -> str:
    """UTF-8 with BOM and `;` for French spreadsheets; no cell starts a formula."""
    from triage.write import safe_cell

    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    written = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    written.writerow((*_COLUMNS, "calcul"))
    written.writerows([safe_cell(text) for text in (*_row(due, today), due.computed)] for due in found)
    return stream.getvalue()
