"""Attached parts -> name, media type, decoded size, digest."""

import hashlib
import re

from triage.parse.parameters import parameters
from triage.parse.transfer import transfer_decode
from triage.parse.tree import Part
from triage.parse.words import decode_line
from triage.types import Attachment

NAMELESS = "sans-nom"
_MAX_NAME = 150
_UNSAFE = re.compile(r'[<>:"|?*]')
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})


def file_name(part: Part) -> str:
    """Return the name that a part claims, reduced to a bare file name, or an empty string."""
    claimed = parameters(part.raw("content-disposition")).get("filename", "")
    claimed = claimed or part.type_parameters().get("name", "")
    return bare_name(decode_line(claimed)) if claimed else ""


def bare_name(name: str) -> str:
    """Return the last component of a path, without characters that a file system or a shell acts on."""
    last = re.split(r"[/\\]", name)[-1]
    clean = _UNSAFE.sub("_", last).strip(". ")
    if len(clean) <= _MAX_NAME:
        return clean
    stem, dot, suffix = clean.rpartition(".")
    return f"{stem[: _MAX_NAME - 10]}.{suffix[:9]}" if dot else clean[:_MAX_NAME]


def is_attached(part: Part) -> bool:
    """Say whether a leaf is a file rather than text to read."""
    disposition = part.raw("content-disposition").strip().lower()
    if part.get_content_maintype() != "text" or disposition.startswith("attachment"):
        return True
    return part.get_content_type() in {"text/calendar", "text/rtf", "text/vcard", "text/x-vcard"} or bool(
        file_name(part)
    )


def is_signature(attachment: Attachment) -> bool:
    """Say whether an attachment is the signature of a signed mail, which nobody opens."""
    return attachment.media_type in _SIGNATURES


def describe_inline(name: bytes, data: bytes) -> Attachment:
    """Return what is known of a file that stood in a text."""
    shown = bare_name(decode_line(name.decode("utf-8", "surrogateescape"))) or NAMELESS
    return Attachment(shown, "application/octet-stream", len(data), hashlib.sha256(data).hexdigest())


def describe(part: Part, warnings: list[str]) -> Attachment:
    """Return what is known of an attached leaf."""
    data = transfer_decode(part.content(), part.raw("content-transfer-encoding"), warnings)
    name = file_name(part) or NAMELESS
    media_type = part.get_content_type()
    if media_type in {"application/ms-tnef", "application/vnd.ms-tnef"} or name.lower() == "winmail.dat":
        warnings.append("tnef: winmail.dat")
    return Attachment(name, media_type, len(data), hashlib.sha256(data).hexdigest())
