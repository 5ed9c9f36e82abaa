"""`triage apply SOURCE… --out DIR`: sort mail and draft replies."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.observe import Log, watching
from triage.cli.options import encoder_option, model_option, profile_option
from triage.cli.output import printable, report, table

if TYPE_CHECKING:
    from collections import Counter

    from triage.batch import Plan, Recipe, Summary
    from triage.types import RawMessage

ACTIONS = {  # of one message, of several
    "draft": ("réponse préparée", "réponses préparées"),
    "route": ("à traiter par le service", "à traiter par le service"),
    "review": ("à relire (service courrier)", "à relire (service courrier)"),
    "ignore": ("classé sans suite", "classés sans suite"),
}
_MOST_ROWS = 60
_MOST_COUNTED = 8


@dataclass(frozen=True)
class _Asked:
    """The command line, once checked."""

    recipe: "Recipe"
    sources: tuple[str, ...]
    plan: "Plan"


@click.command("apply", short_help="Sort the mail of mailboxes and draft replies.")
@click.argument("sources", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for results.jsonl, drafts/ and the journal.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the result lines instead of writing a folder.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes to use.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Work on the Dask cluster of this scheduler instead.")
@click.option("--again", is_flag=True, help="Process again what is already done in --out.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Process again mail dated from this day on.")
@click.option("--only", type=click.Choice(["failed"]), help="Process again only what failed.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option(
    "--journal", metavar="URL", help="Keep the journal in this database: postgresql+psycopg://user@host/base."
)
@click.option("--csv", "as_csv", is_flag=True, help="Also write DIR/results.csv, for spreadsheets.")
@click.option("--parquet", "as_parquet", is_flag=True, help="Also write DIR/results.parquet, for analysts.")
@click.option(
    "--sort-into", type=click.Path(path_type=Path), help="Also copy mails into one mailbox per service there."
)
@click.option(
    "--sort-format", type=click.Choice(["maildir", "mbox"]), default="maildir", show_default=True, help="Its format."
)
@click.option(
    "--drafts",
    "placing",
    type=click.Choice(["files", "maildir", "imap"]),
    default="files",
    show_default=True,
    help="Also put drafts in DIR/drafts-maildir, or in the Drafts folder of the imaps:// mailbox read; once each.",
)
@click.option("--metrics", type=click.Path(path_type=Path), help="Also write the run's figures as OpenMetrics text.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Of standard error."
)
@profile_option
@model_option
@encoder_option
def command(
    sources: tuple[str, ...],
    out: Path | None,
    to_stdout: bool,
    dry_run: bool,
    profile: Path,
    model: Path,
    encoder: bool,
    log_format: str,
    **options: Any,
) -> int:
    """Sort every message of SOURCE… (.eml file, folder, mbox, Maildir, imaps://, or - for standard input).

    Writes DIR/results.jsonl, one object per message in input order, and DIR/drafts/*.eml. Running again with the same
    --out goes on where it stopped. Exit code 1 when some messages failed: they are listed and kept.
    """
    from triage.batch import Recipe, prepare

    if to_stdout == (out is not None):
        raise click.UsageError("give either --out DIR or --stdout")
    if to_stdout and (dry_run or options["placing"] != "files" or any(options[name] for name in _FOLDER_ONLY)):
        raise click.UsageError("--stdout writes no file: give --out DIR")
    asked = _Asked(Recipe(profile, model, encoder), sources, _plan(sources=sources, **options))
    if asked.plan.jobs > 1 and not asked.plan.scheduler and not dry_run:
        prepare(asked.recipe)
    if (note := asked.recipe.engine().model.note) and encoder:
        report(note)
    if out is None:
        return _print(asked)
    if dry_run:
        return _preview(asked, out)
    return _apply(asked, out, Log(log_format))


_FOLDER_ONLY = ("as_csv", "as_parquet", "sort_into", "metrics", "journal", "again", "since", "only")


def apply_to_folder(
    recipe: "Recipe", sources: tuple[str, ...], out: Path, *, jobs: int = 1, again: bool = False
) -> int:
    """Run, then show the summary; returns the exit code."""
    from triage.batch import Plan

    return _apply(_Asked(recipe, sources, Plan(jobs=jobs, again=again)), out, Log("text"))


def _plan(
    *,
    sources: tuple[str, ...],
    jobs: int,
    scheduler: str | None,
    again: bool,
    since: datetime | None,
    only: str | None,
    journal: str | None,
    as_csv: bool,
    as_parquet: bool,
    sort_into: Path | None,
    sort_format: str,
    placing: str,
    metrics: Path | None,
) -> "Plan":
    from triage.batch import Placing, Plan, Sorting

    plan = Plan(
        jobs=jobs,
        scheduler=scheduler,
        again=again,
        since=since.date() if since else None,
        only_failed=only == "failed",
        journal=journal,
        exports=(*(("csv",) if as_csv else ()), *(("parquet",) if as_parquet else ())),
        sorting=Sorting(sort_into, sort_format) if sort_into else None,
        metrics=metrics,
        placing=None if placing == "files" else Placing(placing, sources),  # type: ignore[arg-type]
    )
    plan.check()
    return plan


def _apply(asked: _Asked, out: Path, log: Log) -> int:
    from triage.batch import Summary, run

    messages = _messages(asked.sources)
    _warn_of_unread(asked.sources, log)
    summary = Summary()
    with watching(summary, asked.sources, log) as advance:
        run(asked.recipe, messages, out, plan=asked.plan, advance=advance, summary=summary)
    if log.is_json:
        _log(log, summary)
    else:
        _show(out, summary, log)
    return 1 if summary.failed else 0


def _warn_of_unread(sources: tuple[str, ...], log: Log) -> None:
    from triage.read import left_aside, passed_over

    for source in sources:
        if count := passed_over(source):
            log.say(
                f"{count} entries of folders are named like mails but are links that lead nowhere, pipes or folders, "
                "and were not read",
                level="warning",
                entries=count,
            )
        if count := left_aside(source):
            log.say(
                f"{count} files in folders hold mail but are named neither .eml nor .msg, and were not read: "
                "give each mbox or Maildir as a source of its own",
                level="warning",
                files=count,
            )


def _messages(sources: tuple[str, ...]) -> Iterator["RawMessage"]:
    """The messages of all sources; a source that cannot be read is refused before anything is done.

    Of a folder or Maildir, each file that cannot be read is a message that fails; an empty mailbox has none.
    """
    from triage.read import read

    return chain.from_iterable([read(source, all_outcomes=True) for source in sources])


def _print(asked: _Asked) -> int:
    from triage.batch import results, with_origin

    failed = 0
    for origin, done in results(asked.recipe, _messages(asked.sources), asked.plan):
        failed += done.failed
        line = json.loads(with_origin(origin, done.line))
        if line["draft"]:
            line["draft"]["file"] = None  # nothing is written
        click.echo(json.dumps(line, ensure_ascii=False))
    return 1 if failed else 0


def _preview(asked: _Asked, out: Path) -> int:
    from triage.batch import preview

    summary = preview(asked.recipe, _messages(asked.sources), out, asked.plan)
    click.echo(f"{summary.seen} messages : {summary.processed} seraient traités, {summary.reused} déjà faits", nl=False)
    click.echo(f", {summary.copies} copies exactes. Rien n'a été écrit.")
    for path in _files(asked.plan, out):
        click.echo(f"Serait écrit : {printable(str(path))}")
    if asked.plan.sorting:
        click.echo(f"Seraient copiés : les messages, dans {printable(str(asked.plan.sorting.folder))}")
    if asked.plan.placing:
        click.echo(f"Seraient déposés : les brouillons qui ne l'ont jamais été ({asked.plan.placing.form})")
    return 0


def _files(plan: "Plan", out: Path) -> list[Path]:
    names = ["results.jsonl", *(f"results.{name}" for name in plan.exports), "drafts/*.eml", "run.json"]
    return [*(out / name for name in names), *([plan.metrics] if plan.metrics else [])]


def _log(log: Log, summary: "Summary") -> None:
    from triage.batch import counts

    for digest in summary.failed_digests:
        log.say("message failed", level="warning", digest=digest)
    log.say("done", **counts(summary))


def _show(out: Path, summary: "Summary", log: Log) -> None:
    if not summary.messages:
        click.echo("Aucun message.")
        return
    with (out / "results.jsonl").open(encoding="utf-8") as file:
        lines = [json.loads(line) for _, line in zip(range(_MOST_ROWS), file, strict=False)]
    table(("service", "conf.", "nature", "urgence", "action", "objet"), [_row(line) for line in lines])
    if summary.messages > len(lines):
        click.echo(f"… et {_many(summary.messages - len(lines), 'autre message', 'autres messages')}")
    click.echo()
    counted = ", ".join(f"{count} {ACTIONS[action][count > 1]}" for action, count in summary.actions.most_common())
    click.echo(f"{_many(summary.messages, 'message', 'messages')} : {counted}.")
    click.echo(f"Résultats : {printable(str(out / 'results.jsonl'))}")
    if summary.drafts:
        click.echo(
            f"Brouillons : {summary.drafts} dans {printable(str(out / 'drafts'))} (à relire et envoyer par un agent)"
        )
    if summary.placed:
        click.echo(f"Déposés : {summary.placed} brouillons dans la boîte de brouillons")
    _show_counts(summary)
    _remark(summary, log)


def _show_counts(summary: "Summary") -> None:
    for title, counted in (
        ("Services", summary.services),
        ("Urgences", summary.urgencies),
        ("Types de message", summary.kinds),
    ):
        click.echo(f"{title} : {_counted(counted)}")
    if summary.slowest:
        slow = ", ".join(f"{mail.digest} ({mail.seconds:.2f} s)" for mail in sorted(summary.slowest)[::-1])
        click.echo(f"Les plus longs à traiter : {slow}".replace(".", ","))


def _counted(counted: "Counter[str]") -> str:
    shown = ", ".join(f"{printable(name)} {count}" for name, count in counted.most_common(_MOST_COUNTED))
    rest = len(counted) - _MOST_COUNTED
    return f"{shown}, … et {_many(rest, 'autre', 'autres')}" if rest > 0 else shown


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {several if count > 1 else one}"


def _remark(summary: "Summary", log: Log) -> None:
    if summary.reused:
        log.say(f"{summary.reused} messages were already done and were kept")
    if summary.other_recipe:
        log.say(f"{summary.other_recipe} of them were decided by another model or profile: use --again to redo them")
    if summary.kept_drafts:
        log.say(f"{summary.kept_drafts} drafts had been changed by hand and were left as they are")
    for origin in summary.failed:
        log.say(f"failed (kept in results.jsonl with its error): {origin}")


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    if line["error"]:
        return ("?", "", "", "", "erreur", line["error"]["message"])
    is_copy = line["decision"]["action"] == "ignore" and _is_read(line)
    service = line["decision"]["service"] or (
        "(copie)" if is_copy else f"{line['service']['ranking'][0][0]} ?" if _is_read(line) else f"({line['kind']})"
    )
    confidence = f"{line['service']['confidence']:.2f}" if _is_read(line) else ""
    nature = line["nature"]["label"] or ""
    return (
        service,
        confidence,
        nature,
        line["urgency"]["level"],
        line["decision"]["action"],
        (line["subject"] or "")[:60],
    )


def _is_read(line: dict[str, Any]) -> bool:
    return line["kind"] in ("human", "form", "suspect")
