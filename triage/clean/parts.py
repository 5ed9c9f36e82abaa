"""Greeting, closing, signature and disclaimer within the lines of one person."""

import re
from functools import cache
from re import Pattern
from typing import NamedTuple

from triage.clean.lines import Line, bare_offset
from triage.clean.patterns import patterns, words
from triage.types import SegmentKind

_GREETED = 12  # lines a greeting may run over
_HEAD = 14  # lines of a letter above its greeting
_TAIL = 30  # lines at the bottom that may close and sign
_SIGNED = 150  # characters of the longest line in a signature
_CARD = 12  # lines of a firm's signature
_NAMED = 60  # characters of a line in a signature that stands alone
_UNDER_DELIMITER = 20  # lines under « -- »
_NOTICE = 60  # lines of a disclaimer
_SENTENCES = 8  # last sentences of a line that may close the letter
_SENTENCE_END = re.compile(r"[.!?…;)](?:\s|$)|,\s")


class Piece(NamedTuple):
    """text[start:end] of the body is of this kind."""

    kind: SegmentKind
    start: int
    end: int


class Tail(NamedTuple):
    """Where the own words end and what each line after them is."""

    start: int
    kinds: list[SegmentKind]


def divide(lines: list[Line], body: str, *, name: str = "", told: bool = False) -> list[Piece]:
    """The pieces of one passage, in order.

    `name` is the sender's display name, where known; `told` says that the mail tells its matter
    elsewhere, in its subject, so that the passage may be a signature alone.
    """
    kinds: list[SegmentKind] = ["own"] * len(lines)
    tail = Tail(0, ["signature"] * len(lines)) if told and _only_signs(lines) else _tail(lines, name)
    kinds[tail.start :] = tail.kinds
    _mark_farewell(lines, tail.start, kinds)
    first = _head(lines, kinds)
    pieces = [Piece(kind, line.start, line.end) for kind, line in zip(kinds, lines, strict=True)]
    last = _cut_closing(lines, tail.start, body)
    if last:
        pieces[tail.start - 1 : tail.start] = last
    return _greeted(lines, pieces, body, first)


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("parts")[name]


def _head(lines: list[Line], kinds: list[SegmentKind]) -> int:
    """Mark who writes to whom above the greeting of a letter; where that greeting is looked for.

    What stands there otherwise, such as « Objet : … », is own words.
    """
    first = next((at for at in range(min(_HEAD, len(lines))) if _greets(lines[at].text)), 0)
    above = lines[:first]
    if not any(_heads(line.text) for line in above) or not all(_may_sign(line.text) for line in above):
        return 0
    for at, line in enumerate(above):
        if kinds[at] == "own" and _heads(line.text):
            kinds[at] = "signature"
    return first


def _greets(text: str) -> bool:
    found = _rule("greeting").match(text)
    return found is not None and found.end() == len(text)


def _heads(text: str) -> bool:
    return _strong(text) or bool(_rule("full_name").match(text) or _rule("letterhead").match(text))


def _greeted(lines: list[Line], pieces: list[Piece], body: str, first: int) -> list[Piece]:
    """Cut the greeting off the own lines from the `first` on."""
    result = list(pieces)
    for at in range(first, min(first + _GREETED, len(pieces))):
        line, piece = lines[at], pieces[at]
        found = _rule("greeting").match(line.text) if piece.kind == "own" else None
        if not found:
            break
        start = bare_offset(line, body)
        rest = start + found.end()
        if not body[rest : line.end].strip():
            result[at] = Piece("greeting", line.start, line.end)
            continue
        rest += len(body[rest : line.end]) - len(body[rest : line.end].lstrip())
        result[at : at + 1] = [
            Piece("greeting", line.start, start + len(found[0].rstrip())),
            Piece("own", rest, line.end),
        ]
        break
    return result


def _tail(lines: list[Line], name: str) -> Tail:
    """The end of a passage that is not own words, found from the bottom up."""
    end = _first_notice(lines)
    delimiter = _delimiter(lines, end)
    above = _closed(lines, delimiter, name)
    below: list[SegmentKind] = ["signature"] * (end - delimiter)
    notice: list[SegmentKind] = ["disclaimer"] * (len(lines) - end)
    return Tail(above.start, above.kinds + below + notice)


def _mark_farewell(lines: list[Line], end: int, kinds: list[SegmentKind]) -> None:
    """A farewell and a name above more own words, such as a postscript, are no own words themselves."""
    at = next((at for at in range(end - 1, max(0, end - 1 - _TAIL), -1) if _rule("farewell").match(lines[at].text)), 0)
    if not at:
        return
    kinds[at] = "closing"
    for below in range(at + 1, end):
        text = lines[below].text
        if not (_strong(text) or (_rule("signature_name").match(text) and _may_sign(text))):
            break
        kinds[below] = "signature"
    while at > 1 and _closes(lines[at - 1].text):
        at -= 1
        kinds[at] = "closing"


