"""What falls due: the deadlines of a results.jsonl, or of one request described on the command line."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from triage.errors import SourceError
from triage.types import Deadline

_OPEN = ("draft", "route", "review")


class Due(NamedTuple):
    """One deadline of one message; `service` is « courrier » where a human must still choose.

    `rank` counts the deadlines of one name in a message, from 0, so that each can be named.
    """

    due: date
    service: str
    name: str
    label: str
    source: str
    confirmed: bool
    computed: str
    subject: str
    origin: str
    digest: str
    rank: int = 0

    @property
    def article(self) -> str:
        """The article, with its doubt."""
        return self.source if self.confirmed else f"{self.source} (à confirmer)"

    def state(self, today: date) -> str:
        """« en retard de 3 jours », « aujourd'hui », « dans 1 jour »."""
        days = (self.due - today).days
        if not days:
            return "aujourd'hui"
        counted = f"{abs(days)} jour{'s' if abs(days) > 1 else ''}"
        return f"dans {counted}" if days > 0 else f"en retard de {counted}"


def read_due(path: Path) -> Iterator[Due]:
    """Every deadline of a results.jsonl. Raises SourceError naming the line that is no result."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield from _of(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise SourceError(
                    f"{path}, line {number}: is no result of `triage apply`: name its results.jsonl or folder"
                ) from error


def _of(line: dict[str, Any]) -> Iterator[Due]:
    decision = line["decision"]
    if decision["action"] not in _OPEN:
        return
    seen: Counter[str] = Counter()
    for deadline in line["deadlines"]:
        name = deadline["name"]
        yield Due(
            due=date.fromisoformat(deadline["due"]),
            service=decision["service"] or "courrier",
            name=name,
            label=deadline.get("label") or name,
            source=deadline["source"],
            confirmed=deadline["confirmed"],
            computed=deadline.get("computed", ""),
            subject=line["subject"] or "(sans objet)",
            origin=line["origin"],
            digest=line["digest"],
            rank=seen[name],
        )
        seen[name] += 1


def due_of(deadlines: tuple[Deadline, ...], service: str | None, request: str) -> Iterator[Due]:
    """The deadlines of a request that is not in any results; `request` tells it from others."""
    for found in deadlines:
        yield Due(
            due=found.due,
            service=service or "courrier",
            name=found.name,
            label=found.label,
            source=found.source,
            confirmed=found.confirmed,
            computed=found.computed,
            subject="(sans objet)",
            origin=request,
            digest=sha256(request.encode()).hexdigest(),
        )
