"""The OLE compound file of an Outlook message -> its MAPI properties, with whatever is missing or damaged left out.

python-oxmsg reads the tree of storages. Its own properties are strict (one unknown code page or one
odd byte and nothing of the message can be read), so the values are decoded here.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oxmsg.storage import Storage

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_PROPERTIES = "__PROPERTIES_VERSION1.0"
_INTEGER, _BOOLEAN, _OBJECT, _STRING8, _STRING, _TIME, _BINARY = 0x03, 0x0B, 0x0D, 0x1E, 0x1F, 0x40, 0x102
_ROOT_OFFSET, _EMBEDDED_OFFSET, _CHILD_OFFSET = 32, 24, 8  # where the values start in a properties stream
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # before, no mail had a date: the value is a default
_MAX_STEPS = 20_000_000  # comparisons of names to find every stream: about two seconds


class Pid(IntEnum):
    """The properties that are read, numbered as in Microsoft's MS-OXPROPS."""

    ATTACH_CONTENT_ID = 0x3712
    ATTACH_DATA_BINARY = 0x3701
    ATTACH_FILENAME = 0x3704
    ATTACH_LONG_FILENAME = 0x3707
    ATTACH_METHOD = 0x3705
    ATTACH_MIME_TAG = 0x370E
    BODY = 0x1000
    CLIENT_SUBMIT_TIME = 0x0039
    DISPLAY_NAME = 0x3001
    EMAIL_ADDRESS = 0x3003
    HTML = 0x1013
    INTERNET_CODEPAGE = 0x3FDE
    INTERNET_MESSAGE_ID = 0x1035
    INTERNET_REFERENCES = 0x1039
    IN_REPLY_TO_ID = 0x1042
    MESSAGE_CLASS = 0x001A
    MESSAGE_CODEPAGE = 0x3FFD
    MESSAGE_DELIVERY_TIME = 0x0E06
    RECIPIENT_TYPE = 0x0C15
    RTF_COMPRESSED = 0x1009
    SENDER_EMAIL_ADDRESS = 0x0C1F
    SENDER_NAME = 0x0C1A
    SENDER_SMTP_ADDRESS = 0x5D01
    SENT_REPRESENTING_EMAIL_ADDRESS = 0x0065
    SENT_REPRESENTING_NAME = 0x0042
    SENT_REPRESENTING_SMTP_ADDRESS = 0x5D02
    SMTP_ADDRESS = 0x39FE
    SUBJECT = 0x0037
    TRANSPORT_MESSAGE_HEADERS = 0x007D


class NotAMessageError(Exception):
    """Says in a few words why a file cannot be read as an Outlook message."""


