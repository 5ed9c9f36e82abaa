"""Placeholders instead of personal data and numbers, in what the classifier and the logs see.

A placeholder is one word of small letters between two pairs of x (`xxdatexx`): every tokeniser keeps
it whole, lemmatisers leave it alone, and nobody types it by accident.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import accumulate, compress
from re import Pattern
from typing import NamedTuple

from triage.clean.normalise import Flat, flatten, normalise
from triage.clean.patterns import patterns, table, words
from triage.types import Address

PLACEHOLDERS = {
    "email": "xxemailxx", "url": "xxurlxx", "site": "xxurlxx", "iban": "xxibanxx", "nir": "xxnirxx",
    "siret": "xxsiretxx", "phone": "xxtelxx", "amount": "xxmontantxx", "date": "xxdatexx", "hour": "xxheurexx",
    "plate": "xxplaquexx", "reference": "xxrefxx", "postcode": "xxadressexx", "street": "xxadressexx",
    "digits": "xxnombrexx", "house": "xxnombrexx", "name": "xxnomxx",
}  # fmt: skip

# The longest and strictest first: an IBAN holds digits that look like a phone, a phone those of an hour.
_NUMBERS = (
    "iban", "nir", "phone", "siret", "amount", "date", "plate", "reference", "hour", "postcode", "house", "digits",
)  # fmt: skip
_LETTERED = ("iban", "date", "plate", "reference")  # those that may begin with a letter
_TRIGGERED = ("street", "titled", "titled_small", "introduced", "kin")
_TOKEN = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_BEFORE = re.compile(r"\w+\W+\Z")
_LEAD = 9  # characters of a word and a sign that may belong to the number after them
_WORD = re.compile(r"[\w'-]+")
_SITES = (".fr", ".com", ".org", ".net", ".eu", ".test")
_LOUD_WORDS = 4
_AFTER_CIVILITY = re.compile(
    r"\b((?:madame|monsieur|mademoiselle|maître|docteur) )"
    r"(?!(?:le|la|les|de|du|des|et|ou|je|vous|nous|il|elle|on|qui|que|pour|merci|bonjour|en|un|une|ma|mon|mes|a|à|au)\b|[jl]')(\w)"
)
_REMEMBERED = 30_000  # chunks
_LONG = 30  # characters of a chunk that is not remembered
Look = tuple[tuple[int, tuple[str, ...]], ...]  # offsets in a chunk, each with the rules that may begin there
_MOST_NAMES = 40  # words of names looked for again in one mail


class _Edit(NamedTuple):
    """text[start:end] gives way to `new`."""

    start: int
    end: int
    new: str


def mask(subject: str, body: str, names: Iterable[str] = ()) -> str:
    """The masked subject, one line feed, the masked body. `names` are texts whose words name persons.

    Both come out normalised. A name found after a civility, or in `names`, is masked wherever it recurs.
    """
    return _masked(normalise(_lines_of(subject, body)), names)[0]


def trace(subject: str, body: str, names: Iterable[str] = ()) -> Flat:
    """What `mask` gives, and the offset each of its characters came from in « subject, line feed, body »."""
    flat = flatten(_lines_of(subject, body))
    text, passes = _masked(flat.text, names)
    origins = flat.origins or list(range(len(flat.text) + 1))
    for edits in passes:
        origins = _moved(origins, edits)
    return Flat(text, origins)


def _lines_of(subject: str, body: str) -> str:
    return " ".join(subject.split()) + "\n" + body


def _masked(text: str, names: Iterable[str]) -> tuple[str, list[list[_Edit]]]:
    """The masked text, and what each pass over a normalised text replaced."""
    text, done = _quietened(text), []
    found = [word for name in names for word in _name_words(name)]
    passes: tuple[Callable[[str], list[_Edit]], ...] = (
        lambda text: _in_lines(text, "email", ("@",)),
        lambda text: _in_lines(text, "url", ("://", "www.", "WWW.")),
        lambda text: _in_lines(text, "site", _SITES),
        lambda text: _scanned(text, found),
        lambda text: _recurring(text, found),
    )
    for edits_of in passes:
        edits = edits_of(text)
        text = _put(text, edits)
        done.append(edits)
    return text, done


def _put(text: str, edits: list[_Edit]) -> str:
    if not edits:
        return text
    pieces, done = [], 0
    for start, end, new in edits:
        pieces += [text[done:start], new]
        done = end
    return "".join(pieces) + text[done:]


def _moved(origins: list[int], edits: list[_Edit]) -> list[int]:
    """Origins of the characters after the edits; all of a replacement come from where the replaced began."""
    moved, done = [], 0
    for start, end, new in edits:
        moved += [*origins[done:start], *([origins[start]] * len(new))]
        done = end
    return moved + origins[done:]


def sender_names(sender: Address | None) -> list[str]:
    """The display name and the words of the local part of an address."""
    if not sender:
        return []
    return [sender.name, " ".join(re.split(r"[\W_\d]+", sender.address.partition("@")[0]))]


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("mask")[name]


@cache
def _numbers(names: tuple[str, ...]) -> Pattern[str]:
    """Number rules in one, to be tried where a number may begin."""
    return re.compile("|".join(f"(?P<{name}>{_rule(name).pattern})" for name in names), re.IGNORECASE)


@lru_cache(4_096)
def _leads(words: str) -> bool:
    """Whether a number may begin with a word and a sign before its first digit; nearly all are « le » and « du »."""
    return _rule("lead").match(words) is not None


@cache
def _triggers() -> dict[str, tuple[str, ...]]:
    """Which rules begin at a word; none at those that begin a number, such as « mardi 12 mars »."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(words("mask", "leads"), ())
    for name in _TRIGGERED:
        for word in table("mask")[name]["triggers"]:
            found[word] = (*found.get(word, ()), name)
    return found


