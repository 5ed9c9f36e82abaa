"""Outlook .msg files -> the RFC 5322 message they stand for, always the same bytes for the same file.

Headers come from the transport headers where Outlook kept them, and from properties where it did
not. Bodies and files are base64, so that none can be taken for a boundary. A message whose body is
RTF only is read from that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from triage.read.mapi import Pid, Record, code_page, load
from triage.read.mime import file_part, header, mail_part, mailbox, media_type, multipart, text_part
from triage.read.rtf import MAX_COMPRESSED, decompress, read_rtf

_MAX_DEPTH = 20  # embedded messages: each is two levels of the parser's fifty
_MAX_CHILDREN = 1_000  # recipients or attachments: the parser's limit
_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:")
_DROPPED = re.compile(r"(?:content-[!-9;-~]*|mime-version|microsoft mail internet headers version.*)", re.IGNORECASE)
_SIGNED_START = re.compile(rb"\s{0,20}(?:mime-version|content-type)[ \t]*:", re.IGNORECASE)
_EMBEDDED = 5  # PidTagAttachMethod

# How Outlook keeps reports: the last part of the class -> kind of report, its type, what it states.
_REPORTS = {
    ".NDR": ("delivery-status", "Reporting-MTA: dns; outlook\n\nFinal-Recipient: rfc822; {}\nAction: failed\n"),
    ".DELAYED": ("delivery-status", "Reporting-MTA: dns; outlook\n\nFinal-Recipient: rfc822; {}\nAction: delayed\n"),
    ".DR": ("delivery-status", "Reporting-MTA: dns; outlook\n\nFinal-Recipient: rfc822; {}\nAction: delivered\n"),
    ".IPNRN": (
        "disposition-notification",
        "Final-Recipient: rfc822; {}\nDisposition: manual-action/MDN-sent-manually; displayed\n",
    ),
    ".IPNNRN": (
        "disposition-notification",
        "Final-Recipient: rfc822; {}\nDisposition: manual-action/MDN-sent-manually; deleted\n",
    ),
}


def convert(data: bytes) -> tuple[bytes, datetime | None]:
    """Return the mail of a .msg file and when it was delivered. Raises NotAMessageError, whatever the bytes."""
    record = load(data)
    return _Converter().mail(record, 0), record.moment(Pid.MESSAGE_DELIVERY_TIME)


def envelope(name: str, data: bytes, why: str) -> bytes:
    """Return a mail without text that carries a file which cannot be read: a person must look at it."""
    head = header("Subject", name) + header("X-Triage-Unreadable", why) + b"MIME-Version: 1.0\n"
    return head + multipart("mixed", [text_part("plain", ""), file_part("application/vnd.ms-outlook", name, data)])


@dataclass(slots=True)
class _Converter:
    """What one file may still cost: RTF is slow to unpack, and every embedded message can hold some."""

    rtf_left: int = MAX_COMPRESSED

    def mail(self, record: Record, depth: int) -> bytes:
        return b"".join(_headers(record)) + b"MIME-Version: 1.0\n" + self._entity(record, depth)

    def _entity(self, record: Record, depth: int) -> bytes:
        attachments = [one for one, _ in zip(record.children("__attach_"), range(_MAX_CHILDREN), strict=False)]
        kind = record.text(Pid.MESSAGE_CLASS).upper()
        if kind.startswith("IPM.NOTE.SMIME") and attachments:
            return _smime(attachments[0])
        text = multipart("alternative", self._texts(record))
        if kind.startswith("REPORT.") and (report := _report(record, kind, text)):
            return report
        return multipart("mixed", [text, *(self._attached(one, depth) for one in attachments)])

    def _texts(self, record: Record) -> list[bytes]:
        """Return the plain text and the HTML, or what the RTF holds when there is neither."""
        plain = record.text(Pid.BODY)
        html: str | bytes = record.binary(Pid.HTML) or record.text(Pid.HTML)
        charset = code_page(record, Pid.INTERNET_CODEPAGE) if isinstance(html, bytes) else "utf-8"
        if not plain.strip() and not html.strip():
            plain, html, charset = *self._rtf(record), "utf-8"
        found = [text_part("plain", plain)] if plain.strip() or not html else []
        return [*found, text_part("html", html, charset)] if html else found

    def _rtf(self, record: Record) -> tuple[str, str]:
        packed = record.binary(Pid.RTF_COMPRESSED) or b""
        if not packed or len(packed) > self.rtf_left:
            return "", ""
        self.rtf_left -= len(packed)
        text, is_html = read_rtf(decompress(packed))
        return ("", text) if is_html else (text, "")

    def _attached(self, record: Record, depth: int) -> bytes:
        """Return an attachment; one that is only referred to, or an OLE object, keeps its name."""
        if record.number(Pid.ATTACH_METHOD) == _EMBEDDED and depth < _MAX_DEPTH:
            inner = record.embedded(Pid.ATTACH_DATA_BINARY)
            if inner is not None:
                return mail_part(self.mail(inner, depth + 1))
        content_id = record.text(Pid.ATTACH_CONTENT_ID).strip("<> ")
        return file_part(
            media_type(record.text(Pid.ATTACH_MIME_TAG)),
            _file_name(record),
            record.binary(Pid.ATTACH_DATA_BINARY) or b"",
            f"<{content_id}>" if content_id else "",
        )


def _file_name(record: Record) -> str:
    names = (Pid.ATTACH_LONG_FILENAME, Pid.ATTACH_FILENAME, Pid.DISPLAY_NAME)
    return next(filter(None, map(record.text, names)), "")


def _smime(record: Record) -> bytes:
    """Return a signed mail, which Outlook keeps whole in one attachment, or the opaque S/MIME part."""
    data = record.binary(Pid.ATTACH_DATA_BINARY) or b""
    if _SIGNED_START.match(data):
        return data.lstrip()
    return file_part("application/pkcs7-mime", _file_name(record) or "smime.p7m", data)


def _report(record: Record, kind: str, text: bytes) -> bytes:
    """Return a delivery report or a read receipt as RFC 3464 and 8098 write it."""
    found = next((report for end, report in _REPORTS.items() if kind.endswith(end)), None)
    if found is None:
        return b""
    subtype, fields = found
    address = next((address for _, _, address in _recipients(record)), "unknown")
    stated = f"Content-Type: message/{subtype}\n\n{fields.format(mailbox('', address))}".encode("utf-8", "replace")
    return multipart(f"report; report-type={subtype}", [text, stated])


def _headers(record: Record) -> Iterator[bytes]:
    """Yield the transport headers, then those that they miss."""
    present = set()
    for name, field in _transport(record.text(Pid.TRANSPORT_MESSAGE_HEADERS)):
        present.add(name.lower())
        yield field.encode("utf-8", "replace")
    for name, value in _from_properties(record):
        if name.lower() not in present:
            yield header(name, value)


def _transport(text: str) -> Iterator[tuple[str, str]]:
    """Yield each header of the first block with its lines, without those that describe the lost MIME form."""
    lines: list[str] = []
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").partition("\n\n")[0].split("\n"), ""]:
        if line[:1] in {" ", "\t"} and lines:
            lines.append(line)
            continue
        if lines and (match := _FIELD.match(lines[0])) and not _DROPPED.fullmatch(match[1]):
            yield match[1], "".join(f"{one}\n" for one in lines)
        lines = [line]


def _from_properties(record: Record) -> Iterator[tuple[str, str]]:
    author, sender = _author(record), _sender(record)
    yield "From", author or sender
    yield "Sender", sender if author and sender != author else ""
    for number, name in ((1, "To"), (2, "Cc")):
        yield name, ", ".join(mailbox(shown, address) for kind, shown, address in _recipients(record) if kind == number)
    yield "Subject", record.text(Pid.SUBJECT)
    sent = record.moment(Pid.CLIENT_SUBMIT_TIME)
    yield "Date", format_datetime(sent) if sent else ""
    yield "Message-ID", record.text(Pid.INTERNET_MESSAGE_ID)
    yield "In-Reply-To", record.text(Pid.IN_REPLY_TO_ID)
    yield "References", record.text(Pid.INTERNET_REFERENCES)
    if ".RULES.OOFTEMPLATE" in record.text(Pid.MESSAGE_CLASS).upper():
        yield "Auto-Submitted", "auto-replied"


def _author(record: Record) -> str:
    """Return in whose name a mail was sent: its From."""
    address = _internet_address(record, Pid.SENT_REPRESENTING_SMTP_ADDRESS, Pid.SENT_REPRESENTING_EMAIL_ADDRESS)
    return mailbox(record.text(Pid.SENT_REPRESENTING_NAME), address) if address else ""


def _sender(record: Record) -> str:
    address = _internet_address(record, Pid.SENDER_SMTP_ADDRESS, Pid.SENDER_EMAIL_ADDRESS)
    return mailbox(record.text(Pid.SENDER_NAME), address)


def _recipients(record: Record) -> list[tuple[int, str, str]]:
    """Return kind (1 to, 2 cc, 3 bcc), name and address of the recipients."""
    found = [one for one, _ in zip(record.children("__recip_"), range(_MAX_CHILDREN), strict=False)]
    return [
        (
            one.number(Pid.RECIPIENT_TYPE) & 0xF,
            one.text(Pid.DISPLAY_NAME),
            _internet_address(one, Pid.SMTP_ADDRESS, Pid.EMAIL_ADDRESS, Pid.DISPLAY_NAME),
        )
        for one in found
    ]


def _internet_address(record: Record, *where: int) -> str:
    """Return the first address to which mail can be sent: inside Exchange some are paths of a directory."""
    return next((text for text in map(record.text, where) if "@" in text), "")
