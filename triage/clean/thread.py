"""Who wrote what: the sender's own lines, quoted ones, and the mail that a colleague passes on."""

from functools import cache
from re import Pattern
from typing import NamedTuple

from triage.clean.answers import find_answers
from triage.clean.headers import Header, find_header
from triage.clean.lines import Line, Piece
from triage.clean.older import find_older
from triage.clean.parts import divide
from triage.clean.patterns import patterns, words
from triage.clean.subject import says_forward, says_reply, strip_prefixes
from triage.text import fold
from triage.types import Address, Forwarded, Message, SegmentKind

_FORWARDS = 5  # a mail passed on more often than that is read no deeper
_SHORT = 8  # own words under which a forward is part of what the sender says
_TELLING = 4  # words of a subject that can stand for a mail
_NOTE = 60  # words of the longest note with which an agent passes a mail on
_REMINDER = 30  # words of the longest reminder that leaves its matter to the sender's own mail below
_REMAINDER = 20  # characters of such a rest that begins with a capital
_WRAPPED = 60  # characters of a quoted line whose rest may have slipped onto the next line, unmarked
_ENCLOSED = " >>>"  # ends an attribution that begins with quote marks too, above an unmarked quote
_UNNAMED = Header(0, 0, "forward")
_UNSAID = ("signature", "disclaimer")


class Level(NamedTuple):
    """One person's passages, and the text they answer or pass on (empty where there is none)."""

    passages: list[list[Line]]
    header: Header | None
    inner: list[Line]


class Thread(NamedTuple):
    """`pieces` in order: what the body is made of; lines in no piece are of the kind `rest`.

    `quoted` are the lines to fall back on where the sender wrote nothing; `recalled` those of an own mail of the sender
    below a short reminder.
    """

    pieces: list[Piece]
    rest: SegmentKind
    forwarded: Forwarded | None
    quoted: list[Line]
    recalled: list[Line]


def unfold(lines: list[Line], body: str, message: Message) -> Thread:
    """Find the own words of `message`, whose normalised body is `body`, through up to five forwards."""
    subject, forwarded, writer = message.subject, None, message.sender
    level = _without_older(split_level(lines), subject)
    name = message.sender.name if message.sender else ""
    pieces = _pieces(level, body, name, subject)
    rest: SegmentKind = "quoted"
    for _ in range(_FORWARDS):
        note = _own_text(pieces, body)
        silent = all(piece.kind in _UNSAID for piece in pieces) and not _from_recipient(level, message)
        if not _is_forward(level, subject, note, silent=silent):
            break
        rest = "forwarded"
        by_colleague = _by_colleague(level, note, writer, message)
        if not by_colleague and len(note.split()) >= _SHORT:
            break
        inner = split_level(level.inner, inner=True)
        if not by_colleague:
            return Thread(pieces + _pieces(_first_written(inner), body, ""), rest, forwarded, level.inner, [])
        header = level.header or _UNNAMED
        writer = header.sender
        forwarded = Forwarded(writer, header.date, header.subject)
        level, subject = _without_older(inner, header.subject), header.subject
        pieces = _pieces(level, body, writer.name if writer else "", subject)
    own = _own_text(pieces, body)
    recalled = level.inner if _wrote_it(level.header or _UNNAMED, writer) and len(own.split()) <= _REMINDER else []
    return Thread(pieces + find_answers(level.inner, own), rest, forwarded, level.inner, recalled)


def split_level(lines: list[Line], *, inner: bool = False) -> Level:
    """The lines of the first writer, up to a header or with the quotes between them taken out.

    `inner`: the lines come from a quote, so that they may all carry its mark.
    """
    base = min((line.depth for line in lines[:3]), default=0) if inner else 0
    passages: list[list[Line]] = [[]]
    header: Header | None = None
    below: list[Line] = []
    i = 0
    while i < len(lines):
        enclosed = lines[i].text.endswith(_ENCLOSED)
        if not enclosed and (lines[i].depth > base or _slipped(lines, i, base)):
            end = _run_end(lines, i, base)
            below, header = (below, header) if below else _headed(lines[i:end], header)
            passages.append([])
            i = end
            continue
        found = find_header(lines, i)
        if not found:
            passages[-1] += [lines[i]] if lines[i].text else []
            i += 1
            continue
        header = header or found
        i = found.after
        passages.append([])
        if i < len(lines) and lines[i].depth <= base:
            return Level([part for part in passages if part], header, below or lines[i:])
    return Level([part for part in passages if part], header, below)


def _first_written(level: Level) -> Level:
    """The first level on which somebody wrote: a mail passed on twice may open with two headers."""
    for _ in range(_FORWARDS):
        if level.passages or not level.inner:
            break
        level = split_level(level.inner, inner=True)
    return level


