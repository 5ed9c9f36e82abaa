"""Base corpus and corrections -> a challenger, judged beside the champion on mails neither has learned from."""

import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from triage.classify import load_model
from triage.classify.examples import Example
from triage.classify.fit_flags import learnable
from triage.classify.linear import Learner
from triage.classify.model import Model
from triage.classify.nearest import Remembered, remember
from triage.classify.store import save
from triage.classify.train import DEFAULT_BUDGET, Settings, train
from triage.corpus import load_examples
from triage.errors import UsageError
from triage.learn.corrections import opened
from triage.learn.judge import Bar, Judgement, judge
from triage.learn.lessons import Lesson, Lessons, Rules, apart, confirmed, lessons, repeated
from triage.learn.organisation import shared, within
from triage.learn.releases import Release, add, current
from triage.profile import Profile

Report = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """What to retrain from and to. `start`: the champion where `models` holds no release yet.

    `journal`: URL of the journal, for a single folder; `judges`: labelled corpora no release has learned from, judged
    on beside the held-out corrections; `encoder` False: train without a second stage even where the champion has one;
    `known`: the labels of each axis that exist today, where a profile says them.
    """

    folders: tuple[Path, ...]
    base: tuple[Path, ...]
    models: Path
    start: Path
    judges: tuple[Path, ...] = ()
    journal: str | None = None
    rules: Rules = field(default_factory=Rules)
    bar: Bar = field(default_factory=Bar)
    encoder: bool = True
    known: Mapping[str, Collection[str]] = field(default_factory=dict)


def labels_of(profile: Profile) -> dict[str, Collection[str]]:
    """The labels of each axis that a profile says exist, for `Job.known`."""
    return {"service": profile.services, "nature": profile.natures}


@dataclass(frozen=True)
class Trial:
    """A challenger beside the champion. `facts`: what it was made from and how it was judged, without a word of mail.

    `challenger` is None where there was nothing new to learn or to judge with; `judgement` then says why.
    """

    champion: Model
    challenger: Model | None
    judgement: Judgement
    facts: Mapping[str, Any] = field(repr=False)
    trained_on: frozenset[str] = field(repr=False)
    remembered: Remembered | None = field(repr=False, default=None)

    @property
    def accepted(self) -> bool:
        """Whether the challenger may be released."""
        return self.challenger is not None and self.judgement.accepted


def attempt(job: Job, report: Report) -> Trial:
    """Train a challenger and judge it; writes nothing. Raises UsageError for what cannot be read."""
    now = current(job.models)
    champion = load_model(now.folder if now else job.start)
    if champion.note:
        report(champion.note)
    axes = list(champion.axes)
    base = load_examples(job.base, axes)
    known = shared(job.known, base)
    found = _lessons(job, now, report)
    learned = within([*base, *repeated(found.learned, job.rules, datetime.now(UTC))], known, report)
    judges = apart(found.held_out, learned)
    _say(found, judges, report)
    facts = _facts(job, champion, found, judges)
    trained_on = frozenset(lesson.digest for lesson in found.learned)
    held_out = within([lesson.example for lesson in judges], known, lambda _: None)
    trusted = within(load_examples(job.judges, axes) if job.judges else [], known, report)
    if reason := _nothing_to_do(now, found, facts) or _too_few([*held_out, *trusted], axes[0], job.bar):
        return Trial(champion, None, Judgement({}, (reason,)), facts, trained_on)
    settings = _settings(champion, job, learned, report)
    challenger = train(learned, axes, settings, report)
    judgement = judge(champion, challenger, held_out, axes, job.bar, trusted)
    facts["judged"] = {"accepted": judgement.accepted, "reasons": judgement.reasons, "axes": judgement.figures}
    once = [*base, *(lesson.example for lesson in found.learned)]
    remembered = remember(challenger, once, settings.seed)
    return Trial(champion, challenger, judgement, facts, trained_on, remembered)


def publish(job: Job, trial: Trial, *, by: str, why: str) -> Release:
    """Release an accepted challenger. Raises UsageError for one not accepted, or judged beside another champion."""
    if trial.challenger is None or not trial.accepted:
        raise UsageError("the challenger was not accepted: it is not released")
    now = current(job.models)
    if now and now.id != trial.champion.id:
        raise UsageError(f"{job.models}: {now.id} came into use while the challenger was trained: retrain again")
    adopt(job, by=by)
    job.models.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".challenger-", dir=job.models))
    try:
        save(trial.challenger, workshop / "model", trial.remembered)
        return add(job.models, workshop / "model", by=by, why=why, facts=trial.facts, trained_on=trial.trained_on)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def adopt(job: Job, *, by: str) -> Release:
    """The release in use; where there is none, the model the job starts from becomes the first."""
    return current(job.models) or add(job.models, job.start, by=by, why=f"first release: {job.start.name}", facts={})


