"""Placeholders instead of personal data and numbers, in what the classifier and the logs see.

A placeholder is one word of small letters between two pairs of x (`xxdatexx`): every tokeniser keeps
it whole, lemmatisers leave it alone, and nobody types it by accident.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
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
_TRIGGERED = ("street", "titled", "titled_small", "introduced", "kin")
_TOKEN = re.compile(r"\w+|\W+")
_DIGIT = re.compile(r"\d")
_LEAD = 9  # characters of a word and a sign that may belong to the number after them
_WORD = re.compile(r"[\w'-]+")
_SITES = (".fr", ".com", ".org", ".net", ".eu", ".test")
_LOUD_WORDS = 4
_AFTER_CIVILITY = re.compile(
    r"\b((?:madame|monsieur|mademoiselle|maître|docteur) )"
    r"(?!(?:le|la|les|de|du|des|et|ou|je|vous|nous|il|elle|on|qui|que|pour|merci|bonjour|en|un|une|ma|mon|mes|a|à|au)\b|[jl]')(\w)"
)
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
def _numbers() -> Pattern[str]:
    """All number rules in one, to be tried where a number may begin."""
    return re.compile("|".join(f"(?P<{name}>{_rule(name).pattern})" for name in _NUMBERS), re.IGNORECASE)


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
    tokens = _TOKEN.findall(text)
    hot = _hot(set(tokens))
    starts = [0, *accumulate(map(len, tokens))]
    edits, done = [], 0
    for at in compress(range(len(tokens)), map(hot.__contains__, tokens)):
        start = starts[at]
        if start < done:
            continue
        names = hot[tokens[at]]
        hit = _triggered(text, start, names, found, after_number=done > 0 and text[done:start] in {" ", ", "})
        if not hit and not names:
            hit = _number(text, max(done, starts[max(0, at - 2)]), start)
        if hit:
            edits.append(hit)
            done = hit.end
    return edits


def _hot(tokens: set[str]) -> dict[str, tuple[str, ...]]:
    """The tokens at which a rule may begin, with the rules they trigger: none but a number where that is empty."""
    triggers = _triggers()
    hot = {}
    for token in tokens:
        small = token.lower()
        if small in triggers:
            hot[token] = triggers[small]
        elif not token.isalpha() and _DIGIT.search(token):
            hot[token] = ()
    return hot


def _number(text: str, before: int, start: int) -> _Edit | None:
    """The number that begins at the word before (`ZZ 449 RT`), at a sign (`+33`) or here."""
    places = [before] if start - before < _LEAD else []
    if text[start - 1 : start] in {"+", "("}:
        places.append(start - 1)
    for at in (*places, start):
        match = _numbers().match(text, at)
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
    parts = [part.lower() for part in _WORD.findall(normalise(name)) if _rule("name_word").match(part)]
    return [part for part in parts if part not in words("mask", "not_personal") and not part.startswith("xx")]


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
