"""A corpus -> the same corpus without its persons, addresses and numbers, and how much of what is annotated was found.

What must go is found three times over: by the rules that mask mail for the classifier, by those that read facts, and by
spaCy's persons. A name found once goes wherever it stands in the same row. Dates, hours and amounts stay, births aside.
"""

import gzip
import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from triage.clean.mask import trace
from triage.errors import CorpusError
from triage.extract import find_facts
from triage.learn.pseudonyms import Pseudonyms
from triage.text import fold
from triage.write import make_folder, whole_file

_CHUNK = 64
_MASKS = {
    "email": "email", "url": "url", "iban": "iban", "nir": "nir", "siret": "siret", "tel": "phone", "plaque": "plate",
    "ref": "number", "adresse": "address", "nom": "name",
}  # fmt: skip
_FACTS = {
    "address": "address", "person": "name", "phone": "phone", "email": "email", "iban": "iban", "nir": "nir",
    "siret": "siret", "siren": "siret", "rna": "number", "plate": "plate", "permit": "number", "cadastre": "number",
    "file": "number", "invoice": "number",
}  # fmt: skip
_PLACEHOLDER = re.compile("xx(" + "|".join(_MASKS) + ")xx")
_LONG_NUMBER = re.compile(r"(?<![\w.,])\d{5,}(?!\w)|\b[A-Z]{1,5}[-/]\d{2,4}[-/]\d{1,6}\b")
_LINE = re.compile(r"[^\n:]+")
_NAME_WORD = re.compile(r"[^\W\d_][\w'’-]{2,}")
_TELLING = re.compile(r"[A-ZÀ-Þ][\w'’-]{2,}|\d{2,}|\S+@\S+")  # what of an annotated passage could tell who it is
_CIVILITIES = frozenset(
    ("madame", "monsieur", "mademoiselle", "mme", "mlle", "maitre", "docteur", "mrs", "rue", "avenue")
)
# Said at both ends of a mail, where spaCy takes it for a name and a line of its own is none.
_POLITE = frozenset(
    ("bonjour", "bonsoir", "salut", "coucou", "merci", "avance", "cordialement", "cdt", "cdlt", "bien", "bonne")
) | frozenset(
    ("bises", "bisous", "svp", "respectueusement", "sincerement", "salutations", "president", "secretariat", "vous")
)
_LAST_LINE = re.compile(r"(?<![^\n])[ \t]*([^\W\d_]{2,}(?:[ '’-][^\W\d_]+){0,2})[ \t.]*\Z")
_TEXTS = ("text", "subject", "own_text")
_KEPT = ("id", "label", "labels", "acceptable", "secondary", "group", "kind", "received", "flags", "reply")


class Span(NamedTuple):
    """text[start:end] names something of a kind of `Pseudonyms`."""

    start: int
    end: int
    kind: str


@dataclass
class Account:
    """What was done. `found` and `annotated` count, for each type of fact, those covered and those there are."""

    rows: int = 0
    replaced: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    annotated: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def pseudonymise(corpus: Path, target: Path, pseudonyms: Pseudonyms) -> Account:
    """Write a JSON Lines corpus (gzipped or not) anew, as JSON Lines. Raises CorpusError naming the line at fault."""
    account = Account()
    make_folder(target.absolute().parent)
    with whole_file(target) as file:
        every = _rows(corpus)
        while rows := list(islice(every, _CHUNK)):
            for row, spans in zip(rows, _spans(rows), strict=True):
                fresh = _rewritten(row, spans, pseudonyms, account)
                file.write(json.dumps(fresh, ensure_ascii=False).encode() + b"\n")
    return account


def spans_of(text: str, persons: Sequence[tuple[int, int]] = (), names: Iterable[str] = ()) -> list[Span]:
    """What must go from a text, in order, without overlaps.

    `persons`: passages that may name somebody; `names`: words of names known from elsewhere, folded.
    """
    named = (Span(*line, "name") for one in persons for line in _lines(text, *one))
    found = [*_masked(text), *_facts(text), *_signed(text), *(one for one in named if not _polite(text, one))]
    found += [Span(*hit.span(), "number") for hit in _LONG_NUMBER.finditer(text)]
    wanted = {*names, *_names(text, found)}
    words = (hit for hit in _NAME_WORD.finditer(text) if hit[0][0].isupper() and fold(hit[0]) in wanted)
    return _apart([*found, *(Span(*hit.span(), "name") for hit in words)])


def _names(text: str, found: Iterable[Span]) -> set[str]:
    """The words of the names found, folded, that may be looked for again."""
    named = [text[one.start : one.end] for one in found if one.kind == "name"]
    return (
        {fold(word) for name in named for word in _NAME_WORD.findall(name) if word[0].isupper()} - _CIVILITIES - _POLITE
    )


def _signed(text: str) -> Iterator[Span]:
    """The last line where it is one to three words: a name, that many write without capitals."""
    hit = _LAST_LINE.search(text.rstrip())
    if hit and "\n" in text.strip() and not any(fold(word) in _POLITE for word in re.split(r"[\W_]+", hit[1])):
        yield Span(*hit.span(1), "name")


