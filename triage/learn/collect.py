"""Sorted mailboxes and exports of other tools -> rows of a corpus.

The label of a mail is the name of the mailbox it lies in; that of an exported line stands in a column.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.corpus import Row
from triage.decide.decision import READ_BY_HUMANS
from triage.errors import SourceError, UsageError
from triage.learn.corrections import label_of
from triage.learn.folders import mailboxes
from triage.parse import parse
from triage.read import read
from triage.text import fold, of_spreadsheet

_CSV = (".csv", ".tsv", ".txt")
# What the tools of administrations call the columns of their exports, without accents.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "texte", "message", "corps", "contenu", "description", "demande", "body"),
    "subject": ("subject", "objet", "sujet", "titre", "intitule"),
    "label": ("label", "libelle", "service", "service destinataire", "categorie", "affectation"),
    "sender": ("sender", "expediteur", "emetteur", "courriel", "email", "e-mail", "from", "de"),
    "id": ("id", "identifiant", "numero", "n°", "reference", "ref"),
}
KEYS = tuple(_COLUMNS)


@dataclass
class Collected:
    """Counts of what was found and left out, by reason; `labels` of what was kept."""

    labels: Counter[str] = field(default_factory=Counter)
    machine: int = 0  # automatic mail: bounces, newsletters…
    empty: int = 0
    copies: int = 0
    several: int = 0  # one mail under two labels
    refused: list[str] = field(default_factory=list)


def collect(
    sources: Sequence[str],
    names: Mapping[str, str],
    renamed: Mapping[str, str],
    columns: Mapping[str, str],
    found: Collected,
    advance: Callable[[], None] = lambda: None,
) -> list[dict[str, Any]]:
    """The rows of all sources, exact copies once; a mail under two labels is left out, as one of them is wrong.

    `names`: label ids to the names mailboxes and cells may bear; `renamed`: name of a mailbox or a cell to label;
    `columns`: key of a row to the column of an export that holds it. Raises SourceError or UsageError.
    """
    rows: dict[str, dict[str, Any]] = {}
    doubtful: set[str] = set()
    for row in _rows(sources, names, renamed, columns, found):
        advance()
        content = sha256(f"{row['subject']}\n{row['text']}".encode()).hexdigest()
        if content not in rows:
            rows[content] = row
        elif rows[content]["label"] == row["label"]:
            found.copies += 1
        else:
            doubtful.add(content)
            found.several += 1
    kept = [row for content, row in rows.items() if content not in doubtful]
    found.several += len(doubtful)
    found.labels.update(row["label"] for row in kept)
    return kept


def exported_texts(path: Path, axis: str, columns: Mapping[str, str], refuse: Callable[[str], None]) -> Iterator[Row]:
    """The lines of a CSV export as texts to label; a column `label`, or one of the axis's name, tells labels known.

    Raises SourceError, or UsageError for a file without a column of texts.
    """
    lines = _csv_lines(path)
    titles = next(lines, (1, []))[1]
    places = _places(path, titles, columns, needed=("text",))
    known = [titles.index(name) for name in ("label", axis) if name in titles]
    for line, cells in lines:
        said = {key: cells[at].strip() if at < len(cells) else "" for key, at in places.items()}
        label = next((cells[at].strip() for at in known if at < len(cells) and cells[at].strip()), "")
        if said["text"] or said.get("subject"):
            writer = _writer(said.get("sender", ""))
            yield Row(
                place=f"{path}, line {line}",
                id=said.get("id") or f"{path.stem}-{line}",
                subject=said.get("subject", ""),
                text=said["text"],
                labels={axis: label} if label else {},
                group=writer,
                sender=writer,
            )
        elif any(cells):
            refuse(f"{path}, line {line}, column {titles[places['text']]!r}: empty")


def as_object(row: Row) -> dict[str, Any]:
    """A row as a line of a corpus. A mail's sender is kept as a number that tells writers apart and names nobody."""
    found: dict[str, Any] = {"id": row.id, "subject": row.subject, "text": row.text, "labels": dict(row.labels)}
    optional = {"acceptable": list(row.acceptable), "secondary": list(row.secondary), "group": row.group}
    if row.mail:
        message = parse(row.mail)
        found["id"] = sha256(row.mail.content).hexdigest()[:20]
        writer = _writer(message.sender.address if message.sender else "")
        optional |= {"sender": writer, "group": writer}
    else:
        optional["sender"] = row.sender
    if row.own_text is not None:
        optional["own_text"] = row.own_text
    return found | {key: value for key, value in optional.items() if value}


