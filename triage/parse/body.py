"""Tree of parts -> the text to read, and the list of attachments."""

import re
from dataclasses import dataclass, field
from typing import Literal

from triage.parse import charset
from triage.parse.attachments import describe, describe_inline, file_name, is_attached
from triage.parse.cms import signed_content
from triage.parse.headers import Headers
from triage.parse.limits import MAX_HTML, MAX_TEXT
from triage.parse.markup import declared_charset, html_to_text
from triage.parse.repair import repair
from triage.parse.text import is_pgp_encrypted, plain, unenrich, unflow, without_pgp_armor
from triage.parse.transfer import inline_files, transfer_decode
from triage.parse.tree import Part, retokenise, tokenise
from triage.types import Attachment

FORWARD_LINE = "---------- Message transféré ----------"

Want = Literal["any", "plain", "html"]

_PLACEHOLDER = re.compile(
    r"(?:your|this) (?:e-?mail|mail) (?:client|program|reader) (?:does not|doesn.t|cannot|can.t)"
    r"|view (?:this|the) (?:message|e-?mail).{0,60}html|html.{0,40}(?:capable|compatible|enabled)"
    r"|(?:ne supporte|ne prend|n.affiche|ne peut).{0,60}html|this is a multi-?part message in mime format"
    r"|(?:message|courriel|e-?mail|mail) (?:est )?(?:au format|en) html",
    re.IGNORECASE,
)
_HTML_START = re.compile(r"\s{0,100}(?:<!doctype html|<html[\s>])", re.IGNORECASE)
_STATUS = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_UNREAD = frozenset({"text/x-amp-html", "text/x-watch-html"})  # other forms of a text that is there too
_FILES = frozenset(
    {"application/octet-stream", "application/x-unknown", "text/plain"}
)  # types of a mail sent as a file
_MAX_OPENED = 10
_CMS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(slots=True)
class Content:
    """What a tree holds: texts in reading order, attachments, and what kinds of text they came from."""

    warnings: list[str]
    texts: list[str] = field(default_factory=list)
    forwards: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    plain: bool = False
    html: bool = False
    status: str = ""  # the fields of a delivery or disposition report, in lower case
    size: int = 0  # characters of text
    html_read: int = 0  # bytes of HTML
    opened: int = 0  # encoded mails that were cut into parts on their own
    named: list[Part] = field(default_factory=list)  # files of text that are shown, not attached

    def add(self, text: str) -> None:
        """Add a text, up to 200,000 characters in all."""
        room = MAX_TEXT - self.size
        if len(text) > room:
            self.warnings.append("limit: text")
        text = text[: max(0, room)].strip("\n")
        if text.strip():
            self.texts.append(text)
            self.size += len(text) + 2

    def body(self) -> str:
        """Return the texts, then the forwarded mails, a blank line between them."""
        return "\n\n".join([*self.texts, *self.forwards])[:MAX_TEXT]


def gather(root: Part, warnings: list[str]) -> Content:
    """Return what `root` holds."""
    content = Content(warnings)
    _walk(root, content)
    if not (content.texts or content.forwards) and content.named:
        _read_text(content.named[0], content.named[0].get_content_type(), content, "any")
    return content


def _walk(part: Part, content: Content, want: Want = "any") -> None:
    """Read a part: its text of the kind that is wanted and, unless this is a second reading for HTML, its files."""
    kind = part.get_content_type()
    main = kind.partition("/")[0]
    if main == "multipart":
        _walk_multipart(part, kind, content, want)
    elif main == "message":
        if want != "html" and kind in {"message/rfc822", "message/global"}:
            _forward(_inner(part, content), content)
        elif kind == "message/partial":
            _walk_multipart(part, kind, content, want)
    elif kind in _CMS and (inner := _signed(part, content)):
        _walk(inner, content, want)
    elif is_attached(part) and not (part.depth == 0 and main == "text"):
        if want != "html":
            _attach(part, kind, content)
    elif kind not in _UNREAD:
        _read_text(part, kind, content, want)


def _walk_multipart(part: Part, kind: str, content: Content, want: Want) -> None:
    children = part.children() or retokenise(part, content.warnings)
    if kind == "multipart/encrypted":
        content.warnings.append("encrypted")
    if not children:
        if want != "html":
            content.warnings.append("mime: no boundary")
            _read_text(part, "text/plain", content, want)
    elif kind == "multipart/report":
        _walk_report(children, content)
    elif kind == "multipart/alternative":
        _walk_alternative(children, content, want)
    else:
        for child in children:
            _walk(child, content, want)


def _walk_alternative(children: list[Part], content: Content, want: Want) -> None:
    """Prefer the plain text unless it is empty or only says that there is an HTML text."""
    before, had_plain = len(content.texts), content.plain
    _take_first(children, content, "html" if want == "html" else "plain")
    text = "\n".join(content.texts[before:])
    if want != "any" or (text and not (len(text) < 400 and _PLACEHOLDER.search(text))):
        return
    placeholder = content.texts[before:]
    del content.texts[before:]
    _take_first(children, content, "html")
    if len(content.texts) > before:
        content.plain = had_plain
    else:
        content.texts += placeholder


