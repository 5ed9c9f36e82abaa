"""Write Outlook .msg files: a minimal OLE compound file (MS-CFB, version 3) with MAPI properties in it (MS-OXMSG).

A storage is a dict of name -> bytes or storage. No library that could write one is among the dependencies.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF

Storage = Mapping[str, Any]
Values = Mapping[int, str | bytes | int | bool | datetime]


def outlook_file(
    values: Values, recipients: Sequence[Values] = (), attachments: Sequence[Any] = (), **options: Any
) -> bytes:
    """A .msg; an attachment is its properties, or a pair (properties, embedded storage)."""
    return compound_file(message_storage(values, recipients, attachments, header=32, **options))


def message_storage(
    values: Values,
    recipients: Sequence[Values] = (),
    attachments: Sequence[Any] = (),
    *,
    header: int = 24,
    encoding: str = "",
) -> Storage:
    """The storage of a message; texts are UTF-16, or of 8 bits in `encoding`."""
    storage = dict(properties(values, header, encoding))
    for rank, one in enumerate(recipients):
        storage[f"__recip_version1.0_#{rank:08X}"] = properties(one, 8, encoding)
    for rank, one in enumerate(attachments):
        own, embedded = one if isinstance(one, tuple) else (one, None)
        inner = {"__substg1.0_3701000D": embedded} if embedded is not None else {}
        storage[f"__attach_version1.0_#{rank:08X}"] = properties(own, 8, encoding) | inner
    return storage


def properties(values: Values, header: int, encoding: str = "") -> dict[str, Any]:
    """The properties stream and the streams of long values."""
    streams: dict[str, Any] = {}
    table = bytes(header)
    for pid, value in values.items():
        kind, fixed, stream = _encode(value, encoding)
        table += struct.pack("<HHI8s", kind, pid, 6, fixed)
        if stream is not None:
            streams[f"__substg1.0_{pid:04X}{kind:04X}"] = stream
    return {"__properties_version1.0": table, **streams}


def _encode(value: Any, encoding: str) -> tuple[int, bytes, bytes | None]:
    if isinstance(value, bool):
        return 0x0B, struct.pack("<Q", value), None
    if isinstance(value, int):
        return 0x03, struct.pack("<Q", value), None
    if isinstance(value, datetime):
        ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        return 0x40, struct.pack("<Q", ticks), None
    if isinstance(value, str):
        data = value.encode(encoding) if encoding else value.encode("utf-16-le")
        return 0x1E if encoding else 0x1F, struct.pack("<II", len(data), 0), data
    return 0x102, struct.pack("<II", len(value), 0), value


def compound_file(root: Storage) -> bytes:
    """The bytes of an OLE file that holds `root`."""
    return _Writer().write(root)


class _Writer:
    def __init__(self) -> None:
        self.sectors: list[bytes] = []
        self.fat: list[int] = []
        self.mini = b""
        self.minifat: list[int] = []
        self.entries: list[list[Any]] = []  # name, type, right sibling, child, start, size

    def write(self, root: Storage) -> bytes:
        self._entry("Root Entry", 5)
        self._children(0, root)
        self.entries[0][4:] = [self._chain(self.mini), len(self.mini)]
        minifat = self._chain(b"".join(struct.pack("<I", n) for n in self.minifat), filler=b"\xff")
        directory = self._chain(b"".join(self._packed(entry) for entry in self.entries))
        count = 1
        while count * 128 < len(self.fat) + count:
            count += 1
        first = len(self.sectors)
        fat = self.fat + [FAT] * count
        fat += [FREE] * (count * 128 - len(fat))
        header = struct.pack(
            "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, count, directory, 0,
            CUTOFF, minifat, (len(self.minifat) + 127) // 128, END, 0,
        )  # fmt: skip
        header += struct.pack("<109I", *[*range(first, first + count), *[FREE] * (109 - count)])
        return header + b"".join(self.sectors) + struct.pack(f"<{len(fat)}I", *fat)

    def _entry(self, name: str, kind: int) -> int:
        self.entries.append([name, kind, NONE, NONE, 0, 0])
        return len(self.entries) - 1

    def _children(self, parent: int, storage: Storage) -> None:
        """Chain the children by their right siblings: a tree without balance, which readers accept."""
        previous = None
        for name, value in sorted(storage.items(), key=lambda item: (len(item[0]), item[0].upper())):
            own = self._entry(name, 1 if isinstance(value, Mapping) else 2)
            if previous is None:
                self.entries[parent][3] = own
            else:
                self.entries[previous][2] = own
            previous = own
            if isinstance(value, Mapping):
                self._children(own, value)
            else:
                self.entries[own][4:] = [self._stream(value), len(value)]

    def _stream(self, data: bytes) -> int:
        if len(data) >= CUTOFF:
            return self._chain(data)
        if not data:
            return END
        start, count = len(self.minifat), -(-len(data) // MINI)
        self.minifat += [*range(start + 1, start + count), END]
        self.mini += data.ljust(count * MINI, b"\0")
        return start

    def _chain(self, data: bytes, filler: bytes = b"\0") -> int:
        if not data:
            return END
        start, count = len(self.sectors), -(-len(data) // SECTOR)
        padded = data.ljust(count * SECTOR, filler)
        self.sectors += [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
        self.fat += [*range(start + 1, start + count), END]
        return start

    @staticmethod
    def _packed(entry: list[Any]) -> bytes:
        name, kind, right, child, start, size = entry
        encoded = (name + "\0").encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII16xIQQIQ", encoded, len(encoded), kind, 1, NONE, right, child, 0, 0, 0, start, size
        )
