"""A draft as an RFC 5322 message a mail program opens ready to correct (`X-Unsent: 1`)."""

import os
import re
from binascii import b2a_qp
from collections.abc import Callable, Iterable
from email import base64mime, quoprimime
from email.errors import HeaderParseError
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from types import ModuleType

from triage.types import Draft, Outcome
from triage.write.files import make_folder, quick_file, sweep
from triage.write.flowed import flowed
from triage.write.imap import Waiting
from triage.write.original import quoted_original

_POLICY = SMTP.clone(utf8=False, max_line_length=200)  # some clients misread a folded In-Reply-To
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,250}@?[\x21-\x3b\x3d\x3f-\x7e]{0,250}")
_MOST_REFERENCES = 20
_LONGEST_LINE = 180  # characters
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)
_FLOWED = (
    ("MIME-Version", "1.0"),
    ("Content-Type", 'text/plain; charset="utf-8"; format="flowed"'),
    ("Content-Transfer-Encoding", "quoted-printable"),
)
_GAP = re.compile(r"(\[à (?:compléter|confirmer)[^\]]*\])")
_UNBROKEN = {f" {mark}": f"\u00a0{mark}" for mark in ":;?!»%€"} | {"« ": "«\u00a0"}
_HEADER_LINE = 78  # characters, where encoded words are folded
_FRAME = len("=?utf-8?q??=")


def draft_bytes(draft: Draft, sender: str, outcome: Outcome, timezone: str = "Europe/Paris") -> bytes:
    """The draft as bytes with CRLF line ends, the mail it answers quoted below; the same draft gives the same bytes.

    `timezone` is that of the administration, whose clock dates the quotation.
    """
    headers = [("From", _address("From", "", sender)), ("To", _address("To", draft.to.name, draft.to.address))]
    headers.append(("Subject", _text("Subject", _one_line(draft.subject))))
    if moment := outcome.message and (outcome.message.date or outcome.message.received):
        headers.append(("Date", format_datetime(moment)))
    headers.append(("Message-ID", f"<draft-{outcome.digest[:32]}@triage.invalid>"))
    if reply_to := _ids([draft.in_reply_to]):
        headers.append(("In-Reply-To", reply_to))
    if references := _ids(draft.references[-_MOST_REFERENCES:]):
        headers.append(("References", references))
    headers += [
        ("X-Unsent", "1"),
        ("X-Triage-Template", _text("X-Triage-Template", _one_line(draft.template))),
        *_FLOWED,
    ]
    below = quoted_original(draft, outcome, timezone)
    body = _typeset(draft.body)
    text = flowed(f"{body}\n\n{below}" if below else body)
    written = b2a_qp(text.encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii") + b"\r\n" + written


def put_draft(path: Path, content: bytes | None, previous: str | None, *, fresh: bool) -> bool:
    """Bring a draft's file up to date; False when an agent has changed the file, which then stays.

    `content` None removes it. `previous` is the SHA-256 of what this program wrote there before, if it did. `fresh`
    says that no earlier run can have tried this already: a file of unknown making is then replaced.
    """
    if fresh and previous is None and content is not None:
        quick_file(path, content)
        return True
    there = _digest(path)
    wanted = None if content is None else sha256(content).hexdigest()
    if there == wanted:
        return True
    if there is not None and there != previous:
        return False
    if content is None:
        path.unlink(missing_ok=True)
    else:
        quick_file(path, content)
    return True


def put_in_maildir(root: Path, drafts: Iterable[Waiting], remember: Callable[[str], None]) -> int:
    """Put drafts in a Maildir, marked as such (flag D), and call `remember` with each digest once all are on disk.

    Returns how many were put. One that lies there already, whatever its flags, is only remembered: an earlier run
    died between the two.
    """
    for part in ("tmp", "new", "cur"):
        make_folder(root / part)
    sweep(root / "cur")
    there = {path.name.split(":")[0] for part in ("new", "cur") for path in (root / part).iterdir()}
    digests, count = [], 0
    for draft in drafts:
        name = f"{draft.digest[:40]}.triage"
        if name not in there:
            quick_file(root / "cur" / f"{name}:2,D", draft.content)
            count += 1
        digests.append(draft.digest)
    os.sync()
    for digest in digests:
        remember(digest)
    return count


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file, None where there is none, or an empty one as a power cut leaves it."""
    try:
        return sha256(path.read_bytes()).hexdigest() if path.stat().st_size else None
    except FileNotFoundError:
        return None


def _address(header: str, name: str, address: str) -> str:
    """The value of a header that holds one address.

    The standard library writes odd ones; one that it refuses is written as it is, without what ends an address.
    """
    shown, clean = _one_line(name), _one_line(address)
    if _PLAIN_ADDRESS.fullmatch(clean):
        if shown.isascii() and "=?" not in shown and len(shown) <= _LONGEST_LINE:
            return formataddr((shown, clean))
        return f"{_text(header, shown)} <{clean}>"
    message = EmailMessage(policy=_POLICY)
    try:
        message[header] = HeaderAddress(display_name=shown, addr_spec=clean)
    except (ValueError, HeaderParseError, IndexError):
        message[header] = re.sub(r"[\s,;<>]", "", clean)
    return str(message[header].fold(policy=_POLICY)).partition(": ")[2].removesuffix("\r\n")


def _text(header: str, text: str) -> str:
    """The value of a header that holds text, as encoded words (RFC 2047) where plain ASCII will not do."""
    if text.isascii() and "=?" not in text and len(text) <= _LONGEST_LINE:
        return text
    coder = _shorter(text.encode())
    room = _HEADER_LINE - len(f"{header}: ") - _FRAME
    words = []
    while text:
        end = _fitting(text, room, coder)
        words.append(coder.header_encode(text[:end].encode(), "utf-8"))
        text, room = text[end:], _HEADER_LINE - 1 - _FRAME
    return "\r\n ".join(words)


def _shorter(data: bytes) -> ModuleType:
    """What encodes bytes in fewer characters: base64, or else quoted-printable."""
    return base64mime if base64mime.header_length(data) < quoprimime.header_length(data) else quoprimime


def _fitting(text: str, room: int, coder: ModuleType) -> int:
    """How many characters of a text, one at least, make an encoded word that fits in `room`; none is cut in two."""
    if coder.header_length(text.encode()) <= room:
        return len(text)
    if coder is quoprimime:
        sizes, most = accumulate(map(_quoted_width, text)), room
    else:
        sizes, most = accumulate(len(character.encode()) for character in text), room // 4 * 3
    return max(1, next(end for end, size in enumerate(sizes) if size > most))


@lru_cache(1_024)
def _quoted_width(character: str) -> int:
    return quoprimime.header_length(character.encode())


def _typeset(text: str) -> str:
    """No-break spaces where French wants them, so that no line begins with « : »; gaps stay as written."""
    return "".join(part if rank % 2 else _spaced(part) for rank, part in enumerate(_GAP.split(text)))


def _spaced(text: str) -> str:
    for breakable, unbroken in _UNBROKEN.items():
        text = text.replace(breakable, unbroken)
    return text


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _ids(ids: list[str] | tuple[str, ...]) -> str:
    """Message ids on one line, or one a line where they are many."""
    known = [f"<{found}>" for found in ids if _MESSAGE_ID.fullmatch(found)]
    return ("\r\n " if sum(map(len, known)) > _LONGEST_LINE else " ").join(known)
