"""Single keys of a terminal, without Enter."""

import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Self

ESCAPE, ENTER, BACK, END = "\x1b", "\n", "\x7f", "\x04"
_WAIT = 0.05  # seconds within which the rest of an arrow key's sequence follows


class Keyboard:
    """Standard input, a terminal, key by key; as it was before when the block ends. Keys typed ahead are kept."""

    def __enter__(self) -> Self:
        self._descriptor = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def key(self) -> str:
        """The next key: a character, ENTER, BACK, END where the input ends; arrows and the like count as ESCAPE."""
        first = os.read(self._descriptor, 1)
        if first in (b"", END.encode()):
            return END
        if first == ESCAPE.encode():
            self._skip_sequence()
            return ESCAPE
        length = 4 if first[0] >= 0xF0 else 3 if first[0] >= 0xE0 else 2 if first[0] >= 0xC0 else 1
        rest = b"".join(os.read(self._descriptor, 1) for _ in range(length - 1))
        key = (first + rest).decode("utf-8", "replace")
        return {"\r": ENTER, "\x08": BACK}.get(key, key)

    def _skip_sequence(self) -> None:
        """Read what an arrow or function key sends after Escape (ECMA-48), and no key typed after it."""
        if not select.select([self._descriptor], [], [], _WAIT)[0]:
            return
        kind = os.read(self._descriptor, 1)
        if kind == b"O":
            os.read(self._descriptor, 1)
        elif kind == b"[":
            while (part := os.read(self._descriptor, 1)) and not b"@" <= part <= b"~":
                pass