def _first_notice(lines: list[Line]) -> int:
    for at in range(max(0, len(lines) - _NOTICE), len(lines)):
        if _rule("disclaimer").match(lines[at].text):
            return at
    return len(lines)


def _delimiter(lines: list[Line], end: int) -> int:
    """Where a line such as « -- » begins a signature, or `end`."""
    for at in range(max(0, end - _UNDER_DELIMITER), end):
        if _rule("delimiter").match(lines[at].text) and at > 0:
            below = lines[at + 1 : end]
            if all(len(line.text) <= _SIGNED and not _rule("sentence").search(line.text) for line in below):
                return at
    return end


def _closed(lines: list[Line], end: int, name: str) -> Tail:
    """Closing and signature above `end`: under a closing anything short signs, else only names and numbers do."""
    block = _block(lines, end)
    kinds: list[SegmentKind] = ["signature"] * (end - block)
    for at in range(block - 1, max(-1, end - 1 - _TAIL), -1):
        if _closes(lines[at].text):
            kinds.append("closing")
        elif _may_sign(lines[at].text):
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
            return at if sum(map(_strong, below)) >= 2 and max(map(len, below)) <= _SIGNED else end
    return end


def _closes(text: str) -> bool:
    return bool(_rule("farewell").match(text) or _rule("closing").match(text))


def _may_sign(text: str) -> bool:
    if len(text) > _SIGNED:
        return False
    if _strong(text) or _rule("delimiter").match(text):
        return True
    return not (_rule("postscript").match(text) or _rule("sentence").search(text.partition("(")[0]))


def _unclosed(lines: list[Line], end: int, floor: int, name: str) -> int:
    """Where a signature without closing begins among lines[floor:end]: at a name or a number."""
    start = end
    for at in range(end - 1, max(0, floor - 1), -1):
        if _signs(lines, at, end, name):
            start = at
        if lines[at].gap and start != at and not _strong(lines[at].text):
            break
    return start


def _only_signs(lines: list[Line]) -> bool:
    """Whether the passage is nothing but a signature: a name of two words or more, or « -- », and what follows."""
    first = lines[0].text
    named = any(_rule(name).match(first) for name in ("full_name", "signed_line", "mobile", "delimiter"))
    return named and all(_strong(line.text) or (len(line.text) < _NAMED and _may_sign(line.text)) for line in lines)


def _strong(text: str) -> bool:
    return bool(_rule("mobile").match(text) or _rule("contact").match(text) or _rule("enclosure").match(text))


def _signs(lines: list[Line], at: int, end: int, name: str) -> bool:
    """Whether line `at` can open a signature that nothing but its look announces."""
    line = lines[at]
    if _strong(line.text) or (name and name.lower() in line.text.lower()):
        return True
    ended = lines[at - 1].text.endswith((".", "!", "?", "…")) and bool(_rule("full_name").match(line.text))
    if not (line.gap or ended or at == end - 1 or _strong(lines[at + 1].text)):
        return False
    if _first_word(line.text) in words("parts", "not_names"):
        return False
    if _rule("signature_name").match(line.text):
        return line.gap or not line.text.endswith((".", ":", "!")) or line.text[-3:-2] == " "  # « Garance C. »
    if line.gap and _rule("signed_line").match(line.text):
        return True
    return line.gap and _lower_name(line.text)


def _lower_name(text: str) -> bool:
    """« basile », « sandrine carrere »: up to three bare words."""
    parts = text.split()
    return len(parts) <= 3 and all(part.replace("-", "").isalpha() for part in parts)


def _first_word(text: str) -> str:
    return (text.split() or [""])[0].strip(",:;!()").lower()


def _cut_closing(lines: list[Line], end: int, body: str) -> list[Piece]:
    """The last own line in two, where its last sentences close the letter."""
    if not end:
        return []
    line = lines[end - 1]
    start = bare_offset(line, body)
    text = body[start : line.end]
    cut = _closing_cut(text)
    if not cut:
        return []
    own_end = start + len(text[:cut].rstrip())
    return [Piece("own", line.start, own_end), Piece("closing", start + cut, line.end)]


def _closing_cut(text: str) -> int:
    """Where, in one line, nothing but closing sentences follows; 0 when nowhere."""
    floor = max(0, len(text) - 250)
    first = 0
    for found in reversed(list(_SENTENCE_END.finditer(text, floor))[-_SENTENCES:]):
        cut = found.end()
        if cut < len(text) and (_closes(text[cut:].strip()) or (first and _closes(text[cut:first].strip()))):
            first = cut
    return first
