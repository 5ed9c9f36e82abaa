"""Evaluation -> a French HTML page that needs neither network nor script, and the list of errors as JSON lines."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from triage.classify.plots import budget_plot, confidence_plots, confusion_plot, data_uri, learning_plot
from triage.classify.verdicts import Evaluation, Verdict

PAGE, ERRORS = "rapport.html", "erreurs.jsonl"
_MOST_ERRORS = 100
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#161616}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}
td:not(:first-child),th:not(:first-child){white-space:nowrap}
img{max-width:100%}details{margin:.5rem 0}pre{white-space:pre-wrap;background:#f6f6f6;padding:.75rem}"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_READING = (
    "À gauche, une confiance honnête suit la diagonale. À droite, la part d'erreurs quand on route du message le "
    "plus sûr au moins sûr ; un libellé acceptable n'y compte pas comme une erreur."
)
_TRAITS = {
    "length": "longueur (mots)",
    "accents": "accents",
    "capitals": "majuscules",
    "spelling": "orthographe",
    "forwarded": "transféré par un collègue",
    "quoted": "message cité",
    "voice": "façon d'écrire",
    "form": "forme",
    "second_request": "seconde demande",
}
_VALUES = {
    "yes": "oui",
    "no": "non",
    "with": "avec",
    "without": "sans",
    "none": "aucun mot",
    "some": "quelques mots",
    "all": "tout le texte",
    "clean": "presque sans faute",
    "noisy": "très fautive",
}


def write_report(evaluation: Evaluation, figures: Mapping[str, Any], folder: Path) -> None:
    """Write `rapport.html` and `erreurs.jsonl` (masked texts) into a folder, which is made if needed.

    `figures` are the evaluation's, with or without a `learning_curve`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(_page(evaluation, figures), encoding="utf-8")
    with (folder / ERRORS).open("w", encoding="utf-8") as file:
        for verdict in evaluation.errors:
            file.write(json.dumps(error_row(verdict) | {"text": verdict.example.text}, ensure_ascii=False) + "\n")


def error_row(verdict: Verdict) -> dict[str, Any]:
    """One wrong verdict as JSON-ready values, with its explanation in French and without its text."""
    return {
        "id": verdict.example.id,
        "expected": verdict.expected,
        "predicted": verdict.predicted,
        "confidence": verdict.confidence,
        "routed": verdict.routed,
        "acceptable": verdict.acceptable,
        "rank": verdict.rank,
        "explanation": explanation(verdict),
        "evidence": [[term, weight] for term, weight in verdict.evidence],
    }


def explanation(verdict: Verdict) -> list[str]:
    """Why the model preferred its label to the expected one: lines of French."""
    second = f", devant {verdict.ranking[1][0]} ({_percent(verdict.ranking[1][1])})" if len(verdict.ranking) > 1 else ""
    lines = [f"Proposé : {verdict.predicted} ({_percent(verdict.confidence)}){second}."]
    if verdict.rank is None:
        lines.append(f"Attendu : {verdict.expected}, que le modèle ne connaît pas.")
    else:
        lines.append(
            f"Attendu : {verdict.expected}, {verdict.rank}e avec {_percent(verdict.ranking[verdict.rank - 1][1])}."
        )
    if verdict.acceptable:
        lines.append("Le libellé proposé est noté comme acceptable.")
    if verdict.predicted in verdict.example.secondary:
        lines.append("Le libellé proposé est celui d'une seconde demande du même message.")
    lines += _weighed("pour", [(t, w) for t, w in verdict.evidence if w > 0])
    lines += _weighed("contre", [(t, w) for t, w in verdict.evidence if w < 0])
    reason = f" : {verdict.abstention}" if verdict.abstention else ""
    lines.append("Le modèle aurait routé ce message." if verdict.routed else f"Le modèle s'abstient{reason}.")
    return lines


def _weighed(side: str, terms: Sequence[tuple[str, float]]) -> list[str]:
    words = ", ".join(f"« {term} » ({weight:+.1f})".replace(".", ",") for term, weight in terms)
    return [f"Mots qui ont pesé {side} : {words}."] if words else []


def _page(evaluation: Evaluation, figures: Mapping[str, Any]) -> str:
    axis = escape(evaluation.axis)
    head = (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Évaluation du tri</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head><body>'
    )
    parts = [
        f"<h1>Évaluation du tri : axe « {axis} »</h1>",
        *_overview(figures),
        *_confidence(figures),
        *_labels(evaluation, figures),
        *_subgroups(figures),
        *_learning(figures),
        *_errors(evaluation),
    ]
    return head + "\n".join(parts) + "</body></html>\n"


