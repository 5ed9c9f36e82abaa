"""Sheets of service-public (the State's open data « Vos droits et démarches », one XML file each) as passages.

Publication ID="F1234" spUrl="…"    dc:title, dc:date « modified 2026-01-06 »
Introduction, Chapitre, Cas…        Titre, then Paragraphe: one passage for each title
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

_DC = "{http://purl.org/dc/elements/1.1/}"
_LINK = "https://www.service-public.gouv.fr/particuliers/vosdroits/"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NAME = re.compile(r"[FNR]\d{1,6}")
# What surrounds the text of a sheet: where to go, further reading, references, definitions.
_ASIDE = {
    "FilDAriane",
    "OuSAdresser",
    "Reference",
    "ServiceEnLigne",
    "PourEnSavoirPlus",
    "Definition",
    "Abreviation",
    "QuestionReponse",
    "VoirAussi",
    "SousThemePere",
    "DossierPere",
    "SousDossierPere",
    "ServiceComplementaire",
    "RefActualite",
    "Actualite",
}
_DEEPEST = 60


class Sheet(NamedTuple):
    """What a sheet says: its title, address, day of change (ISO) and its parts as (heading, text)."""

    title: str
    link: str
    written: str
    parts: list[tuple[str, str]]


def read_sheet(content: str) -> Sheet:
    """A sheet from its XML. Raises ValueError, whose text says what is wrong with it."""
    from xml.etree import ElementTree as ET

    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise ValueError("declares entities, which no sheet does")
    try:
        root = ET.fromstring(content)  # noqa: S314  entities were refused above
    except ET.ParseError as error:
        raise ValueError(f"is no XML ({error})") from error
    title = " ".join((root.findtext(f"{_DC}title") or "").split())
    name = root.get("ID", "")
    if root.tag != "Publication" or not title or not _NAME.fullmatch(name):
        raise ValueError("is no sheet of service-public: it needs a Publication with an ID and a dc:title")
    day = _DAY.search(root.findtext(f"{_DC}date") or "")
    return Sheet(title, root.get("spUrl") or f"{_LINK}{name}", day[0] if day else "", list(_parts(root)))


def _parts(root: "ET.Element") -> Iterator[tuple[str, str]]:
    """Paragraphs under the title they stand under, in reading order."""
    heading, said = "", list[str]()
    for kind, text in _pieces(root, 0):
        if kind == "Titre":
            if said:
                yield heading, " ".join(said)
            heading, said = text, []
        else:
            said.append(text)
    if said:
        yield heading, " ".join(said)


def _pieces(element: "ET.Element", depth: int) -> Iterator[tuple[str, str]]:
    for child in element:
        if child.tag in _ASIDE or depth > _DEEPEST:
            continue
        if child.tag in ("Titre", "Paragraphe"):
            if text := " ".join("".join(child.itertext()).split()):
                yield child.tag, text
        else:
            yield from _pieces(child, depth + 1)