def _writer(address: str) -> str:
    return f"writer-{sha256(address.lower().encode()).hexdigest()[:12]}" if address else ""


def _rows(
    sources: Sequence[str],
    names: Mapping[str, str],
    renamed: Mapping[str, str],
    columns: Mapping[str, str],
    found: Collected,
) -> Iterator[dict[str, Any]]:
    for source in sources:
        if source.lower().endswith(_CSV):
            yield from _exported(Path(source), names, renamed, columns, found)
        elif source.endswith((".jsonl", ".jsonl.gz")):
            raise UsageError(f"{source}: is a corpus already: give it to `triage train` as it is")
        else:
            yield from _filed(source, names, renamed, found)


def _filed(
    source: str, names: Mapping[str, str], renamed: Mapping[str, str], found: Collected
) -> Iterator[dict[str, Any]]:
    """The mails of mailboxes, each under the name of its own."""
    for box in mailboxes([source], names, {}):
        label = _label(renamed.get(box.name, box.service or box.name), names)
        if not box.source:
            found.refused.append(f"{source}: mailbox {box.name!r} is empty")
            continue
        try:
            for raw in read(box.source):
                message = parse(raw)
                row = Row(raw.origin, raw.origin, message.subject, message.body, {}, mail=raw)
                if message.kind not in READ_BY_HUMANS:
                    found.machine += 1
                elif not f"{message.subject}{message.body}".strip():
                    found.empty += 1
                else:
                    yield _labelled(row, label)
        except SourceError as error:
            found.refused.append(str(error))


def _labelled(row: Row, label: str) -> dict[str, Any]:
    content = as_object(row)
    del content["labels"]
    return {"id": content.pop("id"), "label": label, **content}


def _exported(
    path: Path, names: Mapping[str, str], renamed: Mapping[str, str], columns: Mapping[str, str], found: Collected
) -> Iterator[dict[str, Any]]:
    """The lines of a CSV export. Raises UsageError for a file without the columns needed."""
    lines = _csv_lines(path)
    titles = next(lines, (1, []))[1]
    places = _places(path, titles, columns)
    for line, cells in lines:
        said = {key: cells[at].strip() if at < len(cells) else "" for key, at in places.items()}
        if not any(said.values()):
            continue
        place = f"{path}, line {line}"
        words = said["text"] or said.get("subject", "")
        if missing := "text" if not words else "label" if not said["label"] else "":
            found.refused.append(f"{place}, column {titles[places[missing]]!r}: empty")
            continue
        row = {
            "id": said.get("id") or f"{path.stem}-{line}",
            "label": _label(renamed.get(said["label"], said["label"]), names),
            "subject": said.get("subject", ""),
            "text": said["text"],
        }
        writer = _writer(said.get("sender", ""))
        yield row | ({"sender": writer, "group": writer} if writer else {})


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of a CSV file, in whatever charset a spreadsheet saved it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    text = of_spreadsheet(content)
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";\t,", key=head.count))
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}, line {start}: cannot be read as CSV ({error}): export it again") from error


def _places(
    path: Path, titles: Sequence[str], columns: Mapping[str, str], needed: Sequence[str] = ("text", "label")
) -> dict[str, int]:
    """Key of a row -> the place of its column; those `needed` must be there."""
    folded = [fold(title.strip()) for title in titles]
    found: dict[str, int] = {}
    for key, usual in _COLUMNS.items():
        wanted = [fold(columns[key])] if key in columns else [name for name in usual if name in folded]
        if key in columns and wanted[0] not in folded:
            raise UsageError(f"{path}: has no column {columns[key]!r}: it has {', '.join(titles)}")
        if wanted:
            found[key] = folded.index(wanted[0])
    for key in needed:
        if key not in found:
            raise UsageError(
                f"{path}: which column holds the {key}? Say --column {key}=NAME, one of {', '.join(titles)}"
            )
    return found


def _label(name: str, names: Mapping[str, str]) -> str:
    """The id of the label a name means; a name no label bears is a label itself."""
    try:
        return label_of(name, names, "label") or name
    except UsageError:
        return name
