"""`triage record ID`: what must be told, on request, of how one message was sorted."""

import json
from pathlib import Path

import click

from triage.cli.options import journal_option, model_option, models_option, profile_option, run_folder_option
from triage.cli.output import printable


@click.command("record", short_help="Say how one message was decided, as the law asks.")
@click.argument("message", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@run_folder_option
@journal_option
@models_option
@profile_option
@model_option
def command(
    message: str, as_json: bool, out: Path, journal: str | None, models: Path, profile: Path, model: Path
) -> None:
    """Print the record of the decision on message ID: its Message-ID, or eight or more digits of its digest.

    It holds what article R. 311-3-1-2 of the CRPA asks, under its four headings: contribution of the program, data and
    sources, parameters and their weights in this case, operations; and which agents gave a verdict. Weights are
    complete where the model that decided is at hand: a release of --models, or --model.
    """
    from triage.cli.recorded import lines
    from triage.learn.account import account
    from triage.learn.corrections import opened
    from triage.profile import load_profile

    known = load_profile(profile)
    with opened(out, journal) as (kept, corrections):
        found = account(kept, corrections, message, known, models, model)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    names = {label.id: label.name for label in (*known.services.values(), *known.natures.values())}
    for line in lines(found, names):
        click.echo(printable(line))
