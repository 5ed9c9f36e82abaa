"""An agent's answer on an outcome, the correction it makes in the journal, and what stands of all corrections."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from triage.batch import shared_journal
from triage.errors import UsageError
from triage.journal import Entry, Journal
from triage.journal.corrections import Correction, Corrections, Opinion
from triage.profile import Profile
from triage.text import fold
from triage.types import URGENCY_LEVELS

Reply = Literal["used", "changed", "unused"]
REPLIES: tuple[Reply, ...] = ("used", "changed", "unused")


@dataclass(frozen=True, kw_only=True)
class Answer(Opinion):
    """What an agent says of one outcome.

    `confirmed`: what the program said is right wherever nothing else is said here. `withdrawn`: nothing said before on
    this message holds any more.
    """

    confirmed: bool = False
    withdrawn: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the agent said nothing."""
        return self == Answer()


@dataclass(frozen=True)
class Names:
    """What agents call services, natures and levels of urgency: ids with their names."""

    services: Mapping[str, str]
    natures: Mapping[str, str]
    urgencies: Mapping[str, str]

    @classmethod
    def of(cls, profile: Profile) -> "Names":
        """The names a profile gives."""
        return cls(
            {label.id: label.name for label in profile.services.values()},
            {label.id: label.name for label in profile.natures.values()},
            {level: level for level in URGENCY_LEVELS},
        )


@dataclass(frozen=True, kw_only=True)
class Standing(Opinion):
    """What holds of all verdicts on one message: on each field, the last word.

    `at`, `by` and `model` are those of the last verdict; `said` is what the program had said when the first was given.
    """

    digest: str
    at: str
    by: str
    model: str
    said: Mapping[str, Any] = field(repr=False)


def said_of(entry: Entry) -> dict[str, Any]:
    """What the program said of a message, as a correction keeps it.

    `service`: where it was to go, None for the mail desk; `proposed`: the likeliest service, abstention or not;
    `confidence` in [0, 1]; `nature`: None where the model abstained; `urgency`, `action`.
    """
    line = json.loads(entry.record)
    ranking = line["service"]["ranking"]
    return {
        "service": entry.service,
        "proposed": entry.service or (ranking[0][0] if ranking else None),
        "confidence": line["service"]["confidence"],
        "nature": line["nature"]["label"],
        "urgency": entry.urgency,
        "action": entry.action,
    }


def correction_of(entry: Entry, answer: Answer, *, by: str, via: str, at: str = "") -> Correction:
    """The correction an answer makes. Raises UsageError for an answer that says nothing."""
    said = said_of(entry)
    given = answer.given
    if answer.confirmed:
        confirmed = {"service": said["proposed"], "nature": said["nature"], "urgency": said["urgency"]}
        given = {name: value for name, value in confirmed.items() if value} | given
    if not answer.withdrawn and not given:
        raise UsageError(f"{entry.digest[:12]}: nothing to record: the program said nothing that could be confirmed")
    return Correction(
        digest=entry.digest,
        at=at or datetime.now(UTC).isoformat(timespec="seconds"),
        by=by,
        via=via,
        model=entry.model,
        said=json.dumps(said, ensure_ascii=False),
        withdrawn=answer.withdrawn,
        **given,
    )


def standing(corrections: Iterable[Correction]) -> dict[str, Standing]:
    """What stands of corrections, oldest first, by digest: on each field the last word wins."""
    found: dict[str, Standing] = {}
    for one in corrections:
        before = found.pop(one.digest, None)
        if one.withdrawn:
            before = None
        if not one.given and before is None:
            continue
        stands = (before.given if before else {}) | one.given
        said = before.said if before else json.loads(one.said)
        found[one.digest] = Standing(digest=one.digest, at=one.at, by=one.by, model=one.model, said=said, **stands)
    return found


def changes(before: Standing | None, correction: Correction) -> bool:
    """Whether a correction says anything that does not stand already."""
    if correction.withdrawn:
        return before is not None
    return not correction.given.items() <= (before.given if before else {}).items()


def record(corrections: Corrections, entry: Entry, answer: Answer, *, by: str, via: str) -> bool:
    """Keep an answer as a correction, unless all of it stands already; says whether it was kept."""
    correction = correction_of(entry, answer, by=by, via=via)
    new = changes(standing(corrections.all(entry.digest)).get(entry.digest), correction)
    if new:
        corrections.add([correction])
    return new


@contextmanager
def opened(out: Path, url: str | None = None) -> Iterator[tuple[Journal, Corrections]]:
    """Yield the journal of an output folder and its corrections. Raises UsageError where there is none."""
    with shared_journal(out, url) as journal:
        yield journal, Corrections(journal)


def checked(names: Names, answer: Answer) -> Answer:
    """The answer with ids for names. Raises UsageError naming the field, with the nearest label."""
    return replace(
        answer,
        service=label_of(answer.service, names.services, "service"),
        nature=label_of(answer.nature, names.natures, "nature"),
        urgency=label_of(answer.urgency, names.urgencies, "urgency"),
    )


def label_of(said: str | None, names: Mapping[str, str], axis: str) -> str | None:
    """The id of a label given by id or by name, whatever its accents. Raises UsageError with the nearest one."""
    if said is None:
        return None
    wanted = fold(" ".join(said.split()))
    known = {fold(name): label for label, name in names.items()} | {fold(label): label for label in names}
    if wanted in known:
        return known[wanted]
    near = [name for name in known if name.startswith(wanted)] or get_close_matches(wanted, known, 1, 0.6)
    hint = f"did you mean {known[near[0]]}?" if near else f"one of {', '.join(sorted(names))}"
    raise UsageError(f"{axis} {said!r} is unknown: {hint}")


def find(journal: Journal, name: str) -> Entry:
    """The outcome a Message-ID or the first digits of a digest names. Raises UsageError when none or several do."""
    name = name.strip().removeprefix("<").removesuffix(">").removeprefix("sha256:")
    digests = journal.find(name)
    if not digests:
        raise UsageError(f"{name}: no such message in this journal: give its `id` or `digest` of results.jsonl")
    if len(digests) > 1:
        several = ", ".join(digest[:20] for digest in digests)
        raise UsageError(f"{name}: several messages have this id: give the digest of one: {several}")
    entry = journal.entry(digests[0])
    assert entry is not None
    return entry
