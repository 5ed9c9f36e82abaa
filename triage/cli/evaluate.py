"""`triage evaluate CORPUS --model DIR` or `--cv 5`: how good the sorting is."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.inputs import open_examples, open_model
from triage.cli.options import axis_option, corpora_argument, encoder_option, seed_option
from triage.cli.output import report, table

if TYPE_CHECKING:
    from triage.classify.evaluate import Evaluation
    from triage.classify.examples import Example
    from triage.classify.train import Settings

_ERRORS_IN_JSON = 50


@click.command("evaluate", short_help="Measure a model, or a corpus by cross-validation.")
@corpora_argument
@click.option("--model", type=click.Path(path_type=Path), help="Model folder to judge.")
@click.option("--cv", "folds", type=click.IntRange(2), help="Train and judge by cross-validation with this many folds.")
@click.option("--learning-curve", "curve", is_flag=True, help="With --cv: also learn from 1/8, 1/4 and 1/2 of CORPUS.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON.")
@click.option(
    "--report", "folder", type=click.Path(path_type=Path), help="Also write a French HTML report and the errors there."
)
@axis_option
@encoder_option
@seed_option
def command(
    corpora: tuple[Path, ...],
    model: Path | None,
    folds: int | None,
    curve: bool,
    as_json: bool,
    folder: Path | None,
    axis: str,
    encoder: bool,
    seed: int,
) -> int:
    """Judge a model on CORPUS, or (--cv) how well CORPUS can be learned.

    Accuracy and macro-F1 count every text; coverage is the share the model does not abstain on. Figures for length,
    accents, capitals, spelling, forwards, and voice where the corpus says it, show whom the model serves less well.

    Rows that cannot be used are named and left out (exit code 1).
    """
    if (model is None) == (folds is None):
        raise click.UsageError("give either --model DIR or --cv FOLDS")
    if curve and folds is None:
        raise click.UsageError("--learning-curve trains models: give --cv FOLDS too")
    from triage.classify.report import ERRORS, PAGE, error_row, write_report

    examples, refused = open_examples(corpora, [axis], traits=True)
    if model:
        evaluation = _judged(model, examples, axis, encoder, corpora)
        figures = evaluation.figures()
    else:
        evaluation, figures = _cross_validated(examples, axis, folds or 0, curve, _settings(encoder, seed))
    figures["errors"] = [error_row(verdict) for verdict in evaluation.errors[:_ERRORS_IN_JSON]]
    if folder:
        write_report(evaluation, figures, folder)
        report(f"report: {folder / PAGE}; all errors: {folder / ERRORS}")
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)
    return 1 if refused else 0


def _settings(encoder: bool, seed: int) -> "Settings":
    from triage.classify.train import Settings

    return Settings(seed=seed, encoder=None if encoder else False)


def _cross_validated(
    examples: Sequence["Example"], axis: str, folds: int, curve: bool, settings: "Settings"
) -> tuple["Evaluation", dict[str, Any]]:
    from triage.classify.evaluate import cross_validate, learning_curve

    evaluation = cross_validate(examples, axis, folds, settings, report)
    figures = evaluation.figures()
    if curve:
        figures["learning_curve"] = learning_curve(examples, evaluation, folds, settings, report)
    return evaluation, figures


def _judged(
    folder: Path, examples: Sequence["Example"], axis: str, encoder: bool, corpora: Sequence[Path]
) -> "Evaluation":
    from triage.classify.evaluate import evaluate
    from triage.learn.releases import resolve

    model = open_model(resolve(folder), encoder)
    if axis in model.axes:
        unknown = sorted({e.labels[axis] for e in examples if axis in e.labels} - set(model.axes[axis].labels))
        if unknown:
            report(f"{corpora[0]}: labels the model does not know, counted as errors: {', '.join(unknown)}")
    return evaluate(model, examples, axis)


def _show(figures: dict[str, Any]) -> None:
    table(("measure", "value"), _measures(figures))
    click.echo()
    table(
        ("error budget", "coverage in hindsight", "proven with 95 % confidence"),
        [(f"{b['budget']:.0%}", _score(b["observed"]), _score(b["proven"])) for b in figures["budgets"]],
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
    if figures["subgroups"]:
        click.echo()
        table(("subgroup", "texts", "accuracy", "95 % interval", "coverage"), _subgroups(figures))
    if points := figures.get("learning_curve"):
        click.echo()
        rows = [(f"{p['rows']:.0f}", *map(_score, (p["accuracy"], p["acceptable"], p["macro_f1"]))) for p in points]
        table(("texts learned", "accuracy", "or acceptable", "macro-F1"), rows)


def _measures(figures: dict[str, Any]) -> list[tuple[str, str]]:
    abstention, double = figures["abstention"], figures["first_or_second"]
    second = (
        []
        if not double
        else [
            ("first or second request served", _score(double["share"])),
            (f"… of the {double['double_rows']} mails with two requests", _score(double["double_share"])),
        ]
    )
    return [
        ("texts", str(figures["rows"])),
        ("accuracy", f"{_score(figures['accuracy'])}  (95 % interval {_interval(figures['accuracy_interval'])})"),
        ("macro-F1", f"{_score(figures['macro_f1'])}  (95 % interval {_interval(figures['macro_f1_interval'])})"),
        ("right or acceptable", _score(figures["acceptable"])),
        ("right among the first three", _score(figures["top3"])),
        *second,
        ("coverage (not abstained)", _score(figures["coverage"])),
        ("accuracy of what is routed", _score(figures["routed_accuracy"])),
        ("… right or acceptable", _score(abstention["routed_acceptable"])),
        ("… error, upper 95 % bound", _score(abstention["routed_error_bound"])),
        ("right among the first three where it abstains", _score(abstention["abstained_top3"])),
        ("expected calibration error", _score(figures["expected_calibration_error"])),
    ]


def _subgroups(figures: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            f"{group['trait']}: {group['value']}",
            str(group["rows"]),
            _score(group["accuracy"]),
            _interval(group["accuracy_interval"]),
            _score(group["coverage"]),
        )
        for group in figures["subgroups"]
    ]


def _score(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _interval(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.3f} – {bounds[1]:.3f}"
