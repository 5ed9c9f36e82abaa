"""What of a mail may be repeated in a reply, and what a letter may never hold: NIR, IBAN, other people's names, health.

When in doubt nothing is repeated: a reply without a quotation is still a good reply.
"""

import re
from collections.abc import Iterator

from triage.profile import FlagRule, Profile, said
from triage.types import CleanText

LONGEST_FRAGMENT = 120  # characters
# Placeholders of the masked subject (docs/glossary.md) that stand for nothing personal.
_HARMLESS = {"xxdatexx", "xxheurexx", "xxmontantxx", "xxrefxx", "xxnombrexx", "xxadressexx"}
_PLACEHOLDER = re.compile(r"xx[a-z]{2,20}xx")
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPEAKS_FOR_US = re.compile(r"\[ ?à (?:compléter|confirmer)", re.IGNORECASE)
_ADDRESS = re.compile(r"\w@\w|://|www\.", re.IGNORECASE)
_LONG_NUMBER = re.compile(
    r"\d(?:[ .\u00a0\u202f]?\d){9}|\b0\d(?:[/-]\d\d){4}"
)  # phones, NIR, cards; not « 2025-12-01466 »
_SEPARATOR = r"[ .\u00a0\u202f-]?"
_NIR = re.compile(
    rf"[1-8](?<!\d[1-8]){_SEPARATOR}\d\d{_SEPARATOR}\d\d{_SEPARATOR}(?:\d\d|2[ABab]){_SEPARATOR}\d{{3}}{_SEPARATOR}\d{{3}}"
    rf"{_SEPARATOR}\d\d(?!\d)"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?\b", re.IGNORECASE)
_IBAN_OPENS = re.compile(r"\d\d(?<=[^\W\d_]{2}\d\d)")  # two letters, two digits: seen far sooner than a whole number
# Neither the first word of a sentence nor an acronym.
_CAPITAL_INSIDE = re.compile(r"(?<=[\w,;)'’] )[A-ZÀ-ÖØ-Þ][\w-]*[a-zà-ÿ][\w-]*|(?<=[\w][’'])[A-ZÀ-ÖØ-Þ][a-zà-ÿ][\w-]*")
# Words of a sentence spoken rather than of a title: pronouns, verbs, exclamations, pictures.
_SPOKEN = re.compile(
    r"\b(?:je|tu|on|nous|vous|ils?|elles?|j'|m'|ne|n'|c'|ça|ca|est|sont|ont|a|faut|peut|svp|stop|merci)\b"
    r"|[?!…@\u2600-\u27bf\U0001f300-\U0001faff]|\bsi possible\b|\.\.\.|\b(?!(?:r[ée]f|art|num|av|bd|st|ste)\.)\w+\. "
    r"|\b(?!(?:chez|assez|rez|nez|fez)\b)\w{2,}ez\b|\bj'|\bc'"
)
# A subject that accuses somebody says it in the sender's words: a letter does not.
_ACCUSES = re.compile(
    r"\bvoisine?s?\b|\b(?:ill[ée]ga|escro|vol(?:eur|euse)|harc[èe]l|mente|menson|incapable|scandal|hont|fraud|abus|arnaq|nul)\w*"
)
_LETTERS = {letter: str(10 + rank) for rank, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def repeatable(fragment: str) -> bool:
    """Whether words of a mail may stand in a reply: short, one line, no long number, address, or imitation of a gap."""
    return (
        0 < len(fragment) <= LONGEST_FRAGMENT
        and not _UNWRITABLE.search(fragment)
        and not _SPEAKS_FOR_US.search(fragment)
        and not _ADDRESS.search(fragment)
        and not _LONG_NUMBER.search(fragment)
        and not _IBAN.search(fragment)
    )


def safe_subject(text: CleanText, profile: Profile, *, flagged: bool = True) -> str:
    """The subject as written, or an empty string where it holds what must not be repeated.

    Of a mail known not to be `flagged`, the subject has no words that would flag it.
    """
    subject = " ".join(text.subject.split())
    masked = set(_PLACEHOLDER.findall(text.masked.split("\n", 1)[0]))
    if not repeatable(subject) or not masked <= _HARMLESS:
        return ""
    if not flagged:
        return subject
    told = profile.triggered(said(subject), lambda needed: needed.level is None)  # urgency is another matter
    return "" if any(isinstance(rule, FlagRule) for rule, _ in told) else subject


def is_title(subject: str) -> bool:
    """Whether a subject names a matter, as « clôture + portail », not if it speaks (« virez-le ») or accuses."""
    lowered = subject.lower().replace("’", "'")
    return not _SPOKEN.search(lowered) and not _ACCUSES.search(lowered)


def may_name(subject: str, known: str) -> bool:
    """Whether a subject may name a person: a capital inside a sentence, outside `known` words such as an address.

    Of a subject all in capitals nothing can be told: it may.
    """
    if sum(letter.isupper() for letter in subject) > sum(letter.islower() for letter in subject):
        return True
    return any(word.group() not in known for word in _CAPITAL_INSIDE.finditer(subject))


def secrets(text: str) -> Iterator[tuple[str, int]]:
    """Numbers that no letter may hold: (« NIR » or « IBAN », place in the text); check digits verified."""
    yield from (("NIR", found.start()) for found in _NIR.finditer(text) if _is_nir(found.group()))
    if _IBAN_OPENS.search(text):
        yield from (("IBAN", found.start()) for found in _IBAN.finditer(text) if _is_iban(found.group()))


def _is_nir(text: str) -> bool:
    digits = re.sub(r"[^\dABab]", "", text).upper()
    number = digits[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(digits[13:])


def _is_iban(text: str) -> bool:
    compact = re.sub(r"\s", "", text).upper()
    return int("".join(_LETTERS.get(sign, sign) for sign in compact[4:] + compact[:4])) % 97 == 1
