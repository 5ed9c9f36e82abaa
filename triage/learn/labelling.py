"""A labelling session: which text comes next, what was answered, what the answers are worth; nothing is lost on a kill.

OUT            the corpus: a line for each answer, on disk before the next text is shown
OUT.session    texts passed over and the figures so far, so that the session goes on where it stopped
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.corpus import Row, read_unlabelled
from triage.errors import CorpusError, UsageError
from triage.learn.collect import as_object, exported_texts

if TYPE_CHECKING:
    from triage.classify.informative import Point, Pool

_TOGETHER = 4  # texts chosen at once; the last of them is drawn at random
STEP = 10  # answers between two figures
_FEW_CHANGES, _STEADY = (
    0.015,
    3,
)  # more labels bring little: share of the other texts that STEP answers change, so often
MOST_TEXTS = 3_000  # to choose among: all are compared with one another before each choice
# A label with less answers is not learned yet; such labels may be this share of all answers where a session may stop.
_KNOWN, _UNKNOWN_SHARE = 5, 0.02
_REFUSED_SHOWN = 5
LEAST_JUDGED = 10  # texts drawn at random under which no accuracy is told

Report = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """A text to label, and the only labels it may have where a change of organisation left several."""

    row: Row
    content: Mapping[str, Any] = field(repr=False)  # as the corpus will hold it
    choices: tuple[str, ...]


@dataclass
class Question:
    """Texts to sort into the same `choices`; `answers` and `passed` by number, `drawn`: numbers in random order."""

    choices: tuple[str, ...]
    asked: list[Asked]
    drawn: list[int]
    answers: dict[int, str] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)
    points: "list[Point]" = field(default_factory=list)
    before: dict[int, str] = field(default_factory=dict)
    queue: list[int] = field(default_factory=list)
    closed: bool = False

    @property
    def open(self) -> int:
        """How many texts have no answer."""
        return len(self.asked) - len(self.answers) - len(self.passed)

    @property
    def steady(self) -> bool:
        """Whether the last answers changed little: more bring little, too.

        Where one label has most of the mail, little changes at first because that label alone is predicted: the others
        must have been learned, too.
        """
        last = [point.changed for point in self.points[-_STEADY:]]
        few = sum(count for count in Counter(self.answers.values()).values() if count < _KNOWN)
        changed_little = len(last) == _STEADY and all(share is not None and share <= _FEW_CHANGES for share in last)
        return changed_little and few <= _UNKNOWN_SHARE * len(self.answers)

    def control(self) -> set[int]:
        """The answered texts of the random sample: all that come first in the random order, up to one unanswered."""
        found: set[int] = set()
        for number in self.drawn:
            if number in self.answers:
                found.add(number)
            elif number not in self.passed:
                break
        return found


class Session:
    """Texts, answers and their files. Raises UsageError or CorpusError for what cannot be used."""

    def __init__(self, asked: Sequence[Asked], out: Path, axis: str, seed: int) -> None:
        self._out, self._side, self._axis, self._seed = out, out.with_name(f"{out.name}.session"), axis, seed
        self._pools: dict[tuple[str, ...], Pool] = {}
        self.questions = _questions(asked, seed)
        self._places = {one.content["id"]: (q, i) for q in self.questions for i, one in enumerate(q.asked)}
        self._lock = _held(out)
        self._order: list[str] = []  # ids in the order they were answered or passed over
        self.resumed = 0
        self._resume()

    @property
    def question(self) -> Question | None:
        """The question at hand: the first with open texts that was not closed."""
        return next((question for question in self.questions if question.open and not question.closed), None)

    def current(self) -> Asked | None:
        """The text to show; None where all are answered."""
        question = self.question
        if question is None:
            return None
        if not question.queue:
            question.queue = self._plan(question)
        return question.asked[question.queue[0]]

    def likely(self, count: int = 3) -> list[str]:
        """The labels the answers so far make likeliest for the current text."""
        question = self.question
        if question is None or not question.queue:
            return []
        return self.pool(question).likely(question.answers, question.queue[0], count)

    def answer(self, label: str, others: Sequence[str] = ()) -> "Point | None":
        """Keep the label of the current text, and those of its further requests; new figures every STEP answers."""
        question, number = self._at_hand()
        content = dict(question.asked[number].content)
        content["labels"] = {self._axis: label, **content.get("labels", {})}
        if others:
            content["secondary"] = [one for one in dict.fromkeys(others) if one != label]
        _append(self._out, content)
        question.queue.pop(0)
        question.answers[number] = label
        self._order.append(content["id"])
        if len(question.answers) % STEP:
            return None
        point = self.pool(question).judge(question.answers, question.control(), question.before)
        question.points.append(point)
        question.before = dict(question.answers)
        said = {"labelled": point.labelled, "judged": point.judged, "right": point.right, "changed": point.changed}
        _append(self._side, {"point": said, "choices": question.choices})
        return point

    def pass_over(self) -> None:
        """Leave the current text without a label."""
        question, number = self._at_hand()
        _append(self._side, {"passed": question.asked[number].content["id"]})
        question.queue.pop(0)
        question.passed.add(number)
        self._order.append(question.asked[number].content["id"])

    def back(self) -> bool:
        """Take back the last answer, or the last text passed over, and show it again; False where there is none."""
        if not self._order:
            return False
        name = self._order.pop()
        question, number = self._places[name]
        if number in question.passed:
            question.passed.remove(number)
            _append(self._side, {"again": name})
        else:
            del question.answers[number]
            _remove_last(self._out, name)
            question.points = [point for point in question.points if point.labelled <= len(question.answers)]
            question.before = {i: label for i, label in question.before.items() if i in question.answers}
        question.queue.insert(0, number)
        return True

    def close(self) -> None:
        """Let another session use the files."""
        os.close(self._lock)

    def pool(self, question: Question) -> "Pool":
        """What chooses among the texts of a question; read once."""
        from triage.classify.informative import Pool

        if question.choices not in self._pools:
            self._pools[question.choices] = Pool([one.row.example() for one in question.asked], self._seed)
        return self._pools[question.choices]

    def _at_hand(self) -> tuple[Question, int]:
        if self.current() is None:
            raise UsageError("no text is left to label")
        question = self.question
        assert question is not None
        return question, question.queue[0]

    def _plan(self, question: Question) -> list[int]:
        """Some informative texts, then one drawn at random: only those can tell how good the labels are."""
        closed = question.answers.keys() | question.passed
        random = next(number for number in question.drawn if number not in closed)
        drawn = question.control()  # chosen as if these were not known, or leaving one out would leave a hole there
        known = {number: label for number, label in question.answers.items() if number not in drawn}
        chosen = self.pool(question).choose(known, [*question.passed, *drawn, random], _TOGETHER - 1)
        return [*chosen, random]

    def _resume(self) -> None:
        """Take up what the files hold; a last line that a kill cut is removed."""
        for content in _lines(self._out):
            found = self._places.get(str(content.get("id")))
            label = (content.get("labels") or {}).get(self._axis) or content.get("label")
            if found and label:
                found[0].answers[found[1]] = label
                self._order.append(content["id"])
                self.resumed += 1
        for content in _lines(self._side):
            self._take_up(content)

    def _take_up(self, content: Mapping[str, Any]) -> None:
        from triage.classify.informative import Point

        if "point" in content:
            point = Point(**content["point"])
            for question in self.questions:
                if question.choices == tuple(content["choices"]) and point.labelled <= len(question.answers):
                    question.points = [p for p in question.points if p.labelled < point.labelled] + [point]
                    question.before = dict(list(question.answers.items())[: point.labelled])
        elif found := self._places.get(content.get("passed") or content.get("again")):
            question, number = found
            if "passed" in content and number not in question.answers:
                question.passed.add(number)
            else:
                question.passed.discard(number)


def asked(
    sources: Sequence[str],
    labels: Sequence[str],
    axis: str,
    most: int,
    seed: int,
    report: Report,
    kept: Path,
    columns: Mapping[str, str] | None = None,
) -> list[Asked]:
    """The texts of some sources to label on an axis: those without a label, the same text once, `most` at most.

    `columns`: key of a row to the column of a CSV export that holds it. Texts with an answer in `kept` are always
    among them. Raises CorpusError where there is none, UsageError for a `most` of which no session can be made.
    """
    if not 2 <= most <= MOST_TEXTS:
        raise UsageError(f"{most} texts to choose among: from 2 to {MOST_TEXTS} can be compared with one another")
    refused: list[str] = []
    found: dict[str, Asked] = {}
    told = 0
    for source in sources:
        for row in _rows(source, axis, columns or {}, refused.append):
            if axis in row.labels:
                told += 1
                continue
            content = as_object(row)
            same = sha256(f"{row.subject}\n{row.text}".encode()).hexdigest()
            if f"{row.subject}{row.text}".strip() and same not in found:
                found[same] = Asked(row, content, row.candidates.get(axis) or tuple(labels))
    for reason in refused[:_REFUSED_SHOWN]:
        report(reason)
    if len(refused) > _REFUSED_SHOWN:
        report(f"… {len(refused)} lines in all cannot be used")
    if told:
        report(f"{told} texts bear a label already and are not asked")
    if not found:
        raise CorpusError(f"{', '.join(sources)}: holds no text without a label on axis {axis!r}: nothing to ask")
    return _unique(_sample(list(found.values()), most, seed, kept, report))


def _rows(source: str, axis: str, columns: Mapping[str, str], refuse: Report) -> Iterator[Row]:
    if source.lower().endswith(".csv"):
        return exported_texts(Path(source), axis, columns, refuse)
    return read_unlabelled(source, [axis], lambda error: refuse(str(error)))


def _sample(found: list[Asked], most: int, seed: int, kept: Path, report: Report) -> list[Asked]:
    if len(found) <= most:
        return found
    known = {str(content.get("id")) for content in _lines(kept)}
    order = sorted(found, key=lambda one: (one.content["id"] not in known, _rank(one, seed)))
    report(f"{len(found)} texts: {most} drawn at random are used")
    chosen = {id(one) for one in order[:most]}
    return [one for one in found if id(one) in chosen]


def _unique(found: Sequence[Asked]) -> list[Asked]:
    """Texts with ids of their own: a second text of one id gets a suffix."""
    counts: dict[str, int] = {}
    unique = []
    for one in found:
        name = str(one.content["id"])
        counts[name] = counts.get(name, 0) + 1
        name = name if counts[name] == 1 else f"{name}#{counts[name]}"
        unique.append(replace(one, content={**one.content, "id": name}))
    return unique


def _questions(asked: Sequence[Asked], seed: int) -> list[Question]:
    """Texts by their choices, the fewest first: what a split left open comes before what has lost its label."""
    by_choices: dict[tuple[str, ...], list[Asked]] = {}
    for one in asked:
        by_choices.setdefault(one.choices, []).append(one)
    return [
        Question(choices, found, sorted(range(len(found)), key=lambda i: _rank(found[i], seed)))
        for choices, found in sorted(by_choices.items(), key=lambda one: len(one[0]))
    ]


def _rank(one: Asked, seed: int) -> str:
    """A random place that a text keeps at every start."""
    return sha256(f"{seed} {one.content['id']}".encode()).hexdigest()


def _held(out: Path) -> int:
    """The descriptor of the corpus, made when it is not there, and locked for this session."""
    try:
        descriptor = os.open(out, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}): choose another --out") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise UsageError(f"{out}: another session is using it: wait for it to end, or choose another --out") from error
    return descriptor


def _append(path: Path, content: Mapping[str, Any]) -> None:
    """Add a line, and wait until it is on disk."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, (json.dumps(content, ensure_ascii=False) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}): what was answered before is kept") from error


def _lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of ours. Raises CorpusError for a file that is none; removes a last line cut by a kill."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if _is_object(content[len(whole) :]):
        with path.open("ab") as file:
            file.write(b"\n")
        whole = content
    elif len(whole) < len(content):
        os.truncate(path, len(whole))
    try:
        found = [json.loads(line) for line in whole.splitlines() if line.strip()]
    except ValueError as error:
        raise CorpusError(f"{path}: not JSON Lines ({error}): choose another --out") from error
    if not all(isinstance(one, dict) for one in found):
        raise CorpusError(f"{path}: not a corpus: choose another --out")
    return found


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _remove_last(path: Path, name: str) -> None:
    """Remove the last line, which is that of the text `name`."""
    content = path.read_bytes()
    start = content.rstrip(b"\n").rfind(b"\n") + 1
    if str(json.loads(content[start:]).get("id")) != name:
        raise UsageError(f"{path}: was changed by another program meanwhile: start the session again")
    os.truncate(path, start)