def _overview(figures: Mapping[str, Any]) -> list[str]:
    routed, abstention = figures["routed_accuracy"], figures["abstention"]
    rows = [
        ("textes", str(figures["rows"])),
        ("exactitude", _percent(figures["accuracy"]) + _interval(figures["accuracy_interval"])),
        ("macro-F1", _percent(figures["macro_f1"]) + _interval(figures["macro_f1_interval"])),
        ("libellé exact ou acceptable", _percent(figures["acceptable"])),
        ("bon libellé parmi les trois premiers", _percent(figures["top3"])),
        ("part routée sans abstention", _percent(figures["coverage"])),
        ("exactitude de ce qui est routé", _percent(routed)),
        ("… exact ou acceptable", _percent(abstention["routed_acceptable"])),
        ("… part d'erreurs, borne haute à 95 %", _percent(abstention["routed_error_bound"])),
        ("de ce qui est laissé au service courrier : bon libellé en tête", _percent(abstention["abstained_accuracy"])),
        ("… bon libellé parmi les trois premiers", _percent(abstention["abstained_top3"])),
        ("erreur de calibration attendue", _percent(figures["expected_calibration_error"])),
    ]
    if double := figures["first_or_second"]:
        rows.insert(4, ("première ou seconde demande servie", _percent(double["share"])))
        name = f"… parmi les {double['double_rows']} messages à deux demandes"
        rows.insert(5, (name, _percent(double["double_share"])))
    return [_table(("mesure", "valeur"), rows)]


def _confidence(figures: Mapping[str, Any]) -> list[str]:
    return [
        "<h2>Confiance et abstention</h2>",
        _image("Fiabilité ; risque selon la couverture", data_uri(confidence_plots(figures))),
        f"<p>{_READING}</p>",
        _image("Part routée selon l'erreur admise", data_uri(budget_plot(figures))),
        _table(
            ("erreur admise", "part routée, constatée après coup", "part routée, prouvée à 95 %"),
            [[_percent(b[key]) for key in ("budget", "observed", "proven")] for b in figures["budgets"]],
        ),
    ]


def _labels(evaluation: Evaluation, figures: Mapping[str, Any]) -> list[str]:
    matrix = confusion_plot([v.expected for v in evaluation.verdicts], [v.predicted for v in evaluation.verdicts])
    return [
        "<h2>Par libellé</h2>",
        _table(
            ("libellé", "textes", "précision", "rappel", "F1"),
            [
                [label, str(row["rows"]), *(_percent(row[key]) for key in ("precision", "recall", "f1"))]
                for label, row in figures["classes"].items()
            ],
        ),
        "<h2>Confusions les plus fréquentes</h2>",
        _table(
            ("attendu", "prédit", "textes"),
            [(c["expected"], c["predicted"], str(c["rows"])) for c in figures["confusions"]],
        ),
        *([_image("Matrice de confusion", data_uri(matrix))] if matrix else []),
    ]


def _subgroups(figures: Mapping[str, Any]) -> list[str]:
    if not figures["subgroups"]:
        return []
    columns = ("groupe", "textes", "exactitude", "intervalle à 95 %", "exact ou acceptable", "routé", "routé exact")
    rows = [
        (
            f"{_TRAITS.get(g['trait'], g['trait'])} : {_VALUES.get(g['value'], g['value'])}",
            str(g["rows"]),
            _percent(g["accuracy"]),
            " à ".join(map(_percent, g["accuracy_interval"])),
            *(_percent(g[key]) for key in ("acceptable", "coverage", "routed_accuracy")),
        )
        for g in figures["subgroups"]
    ]
    note = "<p>Un petit groupe a un intervalle large : un écart n'est établi que si les intervalles sont disjoints.</p>"
    return ["<h2>Par groupe de messages</h2>", note, _table(columns, rows)]


def _learning(figures: Mapping[str, Any]) -> list[str]:
    points = figures.get("learning_curve")
    if not points:
        return []
    keys = ("accuracy", "acceptable", "macro_f1")
    return [
        "<h2>Courbe d'apprentissage</h2>",
        _image("Exactitude et macro-F1 selon le nombre de textes appris", data_uri(learning_plot(points))),
        _table(
            ("textes appris", "exactitude", "exact ou acceptable", "macro-F1"),
            [[f"{p['rows']:.0f}", *(_percent(p[key]) for key in keys)] for p in points],
        ),
    ]


def _errors(evaluation: Evaluation) -> list[str]:
    errors = evaluation.errors
    shown = errors[:_MOST_ERRORS]
    title = f"Les {len(shown)} erreurs les plus assurées, sur {len(errors)}"
    return [f"<h2>{title}</h2>", *map(_error, shown)] if errors else ["<h2>Aucune erreur</h2>"]


def _error(verdict: Verdict) -> str:
    title = f"{verdict.expected} → {verdict.predicted} ({_percent(verdict.confidence)}), {verdict.example.id}"
    lines = "".join(f"<li>{escape(line)}</li>" for line in explanation(verdict))
    text = escape(verdict.example.text)
    return f"<details><summary>{escape(title)}</summary><ul>{lines}</ul><pre>{text}</pre></details>"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %".replace(".", ",")


def _interval(bounds: Sequence[float]) -> str:
    return f" (intervalle à 95 % : {_percent(bounds[0])} à {_percent(bounds[1])})"


def _image(title: str, uri: str) -> str:
    return f'<figure><img alt="{escape(title)}" src="{uri}"><figcaption>{escape(title)}</figcaption></figure>'


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
