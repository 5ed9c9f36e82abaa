"""Which messages to show to agents, and what a random control sample says of the program's accuracy."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from triage.journal import Entry, Journal
from triage.journal.corrections import Corrections
from triage.learn.corrections import Names, said_of, standing
from triage.learn.sheet import Line

_JUDGED = ("human", "form", "suspect")  # the kinds of mail a model predicts


@dataclass(frozen=True)
class Estimate:
    """What the control sample says: counts of messages. `routed`: given a service without a human.

    `right`: among the `judged` ones, the first service proposed was the right one. The sample is drawn at random from
    all mail, so that right / judged estimates the share for all of it; verdicts on other mail cannot, since agents
    mostly look at what is doubtful or wrong.
    """

    drawn: int
    judged: int
    right: int
    routed: int
    routed_right: int


def choose(
    journal: Journal, corrections: Corrections, names: Names, most: int, control: int, seed: int | None = None
) -> list[Line]:
    """Messages without a verdict: `most` at most, the most uncertain first, and the control sample spread among them.

    `control` more messages are drawn at random, from all mail, and remembered; those drawn earlier and not judged yet
    come again.
    """
    drawing = random.Random(seed)  # noqa: S311  a sample, not a secret
    judged = {digest for digest, one in standing(corrections.all()).items() if one.service}
    doubts = {entry.digest: _doubt(entry) for entry in _judgeable(journal)}
    drawn = _drawn(corrections, doubts, control, drawing) - judged
    open_ones = [digest for digest in doubts if digest not in judged and digest not in drawn]
    doubtful = sorted(open_ones, key=lambda digest: (doubts[digest], digest))[:most]
    shuffled = sorted(drawn & doubts.keys())
    drawing.shuffle(shuffled)
    order = _spread(doubtful, shuffled)
    entries = {digest: journal.entry(digest) for digest in order}
    return [_line(entry, names, control=digest in drawn) for digest, entry in entries.items() if entry]


def estimate(journal: Journal, corrections: Corrections) -> Estimate:
    """What the control sample says of the outcomes now in the journal."""
    drawn, stands = corrections.control(), standing(corrections.all())
    entries = [entry for digest in sorted(drawn) if (entry := journal.entry(digest))]
    pairs = [(said_of(e), stands[e.digest].service) for e in entries if e.digest in stands and stands[e.digest].service]
    routed = [(said, truth) for said, truth in pairs if said["service"]]
    return Estimate(
        drawn=len(entries),
        judged=len(pairs),
        right=sum(said["proposed"] == truth for said, truth in pairs),
        routed=len(routed),
        routed_right=sum(said["service"] == truth for said, truth in routed),
    )


def _judgeable(journal: Journal) -> Iterator[Entry]:
    return (entry for entry in journal.entries() if not entry.failed and entry.kind in _JUDGED)


def _doubt(entry: Entry) -> tuple[bool, float]:
    """Sort key: what was left to a human first, then the least confident."""
    service = json.loads(entry.record)["service"]
    return service["label"] is not None, service["confidence"]


def _drawn(corrections: Corrections, doubts: Mapping[str, Any], count: int, drawing: random.Random) -> set[str]:
    """The control sample, `count` messages larger than before where there are as many."""
    before = corrections.control()
    fresh = sorted(doubts.keys() - before)
    new = drawing.sample(fresh, min(count, len(fresh)))
    corrections.draw(new, datetime.now(UTC).isoformat(timespec="seconds"))
    return before | set(new)


def _spread(first: Sequence[str], others: Sequence[str]) -> list[str]:
    """Both in their order, `others` at even distances: whoever stops early has judged a random part of them."""
    places = [((i + 0.5) / len(first), 0, one) for i, one in enumerate(first)]
    places += [((i + 0.75) / len(others), 1, one) for i, one in enumerate(others)]
    return [one for _, _, one in sorted(places)]


def _line(entry: Entry, names: Names, *, control: bool) -> Line:
    record, said = json.loads(entry.record), said_of(entry)
    proposed = names.services.get(said["proposed"] or "", said["proposed"] or "")
    return Line(
        message=entry.digest,
        control=control,
        date=entry.dated,
        subject=record["subject"],
        text=record["text"],
        proposed_service=proposed if said["service"] or not proposed else f"{proposed} ?",
        confidence=said["confidence"],
        proposed_nature=names.natures.get(said["nature"] or "", said["nature"] or ""),
        proposed_urgency=said["urgency"],
    )
