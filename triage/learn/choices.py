"""The labels a session may give, and a key of the keyboard for each."""

import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.errors import UsageError
from triage.text import fold

_CUT = re.compile(r"\s*[;\t=]\s*")
_KEYS = string.ascii_lowercase + string.digits


def read_labels(path: Path) -> dict[str, str]:
    """Label to name: a profile's TOML file (`[[service]]`, id and name), or text: a label a line, `label ; name`.

    Raises UsageError naming the line or the key.
    """
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}): give a file with one label a line") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text: save it as UTF-8") from error
    found = _from_toml(path, text) if path.suffix == ".toml" else _from_lines(path, text)
    if len(found) < 2:
        raise UsageError(f"{path}: holds {len(found)} label: at least two are needed")
    return found


def _from_lines(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        label, *name = _CUT.split(line.strip(), 1)
        if not label or label.startswith("#"):
            continue
        if label in found:
            raise UsageError(f"{path}, line {number}: label {label!r} stands there twice")
        found[label] = name[0] if name and name[0] else label
    return found


def _from_toml(path: Path, text: str) -> dict[str, str]:
    try:
        content: Mapping[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from error
    blocks = next((value for value in content.values() if isinstance(value, list)), [])
    found: dict[str, str] = {}
    for number, block in enumerate(blocks, 1):
        label = block.get("id") if isinstance(block, dict) else None
        if not isinstance(label, str) or not label:
            raise UsageError(f"{path}, block {number}, key 'id': missing: each label needs one")
        if label in found:
            raise UsageError(f"{path}, block {number}, key 'id': {label!r} stands there twice")
        found[label] = str(block.get("name") or label)
    return found


def keys_of(labels: Mapping[str, str]) -> dict[str, str]:
    """Key to label: a letter of its name where one is free, best its first; none beyond 36 labels."""
    found: dict[str, str] = {}
    for label, name in labels.items():
        wanted = [key for key in [*_letters(name), *_letters(label), *_KEYS] if key not in found]
        if wanted:
            found[wanted[0]] = label
    return found


def _letters(name: str) -> list[str]:
    """The first letters of the words, then all letters."""
    words = re.findall(r"[a-z0-9]+", fold(name))
    return [word[0] for word in words] + [letter for word in words for letter in word]


def matching(typed: str, labels: Mapping[str, str], among: Sequence[str]) -> list[str]:
    """The labels that what was typed may mean: a word of the name or of the label begins so, else it is inside."""
    wanted = fold(typed.strip())
    said = {label: fold(f"{label.replace('_', ' ')} {labels.get(label, '')} {label}") for label in among}
    begins = [label for label in among if f" {wanted}" in f" {said[label]}"]
    return begins or [label for label in among if wanted in said[label]]
