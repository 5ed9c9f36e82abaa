"""A change of organisation -> corpora, verdicts and statistics in the new labels, nothing relabelled by hand.

What is renamed or merged follows. What is split waits for a human (`candidates` says between which labels), what is
retired keeps its text and loses its label.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.corpus import json_rows, read_rows
from triage.errors import UsageError
from triage.journal import Entry, Journal
from triage.journal.corrections import Correction, Corrections
from triage.journal.reorganisations import Applied, Reorganisations
from triage.learn.collect import as_object
from triage.learn.corrections import Standing, standing
from triage.learn.mapping import Reorganisation
from triage.write import whole_file

VIA = "reorganisation"  # of the corrections it adds
_MARK = "reorganised"
_TOGETHER = 500  # outcomes written at once


@dataclass
class Moved:
    """Counts: `renamed` follow their label, renamed or merged; `split` wait for a human; `retired` have no label."""

    seen: int = 0
    renamed: int = 0
    split: int = 0
    retired: int = 0
    labels: Counter[str] = field(default_factory=Counter)  # « old -> new »

    def count(self, old: str, new: Sequence[str]) -> None:
        """One more label `old` that became `new`."""
        self.renamed += len(new) == 1
        self.split += len(new) > 1
        self.retired += not new
        self.labels[f"{old} -> {' | '.join(new) or '(retired)'}"] += 1


@dataclass(frozen=True)
class Followed:
    """What a journal's reorganisation changed, or would."""

    verdicts: Moved
    outcomes: Moved


def rewrite_corpus(path: Path, mapping: Reorganisation, to: Path | None) -> Moved:
    """Write a corpus in the new labels to `to` as JSON Lines; None only counts. Raises CorpusError or UsageError."""
    moved = Moved()
    objects = [translated(row, mapping, moved) for row in _objects(path, mapping.axis)]
    if to is not None:
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects).encode()
        with whole_file(to) as file:
            file.write(gzip.compress(content, mtime=0) if to.suffix == ".gz" else content)
        to.chmod(path.stat().st_mode & 0o666 if path.is_file() else 0o600)
    return moved


def beside(path: Path, mapping: Reorganisation, folder: Path | None) -> Path:
    """Where the new form of a corpus goes: next to it, or into a folder, named after the mapping."""
    ends = next((end for end in (".jsonl.gz", ".jsonl", ".csv.gz", ".csv") if path.name.endswith(end)), "")
    gz = ".gz" if ends.endswith(".gz") else ""
    return (folder or path.parent) / f"{path.name.removesuffix(ends)}.{mapping.path.stem}.jsonl{gz}"


def _objects(path: Path, axis: str) -> Iterator[dict[str, Any]]:
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from json_rows(path)
    else:
        yield from (as_object(row) for row in read_rows(path, [axis]))


def translated(row: Mapping[str, Any], mapping: Reorganisation, moved: Moved) -> dict[str, Any]:
    """A row in the new labels. A row that has been through this mapping stays as it is."""
    moved.seen += 1
    if mapping.digest in row.get(_MARK, ()):
        return dict(row)
    found = dict(row)
    label = _label(row, mapping.axis)
    if label is not None and label in mapping.successors:
        moved.count(label, mapping.now(label))
        _set_label(found, mapping.axis, mapping.now(label))
    if mapping.axis == "service":
        kept = _label(found, "service")
        for key in ("acceptable", "secondary"):
            if isinstance(row.get(key), list):
                every = [new for old in row[key] for new in (mapping.now(old) if isinstance(old, str) else ())]
                found[key] = [one for one in dict.fromkeys(every) if one != kept]
    return found if found == row else found | {_MARK: [*row.get(_MARK, ()), mapping.digest]}


def _label(row: Mapping[str, Any], axis: str) -> str | None:
    labels = row["labels"] if isinstance(row.get("labels"), dict) else {axis: row.get("label")}
    label = labels.get(axis)
    return label.strip() if isinstance(label, str) else None


