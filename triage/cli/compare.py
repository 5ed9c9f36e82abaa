"""`triage compare MODEL_A MODEL_B CORPUS…`: which of two models sorts better, and where."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.inputs import open_examples, open_model
from triage.cli.options import axis_option, corpora_argument, encoder_option
from triage.cli.output import printable, report, table

if TYPE_CHECKING:
    from triage.classify.compare import Comparison
    from triage.classify.verdicts import Verdict

_EXCERPT = 100  # characters of a masked text
_SIDES = {"first": "A", "second": "B", None: "–"}


@click.command("compare", short_help="Say which of two models sorts better, and where.")
@click.argument("first", metavar="MODEL_A", type=click.Path(path_type=Path))
@click.argument("second", metavar="MODEL_B", type=click.Path(path_type=Path))
@corpora_argument
@click.option("--json", "as_json", is_flag=True, help="Print all figures and differences as JSON.")
@click.option(
    "--differences",
    "most",
    default=10,
    show_default=True,
    type=click.IntRange(0),
    help="How many differing texts to show.",
)
@axis_option
@encoder_option
def command(
    first: Path, second: Path, corpora: tuple[Path, ...], as_json: bool, most: int, axis: str, encoder: bool
) -> int:
    """Judge MODEL_A and MODEL_B on the same labelled texts, which neither may have learned from.

    A difference is called one when an exact McNemar test gives p < 0.05; for labels and subgroups, after Holm's
    correction for their number. Differences are B minus A, with a paired bootstrap interval. Rows that cannot be used
    are named and left out (exit code 1).
    """
    from triage.classify.compare import compare
    from triage.learn.releases import resolve

    models = open_model(resolve(first), encoder), open_model(resolve(second), encoder)
    examples, refused = open_examples(corpora, [axis], traits=True)
    for name, model in zip((first, second), models, strict=True):
        known = set(model.axes[axis].labels) if axis in model.axes else set()
        if known and (unknown := sorted({e.labels[axis] for e in examples if axis in e.labels} - known)):
            report(f"{name}: does not know these labels, counted as errors: {', '.join(unknown)}")
    comparison = compare(*models, examples, axis)
    figures = comparison.figures()
    if as_json:
        ids = {"first": models[0].id, "second": models[1].id}
        click.echo(json.dumps(ids | figures | {"differences": _differences(comparison, most)}, ensure_ascii=False))
    else:
        _show(figures, _differences(comparison, most))
    return 1 if refused else 0


def _differences(comparison: "Comparison", most: int) -> list[dict[str, Any]]:
    return [
        {
            "id": a.example.id,
            "expected": a.expected,
            "first": _said(a),
            "second": _said(b),
            "text": " ".join(a.example.text.split())[:_EXCERPT],
        }
        for a, b in comparison.differences()[:most]
    ]


def _said(verdict: "Verdict") -> dict[str, Any]:
    return {
        "label": verdict.predicted,
        "confidence": verdict.confidence,
        "routed": verdict.routed,
        "evidence": [[term, weight] for term, weight in verdict.evidence],
    }


def _show(figures: dict[str, Any], differences: list[dict[str, Any]]) -> None:
    measures = ("accuracy", "macro_f1", "acceptable", "coverage")
    table(
        ("measure", "A", "B", "B − A", "95 % interval"),
        [(name, *_pair(figures[name]), _interval(figures, name)) for name in measures],
    )
    click.echo(_sentence(figures))
    for title in ("labels", "subgroups"):
        if figures[title]:
            click.echo()
            table((title, "texts", "A", "B", "only A right", "only B right", "p", "better"), _rows(figures[title]))
    if differences:
        click.echo()
        click.echo(f"{figures['differing']} texts sorted differently, {len(differences)} shown:")
        for row in differences:
            a, b = row["first"], row["second"]
            said = f"A {a['label']} ({a['confidence']:.0%}), B {b['label']} ({b['confidence']:.0%})"
            click.echo(printable(f"{row['id']}: expected {row['expected']}; {said}: {row['text']}"))


def _pair(values: list[float]) -> tuple[str, str, str]:
    return f"{values[0]:.3f}", f"{values[1]:.3f}", f"{values[1] - values[0]:+.3f}"


def _interval(figures: dict[str, Any], name: str) -> str:
    bounds = figures.get(f"{name}_difference_interval")
    return f"{bounds[0]:+.3f} to {bounds[1]:+.3f}" if bounds else ""


def _sentence(figures: dict[str, Any]) -> str:
    counts = (
        f"only A right {figures['only_first']}, only B right {figures['only_second']}, p = {figures['p_value']:.2g}"
    )
    if figures["winner"] is None:
        return f"No difference is established between A and B on {figures['rows']} texts ({counts})."
    return f"{_SIDES[figures['winner']]} is right more often on {figures['rows']} texts ({counts})."


def _rows(parts: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            part["name"],
            str(part["rows"]),
            f"{part['first']:.3f}",
            f"{part['second']:.3f}",
            str(part["only_first"]),
            str(part["only_second"]),
            f"{part['p_value']:.2g}",
            _SIDES[part["winner"]],
        )
        for part in parts
    ]
