"""`triage draft MESSAGE [--template T18]`: one reply, as rules choose or with the template an agent names."""

from itertools import islice
from pathlib import Path

import click

from triage.cli.options import model_option, profile_option
from triage.cli.output import printable
from triage.errors import SourceError


@click.command("draft", short_help="Write the reply to one message, with a template of your choice.")
@click.argument("source")
@click.option(
    "--rank", default=1, show_default=True, type=click.IntRange(1), help="Which message of a mailbox, from 1."
)
@click.option("--template", help="Number or name of a template, such as T18 or decision_defavorable.")
@profile_option
@model_option
def command(source: str, rank: int, template: str | None, profile: Path, model: Path) -> None:
    """Print the reply to one message of SOURCE (.eml file, folder, mbox, Maildir or -); nothing is sent.

    On standard error: to whom, on what it rests, and what is left to the agent.
    """
    from triage.draft import draft_with
    from triage.pipeline import load_engine, situation_of
    from triage.read import read

    engine = load_engine(profile, model)
    raw = next(islice(read(source), rank - 1, None), None)
    if raw is None:
        raise SourceError(f"{source}: has no message number {rank}: choose a smaller --rank")
    found = draft_with(template, situation_of(engine, raw))
    click.echo(f"À : {printable(found.to.address)}", err=True)
    click.echo(f"Objet : {printable(found.subject)}", err=True)
    for title, lines in (("Sources", found.sources), ("Reste à faire", found.missing)):
        if lines:
            click.echo(f"{title} :\n" + "\n".join(f"  – {printable(line)}" for line in lines), err=True)
    for line in found.body.splitlines():
        click.echo(printable(line))
