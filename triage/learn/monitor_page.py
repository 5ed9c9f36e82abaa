"""Figures of `monitor` -> French sentences, and a page that needs neither network nor script."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from triage.learn.monitor import probability
from triage.learn.svg import bars, intervals
from triage.write import make_folder, whole_file

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#161616}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;border-bottom:1px solid #ddd;text-align:left}
svg{max-width:100%;height:auto}.alerte{border-left:4px solid #c2500a;padding:.25rem 1rem;background:#fff4ec}"""
_STATES = {"kept": "tenu", "broken": "dépassé", "open": "ni établi ni démenti : jugez plus de messages témoins"}
_WEEKS = 26  # shown
_BLUE, _ORANGE, _GREY = "#1f4e8c", "#c2500a", "#999999"


def sentences(found: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Titles, and what to say under each."""
    volumes, coverage, errors, agreement = (found[name] for name in ("volumes", "coverage", "errors", "agreement"))
    return [
        ("Volumes", [_volumes(volumes)]),
        ("Couverture", [_coverage(coverage), *_abstentions(found["abstentions"])]),
        ("Budget d'erreurs", [_errors(errors), _agreement(agreement)]),
        ("Dérive", _drift(found["drift"])),
        ("Délais", [_overdue(found["overdue"]), *_slowest(found["services"])]),
    ]


def write_page(path: Path, found: Mapping[str, Any]) -> None:
    """Write the page; its folder is made where there is none."""
    make_folder(path.absolute().parent)
    with whole_file(path) as file:
        file.write(_page(found).encode())


def _page(found: Mapping[str, Any]) -> str:
    alerts = "".join(f'<p class="alerte">{escape(one)}</p>' for one in found["alerts"]) or "<p>Aucune alerte.</p>"
    extras = {
        "Volumes": _weeks(found["volumes"]["weeks"]),
        "Budget d'erreurs": _errors_plot(found["errors"]),
        "Dérive": _shifts_table(found["drift"]),
        "Délais": _services_table(found["services"]),
    }
    parts = [
        f"<h2>{escape(title)}</h2>" + "".join(f"<p>{escape(one)}</p>" for one in inside) + extras.get(title, "")
        for title, inside in sentences(found)
    ]
    title = f"Surveillance du tri au {_day(found['today'])}"
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>'
        f"{alerts}{''.join(parts)}</body></html>\n"
    )


def _volumes(found: Mapping[str, Any]) -> str:
    span = f"du {_day(found['from'])} au {_day(found['to'])}"
    return (
        f"{found['mails']} messages {span}, dont {found['read']} écrits par des personnes et {found['failed']} "
        "illisibles ; "
        f"{_seconds(found['seconds'])} de calcul par message."
    )


def _coverage(found: Mapping[str, Any]) -> str:
    promised = f" ; {_percent(found['promised'])} à l'apprentissage" if found["promised"] is not None else ""
    return f"Un service est donné à {_share(found['routed'], found['read'], found['interval'])}{promised}."


def _abstentions(found: Mapping[str, int]) -> list[str]:
    counted = ", ".join(f"{reason} {count}" for reason, count in found.items())
    return [f"Raisons de ne pas trancher : {counted}."] if counted else []


def _errors(found: Mapping[str, Any]) -> str:
    if not found["routed"]:
        return (
            f"Échantillon témoin : {found['drawn']} messages tirés au sort, aucun jugé parmi ceux qui ont reçu un "
            "service : le budget d'erreurs ne peut pas être vérifié (triage corrections export, puis import)."
        )
    shared = _share(found["wrong"], found["routed"], found["interval"])
    return (
        f"Échantillon témoin : mauvais service pour {shared} ; budget de {_percent(found['budget'])} "
        f"{_STATES[found['state']]}."
    )


def _agreement(found: Mapping[str, Any]) -> str:
    if not found["judged"]:
        return "Aucun avis d'agent sur ces messages."
    shared = _share(found["same"], found["judged"], found["interval"])
    return (
        f"Tous avis confondus, service proposé confirmé pour {shared} (surtout des messages douteux : n'estime rien)."
    )


def _drift(found: Mapping[str, Any]) -> list[str]:
    tested = max(len(found["confidence"]), len(found["vocabulary"]))
    if not tested:
        return [
            "Trop peu de courrier pour comparer, ou un modèle qui ne garde rien de ses exemples (voir --reference)."
        ]
    reference = {"training": "aux exemples appris", "mail": "au courrier de référence"}[found["against"]]
    said = [f"{tested} services comparés {reference} ; p corrigés pour le nombre de services (Holm)."]
    names = {"confidence": "confiance en baisse", "vocabulary": "vocabulaire nouveau"}
    for kind, name in names.items():
        alerted = [one["service"] for one in found[kind] if one["alert"]]
        said.append(f"{name.capitalize()} : {', '.join(alerted) or 'aucun service'}.")
    return said


def _overdue(found: Mapping[str, Any]) -> str:
    if not found["mails"]:
        return "Aucune échéance dépassée."
    listed = ", ".join(f"{service} {count}" for service, count in list(found["services"].items())[:8])
    return (
        f"Échéance dépassée sans réponse signalée par un agent : {found['mails']} messages, le plus ancien de "
        f"{found['oldest_days']} jours ({listed})."
    )


def _slowest(found: Sequence[Mapping[str, Any]]) -> list[str]:
    slow = [one for one in found if one["median_days"] is not None][:3]
    listed = ", ".join(f"{one['service']} ({one['median_days']:.0f} jours, {one['judged']} messages)" for one in slow)
    return [f"Services les plus lents, de la réception au premier avis (médiane) : {listed}."] if listed else []


def _weeks(weeks: Mapping[str, Mapping[str, int]]) -> str:
    shown = list(weeks.items())[-_WEEKS:]
    lots = (("routed", "service donné", _BLUE), ("review", "à relire", _ORANGE), ("ignored", "sans suite", _GREY))
    series = [(name, color, [counts.get(lot, 0) for _, counts in shown]) for lot, name, color in lots]
    return bars("Messages par semaine", [_day(week)[:5] for week, _ in shown], series)


def _errors_plot(found: Mapping[str, Any]) -> str:
    rows = [(one["service"], one["wrong"], one["routed"], one["interval"]) for one in found["services"]]
    if not rows:
        return ""
    rows.insert(0, ("tous les services", found["wrong"], found["routed"], found["interval"]))
    dots = [(f"{name} ({wrong}/{routed})", wrong / routed, low, high) for name, wrong, routed, (low, high) in rows]
    return intervals("Part de mauvais services (intervalle à 95 %) et budget", dots, found["budget"])


def _shifts_table(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    rows = []
    for kind, name in (("confidence", "confiance"), ("vocabulary", "vocabulaire")):
        for one in found[kind]:
            mark = "alerte" if one["alert"] else ""
            counts = (str(one["recent"]), str(one["reference"]))
            change = f"{one['change']:+.2f}".replace(".", ",")
            rows.append((one["service"], name, *counts, change, probability(one["p"]).removeprefix("= "), mark))
    return _table(("service", "mesure", "messages récents", "référence", "écart", "p corrigé", ""), rows)


def _services_table(found: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            one["service"],
            str(one["mails"]),
            str(one["judged"]),
            "–" if one["median_days"] is None else f"{one['median_days']:.0f}",
            str(one["oldest_waiting_days"]),
        )
        for one in found
    ]
    return _table(
        ("service", "messages", "avec avis", "jours jusqu'au premier avis", "plus ancien sans avis (jours)"), rows
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _share(hits: int, rows: int, interval: Sequence[float]) -> str:
    if not rows:
        return "0 message sur 0"
    low, high = interval
    return f"{hits} messages sur {rows}, {_percent(hits / rows)} (entre {_percent(low)} et {_percent(high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")


def _day(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}/{month}/{year}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s".replace(".", ",")
