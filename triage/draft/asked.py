"""What a person asked, in one sentence built from facts only; nothing where the facts do not bear it.

« Elle concerne la réservation d'une salle (salle Prévert, 30 mai 2026). » Place and dates stand in brackets: they say
what the mail says, and claim nothing of their part in it. A wrong sentence is worse than none: of four dates none is
chosen, and a subject that holds a name is not quoted.
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from triage.draft.discretion import repeatable
from triage.draft.situation import Situation
from triage.text import fold
from triage.types import Fact

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
_WRITTEN_OUT = re.compile(r"\d.*[^\W\d]{3}|[^\W\d]{3}.*\d|\d[/.-]\d")
_DAY_AND_MONTH = re.compile(rf"\b(?:1er|\d{{1,2}}) (?:{'|'.join(_MONTHS)})\b|\b\d{{1,2}}/\d{{1,2}}\b", re.IGNORECASE)
_MOST_DATES = 3
_LONGEST_PLACE = 60  # characters: beyond, a description has come along
_NOT_EVENTS = ("birth", "contested", "sender", "request")
_WRITING = re.compile(
    r"\b(?:ecri(?:t|te|s|vais|vait|re)|envoye|adresse|demande|depose|poste|signale|relance|mails?|messages?|courriers?"
    r"|courriels?|lettres?|dossier|formulaire)\b"
)
# « votre lettre du 3 mars », « on m'a demandé le 22 avril »: what we sent.
_OURS = re.compile(
    r"\b(?:votre|vos|vous (?:m'|nous |me )?(?:avez|avais|aviez)|on (?:m'|nous )a|m'a-t-on|ecriv\w+-on)\b"
)
_DECISION = re.compile(
    r"\b(?:decisions?|arretes?|refus\w*|rejet\w*|notifi\w+|avis|courriers?|lettres?|courriels?|mails?|titres?|permis|contest\w+|recours"
    r"|deliberations?|oppos\w+|amendes?|forfait|fps|sanction\w*|exclusions?|mises? en demeure|delivr\w+|accord\w+)\b"
)
_SENTENCE_END = re.compile(r"[.!?…;](?=\s)|\n\s*\n|:[ \t]*\n")
_SMALL = {"de", "du", "des", "la", "le", "les", "et", "à", "aux", "au", "en", "sur", "sous", "d", "l"}
_WAYS = re.compile(
    r"(?:Rue|Avenue|Faubourg|Boulevard|Bd|Av|Place|Chemin|Impasse|All[ée]e|Quai|Cours|Route|Square|Passage|Sentier|Esplanade|"
    r"Salle|R[ée]sidence|Lotissement|Cit[ée]|Ruelle|Mont[ée]e|Pont|Rond-point|Parc|Stade|Gymnase)\b"
)


def french_date(day: date) -> str:
    """« 1er mars 2026 »."""
    return f"{_day_number(day)} {_MONTHS[day.month - 1]} {day.year}"


def taken_up(noun: str, situation: Situation) -> str:
    """The sentence, which begins with « Elle » or « Il » where it can; empty where the mail gives nothing sure."""
    about = _about(noun, situation)
    if not about:
        return details_alone(situation)
    days = [] if _is_dated(about) else _events(situation)
    details = ", ".join(part for part in (_told_place(situation), _listed(days, "et ")) if part)
    if not details:
        return f"{about}."
    return f"{about} – {details}." if about.endswith(")") else f"{about} ({details})."


def details_alone(situation: Situation) -> str:
    """« Nous avons noté ce lieu : 12 rue Neuve (30 mai 2026). », or nothing; a date alone only if it is to come."""
    where, days = _told_place(situation), _events(situation)
    when = _listed(days, "et ")
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


def contested(situation: Situation) -> str:
    """The day of the decision an appeal contests, where the mail gives one and its sentence speaks of a decision."""
    found = [f for f in situation.facts if f.role == "contested" and _DECISION.search(fold(_around(f, situation)))]
    days = _days(found)
    return french_date(days[0]) if len(days) == 1 else ""


def wrote(situation: Situation) -> str:
    """« 17 avril 2026 », or « 12 janvier et le 2 mars 2026 »: when the person says they wrote before; else nothing."""
    return _listed(_writings(situation), "et le ")


def ours(fact: Fact) -> bool:
    """Whether a reply may repeat a fact; a planning-permission number is safe, long as it is."""
    return fact.type == "permit" or repeatable(" ".join(fact.text.split()))


def _about(noun: str, situation: Situation) -> str:
    """What the mail is about: its topic where the subject names it, else the subject as written, else the topic."""
    if situation.topic and (situation.named_in_subject or not situation.quoted):
        return f"{noun} concerne {situation.topic.says}"
    inner = situation.quoted.replace("« ", "“").replace(" »", "”").replace("«", "“").replace("»", "”")
    return f"Vous nous écrivez au sujet de « {inner} »" if inner else ""


def _is_dated(about: str) -> bool:
    """Whether the quoted subject gives a day itself."""
    return bool(_DAY_AND_MONTH.search(about))


def _told_place(situation: Situation) -> str:
    """The place of the mail, unless the quoted subject says it already."""
    found = place(situation.facts)
    quoted = "" if situation.topic and situation.named_in_subject else situation.quoted
    return "" if fold(found) in fold(quoted) else found


def _events(situation: Situation) -> list[date]:
    letters = _writings(situation)
    return [one for one in _days([f for f in situation.facts if f.role not in _NOT_EVENTS]) if one not in letters]


def _writings(situation: Situation) -> list[date]:
    return _days([fact for fact in situation.facts if _is_writing(fact, situation)])


def _days(facts: Sequence[Fact]) -> list[date]:
    """The different days that facts write out, in the order of the calendar."""
    found = set()
    for fact in facts:
        if fact.type == "date" and _WRITTEN_OUT.search(fact.text):
            try:
                found.add(date.fromisoformat(fact.value[:10]))
            except ValueError:
                continue
    return sorted(found)


def _listed(days: Sequence[date], link: str) -> str:
    """« 19 et 20 janvier 2026 », « 12 janvier et 2 mars 2026 »; nothing of more than three."""
    if not days or len(days) > _MOST_DATES:
        return ""
    shown = [*(_before(one, after) for one, after in pairwise(days)), french_date(days[-1])]
    return f"{', '.join(shown[:-1])} {link}{shown[-1]}" if len(shown) > 1 else shown[0]


def _before(day: date, after: date) -> str:
    """A day as it is written before a later one: without the month or the year they share."""
    if day.year != after.year:
        return french_date(day)
    return _day_number(day) if day.month == after.month else f"{_day_number(day)} {_MONTHS[day.month - 1]}"


def _day_number(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def _is_writing(fact: Fact, situation: Situation) -> bool:
    """Whether a past date is that of something the person sent: its sentence says so."""
    if fact.type != "date" or not situation.received or not _WRITTEN_OUT.search(fact.text):
        return False
    if fact.value[:10] >= situation.received.isoformat():
        return False
    if fact.role == "request":
        return True
    if fact.role in _NOT_EVENTS or fact.start < 0:
        return False
    sentence = fold(_around(fact, situation))
    return bool(_WRITING.search(sentence)) and not _OURS.search(sentence)


def _around(fact: Fact, situation: Situation) -> str:
    """The sentence a fact stands in, at most 400 characters on each side; the subject for a fact of the subject."""
    if fact.start < 0:
        return situation.text.subject
    body = situation.message.body
    before = [found.end() for found in _SENTENCE_END.finditer(body, max(0, fact.start - 400), fact.start)]
    after = _SENTENCE_END.search(body, fact.end, fact.end + 400)
    return body[before[-1] if before else max(0, fact.start - 400) : after.start() if after else fact.end + 400]


def _in_running_text(text: str) -> str:
    """A place as it stands inside a sentence: « place Carnot » for « PLACE CARNOT »."""
    if text.isupper() and len(text) > 4:
        words = [word if fold(word) in _SMALL else word.capitalize() for word in text.lower().split(" ")]
        text = " ".join(words)
    return text[0].lower() + text[1:] if _WAYS.match(text) else text
