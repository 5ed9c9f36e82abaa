"""What a run counts, while it goes and at its end. Nothing here names a person: mails are known by rank and digest."""

from collections import Counter
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import NamedTuple

from triage.batch.recipe import Done
from triage.journal import Entry, Seen

_SLOWEST = 5
STAGES = ("read", "classify", "decide")


class Slow(NamedTuple):
    """A mail that took long: seconds, and the first digits of its digest."""

    seconds: float
    digest: str


@dataclass
class Summary:
    """Counts of a run, filled as it goes: `seen`, `octets`, `processed`, `live`; the rest once results are written."""

    seen: int = 0
    octets: int = 0  # of the messages seen
    processed: int = 0
    reused: int = 0
    other_recipe: int = 0
    live: Counter[str] = field(default_factory=Counter)  # outcomes of what was processed in this run
    stage_seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    slowest: list[Slow] = field(default_factory=list)
    messages: int = 0
    copies: int = 0
    drafts: int = 0
    kept_drafts: int = 0  # files an agent had changed, left alone
    placed: int = 0  # drafts put in a mailbox by this run
    failed: list[str] = field(default_factory=list)  # origins
    failed_digests: list[str] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    urgencies: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def note(self, done: Done) -> None:
        """Count a message processed in this run."""
        self.processed += 1
        self.live["failed" if done.failed else done.action] += 1
        for stage, seconds in zip(STAGES, done.seconds, strict=True):
            self.stage_seconds[stage] += seconds
        (heappush if len(self.slowest) < _SLOWEST else heappushpop)(
            self.slowest, Slow(sum(done.seconds), done.digest[:12])
        )

    def count(self, seen: Seen, entry: Entry) -> None:
        """Count a line of the results."""
        self.messages += 1
        if entry.failed:
            self.failed.append(seen.origin)
            self.failed_digests.append(entry.digest[:12])
        if seen.copy_of is not None:
            self.copies += 1
            self.actions[copy_action(entry)] += 1
            return
        self.actions[entry.action] += 1
        self.drafts += entry.draft is not None
        self.services[entry.service or "–"] += 1
        self.urgencies[entry.urgency] += 1
        self.kinds[entry.kind or "–"] += 1


def copy_action(entry: Entry) -> str:
    """What is to be done with an exact copy."""
    return "review" if entry.failed else "ignore"
