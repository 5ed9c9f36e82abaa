"""`triage apply SOURCE… --out DIR`: sort mail and draft replies."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import model_option, profile_option
from triage.cli.output import printable, progress, report, table

if TYPE_CHECKING:
    from triage.batch import Recipe, Summary
    from triage.types import RawMessage

ACTIONS = {
    "draft": "réponse préparée",
    "route": "à traiter par le service",
    "review": "à relire (service courrier)",
    "ignore": "classé sans suite",
}
_MOST_ROWS = 60


@click.command("apply", short_help="Sort the mail of mailboxes and draft replies.")
@click.argument("sources", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for results.jsonl, drafts/ and the journal.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the result lines instead of writing a folder.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes to use.")
@click.option("--again", is_flag=True, help="Process again what is already done in --out.")
@profile_option
@model_option
def command(
    sources: tuple[str, ...], out: Path | None, to_stdout: bool, jobs: int, again: bool, profile: Path, model: Path
) -> int:
    """Sort every message of SOURCE… (.eml file, folder, mbox, Maildir, or - for standard input).

    Writes DIR/results.jsonl, one object per message in input order, and DIR/drafts/*.eml. Running again with the same
    --out goes on where it stopped. Exit code 1 when some messages failed: they are listed and kept.
    """
    from triage.batch import Recipe

    recipe = Recipe(profile, model)
    if to_stdout == (out is not None):
        raise click.UsageError("give either --out DIR or --stdout")
    recipe.engine()
    if out is None:
        return _print(recipe, sources, jobs)
    return apply_to_folder(recipe, sources, out, jobs=jobs, again=again)


def apply_to_folder(
    recipe: "Recipe", sources: tuple[str, ...], out: Path, *, jobs: int = 1, again: bool = False
) -> int:
    """Run, then show the summary; returns the exit code."""
    from triage.batch import run

    messages = _messages(sources)
    with progress("messages") as advance:
        summary = run(recipe, messages, out, jobs=jobs, again=again, advance=advance)
    _show(out, summary)
    return 1 if summary.failed else 0


def _messages(sources: tuple[str, ...]) -> Iterator["RawMessage"]:
    """The messages of all sources; a source that cannot be read is refused before anything is done."""
    from triage.read import read

    return chain.from_iterable([read(source) for source in sources])


def _print(recipe: "Recipe", sources: tuple[str, ...], jobs: int) -> int:
    from triage.batch import results

    failed = 0
    for done in results(recipe, _messages(sources), jobs):
        failed += done.record["error"] is not None
        if done.record["draft"]:
            done.record["draft"]["file"] = None  # nothing is written
        click.echo(json.dumps(done.record, ensure_ascii=False))
    return 1 if failed else 0


def _show(out: Path, summary: "Summary") -> None:
    with (out / "results.jsonl").open(encoding="utf-8") as file:
        lines = [json.loads(line) for _, line in zip(range(_MOST_ROWS), file, strict=False)]
    table(("service", "conf.", "nature", "urgence", "action", "objet"), [_row(line) for line in lines])
    if summary.messages > len(lines):
        click.echo(f"… et {summary.messages - len(lines)} autres messages")
    click.echo()
    counted = ", ".join(f"{count} {ACTIONS[action]}" for action, count in summary.actions.most_common())
    click.echo(f"{summary.messages} messages : {counted}.")
    click.echo(f"Résultats : {printable(str(out / 'results.jsonl'))}")
    if summary.drafts:
        click.echo(
            f"Brouillons : {summary.drafts} dans {printable(str(out / 'drafts'))} (à relire et envoyer par un agent)"
        )
    if summary.reused:
        report(f"{summary.reused} messages were already done and were kept")
    if summary.other_recipe:
        report(f"{summary.other_recipe} of them were decided by another model or profile: use --again to redo them")
    for origin in summary.failed:
        report(f"failed (kept in results.jsonl with its error): {origin}")


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    if line["error"]:
        return ("?", "", "", "", "erreur", line["error"]["message"])
    service = line["decision"]["service"] or (
        f"{line['service']['ranking'][0][0]} ?" if _is_read(line) else f"({line['kind']})"
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
