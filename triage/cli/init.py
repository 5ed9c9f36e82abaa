"""`triage init DIR`: one's own copy of the built-in profile."""

import shutil
from pathlib import Path

import click

from triage.errors import ProfileError


@click.command("init", short_help="Copy the built-in profile into a folder to edit.")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Copy the built-in commune profile into FOLDER, to edit and to use with --profile FOLDER."""
    from triage.profile import BUILT_IN

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProfileError(f"{folder}: exists and is not empty: choose a new folder")
    shutil.copytree(BUILT_IN, folder, dirs_exist_ok=True)
    click.echo(f"{folder}: profile copied; edit {folder / 'profile.toml'} first, then run `triage check {folder}`")
