"""Labelled corpora, in every form an administration has them, as examples for the classifier.

file.jsonl[.gz]   `id`, `text`, optional `subject`, and `label` or `labels` {"service": …, "nature": …}
file.csv          the same columns (`label`, or one column per axis)
folder            one sub-folder of mails, one .mbox file or one Maildir per label
"""

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.classify.examples import Example
from triage.classify.traits import traits_of
from triage.decide.decision import READ_BY_HUMANS
from triage.errors import CorpusError, SourceError
from triage.parse import parse
from triage.pipeline import cleaned, cleaned_text
from triage.read import read
from triage.types import CleanText, RawMessage

_LONGEST_TEXT = 200_000
_FILES = (".jsonl", ".jsonl.gz", ".csv")
# Cut emoji, as programs that count in UTF-16 leave them: no encoder and no tokeniser takes half a character.
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


# Called with the fault of a row that cannot be used; without one the first fault is raised.
Refuse = Callable[[CorpusError], None]


class SeveralLabelsError(CorpusError):
    """The corpus gives a text several labels on one axis, which is no slip of one row: nothing of it is used."""


@dataclass(frozen=True)
class Row:
    """One labelled text: `place` says where it was found (file and line, or the mail's origin).

    `masked` is what the classifier sees of it; `own_text`, where a corpus has it, the truth of what cleaning must keep.
    `traits` are those the corpus itself says (voice, form, second request); the text's own are computed on demand.
    `candidates`: by axis, the labels among which a human has yet to choose after a change of organisation.
    `flags` are all the mail has, None where nobody said.
    """

    place: str
    id: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    labels: Mapping[str, str]
    acceptable: tuple[str, ...] = ()
    group: str = ""
    sender: str = ""
    own_text: str | None = field(repr=False, default=None)
    mail: RawMessage | None = field(repr=False, default=None)
    secondary: tuple[str, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] | None = None

    def example(self, traits: bool = False) -> Example:
        """The row as the classifier learns it: cleaned and masked; with its subgroups when `traits` are asked."""
        clean = self.cleaned()
        return Example(
            id=self.id,
            text=clean.masked,
            labels=self.labels,
            acceptable=self.acceptable,
            group=self.group,
            sender=self.sender,
            secondary=self.secondary,
            origin=self.origin,
            traits={**traits_of(clean), **self.traits} if traits else {},
            flags=self.flags,
        )

    def cleaned(self) -> CleanText:
        """The row read as the mail it is."""
        return cleaned(self.mail) if self.mail else cleaned_text(self.subject, self.text[:_LONGEST_TEXT])


def load_examples(
    paths: Sequence[Path], axes: Sequence[str], jobs: int = 1, refuse: Refuse | None = None, traits: bool = False
) -> list[Example]:
    """All labelled texts of some corpora; a single `label` counts for the first axis. Raises CorpusError.

    `traits` adds the subgroups evaluation reports on; training needs none of them.
    """
    from joblib import Parallel, delayed

    rows = [row for path in paths for row in read_rows(path, axes, refuse)]
    if jobs == 1 or len(rows) < 2_000:
        return [row.example(traits) for row in rows]
    return list(Parallel(n_jobs=jobs)(delayed(row.example)(traits) for row in rows))


def read_rows(path: Path, axes: Sequence[str], refuse: Refuse | None = None) -> Iterator[Row]:
    """Rows of a corpus of any form. Raises CorpusError naming the file, the line and the key; see Refuse."""
    if path.is_dir():
        yield from _from_folder(path, axes[0], refuse)
    else:
        yield from _from_file(path, axes, refuse)


def read_unlabelled(source: str, axes: Sequence[str], refuse: Refuse | None = None) -> Iterator[Row]:
    """Texts to label: a .jsonl or .csv file, labels optional, or mail from any source, less what no human wrote.

    Raises CorpusError or SourceError.
    """
    if source.endswith(_FILES):
        yield from _from_file(Path(source), axes, refuse, labelled=False)
        return
    for raw in read(source):
        message = parse(raw)
        if message.kind in READ_BY_HUMANS:
            yield Row(raw.origin, raw.origin, message.subject, message.body, {}, mail=raw)


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a .jsonl[.gz] corpus as they are. Raises CorpusError naming the line."""
    if not path.is_file():
        raise CorpusError(f"{path}: no such corpus")
    for line, content in _records(path, ()):
        yield _json_object(f"{path}, line {line}", str(content))


def _from_file(path: Path, axes: Sequence[str], refuse: Refuse | None, *, labelled: bool = True) -> Iterator[Row]:
    if not path.is_file():
        raise CorpusError(
            f"{path}: no such corpus: give a .jsonl or .csv file, or a folder with one sub-folder per label"
        )
    found = 0
    for line, content in _records(path, axes):
        found += 1
        try:
            yield _row(f"{path}, line {line}", content, axes, line, labelled=labelled)
        except CorpusError as error:
            if refuse is None or isinstance(error, SeveralLabelsError):
                raise
            refuse(error)
    if not found:
        raise CorpusError(f"{path}: holds no row: nothing to use")


def _records(path: Path, axes: Sequence[str]) -> Iterator[tuple[int, str | dict[str, Any]]]:
    """(line number, line or cells by column name) of a file. Raises CorpusError."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig", newline="") as file
        ):
            if path.suffix == ".csv":
                yield from _csv_records(file, axes)
            else:
                yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 text ({error.reason}): save the corpus as UTF-8") from error
    except (OSError, EOFError, csv.Error) as error:
        raise CorpusError(f"{path}: cannot be read: {error}") from error


