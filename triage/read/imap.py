r"""IMAP folders, strictly read-only: EXAMINE and BODY.PEEK[], so that no flag changes, not even \Seen.

`imaps://user@host[:port]/INBOX[/Sub]` speaks TLS from the start, `imap://…` by STARTTLS; without TLS
only to this machine itself, and nothing can change that. The password comes from TRIAGE_IMAP_PASSWORD
or from the private file that TRIAGE_IMAP_PASSWORD_FILE names.

A folder is opened twice: when it is named, so that a fault stops the run before any work, and again
when its turn comes, since a server closes a connection that waits.
"""

import imaplib
import ipaddress
import socket
import ssl
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from triage.errors import SourceError
from triage.read.account import Account, is_account, read_account, read_password, tls
from triage.read.lines import MAX_KEPT
from triage.types import RawMessage

if TYPE_CHECKING:
    from imapclient import IMAPClient

_CONNECT_SECONDS, _READ_SECONDS = 20.0, 120.0
_LISTED = 500  # messages whose UIDs are asked for at once: servers refuse command lines over 8 KB
_FETCHED = 50  # messages fetched at once at most…
_FETCHED_SIZE = 8 * 1024 * 1024  # …and their bytes, unless one alone is longer
_AGAIN = "run again: what is done is kept"

# The first line that fits says it; `{}` is the system's own words.
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "the certificate cannot be trusted ({}): check the host, or name the authority's certificate in TRIAGE_IMAP_CA",
    ),
    (ssl.SSLError, "no TLS connection ({}): imaps:// is for port 993, imap:// for port 143 with STARTTLS"),
    (socket.gaierror, "the host's name is unknown ({}): check it, and the network"),
    (ConnectionRefusedError, "nothing answers at this port: check host and port"),
    (TimeoutError, f"no answer in time: check host, port and firewall, then {_AGAIN}"),
    (imaplib.IMAP4.abort, f"the connection broke: {_AGAIN}"),
    (OSError, f"the connection failed ({{}}): check the network, then {_AGAIN}"),
)


def is_imap(source: str) -> bool:
    """Say whether `source` is the URI of an IMAP folder."""
    return is_account(source)


def read_imap(source: str) -> Iterator[RawMessage]:
    """Return the messages of an IMAP folder by UID; one deleted while the folder is read is left out.

    Raises SourceError, at once for a server, password or folder that cannot be used, and while
    reading when the connection breaks.
    """
    account = read_account(source)
    password = read_password(account.place)
    with _opened(account, password):
        pass
    return _read(account, password)


def _read(account: Account, password: str) -> Iterator[RawMessage]:
    with _opened(account, password) as (client, validity, count):
        uids = _uids(client, count)
        for start in range(0, len(uids), _FETCHED):
            for uid, found in _fetch(client, uids[start : start + _FETCHED]):
                origin = f"{account.place};UIDVALIDITY={validity};UID={uid}"
                yield RawMessage(origin, found[b"BODY[]<0>"] or b"", _moment(found.get(b"INTERNALDATE")))


def _uids(client: "IMAPClient", count: int) -> "array[int]":
    """Return all UIDs, in their order. By number, as no server may renumber between these commands."""
    found = array("Q")
    client.use_uid = False
    for start in range(1, count + 1, _LISTED):
        rows = client.fetch(range(start, min(start + _LISTED, count + 1)), ["UID"])
        found.extend(sorted(row[b"UID"] for row in rows.values() if b"UID" in row))
    client.use_uid = True
    return found


def _fetch(client: "IMAPClient", uids: "array[int]") -> "Iterator[tuple[int, dict[bytes, Any]]]":
    """Yield some messages, a few megabytes at once, each cut one byte above the parser's limit."""
    sizes = {uid: row.get(b"RFC822.SIZE", 0) for uid, row in client.fetch(list(uids), ["RFC822.SIZE"]).items()}
    for group in _groups(sizes):
        rows = client.fetch(group, ["INTERNALDATE", f"BODY.PEEK[]<0.{MAX_KEPT}>"])
        for uid in group:
            if b"BODY[]<0>" in rows.get(uid, {}):
                yield uid, rows.pop(uid)


def _groups(sizes: dict[int, int]) -> Iterator[list[int]]:
    group: list[int] = []
    total = 0
    for uid in sorted(sizes):
        if group and total + sizes[uid] > _FETCHED_SIZE:
            yield group
            group, total = [], 0
        group.append(uid)
        total += sizes[uid]
    if group:
        yield group


def _moment(found: datetime | None) -> datetime | None:
    try:
        return found.astimezone(UTC) if found else None
    except (OverflowError, ValueError):
        return None


