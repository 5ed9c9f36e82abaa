"""`triage train CORPUS --model DIR`: learn to sort from labelled mail."""

from pathlib import Path

import click

from triage.cli.options import corpora_argument, seed_option
from triage.cli.output import report


@click.command("train", short_help="Train a model from a labelled corpus.")
@corpora_argument
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder to write the model to.")
@click.option(
    "--axis", "axes", multiple=True, default=["service"], show_default=True, help="Axis to learn; may be repeated."
)
@click.option(
    "--max-error",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Promise at most this share of wrong routes.",
)
@click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Abstain under this confidence instead of computing a threshold."
)
@seed_option
def command(
    corpora: tuple[Path, ...],
    model: Path,
    axes: tuple[str, ...],
    max_error: float | None,
    threshold: float | None,
    seed: int,
) -> None:
    """Learn from one CORPUS or several (.jsonl, .csv, or a folder with one sub-folder, mbox or Maildir per label).

    The threshold under which the model abstains is the lowest one that keeps the error among routed mail under
    --max-error with 95 % confidence. Without --max-error, 10 % is tried, and 0.5 is used where the data can prove
    nothing.
    """
    from triage.classify.store import save
    from triage.classify.train import Settings, train
    from triage.corpus import load_examples

    examples = load_examples(corpora, axes)
    trained = save(train(examples, axes, Settings(seed=seed, budget=max_error, threshold=threshold), report), model)
    click.echo(f"{model}: {trained.id}, {len(examples)} texts, axes {', '.join(trained.axes)}")
