"""Back from the masked text to the message: where each of its characters stood."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from triage.clean.clean import names_of
from triage.clean.mask import trace as trace_mask
from triage.clean.normalise import flatten
from triage.types import CleanText, Message, Segment


class Place(NamedTuple):
    """Characters start (included) to end (excluded) of `Message.subject` or `Message.body`."""

    field: Literal["subject", "body"]
    start: int
    end: int


class Trace:
    """The way back from `CleanText.masked`. Built in time linear in the size of the message."""

    def __init__(self, message: Message, text: CleanText) -> None:
        own = text.body if any(part.kind == "own" for part in text.segments) else ""
        masked = trace_mask(text.subject, own, names_of(message, text.segments, text.forwarded))
        self._origins = masked.origins or range(len(masked.text) + 1)
        self._subject = _subject_places(message.subject, text.subject)
        self._own = _own_places(message.body, text.segments, own)

    def place(self, start: int, end: int) -> Place:
        """Where masked[start:end] stood, all of what a placeholder replaced included. It may not span two fields."""
        first, last = self._origins[start], self._origins[end]
        border = len(self._subject) + 1  # the line feed after the subject
        if first < border:
            return Place("subject", *_span(self._subject, first, last))
        return Place("body", *_span(self._own, first - border, last - border))


def _span(places: Sequence[int], first: int, last: int) -> tuple[int, int]:
    last = min(last, len(places))
    return (places[first], places[last - 1] + 1) if first < last else (0, 0)


def _subject_places(written: str, stripped: str) -> list[int]:
    """Places in the subject as written: what was stripped stood in front, and a run of blanks became one."""
    flat = flatten(written)
    wanted = len(stripped.replace(" ", ""))
    letters = [i for i, letter in enumerate(flat.text) if not letter.isspace()]
    following = iter(letters[len(letters) - wanted :])
    places: list[int] = []
    for letter in stripped:
        places.append(places[-1] + 1 if letter == " " else flat.origin(next(following, 0)))
    return places


def _own_places(body: str, segments: Sequence[Segment], own: str) -> list[int]:
    """Places in the body of the own words: its own segments one under the other, some quote marks left out."""
    places: list[int] = []
    for part in segments:
        if part.kind == "own":
            if places:
                places.append(part.start - 1)  # the line feed between two segments
            places += _matched(own, len(places), body, part)
    return places


def _matched(own: str, done: int, body: str, part: Segment) -> Iterator[int]:
    for at in range(part.start, part.end):
        if done < len(own) and own[done] == body[at]:
            yield at
            done += 1
