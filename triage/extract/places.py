"""Postal addresses and streets: a place the mail speaks of, or where its sender lives."""

import re
from collections.abc import Iterator

from triage.extract.passage import Passage
from triage.extract.patterns import patterns, words
from triage.types import Fact

_WORD = re.compile(r"[a-z][\w'’-]*|\d{1,2}(?:er)?(?=[ -](?:jan|fev|mars|avril|mai|jui|aout|sept|oct|nov|dec))")
_WAY = re.compile(r"(?:av|ave|bd|bld|bvd|imp|pl|rte|fbg|resid)\b\.?|[a-z-]+")
_LINK = re.compile(r"(?:de la |de l'|de |du |des |d'|la |le |les |l'|aux? |a la |a l'|sous |sur )")
_MOST_WORDS = 5
_HAS_ARTICLE = ("lotissement", "residence", "hameau", "villa")  # « 44 lotissement les hirondelles »
_MONTHS = frozenset("janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split())  # noqa: SIM905


def read_address(passage: Passage, at: int) -> Iterator[Fact]:
    """« 12 bis rue des Tanneurs, 21000 Dijon », « place du Marché »; `at` is the word for the way."""
    way = _WAY.match(passage.folded, at)
    if (
        not way
        or way.group() == "rond"
        or (passage.folded[at - 1 : at] in ("-", "'") and passage.folded[at - 2 : at - 1] not in "ld")
    ):
        return
    number = _number_before(passage, at)
    if end := _name_end(passage, way, numbered=number is not None):
        if number is not None:
            town = patterns("places")["town"].match(passage.written, end)
            yield _address(passage, number, town.end() if town else end)
        yield _address(passage, at, end)  # where the number turns out to belong to something else


def _address(passage: Passage, start: int, end: int) -> Fact:
    text = passage.written[start:end].rstrip(" ,-'’.")
    return passage.fact("address", " ".join(text.split()), start, start + len(text), address_role(passage, start))


def address_role(passage: Passage, at: int) -> str:
    """Whose address it is: `sender` where the words before say that the writer lives there, else `place`."""
    return "sender" if patterns("places")["own_before"].search(passage.before(at, 60)) else "place"


def _number_before(passage: Passage, at: int) -> int | None:
    """Where the house number before a way begins."""
    window = passage.folded[max(0, at - 24) : at]
    found = patterns("places")["number_before"].search(window)
    if not found or patterns("places")["dated_before"].search(passage.before(at - len(window) + found.start(), 14)):
        return None
    return at - len(window) + found.start()


def _name_end(passage: Passage, way: re.Match[str], *, numbered: bool) -> int | None:
    """Where the name of a way ends, or None where the word names none (« la place », « en cours »)."""
    folded, at = passage.folded, way.end()
    if folded[at : at + 1] not in (" ", "\u00a0"):
        return None
    at += 1
    link = _LINK.match(folded, at)
    name = link.end() if link else at
    first = _WORD.match(folded, name)
    if not first or not _begins_name(passage, way.group(), first, linked=bool(link), numbered=numbered):
        return None
    return _rest_of_name(passage, first)


def _begins_name(passage: Passage, way: str, first: re.Match[str], *, linked: bool, numbered: bool) -> bool:
    word, before = first.group(), passage.written[max(0, first.start() - 7) : first.start()]
    if before.endswith("dès ") or (word[0].isdigit() and not _is_commemorated(passage, first.start(), before)):
        return False
    capital = word[0].isdigit() or _is_capital(passage.written, first)
    if before.endswith((" le ", " la ", " les ")) and not before.endswith("de la ") and not capital:
        return numbered and way in _HAS_ARTICLE
    if word in words("places", "no_name") or (not linked and word in words("places", "stop")):
        return False
    if numbered or capital or (not linked and word in words("places", "named")):
        return True
    if linked and word in words("places", "public"):
        return True
    return linked and way.rstrip(".") not in words("places", "common")


def _is_commemorated(passage: Passage, at: int, before: str) -> bool:
    """« rue du 11-Novembre », and not « le passage du 6 mai »."""
    return before.endswith("du ") and bool(patterns("places")["commemorated"].match(passage.folded, at))


def _rest_of_name(passage: Passage, first: re.Match[str]) -> int:
    """Where the last word of a name ends: capitals go on, small words only join them."""
    folded, written, end = passage.folded, passage.written, first.end()
    for _ in range(_MOST_WORDS):
        if folded[end : end + 1] not in (" ", "-"):
            break
        link = _LINK.match(folded, end + 1)
        word = _WORD.match(folded, link.end() if link else end + 1)
        if not word or word.group() in words("places", "stop"):
            break
        months = word.group() in _MONTHS and folded[first.start()].isdigit()
        if not months and not _goes_on(written, first, word, linked=bool(link)):
            break
        end = word.end()
    return end


def _goes_on(written: str, first: re.Match[str], word: re.Match[str], *, linked: bool) -> bool:
    """Whether `word` is still part of the name that began with `first`."""
    if _is_capital(written, word):
        return True
    if written[first.start()].isupper():
        return False
    named, second = first.group() in words("places", "named"), word.group() in words("places", "second")
    return (named and second) if linked else (named or second)


def _is_capital(written: str, word: re.Match[str]) -> bool:
    """Whether a word is set off by a capital: in a line of capitals none is."""
    text = written[word.start() : word.end()]
    if not text[0].isupper():
        return False
    return not (len(text) > 2 and text.isupper() and written[max(0, word.start() - 12) : word.start()].isupper())
