"""What a date means to the mail, and on which side of reception a date lies that leaves it open."""

from datetime import date

from triage.extract.passage import Passage
from triage.extract.patterns import held, patterns

_COUNTED_BACK = ("il y a", "y a", "ya ", "depui", "voila", "voici", "cela fait", "ca fait")
_LIMITS = frozenset({"deadline_before", "deadline_clause"})
_OBJECTED = frozenset({"decided_before", "refused_before"})
_BEFORE = (
    "birth_before", "birth_not", "contested_before", "decided_before", "refused_before", "requested_before",
    "requested_clause", "told", "deadline_before", "deadline_clause",
)  # fmt: skip
_SIDES = ("just_past", "just_ahead", "ahead", "past")
_SHORT_CLAUSE = 8  # characters: a clause too short to tell
_READ_FOR_TONE = 3_000  # characters of a mail in which an objection shows


def date_role(passage: Passage, start: int, end: int, day: date) -> str:
    """birth, contested, request, deadline, event, or nothing for a date merely told."""
    before = passage.before(start, 75)
    told = held("roles", _BEFORE, before)
    if "birth_before" in told and "birth_not" not in told:
        return "birth"
    if passage.received is None:
        return ""
    after = passage.after(end, 40)
    if day < passage.received:
        return _past_role(passage, start, told, after)
    limit = told & _LIMITS or patterns("roles")["deadline_after"].search(after)
    return "deadline" if limit else "event"


def _past_role(passage: Passage, start: int, told: set[str], after: str) -> str:
    if _contested(passage, told, after):
        return "contested"
    counted_back = passage.folded.startswith(_COUNTED_BACK, start)
    if "requested_before" in told or (counted_back and "requested_clause" in told):
        return "request"
    return "" if counted_back or "told" in told else "event"


def direction(passage: Passage, at: int, default: int = 1) -> int:
    """1 where the clause around `at` looks ahead, -1 where it tells what happened, else `default`."""
    before = passage.before(at, 50)
    clause = before.rpartition(",")[2]
    told = held("roles", _SIDES, clause if len(clause) > _SHORT_CLAUSE else before)
    for cue, side in (("just_past", -1), ("just_ahead", 1), ("ahead", 1), ("past", -1)):
        if cue in told:
            return side
    told = held("roles", _SIDES, passage.after(at, 50))
    return 1 if "ahead" in told else -1 if "past" in told else default


def _contested(passage: Passage, told: set[str], after: str) -> bool:
    """Whether the date is that of a decision, and the mail objects to one."""
    cue = patterns("roles")
    if told & _OBJECTED or cue["contested_after"].search(after):
        return True
    return "contested_before" in told and bool(cue["contesting"].search(passage.folded, 0, _READ_FOR_TONE))
