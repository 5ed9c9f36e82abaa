"""The body of a message as segments with exact offsets."""

from bisect import bisect_left
from typing import NamedTuple

from triage.clean.form import Field, message_fields, read_form
from triage.clean.lines import SHOWN, Line, Piece, bare_offset, split_lines
from triage.clean.normalise import Flat, flatten
from triage.clean.parts import divide
from triage.clean.patterns import patterns
from triage.clean.subject import says_forward, says_nothing, says_reply, strip_prefixes
from triage.clean.thread import Thread, split_level, unfold
from triage.types import Forwarded, Message, Segment, SegmentKind

_ALONE = Thread([], "quoted", None, [], [])


class Segmentation(NamedTuple):
    """`segments` of Message.body in order; `own` is what they hold of own words, as written.

    `recalled` are the words of the sender's own mail below a short reminder.
    """

    segments: tuple[Segment, ...]
    own: str
    forwarded: Forwarded | None
    recalled: str


def segment(message: Message) -> Segmentation:
    """Cut the body of `message` into segments. Takes time linear in its length.

    The segments cover every non-blank line, do not overlap, and « own » ones make up the own words,
    without quote marks. In a colleague's forward, the first writer's words are the own ones and all
    that wraps them (the colleague's note, the header block) is « forwarded ».
    """
    flat = flatten(message.body)
    lines = split_lines(flat.text)
    fields = read_form(lines, declared=message.kind == "form")
    thread = unfold(lines, flat.text, message) if not fields or says_forward(message.subject) else _ALONE
    if fields:
        thread = _read_fields(fields, lines, flat.text)._replace(forwarded=thread.forwarded)
    pieces = thread.pieces
    if not _tells(pieces, flat.text):
        pieces = _said_instead(thread, lines, flat.text, message.subject)
    pieces = _merged(_complete(pieces, lines, thread.rest))
    segments = tuple(Segment(piece.kind, *_span(piece, flat)) for piece in pieces)
    own = _own(segments, lines, flat, message.body)
    return Segmentation(segments, own, thread.forwarded, _recalled(thread, flat.text))


def _read_fields(fields: list[Field], lines: list[Line], body: str) -> Thread:
    pieces: list[Piece] = []
    for field in message_fields(fields, lines):
        first = lines[field.first]
        start = bare_offset(first, body) + field.shift
        value = first._replace(start=start, text=first.text[field.shift :], gap=True)
        if value.text:
            pieces.append(Piece("signature", first.start, first.start + len(body[first.start : start].rstrip())))
        below = [line for line in lines[field.first + 1 : field.after] if line.text]
        inside = [*([value] if value.text else []), *below]
        pieces += divide(inside, body)
    return Thread(pieces, "signature", None, [], [])


def _tells(pieces: list[Piece], body: str) -> bool:
    """Whether there are own words, quote marks aside."""
    return any(piece.kind == "own" and body[piece.start : piece.end].strip("> |") for piece in pieces)


def _said_instead(thread: Thread, lines: list[Line], body: str, subject: str) -> list[Piece]:
    """What counts as own words where none were found: an answer's thanks, else the subject, else any words."""
    if (thread.quoted or says_reply(subject)) and any(_thanks(piece, body) for piece in thread.pieces):
        return [Piece("own", *piece[1:]) if _thanks(piece, body) else piece for piece in thread.pieces]
    return _fall_back(thread, lines, body) if says_nothing(strip_prefixes(subject)) else thread.pieces


def _thanks(piece: Piece, body: str) -> bool:
    said = body[piece.start : piece.end][:SHOWN]
    return piece.kind == "closing" and bool(patterns("parts")["thanked"].search(said))


def _fall_back(thread: Thread, lines: list[Line], body: str) -> list[Piece]:
    """Where the sender wrote nothing, not even a subject: what is quoted, or else every word there is."""
    quoted = _written(thread.quoted, body)
    if _tells(quoted, body):
        return sorted(thread.pieces + quoted, key=lambda piece: piece.start)
    kinds = [piece.kind for piece in thread.pieces]
    kind = next((kind for kind in ("closing", "greeting", "signature", "disclaimer") if kind in kinds), None)
    if not kind:
        return [Piece("own", line.start, line.end) for line in lines if line.text]
    return [Piece("own", *piece[1:]) if piece.kind == kind else piece for piece in thread.pieces]


def _written(quoted: list[Line], body: str) -> list[Piece]:
    """What the writer of a quoted mail said in it."""
    return [piece for passage in split_level(quoted, inner=True).passages for piece in divide(passage, body)]


def _recalled(thread: Thread, body: str) -> str:
    """The own words of the mail that a reminder leaves its matter to, without quote marks."""
    own = {piece.start for piece in _written(thread.recalled, body) if piece.kind == "own"}
    return "\n".join(body[bare_offset(line, body) : line.end] for line in thread.recalled if line.start in own)


def _complete(pieces: list[Piece], lines: list[Line], rest: SegmentKind) -> list[Piece]:
    """Add the lines that no piece covers; those of quote marks only go with the text on both sides, where it agrees."""
    covered = {piece.start: piece.kind for piece in pieces}
    added: list[Piece] = []
    above, bare = rest, []
    for line in lines:
        kind = covered.get(line.start, rest)
        if not line.text:
            bare.append(line)
            continue
        added += [Piece(kind if kind == above else rest, mark.start, mark.end) for mark in bare]
        if line.start not in covered:
            added.append(Piece(rest, line.start, line.end))
        above, bare = kind, []
    added += [Piece(rest, mark.start, mark.end) for mark in bare]
    return sorted(pieces + added, key=lambda piece: piece.start)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one kind as one piece."""
    merged: list[Piece] = []
    for piece in pieces:
        if piece.start == piece.end:
            continue
        if merged and merged[-1].kind == piece.kind:
            merged[-1] = Piece(piece.kind, merged[-1].start, piece.end)
        else:
            merged.append(piece)
    return merged


def _span(piece: Piece, flat: Flat) -> tuple[int, int]:
    return flat.origin(piece.start), flat.origin(piece.end)


def _own(segments: tuple[Segment, ...], lines: list[Line], flat: Flat, body: str) -> str:
    """The own segments, one under the other, without the quote marks before a forwarded text's lines."""
    own = [part for part in segments if part.kind == "own"]
    written = "\n".join(body[part.start : part.end] for part in own)
    if ">" not in written and "|" not in written:
        return written
    marks = [(flat.origin(line.start), flat.origin(bare_offset(line, flat.text))) for line in lines if line.depth]
    return "\n".join(_without(marks, body, part) for part in own)


def _without(marks: list[tuple[int, int]], body: str, part: Segment) -> str:
    """The text of `part` without the spans in `marks`, which are in order."""
    kept, start = [], part.start
    for at in range(bisect_left(marks, (part.start, 0)), len(marks)):
        first, after = marks[at]
        if first >= part.end:
            break
        kept.append(body[start:first])
        start = after
    return "".join(kept) + body[start : part.end]
