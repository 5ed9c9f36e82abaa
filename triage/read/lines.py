"""A byte stream read line by line, with a look ahead and lines that can be put back."""

from collections import deque
from collections.abc import Iterable
from typing import BinaryIO

# A longer line comes in pieces of this size, so that a file without line ends needs no more memory.
CHUNK = 65_536

# Kept of one message: a byte over the parser's limit, which tells it that the message was cut.
MAX_KEPT = 50 * 1024 * 1024 + 1


class Lines:
    """Lines with their line ends, from bytes already read and then from a stream."""

    def __init__(self, stream: BinaryIO, head: bytes = b"") -> None:
        """Read `head` first, then the rest of `stream`."""
        self._stream = stream
        self._waiting: deque[bytes] = deque()
        if head and not head.endswith(b"\n"):
            head += stream.readline(CHUNK)
        self._waiting.extend(_split(head))

    def next(self) -> bytes:
        """Return the next line, or nothing at the end."""
        return self._waiting.popleft() if self._waiting else self._stream.readline(CHUNK)

    def peek(self) -> bytes:
        """Return the next line without taking it."""
        if not self._waiting:
            self._waiting.append(self._stream.readline(CHUNK))
        return self._waiting[0]

    def put_back(self, lines: Iterable[bytes]) -> None:
        """Give `lines` again, in their order, before what follows."""
        self._waiting.extendleft(reversed(list(lines)))


def _split(data: bytes) -> list[bytes]:
    """Split at LF alone: `bytes.splitlines` would also split at a lone CR, as a stream does not."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return [line for line in lines if line]
