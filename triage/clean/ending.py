"""What stands below the matter of a letter: closing, signature, legal notice; and a second letter under them."""

import re
from functools import cache
from re import Pattern
from typing import NamedTuple

from triage.clean.lines import Line, Piece, bare_offset
from triage.clean.looks import SIGNED, closes, greets, is_contact, is_delimiter, is_farewell, may_sign
from triage.clean.patterns import patterns, words
from triage.patterns import Guard
from triage.types import SegmentKind

_TAIL = 30  # lines at the bottom that may close and sign
_CARD = 12  # lines of a firm's signature
_NAMED = 60  # characters of a line in a signature that stands alone
_UNDER_DELIMITER = 20  # lines under « -- »
_RULE = 5  # characters of a rule, which parts more than signatures
_NOTICE = 60  # lines of a disclaimer
_SENTENCES = 8  # last sentences of a line that may close the letter
_SENTENCE_END = re.compile(r"[.!?…;)](?:\s|$)|,\s")


class Tail(NamedTuple):
    """Where the own words end and what each line after them is."""

    start: int
    kinds: list[SegmentKind]


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


def find_tail(lines: list[Line], name: str, *, told: bool) -> Tail:
    """The end of a passage that is not own words, found from the bottom up. For `name` and `told` see `divide`."""
    if told and _only_signs(lines):
        return Tail(0, ["signature"] * len(lines))
    end = _first_notice(lines)
    delimiter = _delimiter(lines, end)
    above = _closed(lines, delimiter, name)
    below: list[SegmentKind] = ["signature"] * (end - delimiter)
    notice: list[SegmentKind] = ["disclaimer"] * (len(lines) - end)
    return Tail(above.start, above.kinds + below + notice)


def mark_farewell(lines: list[Line], end: int, kinds: list[SegmentKind]) -> None:
    """Mark in `kinds` what closes and signs above more own words, such as a postscript."""
    at = next((at for at in range(end - 1, max(0, end - 1 - _TAIL), -1) if is_farewell(lines[at].text)), 0)
    if at:
        _mark_signed(lines, at, end, kinds)
    said = next(
        (at for at in range(end - 1, max(0, end - 1 - _TAIL), -1) if _rule("postscript").match(lines[at].text)), 0
    )
    if said:
        above = _closed(lines, said, "")
        if above.start and "closing" in above.kinds:
            kinds[above.start : said] = above.kinds


def _mark_signed(lines: list[Line], at: int, end: int, kinds: list[SegmentKind]) -> None:
    kinds[at] = "closing"
    for below in range(at + 1, end):
        text = lines[below].text
        if not (is_contact(text) or (_rule("signature_name").match(text) and may_sign(text))):
            break
        kinds[below] = "signature"
    while at > 1 and closes(lines[at - 1].text):
        at -= 1
        kinds[at] = "closing"


def _first_notice(lines: list[Line]) -> int:
    """Where a legal notice begins, which runs to the end; one above a farewell is the writer's own remark."""
    for at in range(max(0, len(lines) - _NOTICE), len(lines)):
        if _rule("disclaimer").match(lines[at].text):
            return len(lines) if any(is_farewell(line.text) for line in lines[at + 1 :]) else at
    return len(lines)


def _delimiter(lines: list[Line], end: int) -> int:
    """Where a line such as « -- » begins a signature, or `end`. Under a long rule, a letter may also go on."""
    for at in range(max(1, end - _UNDER_DELIMITER), end):
        if is_delimiter(lines[at].text):
            below = [line.text for line in lines[at + 1 : end]]
            signs = all(len(text) <= SIGNED and not _rule("sentence").search(text) for text in below)
            if signs and (len(lines[at].text) < _RULE or not any(map(closes, below))):
                return at
    return end


def _closed(lines: list[Line], end: int, name: str) -> Tail:
    """Closing and signature above `end`: under a closing anything short signs, else only names and numbers do."""
    block = _block(lines, end)
    kinds: list[SegmentKind] = ["signature"] * (end - block)
    for at in range(block - 1, max(-1, end - 1 - _TAIL), -1):
        if closes(lines[at].text):
            kinds.append("closing")
        elif may_sign(lines[at].text):
            kinds.append("signature")
        else:
            break
    if "closing" not in kinds:
        start = _unclosed(lines, end, end - len(kinds), name)
        return Tail(start, ["signature"] * (end - start))
    while kinds[-1] == "signature":
        kinds.pop()
    return Tail(end - len(kinds), kinds[::-1])


