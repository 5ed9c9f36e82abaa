"""`triage demo`: the sample mailbox, sorted by the shipped model."""

from pathlib import Path

import click

from triage.cli.options import model_option, profile_option
from triage.errors import SourceError

SAMPLE = Path(__file__).parents[2] / "samples" / "mairie.mbox"


@click.command("demo", short_help="Sort the sample mailbox with the shipped model.")
@click.option("--out", default="out/demo", show_default=True, type=click.Path(path_type=Path), help="Where to write.")
@profile_option
@model_option
def command(out: Path, profile: Path, model: Path) -> int:
    """Sort the sample mailbox of an invented town hall and draft replies, as `triage apply` would."""
    from triage.batch import Recipe
    from triage.cli.apply import apply_to_folder

    if not SAMPLE.is_file():
        raise SourceError(f"{SAMPLE}: the sample mailbox is not here: run the demo from a clone of the project")
    code = apply_to_folder(Recipe(profile, model), (str(SAMPLE),), out, again=True)
    shown = SAMPLE.relative_to(Path.cwd()) if SAMPLE.is_relative_to(Path.cwd()) else SAMPLE
    click.echo(f"\nPour comprendre un classement :  triage explain {shown} --rank 1")
    return code
