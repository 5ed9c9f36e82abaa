"""Faults of a labelled corpus, found before they cost a model: `triage check CORPUS`."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from triage.classify.duplicates import Near, near_duplicates
from triage.classify.examples import Example
from triage.classify.suspects import Suspect, suspicious
from triage.corpus import Row, read_rows
from triage.errors import CorpusError
from triage.extract import find_facts
from triage.text import fold

# Fewer texts than folds of a cross-validation cannot even be measured; under twenty a label is hardly learned.
FEW_TEXTS = 20
_LEAST_LOST = 0.2
# Numbers that ARCEP keeps for fiction (décision 2018-0881), as E.164; domains nobody can own (RFC 2606), and ours.
_FICTION_PHONES = ("+33199", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
_FICTION_DOMAINS = re.compile(
    r"@(?:.*[.-])?(?:example|exemple)\.(?:com|org|net|fr)$|\.(?:test|example|invalid|localhost)$"
)
_FICTION: Mapping[str, Callable[[str], bool]] = {
    "phone": lambda value: value.startswith(_FICTION_PHONES),
    "email": lambda value: bool(_FICTION_DOMAINS.search(value)),
    "iban": lambda value: value[4:9] == "99999",
    "nir": lambda value: value[5:10] == "99999",
}

Report = Callable[[str], None]


@dataclass(frozen=True)
class Loss:
    """A row of which cleaning loses own words; `share` in [0, 1]."""

    id: str
    place: str
    share: float


@dataclass(frozen=True)
class Contradiction:
    """Rows of one text, or nearly, that bear different labels on an axis."""

    ids: tuple[str, ...]
    places: tuple[str, ...]
    axis: str
    labels: tuple[str, ...]
    similarity: float


@dataclass(frozen=True)
class Quality:
    """What was found. Rows are named by id and place, never by their text."""

    corpus: str
    rows: int
    refused: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    unknown: Mapping[str, Mapping[str, int]]
    foreign_axes: tuple[str, ...]
    repeated_ids: tuple[str, ...]
    copies: tuple[tuple[str, ...], ...]
    near_copies: tuple[tuple[str, str, float], ...]
    contradictions: tuple[Contradiction, ...]
    suspects: tuple[Suspect, ...]
    personal_data: Mapping[str, tuple[str, ...]]
    lost: tuple[Loss, ...]
    lost_share: float | None
    kept_share: float
    few: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def faults(self) -> int:
        """What makes a corpus wrong; the rest is for a human to look at."""
        unknown = sum(len(labels) for labels in self.unknown.values())
        exact = sum(found.similarity == 1 for found in self.contradictions)
        return len(self.refused) + unknown + len(self.repeated_ids) + exact

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON-ready values."""
        content = asdict(self) | {"faults": self.faults}
        content["suspects"] = [
            {
                "id": suspect.example.id,
                "axis": suspect.axis,
                "label": suspect.label,
                "label_confidence": suspect.label_confidence,
                "suggested": suspect.suggested,
                "suggested_confidence": suspect.suggested_confidence,
            }
            for suspect in self.suspects
        ]
        return content


def check_corpus(paths: Sequence[Path], known: Mapping[str, set[str]], seed: int, report: Report) -> Quality:
    """Read and judge corpora as one; `known` gives the labels of each axis. Raises CorpusError for one unreadable."""
    refused: list[str] = []
    report("reading and cleaning")
    rows = [row for path in paths for row in read_rows(path, list(known), lambda error: refused.append(str(error)))]
    cleaned = [row.cleaned() for row in rows]
    examples = [
        Example(row.id, text.masked, row.labels, row.acceptable, row.group, row.sender)
        for row, text in zip(rows, cleaned, strict=True)
    ]
    counts = _counts(rows)
    foreign = tuple(axis for axis, labels in counts.items() if axis not in known or not known[axis] & labels.keys())
    report("comparing texts")
    copies, near = _copies(rows), near_duplicates([f"{row.subject}\n{row.text}" for row in rows])
    losses = _losses(rows, [text.body for text in cleaned])
    return Quality(
        corpus=", ".join(map(str, paths)),
        rows=len(rows),
        refused=tuple(refused),
        counts=counts,
        unknown={
            axis: {label: n for label, n in labels.items() if label not in known[axis]}
            for axis, labels in counts.items()
            if axis not in foreign
        },
        foreign_axes=foreign,
        repeated_ids=tuple(name for name, n in Counter(row.id for row in rows).items() if n > 1),
        copies=tuple(tuple(rows[i].id for i in members) for members in copies),
        near_copies=tuple((rows[n.first].id, rows[n.second].id, n.similarity) for n in near if n.similarity < 1),
        contradictions=tuple(_contradictions(rows, copies, near)),
        suspects=tuple(_suspects(examples, counts, seed, report)),
        personal_data=_personal_data(rows),
        lost=tuple(loss for loss in losses if loss.share >= _LEAST_LOST),
        lost_share=_lost_share(rows, losses),
        kept_share=_kept_share(rows, [text.body for text in cleaned]),
        few={axis: {label: n for label, n in labels.items() if n < FEW_TEXTS} for axis, labels in counts.items()},
    )


