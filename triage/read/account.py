"""Where an IMAP folder is, and the secret that opens it: a URI without password, the environment, a private file."""

import os
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from triage.errors import SourceError

_SHAPE = "write imaps://user@host/INBOX"
_PORTS = {"imaps": 993, "imap": 143}
_PASSWORD, _PASSWORD_FILE, _AUTHORITY = "TRIAGE_IMAP_PASSWORD", "TRIAGE_IMAP_PASSWORD_FILE", "TRIAGE_IMAP_CA"
_MAX_PASSWORD = 4_096


@dataclass(frozen=True, slots=True)
class Account:
    """A folder on a server; `folder` has `/` between its levels."""

    scheme: str
    user: str
    host: str
    port: int
    folder: str

    @property
    def place(self) -> str:
        """The folder's address as origins and messages show it: without the user, percent-encoded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}/{quote(self.folder, safe='/')}"


def is_account(source: str) -> bool:
    """Say whether `source` is the URI of an IMAP folder."""
    return source.partition("://")[0].lower() in _PORTS and "://" in source


def read_account(source: str) -> Account:
    """Return what a URI says. Raises SourceError, which never repeats the URI: it may hold a password."""
    scheme = source.partition("://")[0].lower()
    parts, port = _split(source, scheme)
    if parts.password is not None:
        raise SourceError(
            f"{scheme}://: holds a password, which every program of this machine can see: change that password, "
            f"then put it in a file that you alone can read, named by {_PASSWORD_FILE}"
        )
    if not parts.username or not parts.hostname:
        raise SourceError(f"{scheme}://: names no user or no host: {_SHAPE}")
    if parts.query:
        raise SourceError(f"{scheme}://{parts.hostname}: takes nothing after a ?: write %3F in the name of a folder")
    folder = unquote(parts.path).strip("/") or "INBOX"
    if any(character < " " or character == "\x7f" for character in folder + unquote(parts.username)):
        raise SourceError(f"{scheme}://{parts.hostname}: holds a control character: {_SHAPE}")
    return Account(scheme, unquote(parts.username), parts.hostname, port, folder)


def _split(source: str, scheme: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(source, allow_fragments=False)
        return parts, parts.port or _PORTS[scheme]
    except ValueError:
        raise SourceError(f"{scheme}://: cannot be understood: {_SHAPE}") from None


def read_password(place: str) -> str:
    """Return the password that the environment gives or names a file of. Raises SourceError."""
    if given := os.environ.get(_PASSWORD):
        return given
    name = os.environ.get(_PASSWORD_FILE)
    if not name:
        raise SourceError(f"{place}: no password: set {_PASSWORD}, or name a file of mode 0600 in {_PASSWORD_FILE}")
    try:
        return _private_line(Path(name))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no UTF-8 text"
        raise SourceError(f"{name}: the password cannot be read ({why}): check {_PASSWORD_FILE}") from error


def _private_line(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a named pipe must not block
    with os.fdopen(descriptor, "rb") as stream:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise SourceError(f"{path}: others may read the password: run chmod 600 on it")
        found = stream.read(_MAX_PASSWORD).decode("utf-8").rstrip("\r\n")
    if not found:
        raise SourceError(f"{path}: holds no password: write it on one line")
    return found


def tls() -> ssl.SSLContext:
    """Return what checks a server's certificate: the system's authorities, or those of TRIAGE_IMAP_CA."""
    authority = os.environ.get(_AUTHORITY) or None
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:  # ssl.SSLError is one
        raise SourceError(f"{authority}: cannot be read as certificates (PEM): check {_AUTHORITY}") from error
