"""Schools by their name, and classes by the short name they are known by (« CE2 », « PS », « 6e »)."""

import re
from collections.abc import Iterator
from functools import cache

from triage.extract.passage import Passage
from triage.extract.patterns import patterns, words
from triage.types import Fact

_CLASSES = {
    "petite section": "PS", "moyenne section": "MS", "grande section": "GS", "toute petite section": "TPS",
    "cours preparatoire": "CP", "sixieme": "6e", "cinquieme": "5e", "quatrieme": "4e", "troisieme": "3e",
    "seconde": "2de", "2nde": "2de", "premiere": "1re", "1ere": "1re", "terminale": "Tle", "term": "Tle",
    "ce deux": "CE2", "ce deu": "CE2",
}  # fmt: skip


_TOWNS = ("Saint", "Sainte")  # « scolarisé à Saint-Aubin »


def read_school(passage: Passage, at: int) -> Iterator[Fact]:
    """« école Jules-Ferry », « groupe scolaire des Mésanges », « directrice de Jules-Ferry »: a school by its name."""
    if led := patterns("schools")["school_led"].match(passage.written, at):
        if led["name"].split("-")[0] not in _TOWNS:
            yield passage.fact("school", led["name"], *led.span("name"))
        return
    match = patterns("schools")["school"].match(passage.folded, at)
    if not match or match["name"][1] == "'" or match["name"].split()[0] in _no_names():
        return
    end = _name_end(passage, match)
    if end:
        text = passage.written[at:end]
        yield passage.fact("school", " ".join(text.split()), at, end)


@cache
def _no_names() -> frozenset[str]:
    return words("schools", "stop") | words("schools", "no_name")


def _name_end(passage: Passage, match: re.Match[str]) -> int | None:
    """Where the name ends: it goes on with capitals; « des lilas » and well-known names may have none."""
    end, first = match.start("name"), True
    for word in re.finditer(r"(?:(?:de|du|des|la|le|les) |[ld]' ?){0,2}([a-z][\w.-]*)", match["name"]):
        begin = match.start("name") + word.start(1)
        capital = passage.written[begin].isupper()
        linked = first and match["link"] in ("de la ", "de l'", "du ", "des ")
        if not capital and not linked and word[1] not in words("schools", "known"):
            break
        end, first = match.start("name") + word.end(), False
    return None if first else end


def read_class(passage: Passage, at: int) -> Iterator[Fact]:
    """« CE2 », « petite section »; « 6e », « GS » where the words around speak of school."""
    rules = patterns("schools")
    if match := rules["class"].match(passage.folded, at):
        yield passage.fact("class", _class_name(match.group()), at, match.end())
        return
    match = rules["class_led"].match(passage.folded, at)
    if not match or not rules["class_lead"].search(passage.before(at, 25)):
        return
    if rules["class_near"].search(passage.folded, max(0, at - 150), at + 100):
        yield passage.fact("class", _class_name(match.group()), at, match.end())


def _class_name(written: str) -> str:
    if known := _CLASSES.get(written) or _CLASSES.get(written.replace(" ", "")):
        return known
    compact = written.replace(" ", "").replace("eme", "e")
    return compact if compact[0].isdigit() and len(compact) == 2 else compact.upper().replace("2DE", "2de")