def _quietened(text: str) -> str:
    """Lines written in capitals in small letters, where a capital does not tell a name from any other word.

    The word after a civility keeps its capital: there it is a name.
    """
    return "\n".join(_AFTER_CIVILITY.sub(_capital, _small(line)) if _loud(line) else line for line in text.split("\n"))


def _capital(found: re.Match[str]) -> str:
    return found[1] + found[2].upper()


def _loud(line: str) -> bool:
    """Whether a line is a sentence in capitals; fewer words may be a name."""
    return line.isupper() and sum(map(str.isalpha, line.split())) >= _LOUD_WORDS


def _in_lines(text: str, name: str, marks: tuple[str, ...]) -> list[_Edit]:
    """What a rule finds in the lines that hold one of its marks."""
    if not any(mark in text for mark in marks):
        return []
    regex, new = _rule(name), PLACEHOLDERS[name]
    edits, start = [], 0
    for line in text.split("\n"):
        if any(mark in line for mark in marks):
            edits += [_Edit(start + hit.start(), start + hit.end(), new) for hit in regex.finditer(line)]
        start += len(line) + 1
    return edits


def _scanned(text: str, found: list[str]) -> list[_Edit]:
    """One pass over the words: rules are tried only where a number or one of their triggers stands."""
    chunks = text.replace("\n", " ").split(" ")
    known, others = _looks_of(set(chunks))
    hot = [others.get(chunk) or known.get(chunk) for chunk in chunks] if others else [*map(known.get, chunks)]
    starts = [0, *accumulate(map(len, chunks))]
    edits, done = [], 0
    for at in compress(range(len(chunks)), hot):
        for offset, names in hot[at] or ():
            start = starts[at] + at + offset
            if start < done:
                continue
            hit = _triggered(text, start, names, found, after_number=done > 0 and text[done:start] in {" ", ", "})
            if not hit and not names:
                hit = _number(text, done, start)
            if hit:
                edits.append(hit)
                done = hit.end
    return edits


def _looks_of(chunks: set[str]) -> tuple[dict[str, Look], dict[str, Look]]:
    """Where in each of some chunks (what stands between blanks) a rule may begin.

    Short chunks are remembered, up to a number: most of a mail is made of the same few thousand. Long ones come apart.
    """
    known = _known()
    if len(known) > _REMEMBERED:
        known.clear()
    new = {chunk: _look(chunk) for chunk in chunks.difference(known)}
    known |= {chunk: look for chunk, look in new.items() if len(chunk) <= _LONG}
    return known, {chunk: look for chunk, look in new.items() if len(chunk) > _LONG}


@cache
def _known() -> dict[str, Look]:
    return {}


def _look(chunk: str) -> Look:
    """The words of a chunk at which a rule may begin: their offsets, and which rules; none but a number's if empty."""
    if chunk.isalpha() and chunk.lower() not in _triggers():
        return ()
    triggers = _triggers()
    found = []
    for word in _TOKEN.finditer(chunk):
        small = word[0].lower()
        if small in triggers:
            found.append((word.start(), triggers[small]))
        elif _DIGIT.search(small):
            found.append((word.start(), ()))
    return tuple(found)


def _number(text: str, done: int, start: int) -> _Edit | None:
    """The number that begins at the word before (`ZZ 449 RT`), at a sign (`+33`) or here."""
    lead = _BEFORE.search(text, max(0, start - _LEAD), start)
    before = lead.start() if lead else 0
    before = max(done, before if before > start - _LEAD else 0)
    places = [before] if start - before < _LEAD and _leads(text[before:start]) else []
    if text[start - 1 : start] in {"+", "("}:
        places.append(start - 1)
    for at in (*places, start):
        match = _numbers(_LETTERED if text[at].isalpha() else _NUMBERS).match(text, at)
        if match and match.end() > start:
            return _Edit(at, match.end(), PLACEHOLDERS[str(match.lastgroup)])
    return None


def _triggered(text: str, start: int, names: tuple[str, ...], found: list[str], *, after_number: bool) -> _Edit | None:
    if after_number and "street" in names:
        names = ("street", "street_small")
    for name in names:
        match = _rule(name).match(text, start)
        if match:
            kind = "street" if name.startswith("street") else "name"
            if kind == "name":
                found.extend(_name_words(match[2]))
            return _Edit(start + len(match[1]), match.end(), PLACEHOLDERS[kind])
    return None


def _name_words(name: str) -> list[str]:
    """The words of a name that may stand for a person, in small letters."""
    fits, others = _rule("name_word").match, words("mask", "not_personal")
    parts = [part.lower() for part in _WORD.findall(normalise(name)) if fits(part)]
    return [part for part in parts if part not in others and not part.startswith("xx")]


def _recurring(text: str, names: list[str]) -> list[_Edit]:
    """Each of `names`, given in small letters, wherever it stands as a word."""
    small = _small(text)
    spans = [span for name in dict.fromkeys(names[:_MOST_NAMES]) if name in small for span in _found(name, small, text)]
    edits, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            edits.append(_Edit(start, end, PLACEHOLDERS["name"]))
            done = end
    return edits


def _found(name: str, small: str, text: str) -> Iterator[tuple[int, int]]:
    start = small.find(name)
    while start >= 0:
        end = start + len(name)
        whole = not (small[start - 1 : start] or " ").isalnum() and not (small[end : end + 1] or " ").isalnum()
        if whole and not (name in words("mask", "common") and text[start].islower()):
            yield start, end
        start = small.find(name, end)


def _small(text: str) -> str:
    """`text` in small letters, character by character: `İ` alone would become two."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(letter.lower()[0] for letter in text)