@dataclass(frozen=True, slots=True)
class Record:
    """The properties of a message, a recipient or an attachment, and the storages below it."""

    streams: dict[str, bytes]
    storages: "tuple[Storage, ...]"
    values: dict[tuple[int, int], bytes]
    encodings: tuple[str, ...]  # of 8-bit strings: of the message, then of its body

    def text(self, pid: int) -> str:
        """Return a text, empty when it is absent."""
        if (wide := self._stream(pid, _STRING)) is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(pid, _STRING8)
        return "" if narrow is None else self._decode(narrow).rstrip("\0")

    def binary(self, pid: int) -> bytes | None:
        """Return bytes, None when they are absent."""
        return self._stream(pid, _BINARY)

    def number(self, pid: int) -> int:
        """Return a number or a truth value, 0 when it is absent."""
        value = self.values.get((pid, _INTEGER)) or self.values.get((pid, _BOOLEAN)) or bytes(8)
        return int(struct.unpack("<I", value[:4])[0])

    def moment(self, pid: int) -> datetime | None:
        """Return a moment in UTC to the second."""
        ticks = int(struct.unpack("<Q", self.values.get((pid, _TIME), bytes(8)))[0])
        try:
            found = _EPOCH + timedelta(seconds=ticks // 10_000_000)
        except OverflowError:
            return None
        return found if found > _EARLIEST else None

    def children(self, prefix: str) -> "Iterator[Record]":
        """Yield the recipients (`__recip_`) or the attachments (`__attach_`)."""
        for storage in self.storages:
            if storage.name.lower().startswith(prefix):
                yield _record(storage, _CHILD_OFFSET, self.encodings)

    def embedded(self, pid: int) -> "Record | None":
        """Return the message that a property holds."""
        name = _stream_name(pid, _OBJECT)
        found = next((one for one in self.storages if one.name.upper() == name), None)
        if found is None or not any(stream.name.upper() == _PROPERTIES for stream in found.streams):
            return None
        return _record(found, _EMBEDDED_OFFSET, self.encodings)

    def _stream(self, pid: int, kind: int) -> bytes | None:
        return self.streams.get(_stream_name(pid, kind))

    def _decode(self, data: bytes) -> str:
        """Decode as what the bytes can be: labels are often wrong, and no French Latin text is valid UTF-8."""
        for encoding in ("utf-8", *self.encodings):
            try:
                return data.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
        return data.decode("cp1252", "replace")


def load(data: bytes) -> Record:
    """Return the message of an OLE file. Raises NotAMessageError, whatever the bytes."""
    from olefile import OleFileIO
    from oxmsg.storage import Storage

    try:
        # As a stream: olefile takes short bytes for the name of a file.
        with OleFileIO(io.BytesIO(data)) as ole:
            _check(ole, len(data))
            return _record(Storage.from_ole(ole), _ROOT_OFFSET, ())
    except NotAMessageError:
        raise
    except Exception as error:  # a hostile file: struct.error, IndexError, RecursionError…
        raise NotAMessageError("its structure is damaged") from error


def code_page(record: Record, pid: int) -> str:
    """Return the name of the charset that a property announces, or an empty string."""
    from oxmsg.domain.encodings import encoding_from_codepage

    number = record.number(pid)
    if number in {0, 1252, 20127, 28591}:  # what is called Latin 1 or ASCII is windows-1252
        return "windows-1252" if number else ""
    try:
        return encoding_from_codepage(number)
    except Exception:  # noqa: BLE001 - oxmsg has two exceptions for it, and a wrong number is no fault of the mail
        return ""


def _record(storage: "Storage", offset: int, encodings: tuple[str, ...]) -> Record:
    streams = {stream.name.upper(): stream.bytes_ for stream in storage.streams}
    values = dict(_values(streams.get(_PROPERTIES, b""), offset))
    bare = Record(streams, storage.storages, values, encodings)
    announced = (code_page(bare, Pid.MESSAGE_CODEPAGE), code_page(bare, Pid.INTERNET_CODEPAGE))
    return Record(streams, storage.storages, values, tuple(filter(None, announced)) or encodings)


def _values(data: bytes, offset: int) -> Iterator[tuple[tuple[int, int], bytes]]:
    for at in range(offset, len(data) - 15, 16):
        kind, pid, value = struct.unpack("<HH4x8s", data[at : at + 16])
        yield (pid, kind), value


def _check(ole: Any, size: int) -> None:
    """Refuse, before its streams are read, what is no message or would cost more than a file of its size can."""
    if not ole.exists("__properties_version1.0"):
        raise NotAMessageError("it holds no Outlook message")
    declared, steps = _cost(ole.root, 0)
    if declared > size or steps > _MAX_STEPS:
        raise NotAMessageError("it is cut short, or declares more than it holds")


def _cost(entry: Any, above: int) -> tuple[int, int]:
    """Return the bytes that the streams below a storage declare, and the comparisons it takes to find them."""
    path = above + len(entry.kids)
    found = [_cost(kid, path) if kid.entry_type == 1 else (kid.size, path) for kid in entry.kids]
    return sum(size for size, _ in found), sum(steps for _, steps in found)


def _stream_name(pid: int, kind: int) -> str:
    return f"__SUBSTG1.0_{pid:04X}{kind:04X}"