def _set_label(row: dict[str, Any], axis: str, new: Sequence[str]) -> None:
    if len(new) == 1 and "label" in row:
        row["label"] = new[0]
        return
    others = row.pop("labels", None) if "label" not in row else {}
    row.pop("label", None)
    row["labels"] = {name: one for name, one in (others or {}).items() if name != axis}
    if len(new) == 1:
        row["labels"] = {axis: new[0], **row["labels"]}
    elif new:
        row["candidates"] = {**row.get("candidates", {}), axis: list(new)}


def follow(journal: Journal, corrections: Corrections, mapping: Reorganisation, by: str, *, dry: bool) -> Followed:
    """Bring a journal's verdicts and outcomes into the new labels. Raises UsageError where that was done before.

    Verdicts are added, as nothing said is ever changed. Outcomes of retired and split labels stay what they were.
    """
    history = Reorganisations(journal)
    if done := next((one for one in history.all() if one.digest == mapping.digest), None):
        raise UsageError(f"{mapping.path}: was applied to this journal on {done.at} by {done.by}: nothing to do")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found = Followed(Moved(), Moved())
    added = list(_verdicts(standing(corrections.all()), mapping, found.verdicts))
    part: list[Entry] = []
    for entry in journal.entries():
        changed = _outcome(entry, mapping, f"{mapping.name}, {now[:10]}", found.outcomes)
        part += [changed] if changed else []
        if len(part) == _TOGETHER and not dry:
            journal.add(part, [])
            part = []
    if dry:
        return found
    journal.add(part, [])
    corrections.add(added)
    if mapping.axis == "service":
        follows = {old: new[0] for old, new in mapping.successors.items() if len(new) == 1}
        journal.rename_mailboxes(follows)
    history.add(Applied(mapping.digest, now, by, mapping.name, mapping.axis, json.dumps(mapping.successors)))
    return found


def _verdicts(stands: Mapping[str, Standing], mapping: Reorganisation, moved: Moved) -> Iterator[Correction]:
    for one in stands.values():
        moved.seen += 1
        label = getattr(one, mapping.axis, None)
        if label is None or label not in mapping.successors:
            continue
        new = mapping.now(label)
        moved.count(label, new)
        if new != (label,):
            yield _again(one, mapping.axis, new[0] if len(new) == 1 else None)


def _again(one: Standing, axis: str, label: str | None) -> Correction:
    """The same agent's verdict, of the same day, in the new labels; without one, what was said of other fields."""
    return Correction(
        digest=one.digest,
        at=one.at,
        by=one.by,
        via=VIA,
        model=one.model,
        said=json.dumps(one.said, ensure_ascii=False),
        withdrawn=True,
        **(one.given | {axis: label}),
    )


def _outcome(entry: Entry, mapping: Reorganisation, when: str, moved: Moved) -> Entry | None:
    """The outcome in the new labels; its reasons tell the old one. None where nothing changes."""
    moved.seen += 1
    follows = {old: new[0] for old, new in mapping.successors.items() if len(new) == 1 and new != (old,)}
    line = json.loads(entry.record)
    said = line.get(mapping.axis)
    if not said or not follows.keys() & {entry.service, *(label for label, _ in said["ranking"])}:
        return None
    shares: Counter[str] = Counter()
    for label, share in said["ranking"]:
        shares[follows.get(label, label)] += share
    said["ranking"] = [[label, min(1.0, share)] for label, share in shares.most_common()]
    said["label"] = follows.get(said["label"], said["label"])
    if said["ranking"]:
        said["confidence"] = said["ranking"][0][1]
    if mapping.axis != "service":
        return entry._replace(record=json.dumps(line, ensure_ascii=False))
    decision = line.get("decision")
    if entry.service in follows:
        moved.count(entry.service, (follows[entry.service],))
        told = f"{when} : le service {entry.service} est devenu {follows[entry.service]}"
        decision["service"] = follows[entry.service]
        decision["reasons"] = [*decision["reasons"], told]
    service = follows.get(entry.service or "", entry.service)
    return entry._replace(service=service, record=json.dumps(line, ensure_ascii=False))
