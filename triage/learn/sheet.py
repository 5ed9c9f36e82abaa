"""Outcomes as a sheet for agents to judge, the most uncertain first; a sheet filled in as answers.

What the program proposed stands in columns of its own and never comes back as an answer: an empty cell says nothing.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from triage.errors import UsageError
from triage.learn.corrections import Answer, Names, label_of
from triage.text import fold, of_spreadsheet
from triage.write import safe_cell, whole_file

# Column of the CSV file -> key of the JSON file. Agents fill in those of `_FILLED`.
_GIVEN = {
    "message": "message", "témoin": "control", "date": "date", "objet": "subject", "texte": "text",
    "service proposé": "proposed_service", "confiance": "confidence", "nature proposée": "proposed_nature",
    "urgence proposée": "proposed_urgency",
}  # fmt: skip
_FILLED = {
    "tout est juste": "confirmed", "service juste": "service", "nature juste": "nature", "urgence juste": "urgency",
    "mots de l'auteur": "own_words", "réponse utilisée": "reply", "remarque": "note",
}  # fmt: skip
_KEYS = {**_GIVEN, **_FILLED}
_TITLES = {key: title for title, key in _KEYS.items()}
_YES, _NO = ("oui", "o", "ok", "x", "1", "vrai", "true", "juste", "yes"), ("non", "n", "0", "faux", "false", "no")
_REPLIES = {"used": ("used", *_YES), "changed": ("changed", "modifiee", "corrigee"), "unused": ("unused", *_NO)}
_LARGEST = 200_000_000  # bytes of a sheet
_GUARDED = "=+-@\t\r\n＝＋－＠"


@dataclass(frozen=True)
class Line:
    """One message on the sheet. `proposed_service` ends with « ? » where the program left it to the mail desk."""

    message: str
    control: bool
    date: str | None
    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    proposed_service: str
    confidence: float
    proposed_nature: str
    proposed_urgency: str


class Filled(NamedTuple):
    """An answer found on a sheet: its line as spreadsheets count (JSON: rank of the object), and the message's id."""

    line: int
    message: str
    answer: Answer


# Called with each fault: file, line, column and remedy.
Refuse = Callable[[str], None]


def write_sheet(path: Path, lines: Sequence[Line], *, as_json: bool) -> None:
    """Write the sheet as CSV for French spreadsheets, or as a JSON array of objects."""
    with whole_file(path) as file:
        file.write(_json(lines).encode() if as_json else _csv(lines).encode("utf-8-sig"))


def _json(lines: Sequence[Line]) -> str:
    empty = dict.fromkeys(_FILLED.values())
    found = [{key: getattr(line, key) for key in _GIVEN.values()} | empty for line in lines]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _csv(lines: Sequence[Line]) -> str:
    stream = io.StringIO(newline="")
    table = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    table.writerow(_KEYS)
    for line in lines:
        cells = [getattr(line, key) for key in _GIVEN.values()]
        shown = ["oui" if cell is True else "" if cell is False else safe_cell(cell) for cell in cells]
        table.writerow(shown + [""] * len(_FILLED))
    return stream.getvalue()


def read_sheet(path: Path, names: Names, refuse: Refuse) -> Iterator[Filled]:
    """Answers of a sheet; lines that say nothing are left out, those with a fault refused.

    Raises UsageError for a file that is no sheet at all.
    """
    for line, cells in _lines(path):
        faults: list[str] = []
        answer = _answer(cells, names, faults)
        message = cells.get("message", "").strip()
        if not message and not answer.is_empty:
            faults.append(_fault("message", "is empty: keep what the export wrote there"))
        for fault in faults:
            refuse(f"{path}, line {line}, {fault}")
        if not faults and not answer.is_empty:
            yield Filled(line, message, answer)


def _fault(key: str, reason: str) -> str:
    return f"column « {_TITLES[key]} »: {reason}"


def _answer(cells: Mapping[str, str], names: Names, faults: list[str]) -> Answer:
    def label(key: str, known: Mapping[str, str]) -> str | None:
        said = cells.get(key, "").strip().removesuffix("?").strip()
        try:
            return label_of(said or None, known, key)
        except UsageError as error:
            faults.append(_fault(key, str(error)))
            return None

    return Answer(
        service=label("service", names.services),
        nature=label("nature", names.natures),
        urgency=label("urgency", names.urgencies),
        own_words=cells.get("own_words", "").strip() or None,
        reply=_chosen(cells, "reply", _REPLIES, "oui, non ou modifiée", faults),
        note=cells.get("note", "").strip() or None,
        confirmed=_chosen(cells, "confirmed", {"yes": _YES, "no": _NO}, "oui ou rien", faults) == "yes",
    )


def _chosen(
    cells: Mapping[str, str],
    key: str,
    allowed: Mapping[str, Sequence[str]],
    wanted: str,
    faults: list[str],
) -> str | None:
    said = fold(cells.get(key, "").strip())
    if not said:
        return None
    chosen = next((value for value, words in allowed.items() if said in words), None)
    if chosen is None:
        faults.append(_fault(key, f"{cells[key].strip()[:40]!r} is unknown: write {wanted}"))
    return chosen


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by JSON key) of a sheet."""
    text = _text(path)
    if text.lstrip()[:1] in ("[", "{"):
        yield from _json_lines(path, text)
    else:
        yield from _csv_lines(path, text)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}): give the file that agents filled in") from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise UsageError(f"{path}: is a workbook: save the sheet as CSV (UTF-8, separator ;) and import that")
    return of_spreadsheet(content)


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON ({error}): keep the array that the export wrote") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "message" in row for row in rows):
        raise UsageError(f'{path}: not an array of objects with a key "message": give a file made by the export')
    for number, row in enumerate(rows, 1):
        yield number, {key: _said(row.get(key)) for key in _KEYS.values()}


def _said(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "oui" if value is True else str(value)


def _csv_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    head = text.partition("\n")[0]
    delimiter = max(";\t,", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"{path}: cannot be read as CSV ({error}): save the sheet again as CSV") from error
    keys = [_key(title) for title in rows[0]] if rows else []
    if "message" not in keys:
        raise UsageError(f"{path}: has no column « message »: give a file made by `triage corrections export`")
    if not set(keys) & set(_FILLED.values()):
        raise UsageError(f"{path}: has no column to answer in (« {' », « '.join(_FILLED)} »): keep those of the export")
    for number, row in enumerate(rows[1:], 2):
        yield number, {key: _bare(cell) for key, cell in zip(keys, row, strict=False) if key}


def _key(title: str) -> str | None:
    wanted = fold(title.strip())
    return next((key for known, key in _KEYS.items() if wanted in (fold(known), key)), None)


def _bare(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from computing it."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" \u00a0")[:1] in tuple(_GUARDED) else cell
