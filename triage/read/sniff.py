"""Tell mail from other files by their first bytes."""

import re

HEAD_SIZE = 8_192
BOM = b"\xef\xbb\xbf"

_HEADER = re.compile(rb"[!-9;-~]{1,76}[ \t]{0,8}:")
_MAIL_HEADER = re.compile(
    rb"^(?:Return-Path|Received|From|To|Cc|Subject|Date|Message-ID|MIME-Version|Content-Type|Delivered-To"
    rb"|Reply-To|Sender|DKIM-Signature|Authentication-Results|X-[A-Za-z0-9-]{1,60})[ \t]{0,8}:",
    re.IGNORECASE | re.MULTILINE,
)

# What people hand over by mistake: first bytes, what it is, what to do instead.
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive or an Office document", "unzip it and give the folder of .eml files"),
    (b"PK\x05\x06", "an empty zip archive", "give a folder of .eml files"),
    (b"%PDF", "a PDF document", "give the mail it came with, as .eml"),
    (b"!BDN", "an Outlook .pst archive", "export its folders as .eml or mbox"),
    (b"\x1f\x8b", "a gzip archive", "decompress it first"),
    (b"BZh", "a bzip2 archive", "decompress it first"),
    (b"\xfd7zXZ", "an xz archive", "decompress it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "extract it and give the folder of .eml files"),
    (b"Rar!", "a RAR archive", "extract it and give the folder of .eml files"),
    (b"\x89PNG", "a picture", "give the mail it came with, as .eml"),
    (b"\xff\xd8\xff", "a picture", "give the mail it came with, as .eml"),
    (b"GIF8", "a picture", "give the mail it came with, as .eml"),
    (b"{\\rtf", "an RTF document", "give the mail it came with, as .eml"),
    (b"SQLite format 3", "a database", "export the mails as .eml or mbox"),
    (b"\xff\xfe", "UTF-16 text", "save the mail as .eml, not as Unicode text"),
    (b"\xfe\xff", "UTF-16 text", "save the mail as .eml, not as Unicode text"),
)


def strip_start(head: bytes) -> bytes:
    """Return `head` without a byte order mark and leading blank lines."""
    return head.removeprefix(BOM).lstrip(b"\r\n")


def foreign(head: bytes) -> str:
    """Return what a file that is no mail is and the remedy, in one phrase, or an empty string."""
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            return f"is {what}, not mail: {remedy}"
    if head[257:262] == b"ustar":
        return "is a tar archive, not mail: extract it and give the folder of .eml files"
    return "is a binary file, not mail: give an .eml, an mbox, a Maildir or a folder" if b"\0" in head[:512] else ""


def is_from_line(line: bytes) -> bool:
    """Say whether `line` looks like an mbox separator, and not like a header written `From :`."""
    return line.startswith(b"From ") and not line[4:].lstrip().startswith(b":")


def is_header_line(line: bytes) -> bool:
    """Say whether `line` starts like a mail header."""
    return _HEADER.match(line) is not None


def starts_like_mail(head: bytes) -> bool:
    """Say whether a file's first bytes are mail headers."""
    start = strip_start(head)
    start = start.partition(b"\n")[2] if is_from_line(start.removeprefix(b">")) else start
    return is_header_line(start) and _MAIL_HEADER.search(start) is not None


def is_known_header(line: bytes) -> bool:
    """Say whether `line` is a header that mail usually starts with."""
    return _MAIL_HEADER.match(line) is not None
