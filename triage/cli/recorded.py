"""The record of a decision as French a citizen may be given, under the headings of article R. 311-3-1-2 of the CRPA."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

_SHOWN_WORDS = 15
_SHOWN_TEXT = 300
_MASK = re.compile("xx([a-z]+)xx")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ACTIONS = {
    "draft": "de confier le message au service « {} » et de lui préparer un projet de réponse",
    "route": "de confier le message au service « {} »",
    "review": "de faire lire le message par le service courrier, qui choisit la suite",
    "ignore": "de classer le message sans suite",
}
_AXES = {"service": "Service destinataire", "nature": "Nature de la demande"}
_RULES = {"flag": "signalement", "urgency": "urgence", "action": "suite à donner"}
_SEGMENTS = {
    "quoted": "message cité", "forwarded": "message transféré", "greeting": "formule d'appel",
    "closing": "formule de politesse", "signature": "signature", "disclaimer": "mention automatique",
}  # fmt: skip
_FACTS = {
    "date": "date", "hour": "heure", "period": "période", "phone": "téléphone", "email": "adresse de courriel",
    "address": "adresse", "person": "personne", "amount": "montant", "file": "dossier", "invoice": "facture",
    "siret": "SIRET", "plate": "plaque", "class": "classe", "school": "école", "iban": "IBAN", "permit": "permis",
    "cadastre": "parcelle", "nir": "numéro de sécurité sociale", "rna": "numéro d'association", "url": "lien",
}  # fmt: skip
_ROLES = {
    "event": "d'un fait", "deadline": "limite", "birth": "de naissance", "contested": "d'un acte contesté",
    "request": "d'une demande", "sender": "de l'auteur", "place": "du lieu", "addressee": "du destinataire",
}  # fmt: skip
_KINDS = {
    "human": "écrit par une personne", "form": "formulaire", "auto_reply": "réponse automatique",
    "bounce": "avis de non-remise", "receipt": "accusé de réception", "newsletter": "lettre d'information",
    "machine": "envoi automatique", "suspect": "suspect", "empty": "vide",
}  # fmt: skip
_REPLIES = {"used": "projet de réponse utilisé", "changed": "projet modifié", "unused": "projet non utilisé"}
_ORIGINS = {"corrected": "corrigés par des agents", "invented": "inventés"}


def lines(found: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """The record line by line; `names` gives services and natures their names."""
    message = found["message"]
    yield f"Compte rendu du traitement du message {message['digest'][:12]}"
    yield f"Objet : {message['subject'] or '(sans objet)'}"
    yield f"Type : {_KINDS.get(message['kind'], 'illisible')}"
    yield f"Daté du : {_day(message['date'])} ; traité le : {_day(found['decided_at'])}"
    yield "Informations prévues à l'article R. 311-3-1-2 du code des relations entre le public et l'administration."
    yield from ("", "1. Degré et mode de contribution du traitement algorithmique")
    yield from _contribution(found["contribution"], names)
    yield from ("", "2. Données traitées et sources")
    yield from (f"  – {_datum(one)}" for one in found["data"])
    yield from ("", "3. Paramètres de traitement et pondération, appliqués à ce message")
    yield from _parameters(found["parameters"], names)
    yield from ("", "4. Opérations effectuées par le traitement")
    yield from (f"  – {one}" for one in found["operations"])
    yield from (
        "",
        "À relire avant communication : retirez ce qu'un secret protégé par la loi interdit de transmettre.",
    )


def _contribution(found: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    yield f"  Le programme a proposé {_ACTIONS[found['action']].format(_name(found['service'] or '', names))}."
    yield "  Il n'envoie aucune réponse et ne se prononce pas sur la demande elle-même : c'est le rôle d'un agent."
    if not found["verdicts"]:
        yield "  Aucun avis d'agent n'est consigné sur cette proposition."
    for one in found["verdicts"]:
        yield f"  – {_day(one['at'])}, {one['by']} : {_verdict(one, found['proposed'], names)}"


def _verdict(one: Mapping[str, Any], proposed: str | None, names: Mapping[str, str]) -> str:
    if one["withdrawn"]:
        return "a retiré les avis précédents"
    said = []
    if one["service"]:
        kept = "confirmé" if one["service"] == proposed else "changé en"
        said.append(f"service {kept} {_name(one['service'], names)}")
    said += [f"nature {_name(one['nature'], names)}"] if one["nature"] else []
    said += [f"urgence {one['urgency']}"] if one["urgency"] else []
    said += [_REPLIES[one["reply"]]] if one["reply"] else []
    said += [f"remarque : {one['note']}"] if one["note"] else []
    return ", ".join(said) or "a précisé le texte de l'auteur"


def _datum(one: Mapping[str, Any]) -> str:
    name, value = one["name"], one["value"]
    if "fact" in one:
        kind, role = one["fact"], one["role"]
        name = f"{_FACTS.get(kind, kind)} {_ROLES.get(role, role)}".strip()
        value = _day(value) if kind == "date" and _ISO_DAY.fullmatch(str(value)) else value
    elif one["name"] == "exemples appris":
        kinds = ", ".join(f"{count} {_ORIGINS.get(made, made)}" for made, count in value["origins"].items() if made)
        value = f"{value['texts']} textes{f' ({kinds})' if kinds else ''}"
    elif one["name"] == "date":
        value = _day(value)
    elif isinstance(value, list):
        value = ", ".join(_SEGMENTS.get(part, part) for part in map(str, value))
    used = f", pour : {', '.join(one['used_by'])}" if one["used_by"] else ""
    return f"{name} : {_short(value)} (source : {one['source']}{used})"


def _parameters(found: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    yield f"  Modèle : {_model(found['model'])}"
    for axis, said in found["axes"].items():
        yield from _axis(axis, said, names)
    if not found["profile"]["unchanged_since"]:
        yield "  Les règles de l'administration ont changé depuis : leurs libellés peuvent différer."
    for rule in found["rules"]:
        told = rule["reason"] if rule["kind"] == "action" else f"{rule['id']} : {rule['reason']}".rstrip(": ")
        yield f"  Règle appliquée, {_RULES[rule['kind']]} : {told}"
    for one in found["deadlines"]:
        doubt = "" if one["confirmed"] else ", à confirmer"
        yield f"  Échéance, {one.get('label') or one['name']} : {_day(one['due'])} ({one['source']}{doubt})"
        if one.get("computed"):
            yield f"    {one['computed']}"


def _model(found: Mapping[str, Any]) -> str:
    made = found["release"]
    told = f"{found['id']}, {'deux lectures' if found['stages'] == 'both' else 'une lecture'}"
    if made:
        return (
            f"{told}, version {made['number']} mise en service le {_day(made['at'])} par {made['by']} : {made['why']}"
        )
    return told if found["at_hand"] else f"{told} (n'est plus conservé ici : seuils et poids complets inconnus)"


def _axis(axis: str, said: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    ranked = ", ".join(f"{_name(label, names)} {_percent(share)}" for label, share in said["ranking"])
    yield f"  {_AXES[axis]} : {ranked}"
    if said["threshold"] is not None:
        over = "atteint" if said["label"] else "non atteint, ou texte trop nouveau"
        yield f"    Seuil de confiance : {_percent(said['threshold'])} ({over})"
    if said["words"]:
        yield f"    Poids des mots : {_words(said['words'])}"
    if said["complete"]:
        others = sum(word["weight"] for word in said["words"][_SHOWN_WORDS:])
        second = f", seconde lecture {_signed(said['second_stage'])}" if said["second_stage"] is not None else ""
        parts = f"autres mots {_signed(others)}{second}, avant toute lecture {_signed(said['bias'])}"
        yield f"    {parts} ; total {_signed(said['log_odds'])} (+0,7 double la probabilité face au second)"


def _words(words: Sequence[Mapping[str, Any]]) -> str:
    shown = [(_MASK.sub(r"[\1]", word["text"]), word["weight"]) for word in words[:_SHOWN_WORDS]]
    return ", ".join(f"« {text} » {_signed(weight)}" for text, weight in shown)


def _name(label: str, names: Mapping[str, str]) -> str:
    return names.get(label, label)


def _short(value: object) -> str:
    text = " ".join(str(value).split()) if value not in (None, "") else "(absent)"
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT].rsplit(" ", 1)[0] + "…"


def _day(moment: str | None) -> str:
    if not moment:
        return "date inconnue"
    read = datetime.fromisoformat(moment) if "T" in moment else date.fromisoformat(moment)
    return f"{read:%d/%m/%Y}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _signed(weight: float) -> str:
    return f"{weight:+.2f}".replace(".", ",").replace("-", "−")
