"""Evaluation -> a French HTML page that needs neither network nor script, with plots drawn by matplotlib."""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from triage.classify.evaluate import Evaluation, Verdict

_MOST_ERRORS = 50
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#161616}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}
img{max-width:100%}details{margin:.5rem 0}pre{white-space:pre-wrap;background:#f6f6f6;padding:.75rem}"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """Write `rapport.html` into a folder, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rapport.html").write_text(_page(evaluation), encoding="utf-8")


def _page(evaluation: Evaluation) -> str:
    figures = evaluation.figures()
    parts = [
        f"<h1>Évaluation du tri : axe « {escape(evaluation.axis)} »</h1>",
        _table(("mesure", "valeur"), _headline(figures)),
        f'<img alt="Fiabilité et compromis risque / couverture" src="data:image/png;base64,{_plots(evaluation)}">',
        "<h2>Par libellé</h2>",
        _table(("libellé", "textes", "précision", "rappel", "F1"), _per_label(figures)),
        "<h2>Confusions les plus fréquentes</h2>",
        _table(
            ("attendu", "prédit", "textes"),
            [(c["expected"], c["predicted"], str(c["rows"])) for c in figures["confusions"]],
        ),
        "<h2>Erreurs, la plus assurée d'abord</h2>",
        *(_error(verdict) for verdict in evaluation.errors[:_MOST_ERRORS]),
    ]
    head = (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Évaluation du tri</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head><body>'
    )
    return head + "\n".join(parts) + "</body></html>\n"


def _headline(figures: dict[str, Any]) -> list[tuple[str, str]]:
    low, high = figures["accuracy_interval"]
    routed = figures["routed_accuracy"]
    return [
        ("textes", str(figures["rows"])),
        ("exactitude", f"{_percent(figures['accuracy'])} (intervalle à 95 % : {_percent(low)} à {_percent(high)})"),
        ("service exact ou acceptable", _percent(figures["acceptable"])),
        ("bon libellé parmi les trois premiers", _percent(figures["top3"])),
        ("macro-F1", f"{figures['macro_f1']:.3f}".replace(".", ",")),
        ("part routée sans abstention", _percent(figures["coverage"])),
        ("exactitude de ce qui est routé", "–" if routed is None else _percent(routed)),
        ("erreur de calibration attendue", _percent(figures["expected_calibration_error"])),
    ]


def _per_label(figures: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (label, str(row["rows"]), *(_percent(row[key]) for key in ("precision", "recall", "f1")))
        for label, row in figures["classes"].items()
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _error(verdict: Verdict) -> str:
    words = ", ".join(f"« {term} » ({weight:+.1f})" for term, weight in verdict.evidence)
    title = f"{verdict.expected} → {verdict.predicted} ({_percent(verdict.confidence)}), {verdict.example.id}"
    return (
        f"<details><summary>{escape(title)}</summary><p>Mots qui ont pesé : {escape(words)}</p>"
        f"<pre>{escape(verdict.example.text)}</pre></details>"
    )


def _plots(evaluation: Evaluation) -> str:
    """Reliability and risk-coverage side by side, as base64 PNG."""
    from matplotlib.figure import Figure

    confidence = np.array([v.confidence for v in evaluation.verdicts])
    right = np.array([v.predicted == v.expected for v in evaluation.verdicts])
    order = np.argsort(-confidence, kind="stable")
    figure = Figure(figsize=(10, 4), layout="constrained")
    reliability, risk = figure.subplots(1, 2)
    parts = [part for part in np.array_split(order, min(10, len(order))) if len(part)]
    reliability.plot([0, 1], [0, 1], color="#999", linewidth=1)
    reliability.plot([confidence[p].mean() for p in parts], [right[p].mean() for p in parts], marker="o")
    reliability.set(
        xlabel="confiance annoncée", ylabel="exactitude observée", title="Fiabilité", xlim=(0, 1), ylim=(0, 1)
    )
    covered = np.arange(1, len(order) + 1)
    risk.plot(covered / len(order), np.cumsum(~right[order]) / covered)
    risk.set(
        xlabel="part routée", ylabel="part d'erreurs parmi le routé", title="Risque selon la couverture", ylim=(0, None)
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
