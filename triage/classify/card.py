"""Manifest of a model -> its card `MODELE.md`, in French, for those who must decide whether to use it.

Everything comes from the manifest and `card.toml`, so that the same manifest gives the same card; what it does not say
is « non indiqué ».
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

CARD = "MODELE.md"
_UNKNOWN = "non indiqué"


@cache
def _prose() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "card.toml").read_text(encoding="utf-8"))


def card(manifest: Mapping[str, Any]) -> str:
    """The card as Markdown; tolerates missing keys."""
    axes, prose = _mapping(manifest.get("axes")), _prose()
    remembered = "examples.safetensors" in _mapping(manifest.get("files"))
    sections = [
        f"# Modèle {_code(manifest.get('id'))}\n\n{_identity(manifest)}",
        "## À quoi il sert\n\n" + _bullets(prose["intended"]),
        "## À quoi il ne doit pas servir\n\n" + _bullets(prose["forbidden"]),
        "## Données d'apprentissage\n\n" + _data(_mapping(manifest.get("data")), axes, remembered=remembered),
        "## Chiffres\n\n" + _figures(_mapping(manifest.get("metrics")), axes),
        *_flags(_mapping(manifest.get("flag_metrics"))),
        "## Limites\n\n" + _bullets([*prose["limits"], *_own_limits(manifest)]),
        "## Reproduire et vérifier\n\n" + _libraries(manifest),
    ]
    return "\n\n".join(sections) + "\n"


def _identity(manifest: Mapping[str, Any]) -> str:
    axes = _mapping(manifest.get("axes"))
    names = ", ".join(f"{_code(name)} ({_count(axis.get('labels'))} libellés)" for name, axis in axes.items())
    created = str(manifest.get("created") or "")[:10] or _UNKNOWN
    return (
        f"Appris le {created}. Axes : {names or _UNKNOWN}. Format {_code(manifest.get('format'))}, "
        f"version {_text(manifest.get('version'))}.\n\n{_prose()['written']}"
    )


def _data(data: Mapping[str, Any], axes: Mapping[str, Any], *, remembered: bool) -> str:
    lines = [f"{_number(data.get('rows'))} textes{_origins(_mapping(data.get('origins')))}."]
    if sources := data.get("sources"):
        lines.append(f"Corpus : {', '.join(map(_code, sources))}.")
    if refused := data.get("refused"):
        lines.append(f"{_number(refused)} lignes refusées ou sans libellé ont été laissées de côté.")
    lines.append(_prose()["masked"].replace("{least}", _text(data.get("least_texts_per_term"))))
    if remembered:
        lines.append(_prose()["remembered"])
    counts = _mapping(data.get("counts"))
    for name, axis in axes.items():
        lines.append(f"Libellés de l'axe {_code(name)} : {_labels(axis, _mapping(counts.get(name)))}.")
    return _bullets(lines)


def _origins(origins: Mapping[str, Any]) -> str:
    known = {
        _prose()["origins"].get(origin, f"d'origine {_code(origin)}"): count
        for origin, count in sorted(origins.items())
        if origin
    }
    if not known:
        return f", origine : {_UNKNOWN}"
    if len(origins) == 1:
        return f" {next(iter(known))}"
    return ", dont " + " et ".join(f"{_number(count)} {name}" for name, count in known.items())


def _labels(axis: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    labels = axis.get("labels") or []
    return ", ".join(_code(label) + (f" ({_number(counts[label])})" if label in counts else "") for label in labels)


def _figures(metrics: Mapping[str, Any], axes: Mapping[str, Any]) -> str:
    """What cross-validation measured and what the threshold promises, axis by axis."""
    if not metrics:
        return str(_prose()["unmeasured"])
    columns = (
        ("exactitude", "accuracy"),
        ("exact ou acceptable", "acceptable"),
        ("macro-F1", "macro_f1"),
        ("erreur de calibration", "expected_calibration_error"),
    )
    table = [
        "| axe | " + " | ".join(title for title, _ in columns) + " |",
        "|---|" + "--:|" * len(columns),
        *(
            f"| {_code(name)} | " + " | ".join(_percent(row.get(key)) for _, key in columns) + " |"
            for name, row in metrics.items()
        ),
    ]
    promises = [
        line
        for name, row in metrics.items()
        for line in (_promise(name, row, _mapping(axes.get(name))), *_by_label(name, row, _mapping(axes.get(name))))
    ]
    return "\n\n".join([_prose()["measured"], "\n".join(table), _bullets(promises)])


def _flags(metrics: Mapping[str, Any]) -> list[str]:
    """What cross-validation measured of each flag; nothing where none was learned."""
    if not metrics:
        return []
    lines = ["| signalement | textes | précision | rappel |", "|---|--:|--:|--:|"]
    lines += [
        f"| {_code(name)} | {_number(row.get('texts'))} | {_percent(row.get('precision'))} | "
        f"{_percent(row.get('recall'))} |"
        for name, row in metrics.items()
    ]
    return [f"## Signalements\n\n{_prose()['flags']}\n\n" + "\n".join(lines)]


def _promise(name: str, row: Mapping[str, Any], axis: Mapping[str, Any]) -> str:
    head = f"Axe {_code(name)}, seuil de confiance {_decimal(axis.get('threshold'))} : "
    if not row.get("coverage"):
        return head + "les données ne permettent aucune promesse, tout est laissé au service courrier."
    routed = f"{_percent(row.get('coverage'))} des textes sont routés"
    if row.get("budget_kept"):
        return head + (
            f"{routed}, avec au plus {_percent(row.get('budget'))} d'erreurs parmi eux (certitude 95 % ; constaté "
            f"{_percent(row.get('routed_error'))}, borne haute {_percent(row.get('routed_error_bound'))})."
        )
    return head + (
        f"{routed}, **sans promesse** : {_percent(row.get('routed_error'))} d'erreurs constatées parmi eux "
        f"(borne haute {_percent(row.get('routed_error_bound'))}), plus que les {_percent(row.get('budget'))} visés."
    )


def _by_label(name: str, row: Mapping[str, Any], axis: Mapping[str, Any]) -> list[str]:
    """For which labels the promise also holds on its own, and which need more confidence than the others."""
    labels = {label: _mapping(found) for label, found in _mapping(row.get("labels")).items()}
    if not labels:
        return []
    kept = sorted(label for label, found in labels.items() if found.get("kept"))
    noun = "libellé" if len(kept) < 2 else "libellés"
    others = "les autres ont trop peu de textes, ou trop d'erreurs, pour une preuve à part"
    lines = [f"Axe {_code(name)} : la même promesse tient aussi à part pour {len(kept)} {noun} sur {len(labels)}"]
    lines[0] += f" ({', '.join(map(_code, kept))}) ; {others}." if kept else f" : {others}."
    if raised := _mapping(axis.get("stricter")):
        told = ", ".join(f"{_code(label)} ({_decimal(least)})" for label, least in sorted(raised.items()))
        lines.append(f"Axe {_code(name)}, libellés donnés seulement au-dessus d'un seuil plus haut : {told}.")
    return lines


def _own_limits(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Limits that follow from this model's own data."""
    data = _mapping(manifest.get("data"))
    origins = _mapping(data.get("origins"))
    found = [_prose()["invented"]] if origins.get("invented") else []
    for name, counts in _mapping(data.get("counts")).items():
        if few := sorted(label for label, count in _mapping(counts).items() if isinstance(count, int) and count < 20):
            found.append(f"Moins de 20 textes sur l'axe {_code(name)} : {', '.join(map(_code, few))}.")
    return tuple(found)


