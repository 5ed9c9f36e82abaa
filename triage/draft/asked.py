"""What a person asked, in one sentence built from facts only; nothing where the facts do not bear it.

« Elle concerne la réservation d'une salle (salle Prévert, 30 mai 2026). » Place and dates stand in brackets: they say
what the mail says, and claim nothing of their part in it, save that a limit is called « échéance citée ». A wrong
sentence is worse than none: of four dates none is chosen, and a subject that holds a name is not quoted.
"""

import re
from collections.abc import Sequence

from triage.draft.days import contested, events, limit
from triage.draft.discretion import repeatable
from triage.draft.situation import Situation
from triage.text import fold
from triage.types import Fact

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_DAY_AND_MONTH = re.compile(rf"\b(?:1er|\d{{1,2}}) (?:{_MONTHS})\b|\b\d{{1,2}}/\d{{1,2}}\b", re.IGNORECASE)
_LONGEST_PLACE = 60  # characters: beyond, a description has come along
# Of thanks or an appeal, a place or a day alone says nothing.
_NOT_BY_DETAILS = ("suggestion_remerciement", "recours", "droits_rgpd")
_SMALL = {"de", "du", "des", "la", "le", "les", "et", "à", "aux", "au", "en", "sur", "sous", "d", "l"}
_WAYS = re.compile(
    r"(?:Rue|Avenue|Faubourg|Boulevard|Bd|Av|Place|Chemin|Impasse|All[ée]e|Quai|Cours|Route|Square|Passage|Sentier|Esplanade|"
    r"Salle|R[ée]sidence|Lotissement|Cit[ée]|Ruelle|Mont[ée]e|Pont|Rond-point|Parc|Stade|Gymnase)\b"
)


def taken_up(noun: str, situation: Situation) -> str:
    """The sentence, which begins with « Elle » or « Il » where it can; empty where the mail gives nothing sure."""
    about = _about(noun, situation)
    if not about:
        return details_alone(situation)
    details = ", ".join(part for part in (_told_place(situation), *_told_days(about, situation)) if part)
    if not details:
        return f"{about}."
    return f"{about} – {details}." if about.endswith(")") else f"{about} ({details})."


def details_alone(situation: Situation) -> str:
    """« Nous avons noté ce lieu : 12 rue Neuve (30 mai 2026). », or nothing; a date alone only if it is to come."""
    if situation.decision.nature in _NOT_BY_DETAILS:
        return ""
    where, (days, when) = _told_place(situation), events(situation)
    if where:
        return f"Nous avons noté ce lieu : {where}{f' ({when})' if when else ''}."
    if when and situation.received and days[0] > situation.received:
        return f"Nous avons noté {'cette date' if len(days) == 1 else 'ces dates'} : {when}."
    return ""


def place(facts: Sequence[Fact]) -> str:
    """The place a mail is about: one with a house number rather than a street, never the sender's own address."""
    texts = [" ".join(f.text.split()) for f in facts if f.type == "address" and f.role != "sender" and ours(f)]
    texts = [text for text in texts if len(text) <= _LONGEST_PLACE]
    found = next((text for text in texts if text[0].isdigit()), texts[0] if texts else "")
    return _in_running_text(found)


def ours(fact: Fact) -> bool:
    """Whether a reply may repeat a fact; a planning-permission number is safe, long as it is."""
    return fact.type == "permit" or repeatable(" ".join(fact.text.split()))


def _about(noun: str, situation: Situation) -> str:
    """What the mail is about: its topic where the subject names it, else the subject as written, else the topic."""
    if situation.topic and (situation.named_in_subject or not situation.quoted):
        return f"{noun} concerne {situation.topic.says}"
    inner = situation.quoted.replace("« ", "“").replace(" »", "”").replace("«", "“").replace("»", "”")
    return f"Vous nous écrivez au sujet de « {inner} »" if inner else ""


def _told_days(about: str, situation: Situation) -> tuple[str, ...]:
    """The days to add to what a mail is about: none if that gives one, or the letter names the decision contested."""
    if _DAY_AND_MONTH.search(about) or (situation.decision.nature == "recours" and contested(situation)):
        return ()
    _, when = events(situation)
    until = limit(situation)
    return (when, f"échéance citée : {until}" if until else "")


def _told_place(situation: Situation) -> str:
    """The place of the mail, unless what it is about says it already."""
    found = place(situation.facts)
    quoted = "" if situation.topic and situation.named_in_subject else situation.quoted
    return "" if fold(found) in fold(quoted) else found


def _in_running_text(text: str) -> str:
    """A place as it stands inside a sentence: « place Carnot » for « PLACE CARNOT »."""
    if text.isupper() and len(text) > 4:
        words = [word if fold(word) in _SMALL else word.capitalize() for word in text.lower().split(" ")]
        text = " ".join(words)
    return text[0].lower() + text[1:] if _WAYS.match(text) else text