def _lessons(job: Job, now: Release | None, report: Report) -> Lessons:
    found: list[Lesson] = []
    for folder in job.folders:
        with opened(folder, job.journal) as (journal, corrections):
            here = confirmed(journal, corrections, job.rules.forms)
        report(f"{folder}: {len(here)} mails with a verdict to learn from")
        found += here
    return lessons(found, job.rules, now.trained_on() if now else frozenset())


def _say(found: Lessons, judges: Sequence[Lesson], report: Report) -> None:
    writers = len({lesson.writer for lesson in found.learned})
    report(
        f"to learn: {len(found.learned)} mails of {writers} writers "
        f"({found.learned_beyond} more left out: too many of one writer or one letter)"
    )
    report(
        f"to judge, never learned: {len(judges)} mails of {len({lesson.writer for lesson in judges})} writers "
        f"({found.held_out_beyond} more left out for the same reason, {len(found.held_out) - len(judges)} as nearly "
        f"the same text is learned)"
    )


def _facts(job: Job, champion: Model, found: Lessons, judges: Sequence[Lesson]) -> dict[str, Any]:
    said = sorted((lesson.digest, *sorted(lesson.example.labels.items())) for lesson in found.learned)
    return {
        "champion": champion.id,
        "rules": asdict(job.rules) | {"forms": len(job.rules.forms)},
        "bar": asdict(job.bar),
        "data": {
            "base": {path.name: _content(path) for path in job.base},
            "corrections": sha256(json.dumps(said).encode()).hexdigest(),
            "learned": len(found.learned),
            "learned_beyond": found.learned_beyond,
            "held_out": len(judges),
            "held_out_beyond": found.held_out_beyond,
        },
    }


def _content(path: Path) -> str:
    """The SHA-256 of a corpus: of a file's bytes, of a folder's files in order."""
    whole = sha256()
    for part in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if part.is_file():
            whole.update(part.relative_to(path).as_posix().encode() if path.is_dir() else b"")
            whole.update(sha256(part.read_bytes()).digest())
    return whole.hexdigest()


def _nothing_to_do(now: Release | None, found: Lessons, facts: Mapping[str, Any]) -> str:
    """Why there is nothing to learn; empty where there is."""
    if not found.learned:
        return "no verdict of an agent to learn from: see `triage corrections export`"
    before = now.facts.get("data") if now else None
    if now and before and all(before.get(key) == facts["data"][key] for key in ("base", "corrections")):
        return f"nothing new to learn since release {now.number}"
    return ""


def _too_few(examples: Sequence[Example], axis: str, bar: Bar) -> str:
    count = sum(axis in example.labels for example in examples)
    if count >= bar.least:
        return ""
    return f"{count} held-out mails bear a {axis}, {bar.least} are needed to judge: collect more verdicts"


def _flags(champion: Model, learned: Sequence[Example], report: Report) -> bool:
    """Whether the challenger learns flags as the champion did; verdicts say none, so the base must."""
    if champion.flags is None:
        return False
    if not (found := learnable(learned)):
        report("too few rows of --base say their flags: the new model will know none, and rules alone will find them")
    return bool(found)


def _settings(champion: Model, job: Job, learned: Sequence[Example], report: Report) -> Settings:
    """Those the champion was trained with, where its manifest says them."""
    encoder, flags = champion.has_second_stage and job.encoder, _flags(champion, learned, report)
    try:
        said = champion.manifest["settings"]
        budget = champion.manifest["metrics"][next(iter(champion.axes))]["budget"]
        learner = Learner(said["method"], said["cost"])
        copies, folds = int(said["noisy_copies"]), int(said["folds"])
    except (KeyError, TypeError, ValueError):
        return Settings(encoder=encoder, flags=flags)
    budget = None if budget == DEFAULT_BUDGET else budget  # the usual one may be missed without routing nothing
    return Settings(folds=folds, noisy_copies=copies, learner=learner, budget=budget, encoder=encoder, flags=flags)