def _run_end(lines: list[Line], i: int, base: int) -> int:
    while i < len(lines) and (lines[i].depth > base or _slipped(lines, i, base)):
        i += 1
    return i


def _slipped(lines: list[Line], i: int, base: int) -> bool:
    """The rest of a long quoted line that some program wrapped onto an unmarked line."""
    if not 0 < i < len(lines) - 1 or lines[i].gap or lines[i + 1].gap:
        return False
    before, after = lines[i - 1], lines[i + 1]
    if before.text.endswith("?"):  # what follows a question answers it
        return False
    text = lines[i].text
    looks = text[:1].islower() or (len(text) <= _REMAINDER and not text.endswith((".", "!", "?")))
    return looks and min(before.depth, after.depth) > base and len(before.text) >= _WRAPPED


def _headed(run: list[Line], header: Header | None) -> tuple[list[Line], Header | None]:
    """A marked quote without the header that opens it, and the header that says most."""
    own = find_header(run, 0)
    if not own:
        return run, header
    kind = header.kind if header and header.kind != "block" else own.kind
    return run[own.after :], own._replace(kind=kind)


def _without_older(level: Level, subject: str) -> Level:
    """`level` without an older mail that nothing introduces."""
    if level.inner or level.header or not level.passages:
        return level
    last = level.passages[-1]
    older = find_older(last, answers=says_reply(subject) or says_forward(subject))
    return Level([*level.passages[:-1], last[:older]], None, last[older:])


def _pieces(level: Level, body: str, name: str, subject: str = "") -> list[Piece]:
    """`subject`, where given, tells the matter, so that the passages need not."""
    told = len(strip_prefixes(subject).split()) >= _TELLING
    return [
        piece
        for rank, passage in enumerate(level.passages)
        for piece in divide(passage, body, name=name, told=told or rank > 0)
    ]


def _own_text(pieces: list[Piece], body: str) -> str:
    return "\n".join(body[piece.start : piece.end] for piece in pieces if piece.kind == "own")


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("thread")[name]


def _is_forward(level: Level, subject: str, note: str, *, silent: bool) -> bool:
    """Whether the inner text is passed on rather than answered; `silent`: nothing is said to those who wrote it."""
    if not level.inner or not level.header:
        return bool(level.inner) and says_forward(subject)
    if level.header.kind == "forward" or says_forward(subject):
        return True
    if level.header.kind == "block" and silent:
        return True
    if level.header.kind == "reply" or says_reply(subject):
        return False
    return not note or bool(_rule("note").search(note[:500]) and len(note.split()) <= _NOTE)


def _by_colleague(level: Level, note: str, writer: Address | None, message: Message) -> bool:
    """Whether `writer`, who passes the inner text on, is an agent, and somebody else wrote to the administration."""
    header = level.header or _UNNAMED
    if _wrote_it(header, writer) or len(note.split()) > _NOTE:
        return False
    known = _is_colleague(writer, message)
    if known is not None:
        return known
    says_so = bool(_rule("note").search(note[:1000]) or _rule("note").search(_above(level)))
    if writer and not says_so:
        return False
    personal = bool(_rule("first_person").search(note[:1000]))
    if header.sender and _rule("public_body").search(header.sender.address or header.sender.name):
        return says_so and not personal
    return says_so or not personal or bool(_rule("office").search(header.to[:200]))


def _above(level: Level) -> str:
    """Everything above the forward, signature included: « Secrétariat général » tells an agent."""
    shown = [line for passage in level.passages for line in passage][:20]
    return "\n".join(line.text for line in shown)[:1000]


def _wrote_it(header: Header, writer: Address | None) -> bool:
    """Whether the header names `writer`: by the address or, where Outlook gives none, by the name."""
    if not header.sender or not writer:
        return False
    if header.sender.address:
        return header.sender.address == writer.address.lower()
    return bool(writer.name) and fold(header.sender.name) == fold(writer.name)


def _from_recipient(level: Level, message: Message) -> bool:
    """Whether the inner text is a mail of those who now receive the answer to it."""
    sender = level.header.sender.address if level.header and level.header.sender else ""
    return any(sender == one.address.lower() for one in (*message.to, *message.cc))


def _is_colleague(writer: Address | None, message: Message) -> bool | None:
    """Yes where the writer shares a domain with the inbox or the agent who passed the mail on.

    No where the writer's domain is anybody's, else unknown.
    """
    domain = _domain(writer.address) if writer else ""
    if domain in words("thread", "public_domains"):
        return False
    theirs = () if writer == message.sender or not message.sender else (message.sender,)
    ours = {_domain(address.address) for address in (*theirs, *message.to, *message.cc)}
    return True if domain and domain in ours else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
