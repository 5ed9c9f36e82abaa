"""Options several commands share."""

from pathlib import Path

import click

from triage.errors import ModelError

_SHIPPED_FOLDERS = (Path(__file__).parents[2] / "models" / "commune", Path("models/commune"))


def _existing_model(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    if value is not None:
        return value
    found = next((folder for folder in _SHIPPED_FOLDERS if (folder / "manifest.json").is_file()), None)
    if found is None:
        raise ModelError("no shipped model found (models/commune): give --model DIR, or train one with `triage train`")
    return found.resolve()


def _existing_profile(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path:
    from triage.profile import BUILT_IN

    return (value or BUILT_IN).resolve()


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
    help="Model folder (default: the shipped one).",
)
corpora_argument = click.argument(
    "corpora", metavar="CORPUS…", nargs=-1, required=True, type=click.Path(path_type=Path)
)
axis_option = click.option("--axis", default="service", show_default=True, help="Which axis of the labels to use.")
seed_option = click.option("--seed", default=20_260_101, show_default=True, help="Seed of every random choice.")
encoder_option = click.option(
    "--no-encoder", "encoder", is_flag=True, flag_value=False, default=True, help="Use the model's first stage alone."
)