def read_texts(lines: Iterator[str]) -> Iterator[tuple[dict[str, Any], str | CorpusError]]:
    """(object, masked text) of JSON lines to predict: `text`, optional `subject`; instead of a text, what is wrong."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place, content = f"standard input, line {number}", {}
        try:
            content = _json_object(place, line)
            text, subject = _text_of(place, content)
            yield content, cleaned_text(subject, text[:_LONGEST_TEXT]).masked
        except CorpusError as error:
            yield content, error


def _json_object(place: str, line: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
        if _HALF_CHARACTER.search(line):
            content = json.loads(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
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
    line = 2
    for content in reader:
        record = {key: value for key, value in content.items() if key}
        labels = {axis: record[axis] for axis in axes if record.get(axis)}
        yield line, record | ({"labels": labels} if labels and "label" not in record else {})
        line = reader.line_num + 2


def _text_of(place: str, content: Mapping[str, Any]) -> tuple[str, str]:
    text, subject = content.get("text"), content.get("subject", "")
    if not isinstance(text, str):
        raise CorpusError(f"{place}, key 'text': missing or not a string: every row needs the mail's text")
    if subject is not None and not isinstance(subject, str):
        raise CorpusError(f"{place}, key 'subject': not a string")
    return text, subject or ""


def _row(place: str, record: str | Mapping[str, Any], axes: Sequence[str], line: int, *, labelled: bool = True) -> Row:
    content = _json_object(place, record) if isinstance(record, str) else record
    text, subject = _text_of(place, content)
    return Row(
        place=place,
        id=str(line if content.get("id") is None else content["id"]),
        subject=subject,
        text=text,
        labels=_labels(place, content, axes) if labelled or content.get("label") or content.get("labels") else {},
        acceptable=_several(place, content, "acceptable"),
        group=str(content.get("group") or ""),
        sender=str(content.get("sender") or ""),
        own_text=content["own_text"] if isinstance(content.get("own_text"), str) else None,
        secondary=_several(place, content, "secondary"),
        traits=_said_traits(content),
        origin=content["origin"] if isinstance(content.get("origin"), str) else "",
        candidates=_candidates(content),
        flags=_several(place, content, "flags") if content.get("flags") is not None else None,
    )


def _candidates(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    given = content.get("candidates")
    if not isinstance(given, dict):
        return {}
    return {str(axis): tuple(map(str, labels)) for axis, labels in given.items() if isinstance(labels, list)}


def _several(place: str, content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Labels beside the main one: a list of them, or a string, as in a CSV cell, with « | » between them."""
    found = content.get(key) or []
    if isinstance(found, str):
        return tuple(label.strip() for label in found.split("|") if label.strip())
    if not isinstance(found, list) or not all(isinstance(label, str) for label in found):
        raise CorpusError(f"{place}, key '{key}': must be a list of labels, found {found!r}")
    return tuple(found)


def _said_traits(content: Mapping[str, Any]) -> dict[str, str]:
    """The subgroups a corpus tells itself: how it was written (`spec`), whether it holds a second request."""
    spec = content.get("spec")
    said = (
        {key: spec[key] for key in ("voice", "form") if isinstance(spec.get(key), str)}
        if isinstance(spec, dict)
        else {}
    )
    return said | ({"second_request": "yes" if content["secondary"] else "no"} if "secondary" in content else {})


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
            raise SeveralLabelsError(
                f"{place}, axis {axis!r}: several labels for one text are not supported: "
                "keep the main one, and name the others in 'acceptable' or 'secondary'"
            )
        if not isinstance(label, str) or not label.strip():
            raise CorpusError(f"{place}, axis {axis!r}: the label must be a non-empty string, found {label!r}")
    return {axis: label.strip() for axis, label in found.items()}


def _from_folder(folder: Path, axis: str, refuse: Refuse | None) -> Iterator[Row]:
    parts = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    labelled = [(p.stem if p.is_file() else p.name, p) for p in parts if p.is_dir() or p.suffix == ".mbox"]
    if not labelled:
        raise CorpusError(
            f"{folder}: no sub-folder and no .mbox file: put the mails of each label in a folder of its name"
        )
    for label, path in labelled:
        try:
            for raw in read(str(path)):
                message = parse(raw)
                yield Row(raw.origin, raw.origin, message.subject, message.body, {axis: label}, mail=raw)
        except SourceError as error:
            fault = CorpusError(f"label {label!r}: {error}")
            if refuse is None:
                raise fault from error
            refuse(fault)
