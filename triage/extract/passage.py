"""A passage under search, and the shape of what searches it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from triage.types import Fact

_SENTENCE_END = re.compile(r"[.;!?\n](?=\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """`folded` is `written` without accents or capitals, character by character; `received` a local day or None."""

    written: str = field(repr=False)
    folded: str = field(repr=False)
    received: date | None = None

    def before(self, at: int, width: int = 60) -> str:
        """What stands in the same sentence before `at`, folded, at most `width` characters."""
        return _SENTENCE_END.split(self.folded[max(0, at - width) : at])[-1]

    def after(self, at: int, width: int = 40) -> str:
        """What stands in the same sentence from `at` on, folded, at most `width` characters."""
        return _SENTENCE_END.split(self.folded[at : at + width], maxsplit=1)[0]

    def line(self, at: int, width: int = 200) -> tuple[int, int]:
        """Start and end of the line around `at`, at most `width` characters to each side."""
        start = self.folded.rfind("\n", max(0, at - width), at) + 1
        end = self.folded.find("\n", at, at + width)
        return max(start, at - width), end if end >= 0 else min(len(self.folded), at + width)

    def fact(self, kind: str, value: str, start: int, end: int, role: str = "") -> Fact:
        """The fact that stands at `start`:`end`."""
        return Fact(kind, value, self.written[start:end], start, end, role)


# Facts that begin at, or around, the word or number at an offset of the passage.
Reader = Callable[[Passage, int], Iterable[Fact]]
