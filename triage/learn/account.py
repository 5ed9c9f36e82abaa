"""One decision -> everything its transparency asks (CRPA, art. L. 311-3-1 and R. 311-3-1-2), as a JSON-ready object.

The four headings of the article, in its order: degree and mode of contribution, data and their sources, parameters and
their weights in this case, operations. All comes from the journal; the words' weights are counted again by the model
that decided, and given only where that gives the very confidence of the day.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.classify import load_model
from triage.errors import ModelError, SourceError
from triage.journal import Entry, Journal
from triage.journal.corrections import Correction, Corrections
from triage.learn.corrections import find
from triage.learn.past import past
from triage.learn.releases import Release, deciding, identity
from triage.pipeline import cleaned, masked_text
from triage.profile import Profile
from triage.read import read

if TYPE_CHECKING:
    from triage.classify.explain import Explanation
    from triage.classify.model import Model

_AXES = ("service", "nature")
_JUDGED = ("human", "form", "suspect")
_SAME = 1e-5  # the journal keeps six decimals of a confidence
_SAID = ("service", "nature", "urgency", "reply", "note")


def account(
    journal: Journal, corrections: Corrections, name: str, profile: Profile, models: Path, model: Path
) -> dict[str, Any]:
    """The account of the message that `name` (Message-ID or digest) names.

    `models` and `model`: where the model that decided may lie. Raises UsageError where the message is unknown.
    """
    entry = find(journal, name)
    line = json.loads(entry.record)
    release, loaded = _decider(entry, models, model)
    known = entry.profile.partition("+")[0] == profile.digest
    told: dict[str, Explanation] = {}
    if loaded and entry.kind in _JUDGED:
        told = _explanations(line, loaded, _masked(journal, entry, line, models, model))
    return {
        "message": {key: line[key] for key in ("id", "digest", "kind", "date", "sender", "subject")}
        | {"origins": journal.origins(entry.digest)},
        "decided_at": entry.done_at,
        "contribution": _contribution(entry, line, corrections.all(entry.digest)),
        "data": list(_data(line, loaded)),
        "parameters": {
            "model": _model(entry, release, loaded),
            "axes": {axis: _axis(line[axis], told.get(axis)) for axis in _AXES if line[axis]["ranking"]},
            "profile": {"digest": entry.profile, "unchanged_since": known},
            "rules": list(_rules(line, profile)),
            "deadlines": line["deadlines"],
        },
        "operations": list(_operations(entry, line)),
    }


def _decider(entry: Entry, models: Path, model: Path) -> "tuple[Release | None, Model | None]":
    """The release and the model that decided, where they are at hand and whole."""
    decided_by, _, stages = entry.model.partition(" ")
    release = deciding(models, decided_by)
    folder = release.folder if release else model
    if release is None and identity(model) != decided_by:
        return None, None
    try:
        return release, load_model(folder, stages != "first")
    except ModelError:
        return release, None


def _masked(journal: Journal, entry: Entry, line: Mapping[str, Any], models: Path, model: Path) -> Iterator[str]:
    """What the classifier may have read: the journal's words, then, where it still lies there, the mail itself.

    The journal does not keep the writer's name, which is masked too where the words hold it.
    """
    yield masked_text(line["subject"] or "", line["text"], line["sender"] or "")
    try:
        found = past(journal, entry.digest, models, model)
        raw = next(islice(read(found.source), found.rank - 1, None), None)
    except (SourceError, ModelError):
        return
    if raw:
        yield cleaned(raw).masked


def _explanations(line: Mapping[str, Any], model: "Model", texts: Iterable[str]) -> "dict[str, Explanation]":
    """Of each axis, what the words weighed; nothing where the model does not say again what it said then."""
    from triage.classify.explain import explain

    axes = [axis for axis in _AXES if line[axis]["ranking"] and axis in model.axes]
    for text in texts:
        told = explain(model, text)
        if all(_same(line[axis]["ranking"][0], told[axis]) for axis in axes):
            return {axis: told[axis] for axis in axes}
    return {}


def _same(ranked: Sequence[Any], told: "Explanation") -> bool:
    return bool(ranked[0] == told.label and abs(ranked[1] - told.confidence) < _SAME)


def _contribution(entry: Entry, line: Mapping[str, Any], verdicts: Sequence[Correction]) -> dict[str, Any]:
    ranking = line["service"]["ranking"]
    return {
        "action": entry.action,
        "service": entry.service,
        "proposed": ranking[0][0] if ranking else None,
        "draft": bool(line["draft"]),
        "verdicts": [
            {"at": one.at, "by": one.by, "via": one.via, "withdrawn": one.withdrawn, "model": one.model}
            | {field: getattr(one, field) for field in _SAID}
            for one in verdicts
        ],
    }


def _data(line: Mapping[str, Any], model: "Model | None") -> Iterator[dict[str, Any]]:
    """What was read, each with its source; `used_by`: the operations that read it."""
    mail = "le message reçu"
    yield {"name": "objet", "value": line["subject"], "source": mail, "used_by": ["classement", "règles"]}
    yield {
        "name": "texte écrit par l'auteur",
        "value": line["text"],
        "source": mail,
        "used_by": ["classement", "règles"],
    }
    left_out = sorted({one["kind"] for one in line["segments"]} - {"own"})
    if left_out:
        yield {"name": "passages laissés de côté", "value": left_out, "source": mail, "used_by": []}
    yield {"name": "adresse de l'auteur", "value": line["sender"], "source": mail, "used_by": ["réponse"]}
    yield {"name": "date", "value": line["date"], "source": mail, "used_by": ["échéances"]}
    for fact in line["facts"]:
        told = {"fact": fact["type"], "role": fact["role"], "value": fact["value"]}
        yield told | {"name": "donnée relevée", "source": f"{mail}, relevé dans le texte", "used_by": ["règles"]}
    if model:
        data = model.manifest.get("data", {})
        value = {"texts": data.get("rows"), "origins": data.get("origins", {})}
        yield {"name": "exemples appris", "value": value, "source": "corpus du modèle", "used_by": ["classement"]}


def _model(entry: Entry, release: Release | None, model: "Model | None") -> dict[str, Any]:
    decided_by, _, stages = entry.model.partition(" ")
    made = {"number": release.number, "at": release.at, "by": release.by, "why": release.why} if release else None
    trained = model.manifest.get("created") if model else None
    return {"id": decided_by, "stages": stages, "at_hand": model is not None, "trained": trained, "release": made}


def _axis(said: Mapping[str, Any], told: "Explanation | None") -> dict[str, Any]:
    """What one axis said, with all weights (`complete`), or with the heaviest that the journal keeps."""
    found = {key: said[key] for key in ("label", "confidence", "ranking")}
    if told is None:
        words = [{"text": term, "weight": weight} for term, weight in said["evidence"]]
        return found | {"threshold": None, "complete": False, "words": words}
    ordered = sorted(told.words, key=lambda word: -abs(word.weight))
    return found | {
        "threshold": told.threshold,
        "complete": True,
        "words": [{"text": word.text, "weight": round(word.weight, 4)} for word in ordered],
        "second_stage": told.second_stage,
        "bias": told.bias,
        "log_odds": told.log_odds,
    }


def _rules(line: Mapping[str, Any], profile: Profile) -> Iterator[dict[str, Any]]:
    reasons = {rule.id: rule.reason for rule in profile.flags}
    for flag in line["flags"]:
        yield {"kind": "flag", "id": flag, "reason": reasons.get(flag, "")}
    for reason in line["urgency"]["reasons"]:
        yield {"kind": "urgency", "id": line["urgency"]["level"], "reason": reason}
    for reason in line["decision"]["reasons"]:
        yield {"kind": "action", "id": line["decision"]["action"], "reason": reason}


def _operations(entry: Entry, line: Mapping[str, Any]) -> Iterator[str]:
    """What was done, in order (French)."""
    yield "lecture du message et reconnaissance de son type"
    if line["error"]:
        yield "arrêt : le message n'a pas pu être traité, il est confié à un agent"
        return
    yield "séparation de ce que l'auteur a écrit et de ce qu'il cite ou signe"
    if entry.kind in _JUDGED:
        yield "remplacement des noms, adresses et nombres par des repères, avant tout classement"
        yield "pesée des mots par un classeur linéaire appris sur des exemples, probabilité de chaque service"
        yield "comparaison de la plus forte probabilité à un seuil, au-dessous duquel un agent choisit"
        count = len(line["facts"])
        found = f"{count} donnée{'s' if count > 1 else ''}"
        yield f"relevé de {found} (dates, références, montants…) par des règles écrites"
        yield "application des règles écrites de l'administration : signalements, urgence, échéances, suite à donner"
    else:
        yield "application de la règle prévue pour ce type de message"
    if line["draft"]:
        yield f"rédaction d'un projet de réponse d'après la lettre type « {line['draft']['template']} », non envoyé"
