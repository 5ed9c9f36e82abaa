"""What a person asked, in one sentence built from facts only; nothing where the facts do not bear it.

« Elle concerne la réservation d'une salle (salle Prévert, 30 mai 2026). » Place and dates stand in brackets: they say
what the mail says, and claim nothing of their part in it, save that a limit is called « échéance citée ». A wrong
sentence is worse than none: of four dates none is chosen, and a subject that holds a name is not quoted.
"""

import re
from collections.abc import Sequence
from datetime import date

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
_LONGEST_NAME = 3  # words, civility and initials left out
_NAME_WORD = re.compile(r"[a-z]{3,}")
_TOWN = re.compile(r",? \d{5} \D{2,60}$")  # known to both; the address may have been cut over two lines
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
        return f"Nous avons noté ce lieu : {where}{f' ({_cited(days, when, situation)})' if when else ''}."
    if when and situation.received and days[0] > situation.received:
        return f"Nous avons noté {'cette date' if len(days) == 1 else 'ces dates'} : {when}."
    return ""


def place(situation: Situation) -> str:
    """The place a mail is about: one with a house number rather than a street.

    The sender's own address is one only where they say that it happens there.
    """
    told = [fact for fact in situation.facts if fact.type == "address" and ours(fact)]
    elsewhere = [fact for fact in told if fact.role != "sender" and not _after_own_name(fact, situation)]
    kept = elsewhere or (told if situation.signs.get("at_home") else [])
    texts = [" ".join(fact.text.split()) for fact in kept]
    texts = [text for text in texts if len(text) <= _LONGEST_PLACE]
    found = _TOWN.sub("", next((text for text in texts if text[0].isdigit()), texts[0] if texts else ""))
    return _in_running_text(found)


def _after_own_name(fact: Fact, situation: Situation) -> bool:
    """« Louis Perrin, 22 rue du Lac » at the end of a mail: an address right after the sender's name."""
    if fact.start < 0 or situation.message.sender is None:
        return False
    sentence = re.split(r"[.!?;:\n]", situation.message.body[max(0, fact.start - 80) : fact.start])[-1]
    before = _NAME_WORD.findall(fold(sentence))
    known = _NAME_WORD.findall(
        fold(f"{situation.message.sender.name} {situation.message.sender.address.split('@')[0]}")
    )
    return 0 < len(before) <= _LONGEST_NAME and bool(set(before) & set(known))


def ours(fact: Fact) -> bool:
    """Whether a reply may repeat a fact; a planning-permission number is safe, long as it is."""
    return fact.type == "permit" or repeatable(" ".join(fact.text.split()))


def _about(noun: str, situation: Situation) -> str:
    """What the mail is about: its topic where the subject names it, else the subject as written, else the topic."""
    if situation.topic and (_named(situation) or " " not in situation.quoted):
        return f"{noun} concerne {situation.topic.says}"
    inner = situation.quoted.replace("« ", "“").replace(" »", "”").replace("«", "“").replace("»", "”")
    return f"Vous nous écrivez au sujet de « {inner} »" if inner else ""


def _named(situation: Situation) -> bool:
    """Whether the topic says as much as the subject does: « un dommage » says less than « Pneu et jante abîmés »."""
    return situation.named_in_subject and not (situation.topic and situation.topic.broad)


def _told_days(about: str, situation: Situation) -> tuple[str, ...]:
    """The days to add to what a mail is about: none if that gives one, or the letter names the decision contested."""
    if _DAY_AND_MONTH.search(about) or (situation.decision.nature == "recours" and contested(situation)):
        return ()
    days, when = events(situation)
    until = limit(situation)
    return (_cited(days, when, situation), f"échéance citée : {until}" if until else "")


def _cited(days: Sequence[date], when: str, situation: Situation) -> str:
    """Days as brackets hold them: a past one is only « cited », since « une facture (2 novembre) » would date it."""
    if not when or not situation.received or days[-1] >= situation.received:
        return when
    return f"{'date citée' if len(days) == 1 else 'dates citées'} : {when}"


def _told_place(situation: Situation) -> str:
    """The place of the mail, unless what it is about says it already."""
    found = place(situation)
    quoted = "" if situation.topic and (_named(situation) or " " not in situation.quoted) else situation.quoted
    return "" if fold(found) in fold(quoted) else found


def _in_running_text(text: str) -> str:
    """A place as it stands inside a sentence: « place Carnot » for « PLACE CARNOT »."""
    if text.isupper() and len(text) > 4:
        words = [word if fold(word) in _SMALL else word.capitalize() for word in text.lower().split(" ")]
        text = " ".join(words)
    return text[0].lower() + text[1:] if _WAYS.match(text) else text
