"""What a date means to the mail, and on which side of reception a date lies that leaves it open."""

from datetime import date

from triage.extract.passage import Passage
from triage.extract.patterns import patterns

_COUNTED_BACK = ("il y a", "y a", "ya ", "depui", "voila", "voici", "cela fait", "ca fait")
_READ_FOR_TONE = 3_000  # characters of a mail in which an objection shows


def date_role(passage: Passage, start: int, end: int, day: date) -> str:
    """birth, contested, request, deadline, event, or nothing for a date merely told."""
    cue = patterns("roles")
    before, after = passage.before(start, 75), passage.after(end, 40)
    if cue["birth_before"].search(before) and not cue["birth_not"].search(before):
        return "birth"
    if passage.received is None:
        return ""
    if day < passage.received:
        return _past_role(passage, start, before, after)
    near = cue["deadline_before"].search(before) or cue["deadline_after"].search(after)
    return "deadline" if near or cue["deadline_clause"].search(before) else "event"


def _past_role(passage: Passage, start: int, before: str, after: str) -> str:
    cue = patterns("roles")
    if _contested(passage, before, after):
        return "contested"
    counted_back = passage.folded.startswith(_COUNTED_BACK, start)
    if cue["requested_before"].search(before) or (counted_back and cue["requested_clause"].search(before)):
        return "request"
    return "" if counted_back or cue["told"].search(before) else "event"


def direction(passage: Passage, at: int, default: int = 1) -> int:
    """1 where the clause around `at` looks ahead, -1 where it tells what happened, else `default`."""
    cue = patterns("roles")
    before = passage.before(at, 50)
    if cue["just_past"].search(before):
        return -1
    if cue["just_ahead"].search(before):
        return 1
    clause = before.rpartition(",")[2] if len(before.rpartition(",")[2]) > 8 else before
    after = passage.after(at, 50)
    if cue["ahead"].search(clause):
        return 1
    if cue["past"].search(clause):
        return -1
    if cue["ahead"].search(after):
        return 1
    return -1 if cue["past"].search(after) else default


def _contested(passage: Passage, before: str, after: str) -> bool:
    """Whether the date is that of a decision, and the mail objects to one."""
    cue = patterns("roles")
    if any(cue[name].search(before) for name in ("decided_before", "refused_before")) or cue["contested_after"].search(
        after
    ):
        return True
    return bool(cue["contested_before"].search(before) and cue["contesting"].search(passage.folded, 0, _READ_FOR_TONE))