def _polite(text: str, span: Span) -> bool:
    return {fold(word) for word in re.findall(r"[^\W\d_]{2,}", text[span.start : span.end])} <= _POLITE


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a passage, less the labels of a form, which a colon follows."""
    for hit in _LINE.finditer(text, start, end):
        if not text[hit.end() :].lstrip(" \u00a0").startswith(":"):
            yield hit.span()


def replaced(text: str, spans: Iterable[Span], pseudonyms: Pseudonyms, start: int = 0, end: int | None = None) -> str:
    """text[start:end] with pseudonyms; a span that reaches beyond gives the part of it that lies inside."""
    end = len(text) if end is None else end
    parts, done = [], start
    for one in spans:
        if one.end <= start or one.start >= end:
            continue
        first, last = max(one.start, start), min(one.end, end)
        parts += [text[done:first], pseudonyms.of(one.kind, text[first:last])]
        done = last
    return "".join(parts) + text[done:end]


def _rows(corpus: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if corpus.suffix == ".gz" else open
    try:
        with opened(corpus, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                row = json.loads(line)
                if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                    raise CorpusError(f"{corpus}, line {number}: has no `text`: give a corpus in JSON Lines")
                yield row
    except (OSError, ValueError) as error:
        raise CorpusError(f"{corpus}: cannot be read as JSON Lines ({type(error).__name__})") from error


def _spans(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, list[Span]]]:
    """For each row, what must go from each of its texts."""
    from triage.classify.entities import persons

    texts = [(i, name, row[name]) for i, row in enumerate(rows) for name in _TEXTS if isinstance(row.get(name), str)]
    named = list(persons([text for _, _, text in texts]))
    known: list[set[str]] = [_of_address(str(row.get("sender") or "")) for row in rows]
    for (i, _, text), inside in zip(texts, named, strict=True):
        known[i] |= _names(text, spans_of(text, inside))
    found: list[dict[str, list[Span]]] = [{} for _ in rows]
    for (i, name, text), inside in zip(texts, named, strict=True):
        found[i][name] = spans_of(text, inside, known[i])
    yield from found


def _of_address(address: str) -> set[str]:
    return {fold(word) for word in re.split(r"[\W_\d]+", address.partition("@")[0]) if len(word) > 2}


def _masked(text: str) -> Iterator[Span]:
    """What the classifier never sees, where it stands in the text as written."""
    flat = trace("", text)
    for hit in _PLACEHOLDER.finditer(flat.text):
        start, end = (max(0, flat.origin(place) - 1) for place in hit.span())  # an empty subject and its line feed
        written = text[start:end]
        yield Span(start, start + len(written.rstrip()), _MASKS[hit[1]])


def _facts(text: str) -> Iterator[Span]:
    for fact in find_facts(text, None):
        kind = "number" if fact.role == "birth" else _FACTS.get(fact.type)
        if kind:
            yield Span(fact.start, fact.end, kind)


def _apart(found: Iterable[Span]) -> list[Span]:
    """Spans in order; of two that overlap the first and longest holds, and the other its remainder."""
    kept: list[Span] = []
    for one in sorted(found, key=lambda span: (span.start, -span.end)):
        start = max(one.start, kept[-1].end) if kept else one.start
        if start < one.end:
            kept.append(one._replace(start=start))
    return kept


def _rewritten(
    row: Mapping[str, Any], spans: Mapping[str, list[Span]], pseudonyms: Pseudonyms, account: Account
) -> dict[str, Any]:
    account.rows += 1
    account.replaced.update(one.kind for one in spans["text"])
    account.dropped.update(name for name in row if name not in (*_KEPT, *_TEXTS, "sender", "facts"))
    fresh = {name: row[name] for name in _KEPT if name in row}
    for name in _TEXTS:
        if name in spans:
            fresh[name] = replaced(row[name], spans[name], pseudonyms)
    text, own = row["text"], row.get("own_text")
    if isinstance(own, str) and (start := text.find(own)) >= 0:
        fresh["own_text"] = replaced(text, spans["text"], pseudonyms, start, start + len(own))
    if row.get("sender"):
        fresh["sender"] = pseudonyms.of("email", str(row["sender"]))
    if isinstance(row.get("facts"), list):
        fresh["facts"] = list(_annotated(row, spans["text"], pseudonyms, account))
    return fresh


def _annotated(
    row: Mapping[str, Any], spans: Sequence[Span], pseudonyms: Pseudonyms, account: Account
) -> Iterator[dict[str, Any]]:
    """The annotated facts with their new texts; counts those that should have been replaced, and were."""
    for fact in row["facts"]:
        start = row["text"].find(fact["text"])
        if start < 0:
            continue
        end = start + len(fact["text"])
        if fact["type"] in _FACTS or fact.get("role") == "birth":
            kind = "birth" if fact.get("role") == "birth" else fact["type"]
            account.annotated[kind] += 1
            account.found[kind] += _covered(row["text"], start, end, spans)
        told = {name: fact[name] for name in ("type", "role") if name in fact}
        yield told | {"text": replaced(row["text"], spans, pseudonyms, start, end)}


def _covered(text: str, start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether no word or number of a passage that could tell who it is stays as written."""
    starts, ends = [one.start for one in spans], [one.end for one in spans]
    passage = text[start:end]
    for hit in list(_TELLING.finditer(passage)) or _NAME_WORD.finditer(passage):  # some write all without capitals
        first, last = start + hit.start(), start + hit.end()
        at = bisect_right(starts, first) - 1
        inside = at >= 0 and ends[at] >= last and bisect_left(starts, first + 1) >= at
        if not inside and fold(hit[0]) not in _CIVILITIES:
            return False
    return True