def imap_folders(source: str) -> list[str]:
    """The URIs of the folders below `imaps://user@host/Folder/*`, or of all for `imaps://user@host/*`, by name.

    Raises SourceError like `read_imap`.
    """
    above = source.removesuffix("*").rstrip("/")
    account = read_account(above)
    below = f"{account.folder}/" if above.count("/") > 2 else ""
    with _logged_in(account, read_password(account.place)) as client:
        listed = [
            name.replace((mark or b"/").decode("ascii", "replace"), "/")
            for flags, mark, name in client.list_folders()
            if b"\\noselect" not in [flag.lower() for flag in flags]
        ]
    places = [replace(account, folder=name).place for name in sorted(listed) if name.startswith(below)]
    return [place.replace("://", f"://{quote(account.user, safe='')}@", 1) for place in places]


@contextmanager
def connected(source: str) -> "Iterator[IMAPClient]":
    """Yield a connection to the account of an IMAP folder, logged in, no folder opened: drafts are put by it.

    Every fault is a SourceError, also those of what is done with the connection.
    """
    account = read_account(source)
    with _logged_in(account, read_password(account.place)) as client:
        yield client


@contextmanager
def _opened(account: Account, password: str) -> "Iterator[tuple[IMAPClient, int, int]]":
    """Yield a connection to the folder, its UIDVALIDITY and its number of messages; every fault is a SourceError."""
    with _logged_in(account, password) as client:
        found = _examine(client, account)
        yield client, int(found.get(b"UIDVALIDITY", 0)), int(found[b"EXISTS"])


@contextmanager
def _logged_in(account: Account, password: str) -> "Iterator[IMAPClient]":
    from imapclient.exceptions import IMAPClientError

    try:
        with _connect(account) as client:
            _log_in(client, account, password)
            yield client
    except SourceError:
        raise
    except (IMAPClientError, OSError, ValueError, KeyError) as error:
        raise SourceError(f"{account.place}: {_fault(error)}") from error


def _connect(account: Account) -> "IMAPClient":
    from imapclient import IMAPClient, SocketTimeout

    context = tls()
    secure = account.scheme == "imaps"
    timeout = SocketTimeout(_CONNECT_SECONDS, _READ_SECONDS)
    client = IMAPClient(account.host, account.port, ssl=secure, ssl_context=context, timeout=timeout)
    client.normalise_times = False
    if not secure:
        try:
            _secure(client, account, context)
        except BaseException:
            with suppress(OSError):  # a failed handshake has closed the socket already
                client.shutdown()
            raise
    return client


def _secure(client: "IMAPClient", account: Account, context: ssl.SSLContext) -> None:
    """Turn a plain connection into TLS; where the server offers none, go on only within this machine."""
    if client.has_capability("STARTTLS"):
        client.starttls(context)
    elif not ipaddress.ip_address(client.socket().getpeername()[0]).is_loopback:
        raise SourceError(
            f"{account.place}: offers no encryption (STARTTLS), and the password would travel in clear: "
            f"use imaps://, or have STARTTLS enabled on the server"
        )


def _log_in(client: "IMAPClient", account: Account, password: str) -> None:
    from imapclient.exceptions import LoginError

    try:
        if client.has_capability("AUTH=PLAIN"):  # the only one of the two that takes a password beyond ASCII
            client.plain_login(account.user, password)
        else:
            client.login(account.user, password)
    except (LoginError, UnicodeEncodeError):
        # Without its cause: the server's words may repeat the name or more.
        raise SourceError(
            f"{account.place}: the server refuses this user and password: check both; some servers want a "
            f"password made for programs"
        ) from None


def _examine(client: "IMAPClient", account: Account) -> dict[bytes, Any]:
    """Open the folder read-only, under the server's own separator of levels."""
    from imapclient.exceptions import IMAPClientError

    levels = client.list_folders("", "")
    separator = (levels[0][1] or b"/").decode("ascii", "replace") if levels else "/"
    try:
        return dict(client.select_folder(account.folder.replace("/", separator), readonly=True))
    except client.AbortError:
        raise
    except IMAPClientError as error:
        raise SourceError(
            f"{account.place}: the server has no such folder, or keeps it from this user: give its name as mail "
            f"programs show it, with / between levels"
        ) from error


def _fault(error: Exception) -> str:
    """Return what went wrong with a connection and what to do, in one line."""
    detail = str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or "")
    for kind, said in _FAULTS:
        if isinstance(error, kind):
            return said.format(" ".join(detail.split())[:150])
    return f"the server's answer breaks the IMAP protocol: check host and port, then {_AGAIN}"
