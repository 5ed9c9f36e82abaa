"""Fields of web forms: « Date de naissance : 12/03/1984 », where the key says what the value is."""

import re
from collections.abc import Callable, Iterator

from triage.extract import amounts, dates, identifiers, references
from triage.extract.passage import Passage
from triage.extract.patterns import patterns
from triage.types import Fact

_LONGEST_LINE, _MARKS = 240, 6


def read_field(passage: Passage, at: int) -> Iterator[Fact]:
    """The fact of the line whose key begins at `at`, if a line begins there and its key tells a type."""
    before = passage.folded[max(0, at - _MARKS) : at].rstrip("-*•_>[ \t")
    if before and before[-1] != "\n":
        return
    start, end = passage.line(at, _LONGEST_LINE)
    match = patterns("forms")["line"].match(passage.folded, start, end)
    if not match:
        return
    key, value = " ".join(match[1].split()), passage.folded[match.start(2) : end].rstrip(" *_|\t\r")
    for name, read in _FIELDS.items():
        if patterns("forms")[name].match(key):
            yield from read(passage, match.start(2), match.start(2) + len(value))
            return


def _address(role: str) -> Callable[[Passage, int, int], Iterator[Fact]]:
    def read(passage: Passage, start: int, end: int) -> Iterator[Fact]:
        if (
            patterns("forms")["address_value"].search(passage.folded, start, end)
            and "@" not in passage.folded[start:end]
        ):
            yield passage.fact("address", " ".join(passage.written[start:end].split()), start, end, role)

    return read


def _date(role: str) -> Callable[[Passage, int, int], Iterator[Fact]]:
    def read(passage: Passage, start: int, end: int) -> Iterator[Fact]:
        for number in re.finditer(r"\d+", passage.folded[start:end]):
            for fact in dates.read_number(passage, start + number.start()):
                yield passage.fact(fact.type, fact.value, fact.start, fact.end, role)
                return

    return read


def _plate(passage: Passage, start: int, end: int) -> Iterator[Fact]:
    if patterns("forms")["plate_value"].match(passage.folded, start, end):
        yield passage.fact("plate", re.sub(r"[ -]", "", passage.folded[start:end]).upper(), start, end)


def _phone(passage: Passage, start: int, end: int) -> Iterator[Fact]:
    number = re.search(r"\d", passage.folded[start:end])
    if number:
        yield from identifiers.read_phone(passage, start + number.start())


def _reference(kind: str) -> Callable[[Passage, int, int], Iterator[Fact]]:
    def read(passage: Passage, start: int, end: int) -> Iterator[Fact]:
        if permits := list(references.read_permit(passage, start)):
            yield from permits
            return
        if match := patterns("forms")["reference_value"].match(passage.folded, start, end):
            yield passage.fact(kind, " ".join(match[1].upper().split()), *match.span(1))

    return read


def _amount(passage: Passage, start: int, end: int) -> Iterator[Fact]:
    if value := amounts.bare_amount(passage.folded[start:end]):
        yield passage.fact("amount", value, start, end)


def _plot(passage: Passage, start: int, end: int) -> Iterator[Fact]:
    if match := patterns("forms")["plot_value"].match(passage.folded, start, end):
        value = " ".join(part.upper() for part in match.groups() if part)
        yield passage.fact("cadastre", value, start, end)


def _school(passage: Passage, start: int, end: int) -> Iterator[Fact]:
    if end - start > 2 and passage.folded[start:end] not in ("aucune", "non", "neant"):
        yield passage.fact("school", " ".join(passage.written[start:end].split()), start, end)


_FIELDS: dict[str, Callable[[Passage, int, int], Iterator[Fact]]] = {
    "birth": _date("birth"),
    "deadline": _date("deadline"),
    "address": _address("sender"),
    "place": _address("place"),
    "phone": _phone,
    "plate": _plate,
    "invoice": _reference("invoice"),
    "file": _reference("file"),
    "school": _school,
    "amount": _amount,
    "cadastre": _plot,
}
