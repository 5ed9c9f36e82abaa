"""What a writer says between the lines of the mail that he answers, without the marks that would tell them apart."""

from functools import cache
from re import Pattern

from triage.clean.headers import find_header
from triage.clean.lines import Line, Piece
from triage.clean.patterns import patterns

_LINES = 200  # lines of the answered mail that are read


@cache
def _rule(name: str) -> Pattern[str]:
    return patterns("answers")[name]


def find_answers(lines: list[Line], note: str) -> list[Piece]:
    """The answers within `lines`, the mail answered, and the marks before them as quoted pieces.

    They are looked for where the `note` above announces them or is empty: marked ones first, else,
    where announced, what stands under each question.
    """
    shown = _first_mail(lines[:_LINES])
    announced = bool(shown and _rule("announced").search(note[:2000]))
    if not shown or (note.strip() and not announced):
        return []
    marked = [piece for line in shown for piece in _marked(line)]
    return marked if marked or not announced else _under_questions(shown)


def _first_mail(lines: list[Line]) -> list[Line]:
    """The lines without quote marks above the next header."""
    end = next((at for at in range(len(lines)) if find_header(lines, at)), len(lines))
    return [line for line in lines[:end] if not line.depth and line.text]


def _marked(line: Line) -> list[Piece]:
    found = _rule("mark").match(line.text)
    if not found or found.end() == len(line.text):
        return []
    start = line.start + found.end()
    return [Piece("quoted", line.start, line.start + len(found[0].rstrip())), Piece("own", start, line.end)]


def _under_questions(lines: list[Line]) -> list[Piece]:
    asked, found = False, []
    for line in lines:
        if line.text.endswith("?"):
            asked = True
        elif asked:
            found.append(Piece("own", line.start, line.end))
            asked = False
    return found
