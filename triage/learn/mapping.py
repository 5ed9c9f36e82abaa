"""A mapping file -> what becomes of each label in a change of organisation.

axis = "service"                    # the default
name = "Nouvel organigramme 2027"   # optional, for the history

[[rename]]                          [[merge]]
from = "voirie_eclairage"           from = ["cimetieres", "etat_civil"]
to = "espace_public"                to = "etat_civil"

[[split]]                           [[retire]]
from = "scolaire_periscolaire"      from = "zfe"
to = ["scolaire", "periscolaire"]
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.errors import UsageError

_KINDS = ("rename", "merge", "split", "retire")
_KEYS = {"rename": ("from", "to"), "merge": ("from", "to"), "split": ("from", "to"), "retire": ("from",)}
_TABLE = re.compile(r"[ \t]*\[\[[ \t]*[\"']?(\w+)[\"']?[ \t]*\]\]")


@dataclass(frozen=True)
class Change:
    """One block of the file. `new` is empty for a retired label, holds several for a split one."""

    kind: str
    place: str  # file, line, block
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Reorganisation:
    """All changes of one axis; `digest` are the first twelve digits of the file's SHA-256."""

    path: Path
    name: str
    axis: str
    changes: tuple[Change, ...]
    digest: str

    @property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """Old label -> the labels that take its place: one, several after a split, none once retired."""
        return {old: change.new for change in self.changes for old in change.old}

    def now(self, label: str) -> tuple[str, ...]:
        """What a label has become; itself where nothing is said of it."""
        return self.successors.get(label, (label,))


def read_mapping(path: Path) -> Reorganisation:
    """Read a mapping file and check it in itself. Raises UsageError naming file, line and key."""
    try:
        content = path.read_bytes()
        found: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read ({error.strerror}): give a mapping file (see `triage reorganise -h`)"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from error
    known = ("axis", "name", *_KINDS)
    if unknown := sorted(found.keys() - set(known)):
        raise UsageError(
            f"{path}, key {unknown[0]!r}: unknown{_hint(unknown[0], known)}; known keys: {', '.join(known)}"
        )
    for key in ("axis", "name"):
        if not isinstance(found.get(key, ""), str):
            raise UsageError(f"{path}, key {key!r}: must be a string")
    changes = tuple(_changes(path, found, content.decode("utf-8-sig")))
    if not changes:
        raise UsageError(f"{path}: says nothing: write [[rename]], [[merge]], [[split]] or [[retire]] blocks")
    _consistent(changes)
    axis, digest = found.get("axis") or "service", sha256(content).hexdigest()[:12]
    return Reorganisation(path, found.get("name") or path.stem, axis, changes, digest)


def faults(mapping: Reorganisation, known: Collection[str], where: Path) -> list[str]:
    """What contradicts the profile as it must be after the change, which has the labels `known`; one line each."""
    found = []
    for change in mapping.changes:
        found += [
            f"{change.place}, key 'to': {label!r} is not in {where}: add it there{_hint(label, known)}"
            for label in change.new
            if label not in known
        ]
        found += [
            f"{change.place}, key 'from': {label!r} is still in {where}: remove it there, or it can be predicted again"
            for label in change.old
            if label in known and label not in change.new
        ]
    return found


def _changes(path: Path, found: Mapping[str, Any], text: str) -> Iterator[Change]:
    lines = _lines(text)
    for kind in _KINDS:
        blocks = found.get(kind, [])
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise UsageError(f"{path}, key {kind!r}: must be blocks that begin with [[{kind}]]")
        for number, block in enumerate(blocks):
            line = lines.get(kind, [])[number : number + 1]
            place = f"{path}, {f'line {line[0]}, ' if line else ''}{kind} {number + 1}"
            yield _change(kind, place, block)


def _lines(text: str) -> dict[str, list[int]]:
    """Kind of block -> the lines its blocks begin at."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if head := _TABLE.match(line):
            found.setdefault(head[1], []).append(number)
    return found


def _change(kind: str, place: str, block: Mapping[str, Any]) -> Change:
    if unknown := sorted(block.keys() - set(_KEYS[kind])):
        raise UsageError(f"{place}, key {unknown[0]!r}: unknown: a {kind} has {' and '.join(_KEYS[kind])}")
    old = _labels(place, block, "from")
    new = _labels(place, block, "to") if "to" in _KEYS[kind] else ()
    wanted = {"rename": (1, 1), "merge": (None, 1), "split": (1, None), "retire": (None, 0)}[kind]
    for key, labels, count in (("from", old, wanted[0]), ("to", new, wanted[1])):
        if count == 1 and len(labels) > 1:
            raise UsageError(f"{place}, key {key!r}: a {kind} takes one label here, found {len(labels)}")
    if kind == "merge" and len(old) < 2:
        raise UsageError(f"{place}, key 'from': a merge needs at least two labels: use [[rename]] for one")
    if kind == "split" and len(new) < 2:
        raise UsageError(f"{place}, key 'to': a split needs at least two labels: use [[rename]] for one")
    if kind == "rename" and old == new:
        raise UsageError(f"{place}, key 'to': {new[0]!r} is the label it had: remove this block")
    return Change(kind, place, old, new)


def _labels(place: str, block: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if key not in block:
        raise UsageError(f"{place}, key {key!r}: missing")
    given = block[key] if isinstance(block[key], list) else [block[key]]
    if not given or not all(isinstance(label, str) and label.strip() for label in given):
        raise UsageError(f'{place}, key {key!r}: must be a label or a list of labels, such as "etat_civil"')
    labels = tuple(label.strip() for label in given)
    if len(set(labels)) < len(labels):
        raise UsageError(f"{place}, key {key!r}: names {Counter(labels).most_common(1)[0][0]!r} twice")
    return labels


def _consistent(changes: Sequence[Change]) -> None:
    """All changes happen at once: no label leaves twice, none arrives from two blocks or from a block and leaves."""
    leaves: dict[str, Change] = {}
    arrives: dict[str, Change] = {}
    for change in changes:
        for label in change.old:
            if label in leaves:
                raise UsageError(f"{change.place}, key 'from': {label!r} is already in {leaves[label].place}")
            leaves[label] = change
        for label in change.new:
            if label in arrives:
                raise UsageError(
                    f"{change.place}, key 'to': {label!r} comes from {arrives[label].place} too: write one [[merge]]"
                )
            arrives[label] = change
    for label, change in arrives.items():
        if label in leaves and leaves[label] is not change:
            raise UsageError(
                f"{leaves[label].place}, key 'from': {label!r} is what {change.place} makes: "
                "all changes happen at once: write the final label"
            )


def _hint(label: str, known: Collection[str]) -> str:
    near = get_close_matches(label, known, 1, 0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