def _counts(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for axis, label in row.labels.items():
            counts[axis][label] += 1
    return {axis: dict(labels.most_common()) for axis, labels in counts.items()}


def _copies(rows: Sequence[Row]) -> list[list[int]]:
    """Rows of one text but for capitals, accents and spaces."""
    same: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        same[" ".join(fold(f"{row.subject} {row.text}").split())].append(i)
    return [members for members in same.values() if len(members) > 1]


def _contradictions(
    rows: Sequence[Row], copies: Sequence[Sequence[int]], near: Sequence[Near]
) -> Iterator[Contradiction]:
    together = [(members, 1.0) for members in copies] + [((n.first, n.second), n.similarity) for n in near]
    seen: set[tuple[tuple[int, ...], str]] = set()
    for members, similarity in together:
        for axis in sorted({axis for i in members for axis in rows[i].labels}):
            labels = tuple(sorted({rows[i].labels[axis] for i in members if axis in rows[i].labels}))
            if len(labels) > 1 and (tuple(members), axis) not in seen:
                seen.add((tuple(members), axis))
                ids, places = tuple(rows[i].id for i in members), tuple(rows[i].place for i in members)
                yield Contradiction(ids, places, axis, labels, similarity)


def _suspects(
    examples: Sequence[Example], counts: Mapping[str, Mapping[str, int]], seed: int, report: Report
) -> Iterator[Suspect]:
    for axis, labels in counts.items():
        if len(labels) > 1:
            report(f"cross-validating {axis}")
            yield from suspicious(examples, axis, seed)


def _personal_data(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Type of identifier -> ids of the rows that hold one that may be somebody's."""
    found: dict[str, list[str]] = {name: [] for name in _FICTION}
    for row in rows:
        facts = find_facts(f"{row.subject}\n{row.text}", None)
        for name in {f.type for f in facts if f.type in _FICTION and not _FICTION[f.type](f.value)}:
            found[name].append(row.id)
    return {name: tuple(ids) for name, ids in found.items() if ids}


def _losses(rows: Sequence[Row], bodies: Sequence[str]) -> list[Loss]:
    found = []
    for row, body in zip(rows, bodies, strict=True):
        if row.own_text:
            own = Counter(row.own_text.split())
            lost = (own - Counter(body.split())).total() / own.total()
            found.append(Loss(row.id, row.place, round(lost, 3)))
    return found


def _lost_share(rows: Sequence[Row], losses: Sequence[Loss]) -> float | None:
    """Share of all own words that cleaning loses; None where the corpus does not say what they are."""
    words = {row.id: len(row.own_text.split()) for row in rows if row.own_text}
    total = sum(words.values())
    return round(sum(loss.share * words[loss.id] for loss in losses) / total, 4) if total else None


def _kept_share(rows: Sequence[Row], bodies: Sequence[str]) -> float:
    """Share of all words of the texts that cleaning takes for the sender's own."""
    total = sum(len(row.text.split()) for row in rows)
    return round(sum(len(body.split()) for body in bodies) / total, 4) if total else 0.0


def require_rows(quality: Quality) -> None:
    """Raises CorpusError when not one row could be used."""
    if not quality.rows:
        raise CorpusError(f"{quality.corpus}: not one usable row: {quality.refused[0]}")
