"""The administration's own texts, as passages short enough to be quoted: Markdown, plain text, past replies,
sheets of service-public.

    *.md, *.txt   `---`, one line each for `title`, `link`, `date: 2026-01-06`, `services: a, b` (whom it concerns),
                  `words: procuration, voter à ma place` (the question must hold one), `---`, then the text; each
                  `## heading` starts a passage, and so does every 600 characters
    *.jsonl       replies an agent confirmed: `question`, `reply` and, where known, the same keys
    *.xml         sheets of service-public, as its open data gives them

Whoever fills such a folder answers for its texts; only numbers that no letter may hold are refused.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.draft.discretion import secrets
from triage.draft.sheets import read_sheet
from triage.errors import ProfileError

LONGEST_PASSAGE = 600  # characters
LARGEST_FILE = 5_000_000  # bytes
_KEYS = ("title", "link", "date", "services", "words")
_LISTS = ("services", "words")
_SUFFIXES = (".md", ".txt", ".jsonl", ".xml")
_HEAD = re.compile(r"---[ \t]*\n(.{0,4000}?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.{1,200})$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)")
_MARKS = re.compile(r"^[ \t]*(?:[>*+-]|\d{1,2}\.)[ \t]+|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?;…]) ")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Text:
    """A passage as it lies in a folder. `about` are words it answers besides its own.

    `services`: of which a question may be; `words`: beginnings of words, of which it must hold one; empty: any.
    """

    body: str
    title: str
    link: str = ""
    written: date | None = None
    services: tuple[str, ...] = ()
    about: str = ""
    words: tuple[str, ...] = ()


def read_texts(folder: Path) -> list[Text]:
    """Every passage of a folder and of those in it, by file name. Raises ProfileError naming file and key."""
    return [text for path in text_files(folder) for text in read_text(path)]


def texts_digest(folders: Iterable[Path]) -> str:
    """Twelve hexadecimal digits that change with any change of these folders' texts."""
    found = sha256()
    for path in (path for folder in folders for path in text_files(folder)):
        found.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


def text_files(folder: Path) -> list[Path]:
    """The files of a folder, and of those in it, that hold passages."""
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def read_text(path: Path) -> Iterator[Text]:
    """Yield the passages of one file. Raises ProfileError."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ProfileError(f"{path}: over {LARGEST_FILE:,} bytes: cut it into several files")
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: cannot be read: {error}") from error
    made = {".jsonl": _replies, ".xml": _sheet}.get(path.suffix, _passages)(path, content)
    for text in made:
        for kind, _ in secrets(f"{text.title} {text.body}"):
            raise ProfileError(f"{path}: {text.title!r} holds what looks like a {kind}, which no letter may: remove it")
        yield text


def _passages(path: Path, content: str) -> Iterator[Text]:
    head = _HEAD.match(content)
    known = _header(path, head[1]) if head else {}
    parts = _HEADING.split(content[head.end() :] if head else content)  # text, heading, text, heading, text…
    title = known.pop("title", "") or (_clean(parts[1]) if len(parts) > 1 else path.stem.replace("-", " "))
    for heading, part in zip(["", *parts[1::2]], parts[::2], strict=True):
        under = _clean(heading)
        full = f"{title} – {under}" if under and under != title else title
        yield from (Text(body, full, **known) for body in _cut(_clean(part)))


def _header(path: Path, head: str) -> dict[str, Any]:
    pairs = dict(line.partition(":")[::2] for line in head.splitlines() if line.strip())
    return _known(str(path), {key.strip(): value.strip() for key, value in pairs.items()})


def _known(place: str, given: dict[str, Any]) -> dict[str, Any]:
    """The header's keys as `Text` takes them."""
    for key, value in given.items():
        if key not in _KEYS or not isinstance(value, str):
            raise ProfileError(f"{place}: key {key!r}: write one line each for {', '.join(_KEYS)}")
    found: dict[str, Any] = {key: _clean(given[key]) for key in ("title", "link") if key in given}
    for key in _LISTS:
        found[key] = tuple(part.strip() for part in given.get(key, "").split(",") if part.strip())
    if given.get("date"):
        try:
            found["written"] = date.fromisoformat(given["date"])
        except ValueError as error:
            raise ProfileError(f"{place}: key 'date': {given['date']!r} is no date such as 2026-01-31") from error
    return found


def _replies(path: Path, content: str) -> Iterator[Text]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            given = json.loads(line)
            question, reply = str(given.pop("question")), str(given.pop("reply"))
        except (ValueError, RecursionError, KeyError, AttributeError, TypeError) as error:
            raise ProfileError(f"{place}: needs a JSON object with 'question' and 'reply'") from error
        known = {"title": "Réponse déjà donnée par nos services", **_known(place, given)}
        yield from (Text(body, about=_clean(question)[:LONGEST_PASSAGE], **known) for body in _cut(_clean(reply)))


def _sheet(path: Path, content: str) -> Iterator[Text]:
    try:
        sheet = read_sheet(content)
    except ValueError as error:
        raise ProfileError(f"{path}: {error}") from error
    written = date.fromisoformat(sheet.written) if sheet.written else None
    for heading, part in sheet.parts:
        title = f"{sheet.title} – {heading}" if heading else sheet.title
        yield from (Text(body, title, sheet.link, written) for body in _cut(_clean(part)))


def _clean(text: str) -> str:
    """Text on one line without Markdown marks or characters that do not print."""
    return " ".join(_CONTROL.sub(" ", _MARKS.sub("", _LINK.sub(r"\1", text))).split())


def _cut(text: str) -> Iterator[str]:
    """A text in parts of at most 600 characters, each of whole sentences where that can be."""
    part = ""
    for sentence in _SENTENCE.split(text):
        if part and len(part) + 1 + len(sentence) > LONGEST_PASSAGE:
            yield part
            part = ""
        part = f"{part} {sentence}".strip()
        while len(part) > LONGEST_PASSAGE:
            end = part.rfind(" ", 1, LONGEST_PASSAGE)
            end = end if end > 0 else LONGEST_PASSAGE
            yield part[:end]
            part = part[end:].strip()
    if part:
        yield part
