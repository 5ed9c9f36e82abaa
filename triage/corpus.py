"""Labelled corpora, in every form an administration has them, as examples for the classifier.

file.jsonl[.gz]   `id`, `text`, optional `subject`, and `label` or `labels` {"service": …, "nature": …}
file.csv          the same columns (`label`, or one column per axis)
folder            one sub-folder of mails, one .mbox file or one Maildir per label
"""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.classify.examples import Example
from triage.errors import CorpusError, SourceError
from triage.pipeline import masked_mail, masked_text
from triage.read import read

_LONGEST_TEXT = 200_000


@dataclass(frozen=True)
class Row:
    """One row as found: `place` says where (file and line, or the mail's origin)."""

    place: str
    id: str
    subject: str
    text: str
    labels: Mapping[str, str]
    acceptable: tuple[str, ...] = ()
    group: str = ""
    sender: str = ""

    def example(self) -> Example:
        """The row as the classifier learns it: cleaned and masked."""
        masked = masked_text(self.subject, self.text[:_LONGEST_TEXT])
        return Example(self.id, masked, self.labels, self.acceptable, self.group, self.sender)


def load_examples(path: Path, axes: Sequence[str], jobs: int = 1) -> list[Example]:
    """All labelled texts of a corpus; a single `label` counts for the first axis. Raises CorpusError."""
    if path.is_dir():
        return list(_from_folder(path, axes[0]))
    from joblib import Parallel, delayed

    rows = list(read_rows(path, axes))
    if jobs == 1 or len(rows) < 2_000:
        return [row.example() for row in rows]
    return list(Parallel(n_jobs=jobs)(delayed(row.example)() for row in rows))


def read_rows(path: Path, axes: Sequence[str]) -> Iterator[Row]:
    """Rows of a JSON Lines or CSV file. Raises CorpusError naming the file, the line and the key."""
    if not path.is_file():
        raise CorpusError(
            f"{path}: no such corpus: give a .jsonl or .csv file, or a folder with one sub-folder per label"
        )
    is_csv = path.suffix == ".csv"
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="") as file
        ):
            records = _csv_records(file, axes) if is_csv else _json_records(path, file)
            found = 0
            for line, content in records:
                found += 1
                yield _row(f"{path}, line {line}", content, axes, line)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 text ({error.reason}): save the corpus as UTF-8") from error
    except (OSError, EOFError, csv.Error) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error
    if not found:
        raise CorpusError(f"{path}: holds no row: nothing to use")


def read_texts(lines: Iterator[str]) -> Iterator[tuple[dict[str, Any], str]]:
    """(object, masked text) of JSON lines to predict: `text`, optional `subject`. Raises CorpusError with the line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            content = _json_object(f"standard input, line {number}", line)
            text, subject = _text_of(f"standard input, line {number}", content)
            yield content, masked_text(subject, text[:_LONGEST_TEXT])


def _json_records(path: Path, file: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield number, _json_object(f"{path}, line {number}", line)


def _json_object(place: str, line: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{place}: not JSON ({error}): write one object per line") from error
    if not isinstance(content, dict):
        raise CorpusError(
            f'{place}: not an object: write one object per line, such as {{"id": …, "text": …, "label": …}}'
        )
    return content


def _csv_records(file: Any, axes: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    head = file.readline()
    delimiter = ";" if head.count(";") > head.count(",") else "\t" if "\t" in head else ","
    names = next(csv.reader([head], delimiter=delimiter), [])
    reader = csv.DictReader(file, fieldnames=names, delimiter=delimiter)
    for content in reader:
        record = {key: value for key, value in content.items() if key}
        labels = {axis: record[axis] for axis in axes if record.get(axis)}
        yield reader.line_num + 1, record | ({"labels": labels} if labels and "label" not in record else {})


def _text_of(place: str, content: Mapping[str, Any]) -> tuple[str, str]:
    text, subject = content.get("text"), content.get("subject", "")
    if not isinstance(text, str):
        raise CorpusError(f"{place}, key 'text': missing or not a string: every row needs the mail's text")
    if subject is not None and not isinstance(subject, str):
        raise CorpusError(f"{place}, key 'subject': not a string")
    return text, subject or ""


def _row(place: str, content: Mapping[str, Any], axes: Sequence[str], line: int) -> Row:
    text, subject = _text_of(place, content)
    return Row(
        place=place,
        id=str(content.get("id", line)),
        subject=subject,
        text=text,
        labels=_labels(place, content, axes),
        acceptable=tuple(a for a in content.get("acceptable") or () if isinstance(a, str)),
        group=str(content.get("group") or ""),
        sender=str(content.get("sender") or ""),
    )


def _labels(place: str, content: Mapping[str, Any], axes: Sequence[str]) -> dict[str, str]:
    if "label" in content:
        found: Any = {axes[0]: content["label"]}
    elif "labels" in content:
        found = content["labels"]
    else:
        raise CorpusError(f"{place}: neither 'label' nor 'labels': every row needs one")
    if not isinstance(found, dict):
        raise CorpusError(f'{place}, key \'labels\': must be an object such as {{"service": "voirie"}}')
    for axis, label in found.items():
        if isinstance(label, list):
            raise CorpusError(
                f"{place}, axis {axis!r}: several labels for one text are not supported: keep the main one"
            )
        if not isinstance(label, str) or not label.strip():
            raise CorpusError(f"{place}, axis {axis!r}: the label must be a non-empty string, found {label!r}")
    return {axis: label.strip() for axis, label in found.items()}


def _from_folder(folder: Path, axis: str) -> Iterator[Example]:
    parts = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    labelled = [(p.stem if p.is_file() else p.name, p) for p in parts if p.is_dir() or p.suffix == ".mbox"]
    if not labelled:
        raise CorpusError(
            f"{folder}: no sub-folder and no .mbox file: put the mails of each label in a folder of its name"
        )
    for label, path in labelled:
        try:
            for raw in read(str(path)):
                yield Example(raw.origin, masked_mail(raw), {axis: label})
        except SourceError as error:
            raise CorpusError(f"label {label!r}: {error}") from error
