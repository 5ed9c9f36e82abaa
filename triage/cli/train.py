"""`triage train CORPUS --model DIR`: learn to sort from labelled mail."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.inputs import open_examples
from triage.cli.options import corpora_argument, seed_option
from triage.cli.output import report
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.classify.train import Settings


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
@click.option("--search", is_flag=True, help="Try more settings by cross-validation (several times longer).")
@click.option(
    "--encoder/--no-encoder",
    default=None,
    help="Train the second stage, or not.  [default: where triage[encoder] is installed]",
)
@click.option(
    "--reread",
    type=click.FloatRange(0, 1, min_open=True),
    help="Share of the mail the second stage reads again.  [default: 0.3]",
)
@click.option("--flags", is_flag=True, help="Learn the flags that rows carry, too.")
@seed_option
def command(corpora: tuple[Path, ...], model: Path, axes: tuple[str, ...], search: bool, **settings: Any) -> int:
    """Learn from one CORPUS or several (.jsonl, .csv, or a folder with one sub-folder, mbox or Maildir per label).

    The threshold under which the model abstains is the lowest one that keeps the error among routed mail under
    --max-error with 95 % confidence. Without --max-error, 10 % is tried; where the data cannot prove
    it, the lowest threshold that kept it as observed is used, which promises nothing. That is for the first --axis,
    which routes; the others are hints, held to 25 %. With --flags a text may also hold any number of
    flags (key `flags` of a row), which the rules of a profile use beside their words.

    Rows that cannot be used are named and left out (exit code 1).
    """
    from triage.classify.choose import choose
    from triage.classify.nearest import remember
    from triage.classify.store import changes, check_free, save
    from triage.classify.train import train

    check_free(model)
    examples, refused = open_examples(corpora, axes)
    chosen = choose(examples, axes[0], _settings(**settings), wide=search, report=report)
    before = changes(model)
    found = train(examples, axes, chosen, report)
    trained = save(found, model, remember(found, examples, chosen.seed))
    click.echo(f"{model}: {trained.id}, {len(examples)} texts, {refused} refused, axes {', '.join(trained.axes)}")
    for line in before(trained):
        click.echo(line)
    return 1 if refused else 0


def _settings(
    max_error: float | None,
    threshold: float | None,
    encoder: bool | None,
    reread: float | None,
    flags: bool,
    seed: int,
) -> "Settings":
    from triage.classify import encoder as library
    from triage.classify.train import DEFAULT_REREAD, Settings

    if encoder and not library.installed():
        raise UsageError(f"--encoder needs {library.PACKAGE}: install triage[encoder], or leave the option out")
    return Settings(
        seed=seed,
        budget=max_error,
        threshold=threshold,
        encoder=encoder,
        reread=reread or DEFAULT_REREAD,
        flags=flags,
    )
