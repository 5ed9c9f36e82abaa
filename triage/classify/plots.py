"""Figures of an evaluation -> PNG plots with French titles, drawn by matplotlib without a display."""

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

_MOST_LABELS = 40  # beyond, a confusion matrix cannot be read
BLUE, ORANGE, _GREY = "#1f4e8c", "#c2500a", "#999999"


def data_uri(figure: "Figure") -> str:
    """A figure as `data:` URI."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def confidence_plots(figures: Mapping[str, Any]) -> "Figure":
    """Reliability beside risk against coverage, with the point at which the model works."""
    figure = empty_figure(10, 4)
    left, right = figure.subplots(1, 2)
    _reliability(left, figures["reliability"])
    _risk(right, figures)
    return figure


def empty_figure(width: float, height: float) -> "Figure":
    """A figure of so many inches, drawn without a display."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def in_percent(*axes: "Axis") -> None:
    """Label shares as French percentages."""
    for axis in axes:
        axis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %".replace(".", ","))


def _reliability(axes: "Axes", bins: Sequence[Mapping[str, float]]) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1)
    axes.plot([b["confidence"] for b in bins], [b["accuracy"] for b in bins], marker="o", color=BLUE)
    axes.set(xlabel="confiance annoncée", ylabel="exactitude observée", title="Fiabilité", xlim=(0, 1), ylim=(0, 1.02))
    in_percent(axes.xaxis, axes.yaxis)


def _risk(axes: "Axes", figures: Mapping[str, Any]) -> None:
    points = figures["risk_coverage"]
    axes.plot([p["coverage"] for p in points], [p["error"] for p in points], color=BLUE)
    routed = figures["abstention"]["routed_acceptable"]
    if routed is not None:
        axes.plot([figures["coverage"]], [1 - routed], marker="D", color=ORANGE, label="seuil du modèle")
        axes.legend(loc="upper left", frameon=False)
    axes.set(xlabel="part routée", ylabel="part d'erreurs parmi le routé", title="Risque selon la couverture")
    axes.set(xlim=(0, 1.02), ylim=(0, None))
    in_percent(axes.xaxis, axes.yaxis)


def budget_plot(figures: Mapping[str, Any]) -> "Figure":
    """Coverage at each error budget: in hindsight, and as far as these texts prove it."""
    figure = empty_figure(7, 3.5)
    axes = figure.subplots()
    budgets = figures["budgets"]
    places = np.arange(len(budgets))
    axes.bar(places - 0.2, [b["observed"] for b in budgets], 0.4, color=_GREY, label="constatée après coup")
    axes.bar(places + 0.2, [b["proven"] for b in budgets], 0.4, color=BLUE, label="prouvée à 95 %")
    axes.set_xticks(places, [f"{100 * b['budget']:.0f} %" for b in budgets])
    axes.set(xlabel="part d'erreurs admise parmi le routé", ylabel="part routée", ylim=(0, 1.02))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    in_percent(axes.yaxis)
    return figure


def learning_plot(points: Sequence[Mapping[str, float]]) -> "Figure":
    """Accuracy and macro-F1 against the number of texts learned from, each doubling as wide as the next."""
    figure = empty_figure(7, 3.5)
    axes = figure.subplots()
    rows = [p["rows"] for p in points]
    axes.plot(rows, [p["accuracy"] for p in points], marker="o", color=BLUE, label="exactitude")
    axes.plot(rows, [p["macro_f1"] for p in points], marker="s", color=ORANGE, label="macro-F1")
    axes.set_xscale("log", base=2)
    axes.set_xticks(rows, [f"{n:.0f}" for n in rows])
    axes.minorticks_off()
    axes.set(xlabel="textes appris", ylim=(0, 1.02))
    in_percent(axes.yaxis)
    axes.legend(loc="lower right", frameon=False)
    return figure


def confusion_plot(expected: Sequence[str], predicted: Sequence[str]) -> "Figure | None":
    """Share of each expected label (rows) that went to each label (columns); None when there are too many labels."""
    names = sorted({*expected, *predicted})
    if len(names) > _MOST_LABELS:
        return None
    number = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for truth, found in zip(expected, predicted, strict=True):
        counts[number[truth], number[found]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.5 + 0.3 * len(names)
    figure = empty_figure(side + 1, side)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    shown = [_plain(name) for name in names]
    axes.set_xticks(range(len(names)), shown, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), shown, fontsize=8)
    for row, column in np.argwhere(counts > 0):
        color = "white" if shares[row, column] > 0.5 else "black"
        text = f"{counts[row, column]:.0f}"
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color=color)
    axes.set(xlabel="prédit", ylabel="attendu")
    return figure


def _plain(label: str, most: int = 40) -> str:
    """A label as matplotlib shows it literally: `$` would start a formula."""
    return label[:most].replace("$", r"\$")
