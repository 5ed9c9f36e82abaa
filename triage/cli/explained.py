"""What `triage explain` says of one text: French an agent reads and may quote, and the same as JSON."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triage.text import fold

if TYPE_CHECKING:
    from triage.classify.explain import Explanation, Word
    from triage.classify.nearest import Neighbour
    from triage.clean import Trace
    from triage.types import Message

_SHOWN = 6  # words on each side
_QUOTED = 3
_LEAST_LETTERS, _HEAVY = 4, 0.2  # of a word quoted to a citizen: letters, weight beside the heaviest
_EXCERPT = 160  # characters of an example
_EXAMPLES = 3
_TITLES = {"service": "Service", "nature": "Nature", "urgency": "Urgence selon le modèle"}
_MASKED = re.compile("xx([a-z]+)xx")
_DATA = {
    "adresse": "une adresse", "date": "une date", "email": "une adresse de courriel", "heure": "une heure",
    "iban": "un IBAN", "montant": "un montant", "nir": "un numéro de sécurité sociale", "nom": "un nom",
    "nombre": "un nombre", "plaque": "une plaque", "ref": "une référence", "siret": "un SIRET",
    "tel": "un téléphone", "url": "un lien",
}  # fmt: skip
_PUNCTUATION = ".,;:!?()[]«»\"'’…-*_> \n"


@dataclass(frozen=True)
class Reader:
    """What is needed to say a masked word as it was written, and a label by its name."""

    message: "Message"
    trace: "Trace"
    names: Mapping[str, str]

    def written(self, word: "Word") -> str:
        """A word as it stands in the message; what masks personal data says of what kind it was."""
        if _MASKED.search(word.text):
            return _MASKED.sub(lambda found: f"[{_DATA.get(found[1], found[1])}]", word.text).strip(".,;:!?() ")
        place = self.trace.place(word.start, word.end)
        return str(getattr(self.message, place.field))[place.start : place.end].strip(_PUNCTUATION)

    def name(self, label: str) -> str:
        """The name a profile gives to a label."""
        return self.names.get(label, label)


def axis_lines(found: "Explanation", reader: Reader) -> list[str]:
    """Why one label comes before another: lines of French."""
    told = _weighed(found.words, reader)
    side = {
        "pour": [(word, weight) for word, weight in told if weight > 0][:_SHOWN],
        "contre": [(word, weight) for word, weight in told if weight < 0][:_SHOWN],
    }
    first, second = reader.name(found.label), reader.name(found.runner_up)
    title = _TITLES.get(found.axis, found.axis)
    ranked = f"{first} ({_percent(found.confidence)}), devant {second} ({_percent(found.runner_up_confidence)})"
    lines = [f"{title} : {ranked} : {_ratio(found)}"]
    if found.abstention:
        lines.append(f"  Le programme ne tranche pas : {found.abstention}.")
    if side["pour"]:
        lines.append(f"  Mots qui ont compté pour : {_listed(side['pour'])}")
    if side["contre"]:
        lines.append(f"  Mots qui ont compté contre (et pour « {second} ») : {_listed(side['contre'])}")
    return [*lines, _account(found, sum(weight for words in side.values() for _, weight in words))]


def quotation(found: "Explanation", reader: Reader) -> str:
    """What may be told to the person who wrote."""
    if found.abstention:
        return "Un programme n'a pas su à qui confier votre message : un agent le lit et l'oriente."
    told = [(w, weight) for w, weight in _weighed(found.words, reader) if weight > 0 and "[" not in w]
    heavy = [w for w, weight in told if weight >= _HEAVY * told[0][1]]
    words = [f"“{word}”" for word in heavy if len(word) >= _LEAST_LETTERS][:_QUOTED]
    why = f", surtout à cause {'du mot' if len(words) == 1 else 'des mots'} {_and(words)}" if words else ""
    return (
        f"Un programme a proposé de classer votre message dans “{reader.name(found.label)}”{why}. "
        "Un agent peut changer ce classement."
    )


def example_lines(found: Sequence["Neighbour"], reader: Reader) -> list[str]:
    """The nearest confirmed examples, with their texts where the corpus is at hand."""
    return ["Exemples confirmés les plus proches :", *(_example(one, reader) for one in found[:_EXAMPLES])]


def as_json(found: "Explanation", reader: Reader) -> dict[str, Any]:
    """An explanation as JSON-ready values: its weights add up to `log_odds`."""
    return {
        "label": found.label,
        "confidence": found.confidence,
        "runner_up": found.runner_up,
        "runner_up_confidence": found.runner_up_confidence,
        "threshold": found.threshold,
        "abstention": found.abstention,
        "log_odds": found.log_odds,
        "bias": found.bias,
        "second_stage": found.second_stage,
        "words": [_word_json(word, reader) for word in found.words],
        "quotation": quotation(found, reader),
    }


def example_json(found: "Neighbour") -> dict[str, Any]:
    """A near example as JSON-ready values."""
    return {
        "reference": found.reference,
        "id": found.id or None,
        "labels": dict(found.labels),
        "similarity": found.similarity,
        "shared": list(found.shared),
        "text": found.text or None,
    }


def _word_json(word: "Word", reader: Reader) -> dict[str, Any]:
    place = reader.trace.place(word.start, word.end)
    written = str(getattr(reader.message, place.field))[place.start : place.end]
    return {
        "text": written,
        "masked": word.text if _MASKED.search(word.text) else None,
        "field": place.field,
        "start": place.start,
        "end": place.end,
        "weight": word.weight,
    }


def _weighed(words: Sequence["Word"], reader: Reader) -> list[tuple[str, float]]:
    """Each distinct word as first written, and all it weighs, the heaviest first."""
    shown: dict[str, str] = {}
    total: dict[str, float] = {}
    for word in words:
        written = reader.written(word)
        if key := fold(written):
            shown.setdefault(key, written)
            total[key] = total.get(key, 0.0) + word.weight
    return [(shown[key], total[key]) for key in sorted(total, key=lambda key: (-abs(total[key]), key))]


def _listed(words: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"« {word} » ({_signed(weight)})" for word, weight in words)


def _account(found: "Explanation", cited: float) -> str:
    """The whole sum: nothing is left out."""
    others = sum(word.weight for word in found.words) - cited
    parts = [f"mots cités {_signed(cited)}", f"autres mots {_signed(others)}"]
    if found.second_stage is not None:
        parts.append(f"seconde lecture {_signed(found.second_stage)}")
    total = f"total {_signed(found.log_odds)} (+0,7 double la probabilité face au second)"
    return f"  Compte complet : {', '.join(parts)}, avant toute lecture {_signed(found.bias)} ; {total}."


def _ratio(found: "Explanation") -> str:
    times = found.confidence / max(found.runner_up_confidence, 1e-12)
    if times < 1.5:
        return "presque à égalité"
    if times >= 1_000:
        return "plus de mille fois plus probable"
    return f"{times:.1f} fois plus probable".replace(".", ",") if times < 10 else f"{times:.0f} fois plus probable"


def _example(one: "Neighbour", reader: Reader) -> str:
    labels = ", ".join(reader.name(label) for label in one.labels.values())
    if not one.text:
        return f"  – {labels} (référence {one.reference}, ressemblance {_percent(max(0.0, one.similarity))})"
    shared = f" ; en commun : {', '.join(one.shared)}" if one.shared else ""
    excerpt = " ".join(_MASKED.sub(r"[\1]", one.text).split())
    cut = excerpt if len(excerpt) <= _EXCERPT else excerpt[:_EXCERPT].rsplit(" ", 1)[0] + "…"
    return f"  – {labels} ({one.id}{shared}) : « {cut} »"


def _and(words: Sequence[str]) -> str:
    return " et ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])


def _signed(weight: float) -> str:
    return f"{round(weight, 1) + 0.0:+.1f}".replace(".", ",").replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
