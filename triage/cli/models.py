"""`triage models list | show | release | rollback | prune`: the numbered releases of a model."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import by_option, models_option
from triage.cli.output import printable, table
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.learn.releases import Release


@click.group("models", short_help="Releases of a model: list, show, release, roll back, prune.")
def command() -> None:
    """Numbered releases that never change: each can be taken up again, and tells who made it from what."""


@command.command("list", short_help="List the releases.")
@models_option
@click.option("--history", is_flag=True, help="Every release, change and removal instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def list_(models: Path, history: bool, as_json: bool) -> None:
    """List the releases in --models, the one in use marked *, with their right answers on held-out mails when made."""
    from triage.learn import releases as shelf

    if history:
        _show_history(shelf.history(models), as_json)
        return
    known, now = shelf.releases(models), shelf.current(models)
    if not known:
        raise UsageError(f"{models}: holds no release: make one with `triage models release MODEL --models {models}`")
    if as_json:
        for one in known:
            click.echo(json.dumps(_told(one, in_use=now == one), ensure_ascii=False))
        return
    table(
        ("release", "in use", "id", "made", "by", "verdicts", "right", "why"),
        [(one.name, "*" if one == now else "", one.id, one.at[:16], one.by, *_judged(one), one.why) for one in known],
    )


@command.command("show", short_help="Show one release and its card.")
@click.argument("number", type=int, required=False)
@models_option
@click.option("--json", "as_json", is_flag=True, help="Print what is known of it as JSON.")
def show(number: int | None, models: Path, as_json: bool) -> None:
    """Show release NUMBER (default: the one in use): who made it, from what, how it was judged, its card in French."""
    from triage.classify.store import CARD_FILE, load
    from triage.learn import releases as shelf

    now = shelf.current(models)
    release = shelf.find(models, number) if number is not None else now
    if release is None:
        raise UsageError(f"{models}: holds no release: make one with `triage models release MODEL --models {models}`")
    load(release.folder)  # says so where a file was altered
    if as_json:
        click.echo(json.dumps(_told(release, in_use=release == now), ensure_ascii=False))
        return
    click.echo(f"release {release.name}{' (in use)' if release == now else ''}, {release.id}, every file intact")
    click.echo(printable(f"made {release.at} by {release.by}: {release.why}"))
    data, judged = release.facts.get("data", {}), release.facts.get("judged")
    if data:
        click.echo(
            f"from {', '.join(data['base'])}, and {data['learned']} mails with a verdict; before: {release.before}"
        )
    if judged:
        for axis, found in judged["axes"].items():
            before, after = found["accuracy"]
            click.echo(f"{axis}: right on {after:.1%} of {found['rows']} held-out mails, champion {before:.1%}")
    click.echo()
    click.echo((release.folder / CARD_FILE).read_text("utf-8"), nl=False)


@command.command("release", short_help="Make a model folder the next release, in use from now on.")
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--note", required=True, help="Why, for the history.")
@models_option
@by_option
def release(model: Path, note: str, models: Path, by: str) -> None:
    """Copy MODEL, a model folder, as the next release of --models and take it into use.

    No judgement is asked: `triage retrain` does that, `triage compare` tells two models apart.
    """
    from triage.learn.releases import add

    made = add(models, model, by=by, why=note, facts={})
    click.echo(f"released {made.id}: use it with --model {printable(str(models))}")


@command.command("rollback", short_help="Take an earlier release into use again.")
@click.argument("number", type=int, required=False)
@click.option("--note", default="", help="Why, for the history.")
@models_option
@by_option
def rollback(number: int | None, note: str, models: Path, by: str) -> None:
    """Take release NUMBER (default: the one in use before the present one was made) into use again.

    Nothing is removed.
    """
    from triage.learn.releases import earlier, use

    chosen = use(models, earlier(models) if number is None else number, by=by, why=note)
    click.echo(f"in use: {chosen.id}")


@command.command("prune", short_help="Remove old releases.")
@click.option("--keep", default=5, show_default=True, type=click.IntRange(1), help="How many of the newest to keep.")
@click.option("--release", "numbers", multiple=True, type=int, help="Remove this release instead; repeatable.")
@click.option(
    "--used-by",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Keep what decided messages of this output folder too; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@click.option("--note", default="", help="Why, for the history.")
@models_option
@by_option
def prune(
    keep: int, numbers: tuple[int, ...], used_by: tuple[Path, ...], dry_run: bool, note: str, models: Path, by: str
) -> None:
    """Remove all but the --keep newest releases, the one in use, and the one before it.

    A message can only be explained by the release that decided it: name output folders with --used-by to keep those.
    --release removes one for what it learned, such as forgotten mail, however new it is, unless it is in use.
    """
    from triage.learn.releases import named, prunable, remove

    old = named(models, numbers) if numbers else prunable(models, keep, _used(used_by))
    for one in old:
        if not dry_run:
            remove(models, one, by=by, why=note)
        click.echo(f"{'would remove' if dry_run else 'removed'} {one.id}")
    if not old:
        click.echo("nothing to remove")


def _used(folders: tuple[Path, ...]) -> set[str]:
    """Ids of the models that decided the messages of some output folders."""
    from triage.batch import shared_journal

    found = set()
    for folder in folders:
        with shared_journal(folder) as journal:
            found |= journal.models()
    return {name.split()[0] for name in found}


def _told(one: "Release", *, in_use: bool) -> dict[str, Any]:
    said = {"number": one.number, "id": one.id, "in_use": in_use, "at": one.at, "by": one.by, "why": one.why}
    return said | {"before": one.before, "folder": str(one.folder)} | dict(one.facts)


def _judged(one: "Release") -> tuple[str, str]:
    """How many corrected mails it learned, and how often it was right on held-out ones."""
    learned = one.facts.get("data", {}).get("learned")
    axes = list(one.facts.get("judged", {}).get("axes", {}).values())
    return str(learned or ""), f"{axes[0]['accuracy'][1]:.1%}" if axes else ""


def _show_history(lines: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        for line in lines:
            click.echo(json.dumps(line, ensure_ascii=False))
        return
    rows = [(line["at"][:16], line["action"], f"{line['number']:04d}", line["by"], line["why"]) for line in lines]
    table(("when", "what", "release", "by", "why"), rows)