def _take_first(children: list[Part], content: Content, want: Want) -> None:
    """Keep the texts of the first alternative that has any (the last one for HTML: it is the richest)."""
    before = kept = len(content.texts)
    for child in reversed(children) if want == "html" else children:
        _walk(child, content, want)
        if kept == before:
            kept = len(content.texts)
        del content.texts[kept:]


def _walk_report(children: list[Part], content: Content) -> None:
    """Read the human part of a report; the mail it returns is not what its sender wrote."""
    for rank, child in enumerate(children):
        if child.get_content_type() in _STATUS:
            content.status += _status(child)
        elif rank == 0:
            _walk(child, content)


def _status(part: Part) -> str:
    blocks = part.children() or [part]
    lines = [f"{name}: {value}" for block in blocks for name, value in block.raw_items()]
    text = "\n".join(lines) + "\n" + part.content().decode("ascii", "replace")
    return text[:MAX_TEXT].lower()


def _attach(part: Part, kind: str, content: Content) -> None:
    """List a file; a mail sent as a file is read too, and a text that is shown may be all there is to read."""
    content.attachments.append(describe(part, content.warnings))
    if kind in {"text/plain", "text/html"} and not part.raw("content-disposition").lower().startswith("attachment"):
        content.named.append(part)
    elif kind in _FILES and file_name(part).lower().endswith(".eml"):
        inner = _open(_decoded(part, content), content)
        if inner and inner.raw("from") and inner.raw("subject"):
            _forward(inner, content)


def _decoded(part: Part, content: Content) -> bytes:
    return transfer_decode(part.content(), part.raw("content-transfer-encoding"), content.warnings)


def _open(data: bytes, content: Content) -> Part | None:
    """Cut an encoded mail into parts, a few in each message: every one costs as much as a message."""
    content.opened += 1
    return tokenise(repair(data, content.warnings), content.warnings) if content.opened <= _MAX_OPENED else None


def _forward(inner: Part | None, content: Content) -> None:
    """Append a forwarded mail below a line and headers that a reader, and the next stage, know."""
    if inner is None:
        return
    headers = Headers(inner)
    lines = [FORWARD_LINE, f"De: {headers.text('from')}", f"Date: {headers.text('date')}"]
    lines += [f"Objet: {headers.text('subject')}", f"À: {headers.text('to')}"]
    below = Content(content.warnings, size=content.size + sum(map(len, lines)), html_read=content.html_read)
    below.opened = content.opened
    _walk(inner, below)
    content.forwards.append("\n".join(lines) + "\n\n" + below.body())
    content.size, content.html_read, content.opened = below.size, below.html_read, below.opened
    content.attachments += below.attachments


def _inner(part: Part, content: Content) -> Part | None:
    """Return the mail inside a message/rfc822, which some servers encode against the rules."""
    children = part.children()
    encoding = part.raw("content-transfer-encoding").strip().lower()
    if encoding in {"base64", "quoted-printable"} and children:
        return _open(transfer_decode(_source(children[0]), encoding, content.warnings), content)
    return children[0] if children else None


def _source(part: Part) -> bytes:
    """Return the bytes of an encoded mail, whose first lines the tokeniser may have taken for headers."""
    head = "".join(f"{name}: {value}\n" for name, value in part.raw_items()).encode("ascii", "surrogateescape")
    return head + b"\n" + part.content() if head else part.content()


def _signed(part: Part, content: Content) -> Part | None:
    """Return the mail inside an opaque S/MIME signature; flag what is encrypted."""
    inner = signed_content(_decoded(part, content))
    if not inner:
        content.warnings.append("encrypted")
        return None
    return _open(inner, content)


def _read_text(part: Part, kind: str, content: Content, want: Want) -> None:
    is_html = kind in {"text/html", "application/xhtml+xml"}
    if content.size >= MAX_TEXT or want == ("plain" if is_html else "html"):
        return
    data = _decoded(part, content)
    parameters = part.type_parameters()
    label = parameters.get("charset", "") or (declared_charset(data) if is_html else "")
    if is_html:
        _read_html(data, label, content)
        return
    if b"begin" in data:
        data, files = inline_files(data)
        content.attachments += [describe_inline(name, file) for name, file in files]
    text = _decode(data[: 4 * MAX_TEXT], label, content)
    if _HTML_START.match(text):
        _read_html(data, label, content)
        return
    if kind in {"text/enriched", "text/richtext"}:
        text = unenrich(text)
    if parameters.get("format", "").lower() == "flowed":
        text = unflow(text, parameters.get("delsp", "").lower() == "yes")
    if is_pgp_encrypted(text):
        content.warnings.append("encrypted")
    content.add(without_pgp_armor(text))
    content.plain = content.plain or bool(text.strip())


def _decode(data: bytes, label: str, content: Content) -> str:
    text, warning = charset.decode(data, label)
    if warning:
        content.warnings.append(warning)
    return plain(text)


def _read_html(data: bytes, label: str, content: Content) -> None:
    room = MAX_HTML - content.html_read
    content.html_read += len(data)
    if len(data) > room:
        content.warnings.append("limit: html")
    text = plain(html_to_text(_decode(data[: max(0, room)], label, content)))
    content.add(text)
    content.html = content.html or bool(text.strip())
