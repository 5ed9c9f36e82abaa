"""Names with a civility that somebody wrote; value « Mme Verdonck » whatever the civility's form."""

import re
from collections.abc import Iterator
from functools import cache

from triage.extract.passage import Passage
from triage.extract.patterns import numbered, patterns, words
from triage.text import fold
from triage.types import Fact

_SHORT = ("", "M.", "Mme", "Mlle", "Me", "Dr", "MM.", "Mmes")
# « Julien M. L. »: initials of a name, no civility.
_FIRST_NAME = re.compile(r"(?:^|\n)[A-ZÀ-Þ][a-zà-ÿ-]{2,15} $")
_NAME = re.compile(r"[\w'’-]+\.?")


def read_person(passage: Passage, at: int) -> Iterator[Fact]:
    """« Mme Verdonck », « M. et Mme Le Bihan »; `at` is the civility."""
    rules = patterns("persons")
    if passage.folded[at - 1 : at] in ("-", "'"):
        return
    if match := rules["person"].match(passage.written, at):
        end = _name_end(match)
    elif (match := rules["small"].match(passage.written, at)) and fold(match["name"]) not in _not_names():
        end = match.end()
    else:
        return
    if match and end:
        if end - match.start("name") < 3 and _FIRST_NAME.search(passage.written[max(0, at - 30) : at]):
            return
        name = passage.written[match.start("name") : end]
        yield passage.fact("person", f"{_civility(match['civility'])} {' '.join(name.split())}", at, end)


@cache
def _not_names() -> frozenset[str]:
    return words("persons", "plain") | words("persons", "titles")


def _name_end(match: re.Match[str]) -> int | None:
    """Where the name ends: before a word that is a title or the next sentence's first; None where that is the first."""
    end = None
    for word in _NAME.finditer(match.string, match.start("name"), match.end("name")):
        text = word.group()
        if fold(text.rstrip(".")) in words("persons", "titles") and text.lower() not in ("le", "la", "de", "du"):
            break
        if text[0].isupper() and (end or fold(text) not in ("le", "la", "de", "du")):
            end = word.end()
        if text.endswith(".") and len(text) > 3:
            return word.end() - 1
    return end


def _civility(written: str) -> str:
    known = numbered("persons", "civilities")
    parts = re.split(r"[ \u00a0](?:et|&|ou)[ \u00a0]", written)
    return " et ".join(_SHORT[known[fold(part).rstrip(".")]] for part in parts)
