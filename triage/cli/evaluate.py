"""`triage evaluate CORPUS --model DIR` or `--cv 5`: how good the sorting is."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import axis_option, corpora_argument, seed_option
from triage.cli.output import report, table

if TYPE_CHECKING:
    from triage.classify.evaluate import Evaluation


@click.command("evaluate", short_help="Measure a model, or a corpus by cross-validation.")
@corpora_argument
@click.option("--model", type=click.Path(path_type=Path), help="Model folder to judge.")
@click.option("--cv", "folds", type=click.IntRange(2), help="Train and judge by cross-validation with this many folds.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), help="Also write a French HTML report and the errors there."
)
@axis_option
@seed_option
def command(
    corpora: tuple[Path, ...],
    model: Path | None,
    folds: int | None,
    as_json: bool,
    folder: Path | None,
    axis: str,
    seed: int,
) -> None:
    """Judge a model on CORPUS, or (--cv) how well CORPUS can be learned.

    Accuracy and macro-F1 count every text; coverage is the share the model does not abstain on.
    """
    if (model is None) == (folds is None):
        raise click.UsageError("give either --model DIR or --cv FOLDS")
    evaluation = _evaluation(corpora, model, folds, axis, seed)
    figures = evaluation.figures()
    if folder:
        from triage.classify.report import write_report

        write_report(evaluation, folder)
        report(f"report: {folder / 'rapport.html'}")
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def _evaluation(corpora: Sequence[Path], model: Path | None, folds: int | None, axis: str, seed: int) -> "Evaluation":
    from triage.classify import load_model
    from triage.classify.evaluate import cross_validate, evaluate
    from triage.classify.train import Settings
    from triage.corpus import load_examples

    if model is None:
        assert folds is not None
        return cross_validate(load_examples(corpora, [axis]), axis, folds, Settings(seed=seed), report)
    loaded = load_model(model)
    examples = load_examples(corpora, [axis])
    if axis in loaded.axes:
        unknown = sorted({e.labels[axis] for e in examples if axis in e.labels} - set(loaded.axes[axis].labels))
        if unknown:
            report(f"{corpora[0]}: labels the model does not know, counted as errors: {', '.join(unknown)}")
    return evaluate(loaded, examples, axis)


def _show(figures: dict[str, Any]) -> None:
    routed = figures["routed_accuracy"]
    low, high = figures["accuracy_interval"]
    table(
        ("measure", "value"),
        (
            ("texts", str(figures["rows"])),
            ("accuracy", f"{figures['accuracy']:.3f}  (95 % interval {low:.3f} – {high:.3f})"),
            ("macro-F1", f"{figures['macro_f1']:.3f}"),
            ("right among the first three", f"{figures['top3']:.3f}"),
            ("coverage (not abstained)", f"{figures['coverage']:.3f}"),
            ("accuracy of what is routed", "–" if routed is None else f"{routed:.3f}"),
            ("expected calibration error", f"{figures['expected_calibration_error']:.3f}"),
        ),
    )
    click.echo()
    table(
        ("label", "texts", "precision", "recall", "F1"),
        [
            (label, str(row["rows"]), f"{row['precision']:.2f}", f"{row['recall']:.2f}", f"{row['f1']:.2f}")
            for label, row in figures["classes"].items()
        ],
    )
    click.echo()
    pairs = [(pair["expected"], pair["predicted"], str(pair["rows"])) for pair in figures["confusions"][:8]]
    table(("expected", "predicted", "texts"), pairs)
