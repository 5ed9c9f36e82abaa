"""The days a reply may take up: what happens when, until when, when the person wrote, which decision they contest.

What a day is to the mail is told by its role and its sentence. Of days that mean too many things none is shown.
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from triage.draft.situation import Situation
from triage.text import fold
from triage.types import Fact

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
_WRITTEN_OUT = re.compile(r"\d.*[^\W\d]{3}|[^\W\d]{3}.*\d|\d[/.-]\d")
_MOST_DATES = 3
_NOT_EVENTS = ("birth", "contested", "sender", "request", "deadline")
_WRITING = re.compile(
    r"\b(?:ecri(?:t|te|s|vais|vait|re)|envoye|adresse|demande|depose|poste|signale|relance|mails?|messages?|courriers?"
    r"|courriels?|lettres?|dossier|formulaire)\b"
)
# « votre lettre du 3 mars », « on m'a demandé le 22 avril »: what we sent.
_OURS = re.compile(
    r"\b(?:votre|vos|vous (?:m'|nous |me )?(?:avez|avais|aviez)|on (?:m'|nous )a|m'a-t-on|ecriv\w+-on)\b"
)
# Of what we sent, its own day says nothing of what the mail is about; that of the works we did may.
_OUR_LETTER = re.compile(
    r"\b(?:votre|vos) (?:\w+ )?(?:courriers?|courriels?|mails?|messages?|lettres?|reponses?|avis|decisions?|arretes?"
    r"|refus|rejets?|convocations?|factures?|titres?|demandes?|notifications?)\b"
    r"|\bvous (?:m'|nous |me )?(?:avez|aviez) (?:ecrit|demande|envoye|repondu|refuse|adresse|notifie)"
    r"|\bon (?:m'|nous )a (?:demande|reclame|ecrit|repondu|refuse)"
)
_DECISION = re.compile(
    r"\b(?:decisions?|arretes?|refus\w*|rejet\w*|notifi\w+|avis|courriers?|lettres?|courriels?|mails?|titres?|permis|contest\w+|recours"
    r"|deliberations?|oppos\w+|amendes?|forfait|fps|sanction\w*|exclusions?|mises? en demeure|delivr\w+|accord\w+)\b"
)
_REACHED = re.compile(r"\b(?:recue?s?|notifiee?s?|affichee?s?|distribuee?s?|remise?s?|parvenue?s?) (?:\w+ )?(?:le )?$")
_TO = re.compile(r"\s*(?:au|à)\s*(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)?\s*")
_SENTENCE_END = re.compile(r"[.!?…;](?=\s)|\n\s*\n|:[ \t]*\n")


def french_date(day: date) -> str:
    """« 1er mars 2026 »."""
    return f"{_day_number(day)} {_MONTHS[day.month - 1]} {day.year}"


def events(situation: Situation) -> tuple[list[date], str]:
    """The days on which something happens, and how a letter says them: « 30 mai 2026 », « du 2 au 13 mars 2026 »."""
    letters = _writings(situation)
    kept = [fact for fact in situation.facts if fact.role not in _NOT_EVENTS and not _is_our_letter(fact, situation)]
    days = [day for day in _days(kept) if day not in letters]
    if period := _period(kept, situation):
        first, last = period
        alone = not set(days) - {first, last}
        return [first, last], f"du {_before(first, last)} au {french_date(last)}" if alone else ""
    return days, _listed(days, "et ")


def limit(situation: Situation) -> str:
    """The one day until which the person says something must be done, « 15 janvier 2027 », or nothing."""
    days = _days([fact for fact in situation.facts if fact.role == "deadline"])
    return french_date(days[0]) if len(days) == 1 else ""


def contested(situation: Situation) -> str:
    """« du 6 octobre 2026 »: the decision an appeal contests, where a sentence of the mail speaks of one and dates it.

    The day on which it reached the person is not its own: « reçue le 9 octobre 2026 ».
    """
    found = [f for f in situation.facts if f.role == "contested" and _DECISION.search(fold(_around(f, situation)))]
    taken = [fact for fact in found if not _REACHED.search(_just_before(fact, situation))]
    days = _days(taken or found)
    return f"{'du' if taken else 'reçue le'} {french_date(days[0])}" if len(days) == 1 else ""


def wrote(situation: Situation) -> str:
    """« 17 avril 2026 », or « 12 janvier et le 2 mars 2026 »: when the person says they wrote before; else nothing."""
    return _listed(_writings(situation), "et le ")


def _period(facts: Sequence[Fact], situation: Situation) -> tuple[date, date] | None:
    """« du 2 au 13 novembre »: two dates that only « au » parts."""
    dated = [fact for fact in facts if fact.type == "date" and fact.start >= 0]
    body = situation.message.body
    for first, last in pairwise(sorted(dated, key=lambda fact: fact.start)):
        if _TO.fullmatch(body[first.end : last.start]) and first.value < last.value and _WRITTEN_OUT.search(last.text):
            return date.fromisoformat(first.value[:10]), date.fromisoformat(last.value[:10])
    return None


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
    if not _is_past(fact, situation):
        return False
    if fact.role == "request":
        return True
    if fact.role in _NOT_EVENTS or fact.start < 0:
        return False
    sentence = fold(_around(fact, situation))
    return bool(_WRITING.search(sentence)) and not _OURS.search(sentence)


def _is_our_letter(fact: Fact, situation: Situation) -> bool:
    """Whether a past date is that of a letter the person had from us."""
    return (
        _is_past(fact, situation)
        and fact.start >= 0
        and bool(_OUR_LETTER.search(fold(_around(fact, situation))) or _REACHED.search(_just_before(fact, situation)))
    )


def _is_past(fact: Fact, situation: Situation) -> bool:
    if fact.type != "date" or not situation.received or not _WRITTEN_OUT.search(fact.text):
        return False
    return fact.value[:10] < situation.received.isoformat()


def _just_before(fact: Fact, situation: Situation) -> str:
    return "" if fact.start < 0 else fold(situation.message.body[max(0, fact.start - 30) : fact.start])


def _around(fact: Fact, situation: Situation) -> str:
    """The sentence a fact stands in, at most 400 characters on each side; the subject for a fact of the subject."""
    if fact.start < 0:
        return situation.text.subject
    body = situation.message.body
    before = [found.end() for found in _SENTENCE_END.finditer(body, max(0, fact.start - 400), fact.start)]
    after = _SENTENCE_END.search(body, fact.end, fact.end + 400)
    return body[before[-1] if before else max(0, fact.start - 400) : after.start() if after else fact.end + 400]