def _block(lines: list[Line], end: int) -> int:
    """Where a firm's signature begins, whose mottos would pass for sentences: a name with two contact lines below."""
    for at in range(max(1, end - _CARD), end - 2):
        if lines[at].gap and _rule("full_name").match(lines[at].text):
            below = [line.text for line in lines[at + 1 : end]]
            return at if sum(map(is_contact, below)) >= 2 and max(map(len, below)) <= SIGNED else end
    return end


def _unclosed(lines: list[Line], end: int, floor: int, name: str) -> int:
    """Where a signature without closing begins among lines[floor:end]: at a name or a number.

    The first line that is no greeting never belongs to it, nor what stands above a greeting further down.
    """
    start = end
    for at in range(end - 1, max(int(greets(lines[0].text)), floor - 1), -1):
        if lines[at].text.endswith(",") and greets(lines[at].text):
            break
        if _signs(lines, at, end, name):
            start = at
        if lines[at].gap and start != at and not is_contact(lines[at].text):
            break
    return start


def _only_signs(lines: list[Line]) -> bool:
    """Whether the passage is nothing but a signature: a name of two words or more, or « -- », and what follows."""
    first = lines[0].text
    named = any(_rule(name).match(first) for name in ("full_name", "signed_line", "mobile", "delimiter"))
    return named and all(is_contact(line.text) or (len(line.text) < _NAMED and may_sign(line.text)) for line in lines)


def _signs(lines: list[Line], at: int, end: int, name: str) -> bool:
    """Whether line `at` can open a signature that nothing but its look announces."""
    line = lines[at]
    if _rule("remnant").match(line.text):
        return False
    if is_contact(line.text) or (name and name.lower() in line.text.lower()):
        return True
    ended = lines[at - 1].text.endswith((".", "!", "?", "…")) and bool(_rule("full_name").match(line.text))
    if not (line.gap or ended or at == end - 1 or is_contact(lines[at + 1].text)):
        return False
    if line.gap and _rule("signed_line").match(line.text):
        return True
    if _first_word(line.text) in words("parts", "not_names"):
        return False
    if _rule("signature_name").match(line.text):
        return line.gap or not line.text.endswith((".", ":", "!")) or line.text[-3:-2] == " "  # « Garance C. »
    return line.gap and _lower_name(line.text)


def _lower_name(text: str) -> bool:
    """« basile », « sandrine carrere »: up to three bare words."""
    parts = text.split()
    return len(parts) <= 3 and all(part.replace("-", "").isalpha() for part in parts)


def _first_word(text: str) -> str:
    return (text.split() or [""])[0].strip(",:;!()").lower()


def cut_closing(line: Line, body: str) -> list[Piece]:
    """The last own line, in two where its last sentences close the letter."""
    start = bare_offset(line, body)
    text = body[start : line.end]
    cut = _closing_cut(text)
    if not cut:
        return [Piece("own", line.start, line.end)]
    return [Piece("own", line.start, start + len(text[:cut].rstrip())), Piece("closing", start + cut, line.end)]


@cache
def _closing_guard() -> Guard:
    """Tells most lines, in which no sentence closes anything, from the rest."""
    return Guard(rf"(?:[.!?…;)]|,)\s+(?:{_rule('closing').pattern}|{_rule('farewell').pattern})")


def _closing_cut(text: str) -> int:
    """Where, in one line, nothing but closing sentences follows; 0 when nowhere."""
    floor = max(0, len(text) - 250)
    if not _closing_guard().passes(text[floor:]):
        return 0
    first = 0
    for found in reversed(list(_SENTENCE_END.finditer(text, floor))[-_SENTENCES:]):
        cut = found.end()
        if cut < len(text) and (closes(text[cut:].strip()) or (first and closes(text[cut:first].strip()))):
            first = cut
    return first
