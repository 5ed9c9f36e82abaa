"""`triage corrections export | import | folders | list`: verdicts of agents, many at once."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import by_option, journal_option, profile_option, run_folder_argument, run_folder_option
from triage.cli.output import printable, progress, report, table
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.journal.corrections import Correction
    from triage.learn.corrections import Names, Standing
    from triage.learn.folders import Tally
    from triage.learn.sampling import Estimate
    from triage.profile import Profile


@click.group("corrections", short_help="Verdicts of agents: export, import, folders, list.")
def command() -> None:
    """Collect what agents say of the outcomes, for `triage retrain` and for honest figures."""


@command.command("export", short_help="Write a sheet for agents, the most uncertain mail first.")
@run_folder_argument
@click.option("--csv", "as_csv", type=click.Path(path_type=Path), help="Write a CSV file, for spreadsheets.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write a JSON array, for programs.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(0), help="How many doubtful messages.")
@click.option("--control", default=20, show_default=True, type=click.IntRange(0), help="How many more drawn at random.")
@click.option("--seed", type=int, help="Draw the same sample again, for tests.")
@journal_option
@profile_option
def export(
    out: Path, as_csv: Path | None, as_json: Path | None, most: int, control: int, seed: int | None, **where: Any
) -> None:
    """Write the messages of OUT_DIR nobody has judged yet to a file, the most uncertain first.

    Agents fill in the last columns: « tout est juste » (oui), or what is right; a line left empty is no verdict. Lines
    marked « témoin » were drawn at random: judge all of them, they alone tell how often the program is right.
    """
    from triage.learn.corrections import opened
    from triage.learn.sampling import choose
    from triage.learn.sheet import write_sheet

    if bool(as_csv) == bool(as_json):
        raise click.UsageError("give either --csv FILE or --json FILE")
    names = _names(_profile(where["profile"]))
    with opened(out, where["journal"]) as (journal, corrections):
        lines = choose(journal, corrections, names, most, control, seed)
    path = as_csv or as_json
    assert path is not None
    write_sheet(path, lines, as_json=as_json is not None)
    click.echo(f"{printable(str(path))} : {len(lines)} messages, dont {sum(line.control for line in lines)} témoins")
    click.echo(f"Services : {', '.join(names.services.values())}")
    click.echo(f"Natures : {', '.join(names.natures.values())}")


@command.command("import", short_help="Record a sheet that agents filled in.")
@click.argument("sheet", metavar="FILE", type=click.Path(path_type=Path))
@by_option
@run_folder_option
@journal_option
@profile_option
def import_(sheet: Path, by: str, out: Path, journal: str | None, profile: Path) -> int:
    """Record the verdicts of FILE, a sheet made by `export` and filled in (CSV or JSON).

    Lines with a fault are named with their column and left out; the others are recorded (exit code 1). The same file
    may be imported again: what stands already is not recorded twice.
    """
    from triage.learn.corrections import find, opened, record
    from triage.learn.sheet import read_sheet

    refused: list[str] = []
    filled = list(read_sheet(sheet, _names(_profile(profile)), refused.append))
    new = same = 0
    with opened(out, journal) as (known, corrections):
        for line in filled:
            try:
                recorded = record(corrections, find(known, line.message), line.answer, by=by, via="sheet")
                new, same = new + recorded, same + (not recorded)
            except UsageError as error:
                refused.append(f"{sheet}, line {line.line}, column « message »: {error}")
    for reason in refused:
        report(reason)
    click.echo(f"{new} avis enregistrés, {same} déjà connus, {len(refused)} refusés")
    return 1 if refused else 0


@command.command("folders", short_help="Take mail moved into a service's mailbox as a verdict.")
@click.argument("sources", metavar="DIR_OR_IMAP…", nargs=-1, required=True)
@click.option("--folder", "renamed", multiple=True, metavar="NAME=SERVICE", help="Whose mailbox NAME is; repeatable.")
@click.option(
    "--changed-only", is_flag=True, help="Mail where the program said it belongs is no verdict (a script put it there)."
)
@by_option
@run_folder_option
@journal_option
@profile_option
def folders(
    sources: tuple[str, ...],
    renamed: tuple[str, ...],
    changed_only: bool,
    by: str,
    out: Path,
    journal: str | None,
    profile: Path,
) -> None:
    """Take mail moved into a service's mailbox as a verdict, in Maildirs, mbox files or IMAP folders (read only).

    Mailboxes are known by their name, a service's id or name; imaps://user@host/Services/* means all IMAP folders
    there. A mail that lies where `apply --sort-into` put it is no verdict. Run it as often as you like: each move is
    recorded once.
    """
    from triage.learn.corrections import opened, record
    from triage.learn.folders import Tally, mailboxes, moved

    boxes = mailboxes(sources, _names(_profile(profile)).services, _pairs(renamed))
    tally, new = Tally(), 0
    with opened(out, journal) as (known, corrections), progress("mails") as advance:
        for one in moved(known, corrections, boxes, tally, changed_only=changed_only, advance=advance):
            new += record(corrections, one.entry, one.answer, by=by, via="folder")
    click.echo(f"{tally.seen} mails lus, {new} avis enregistrés")
    for line in _remarks(tally):
        report(line)


@command.command("list", short_help="List the verdicts, and what the control sample says.")
@run_folder_argument
@click.option("--history", is_flag=True, help="All verdicts ever given, not only those that stand.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@journal_option
def list_(out: Path, history: bool, as_json: bool, journal: str | None) -> None:
    """List the verdicts on the messages of OUT_DIR, and what the control sample says of the program."""
    from triage.learn.corrections import opened, standing
    from triage.learn.sampling import estimate

    with opened(out, journal) as (known, corrections):
        every = corrections.all()
        stands = list(standing(every).values())
        sample = estimate(known, corrections)
    if as_json:
        for row in [asdict(one) for one in (every if history else stands)]:
            said = json.loads(row["said"]) if isinstance(row["said"], str) else row["said"]
            click.echo(json.dumps(row | {"said": said}, ensure_ascii=False))
        return
    shown = every if history else stands
    table(
        ("message", "date", "par", "service proposé", "service", "nature", "urgence", "réponse", "remarque"),
        [_row(one) for one in shown],
    )
    click.echo(f"{len(every)} avis, {len(stands)} messages jugés.")
    click.echo(_estimated(sample))


def _row(one: "Standing | Correction") -> tuple[str, ...]:
    said = json.loads(one.said) if isinstance(one.said, str) else one.said
    withdrawn = "(retiré)" if getattr(one, "withdrawn", False) else ""
    cells = (one.service or withdrawn, one.nature, one.urgency, one.reply, one.note)
    return (one.digest[:12], one.at[:16], one.by, said["proposed"] or "", *(cell or "" for cell in cells))


def _estimated(sample: "Estimate") -> str:
    if not sample.judged:
        return f"Échantillon témoin : {sample.drawn} messages tirés au sort, aucun jugé : exactitude inconnue."
    from triage.classify.scores import wilson_interval

    share = sample.right / sample.judged
    low, high = (round(100 * bound) for bound in wilson_interval(sample.right, sample.judged))
    routed = f" ; orientés sans relecture : {sample.routed_right} justes sur {sample.routed}" if sample.routed else ""
    return (
        f"Échantillon témoin : {sample.judged} messages jugés sur {sample.drawn} tirés au sort, premier service juste "
        f"pour {sample.right} ({100 * share:.0f} %, entre {low} et {high} % avec 95 % de certitude){routed}."
    )


def _remarks(tally: "Tally") -> list[str]:
    """What was left out, and what to do about it."""
    said = [
        (tally.left, "left where the program put them: no verdict"),
        (tally.told, "moved earlier and recorded then"),
        (tally.strangers, "are not in this journal: `triage apply` has not seen them"),
        (tally.several, "lie in the mailboxes of several services: remove the wrong copies and run again"),
    ]
    lines = [f"{count} mails {what}" for count, what in said if count]
    return lines + [
        f"{count} mails lie in {name!r}, which is no service's name: say whose it is with --folder '{name}=SERVICE'"
        for name, count in sorted(tally.nameless.items())
    ]


def _pairs(renamed: Sequence[str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in renamed if "=" in pair)
    if len(found) < len(renamed):
        raise click.UsageError("--folder takes NAME=SERVICE, each NAME once")
    return found


def _profile(folder: Path) -> "Profile":
    from triage.profile import load_profile

    return load_profile(folder)


def _names(profile: "Profile") -> "Names":
    from triage.learn.corrections import Names

    return Names.of(profile)
