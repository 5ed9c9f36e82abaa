"""Standing corrections -> examples to learn from, and examples held out for ever, each side protected from floods.

A writer's mails lie all on one side, which a hash of the address decides: a mail held out once is never learned by any
release. On both sides a writer, and a letter many writers send, count for a few mails at most.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from triage.classify.examples import Example
from triage.journal import Journal
from triage.journal.corrections import Corrections
from triage.learn.corrections import Standing, standing
from triage.pipeline import masked_text

ORIGIN = "corrected"  # of the examples, as the model's card counts them
_AXES = ("service", "nature")


@dataclass(frozen=True)
class Rules:
    """How corrections become lessons.

    A lesson is worth `weight` texts of the base corpus when fresh, half as much after each `half_life` days, one at
    least. `per_writer`: mails that one writer, or one letter sent by many, may count for. `forms`: addresses of web
    forms, whose mails come from many writers. `held_out`: share of writers.
    """

    weight: int = 2
    half_life: float = 365.0
    per_writer: int = 5
    forms: frozenset[str] = frozenset()
    held_out: float = 0.3


@dataclass(frozen=True)
class Lesson:
    """One corrected mail as an example; `writer` is what its address is reduced to."""

    digest: str
    writer: str
    at: str
    example: Example


@dataclass(frozen=True)
class Lessons:
    """Both sides, newest first, and how many mails of each went beyond what one writer may count for."""

    learned: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]
    learned_beyond: int
    held_out_beyond: int


def lessons(confirmed: Iterable[Lesson], rules: Rules, known: frozenset[str] = frozenset()) -> Lessons:
    """Split corrected mails; of those held out, the ones the present release learned (`known`) are left out."""
    sides: dict[bool, list[Lesson]] = {True: [], False: []}
    for lesson in sorted(_newest(confirmed), key=lambda one: (one.at, one.digest), reverse=True):
        sides[_is_held_out(lesson.writer, rules.held_out)].append(lesson)
    held_out = [lesson for lesson in sides[True] if lesson.digest not in known]
    kept = capped(sides[False], rules.per_writer), capped(held_out, rules.per_writer)
    return Lessons(
        learned=tuple(kept[0]),
        held_out=tuple(kept[1]),
        learned_beyond=len(sides[False]) - len(kept[0]),
        held_out_beyond=len(held_out) - len(kept[1]),
    )


def confirmed(journal: Journal, corrections: Corrections, forms: frozenset[str] = frozenset()) -> list[Lesson]:
    """What agents said of messages that can be learned: only their words, never what the program said alone.

    Only messages of the control sample tell how often a model is right: all others are marked as singled out.
    """
    found = []
    drawn = corrections.control()
    for one in standing(corrections.all()).values():
        labels = {axis: label for axis in _AXES if (label := getattr(one, axis))}
        entry = journal.entry(one.digest) if labels else None
        if entry and not entry.failed:
            lesson = _lesson(one, labels, json.loads(entry.record), forms, drawn=one.digest in drawn)
            found += [lesson] if lesson.example.text.strip() else []
    return found


def repeated(learned: Sequence[Lesson], rules: Rules, now: datetime) -> list[Example]:
    """The lessons' examples, each as often as it weighs; the repeats of one stay on one side of every split."""
    found = []
    for lesson in learned:
        days = max(0.0, (now - datetime.fromisoformat(lesson.at)).total_seconds() / 86_400)
        times = max(1, round(rules.weight * 0.5 ** (days / rules.half_life)))
        found += [replace(lesson.example, repeat=i > 0) for i in range(times)]
    return found


def apart(judges: Sequence[Lesson], learned: Sequence[Example]) -> list[Lesson]:
    """The held-out mails whose text is not nearly that of a learned example: those would prove nothing."""
    from triage.classify.duplicates import near_duplicates

    texts = [example.text for example in learned] + [lesson.example.text for lesson in judges]
    first = len(learned)
    same = {near.second - first for near in near_duplicates(texts) if near.first < first <= near.second}
    seen = {example.text for example in learned}
    return [one for i, one in enumerate(judges) if i not in same and one.example.text not in seen]


def capped(found: Sequence[Lesson], most: int) -> list[Lesson]:
    """The first `most` lessons of each writer and of each letter (texts nearly the same)."""
    letters = _letters([lesson.example.text for lesson in found])
    letter = {lesson.digest: number for lesson, number in zip(found, letters, strict=True)}
    one_writer = _first(found, most, lambda lesson: lesson.writer)
    return _first(one_writer, most, lambda lesson: letter[lesson.digest])


def _first(found: Sequence[Lesson], most: int, key: Callable[[Lesson], Hashable]) -> list[Lesson]:
    counts: Counter[Hashable] = Counter()
    kept = []
    for lesson in found:
        counts[key(lesson)] += 1
        if counts[key(lesson)] <= most:
            kept.append(lesson)
    return kept


def _letters(texts: Sequence[str]) -> list[int]:
    """A number for each text: the same for texts that are, from one to the next, nearly the same."""
    from triage.classify.duplicates import near_duplicates

    root = list(range(len(texts)))

    def top(one: int) -> int:
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for near in near_duplicates(texts):
        root[top(near.second)] = top(near.first)
    exact: dict[str, int] = {}
    for i, text in enumerate(texts):  # those too short to be compared
        root[top(i)] = top(exact.setdefault(text, i))
    return [top(i) for i in range(len(texts))]


def _newest(found: Iterable[Lesson]) -> list[Lesson]:
    """One lesson for each mail, the last word of all folders it was judged in."""
    by_digest: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in found:
        by_digest[lesson.digest].append(lesson)
    return [max(same, key=lambda one: one.at) for same in by_digest.values()]


def _is_held_out(writer: str, share: float) -> bool:
    return int(sha256(f"held-out {writer}".encode()).hexdigest()[:8], 16) / 2**32 < share


def _lesson(
    one: Standing, labels: Mapping[str, str], record: Mapping[str, Any], forms: frozenset[str], *, drawn: bool
) -> Lesson:
    writer = writer_of(record, forms)
    text = masked_text(record["subject"] or "", one.own_words or record["text"], record["sender"] or "")
    example = Example(one.digest, text, labels, group=writer, sender=writer, origin=ORIGIN, singled_out=not drawn)
    return Lesson(one.digest, writer, one.at, example)


def writer_of(record: Mapping[str, Any], forms: frozenset[str] = frozenset()) -> str:
    """Who counts as one writer: an address without its `+tag`; all mail without one together.

    The mails of a web form all come from its own address, one of `forms`: each is a writer of its own. That a mail
    looks like a form's is not enough, as anyone can write one.
    """
    sender = (record["sender"] or "").lower()
    if sender in forms:
        return str(record["digest"])
    name, at, domain = sender.rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}" or "-"