def _libraries(manifest: Mapping[str, Any]) -> str:
    versions = [f"{_code(name)} {_text(v)}" for name, v in sorted(_mapping(manifest.get("libraries")).items())]
    vectors, encoder = _mapping(manifest.get("vectors")), _mapping(manifest.get("encoder"))
    lines = [f"Bibliothèques à l'apprentissage : {', '.join(versions) or _UNKNOWN}."]
    if vectors:
        lines.append(f"Vecteurs de mots nécessaires : {_code(vectors.get('package'))} {_text(vectors.get('version'))}.")
    if encoder:
        lines.append(f"Encodeur de la seconde passe : {_code(encoder.get('package'))} {_text(encoder.get('version'))}.")
    lines.append(f"Graine du hasard : {_text(_mapping(manifest.get('data')).get('seed'))}.")
    files = _mapping(manifest.get("files"))
    lines += [f"{_code(name)} : SHA-256 `{_text(digest)}`." for name, digest in sorted(files.items())]
    return _bullets(lines)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _text(value: Any) -> str:
    """A manifest value on one line of Markdown; labels come from any corpus."""
    shown = " ".join(str(value).split()) if value not in (None, "") else _UNKNOWN
    return shown.replace("`", "'").replace("|", "¦").replace("<", "‹")


def _code(value: Any) -> str:
    return f"`{_text(value)}`"


def _count(labels: Any) -> str:
    return str(len(labels)) if isinstance(labels, Sequence) else _UNKNOWN


def _number(value: Any) -> str:
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(value, int) else _UNKNOWN


def _decimal(value: Any) -> str:
    return f"{value:.2f}".replace(".", ",") if isinstance(value, int | float) else _UNKNOWN


def _percent(share: Any) -> str:
    if not isinstance(share, int | float):
        return _UNKNOWN
    return f"{100 * share:.1f}".removesuffix(".0").replace(".", ",") + " %"
