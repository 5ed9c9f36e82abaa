"""Options several commands share."""

from getpass import getuser
from pathlib import Path

import click

from triage.errors import ModelError

_SHIPPED_FOLDERS = (Path(__file__).parents[2] / "models" / "commune", Path("models/commune"))


def _existing_model(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    if value is not None:
        return _in_use(value)
    found = next((folder for folder in _SHIPPED_FOLDERS if (folder / "manifest.json").is_file()), None)
    if found is None:
        raise ModelError("no shipped model found (models/commune): give --model DIR, or train one with `triage train`")
    return found.resolve()


def _in_use(folder: Path) -> Path:
    """The folder, or, of a folder of releases, the one now in use, which a later switch does not change."""
    if (folder / "manifest.json").is_file():
        return folder
    from triage.learn.releases import resolve

    return resolve(folder)


def _existing_profile(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    from triage.profile import BUILT_IN

    return (value or BUILT_IN).resolve()


def pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """NAME to VALUE, of a repeatable option that takes NAME=VALUE."""
    parts = [pair.partition("=") for pair in given]
    if wrong := next((part for part in parts if not (part[0].strip() and part[2].strip())), None):
        raise click.UsageError(f"{option} {''.join(wrong)}: write NAME=VALUE")
    return {name.strip(): value.strip() for name, _, value in parts}


def _columns(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    from triage.learn.collect import KEYS

    chosen = pairs(given, "--column")
    if unknown := sorted(chosen.keys() - set(KEYS)):
        raise click.UsageError(f"--column {unknown[0]}=…: unknown key: one of {', '.join(KEYS)}")
    return chosen


columns_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="KEY=COLUMN",
    callback=_columns,
    help="Column of a CSV export that holds text, subject, label, sender or id.",
)
profile_option = click.option(
    "--profile",
    type=click.Path(path_type=Path),
    callback=_existing_profile,
    help="Profile folder (default: built-in commune).",
)
model_option = click.option(
    "--model",
    type=click.Path(path_type=Path),
    callback=_existing_model,
    help="Model folder, or a folder of releases: the one in use (default: the shipped model).",
)


def _run_folder(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    if value is None and not Path("journal.sqlite").is_file():
        raise click.UsageError("give --out DIR, the folder of the run (or set TRIAGE_OUT, or work in that folder)")
    return value or Path()


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):  # a user that the machine has no name for
        return "inconnu"


run_folder_option = click.option(
    "--out",
    envvar="TRIAGE_OUT",
    type=click.Path(path_type=Path),
    callback=_run_folder,
    help="Folder of the run whose messages are judged.  [default: TRIAGE_OUT, or the current folder]",
)
run_folder_argument = click.argument("out", metavar="OUT_DIR", type=click.Path(path_type=Path))
journal_option = click.option("--journal", metavar="URL", help="Its journal, where `apply --journal` put it elsewhere.")
models_option = click.option(
    "--models",
    envvar="TRIAGE_MODELS",
    default="models",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of numbered releases.  [env: TRIAGE_MODELS]",
)
by_option = click.option("--by", default=_user, show_default="your user name", help="Who says so.")
corpora_argument = click.argument(
    "corpora", metavar="CORPUS…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
axis_option = click.option("--axis", default="service", show_default=True, help="Which axis of the labels to use.")
seed_option = click.option("--seed", default=20_260_101, show_default=True, help="Seed of every random choice.")
encoder_option = click.option(
    "--no-encoder", "encoder", is_flag=True, flag_value=False, default=True, help="Use the model's first stage alone."
)
