"""A real IMAP server: Debian's dovecot (2.3 or 2.4), an unprivileged process on this machine with a mail folder of its own.

Where dovecot is not installed the tests that ask for it are skipped, and fail if TRIAGE_TESTS_NEED_DOVECOT is set.
"""

import functools
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest
import trustme
from imapclient import IMAPClient, imap_utf7

USER, PASSWORD = "mairie@exemple.org", "mot de passe, été"
HOST = "127.0.0.1"
AUTHORITY = trustme.CA()

# What differs between the two: names of settings, and how a block says its driver.
_MAIL = {
    "2.3": """
mail_location = maildir:{root}/mail
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = passwd-file
  args = {root}/users
}}
""",
    "2.4": """
mail_driver = maildir
mail_path = {root}/mail
mailbox_list_layout = maildir++
ssl_server_cert_file = {root}/cert.pem
ssl_server_key_file = {root}/key.pem
passdb passwd-file {{
  passwd_file_path = {root}/users
}}
userdb passwd-file {{
  passwd_file_path = {root}/users
}}
""",
}
_FIRST = {"2.3": "", "2.4": "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"}
# All processes run as the one user who starts dovecot, which therefore can neither chroot nor change users.
_COMMON = """
protocols = imap
listen = {host}
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
default_internal_user = {name}
default_internal_group = {group}
default_login_user = {name}
default_process_limit = 20
default_client_limit = 100
first_valid_uid = 1
first_valid_gid = 1
ssl = {ssl}
auth_mechanisms = plain login
auth_failure_delay = 0
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
"""


@dataclass
class Dovecot:
    """A running server. `port` speaks TLS from the start, `plain` by STARTTLS; `mail` is the Maildir++ of INBOX."""

    root: Path
    owner: pwd.struct_passwd
    port: int
    plain: int
    host: str = HOST
    user: str = USER
    password: str = PASSWORD
    _delivered: int = field(default=0, repr=False)

    @property
    def mail(self) -> Path:
        return self.root / "mail"

    @property
    def authority(self) -> Path:
        """The certificate (PEM) that clients have to trust."""
        return self.root / "authority.pem"

    def folder(self, name: str) -> Path:
        """Where the folder `name`, with `/` between its levels, lies on disk."""
        return self.mail if name == "INBOX" else self.mail / f".{imap_utf7.encode(name.replace('/', '.')).decode()}"

    def deliver(self, name: str, mails: list[bytes], flags: str | None = None, when: datetime | None = None) -> None:
        """Put mails into a folder, as new ones or with Maildir flags such as `FS`; makes the folder."""
        folder = self.folder(name)
        for path in [self.mail, folder, *(folder / part for part in ("tmp", "new", "cur"))]:
            path.mkdir(0o700, exist_ok=True)
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        for content in mails:
            self._delivered += 1
            key = f"{1_740_000_000 + self._delivered}.M1P1.exemple"
            path = folder / "new" / key if flags is None else folder / "cur" / f"{key}:2,{flags}"
            path.write_bytes(content)
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
            if when:
                os.utime(path, (when.timestamp(), when.timestamp()))

    def names(self, name: str) -> list[str]:
        """What lies in `new` and `cur` of a folder: the names of the files hold the flags."""
        folder = self.folder(name)
        return sorted(str(path.relative_to(folder)) for part in ("new", "cur") for path in (folder / part).iterdir())

    def client(self) -> IMAPClient:
        """Return a logged-in connection without TLS, to look at the server or to change it."""
        made = IMAPClient(self.host, self.plain, ssl=False)
        made.plain_login(self.user, self.password)
        return made

    def uri(self, folder: str, scheme: str = "imaps", port: int = 0) -> str:
        port = port or (self.port if scheme == "imaps" else self.plain)
        return f"{scheme}://{self.user}@{self.host}:{port}/{folder}"


@contextmanager
def dovecot(*, tls: bool = True) -> Iterator[Dovecot]:
    """Run dovecot with an empty INBOX; the test is skipped where it cannot run."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    with tempfile.TemporaryDirectory(prefix="dovecot-") as made:  # short: sockets lie in it
        server = Dovecot(Path(made), owner, *_free_ports())
        _write(server, version(), tls=tls)
        process = _start(server)
        try:
            server.deliver("INBOX", [])
            yield server
        finally:
            process.terminate()
            process.wait(30)


@functools.cache
def version() -> str:
    """Return "2.3" or "2.4"."""
    path = _program()
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout if path else ""
    found = re.match(r"2\.[34](?=\.)", said)
    return found[0] if found else _absent(f"found {said.strip() or 'none'}")


def _program() -> str | None:
    return shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def _absent(why: str) -> NoReturn:
    said = f"dovecot (IMAP) 2.3 or 2.4 is needed: apt-get install dovecot-imapd ({why})"
    if os.environ.get("TRIAGE_TESTS_NEED_DOVECOT"):
        pytest.fail(said)
    pytest.skip(said)


def _free_ports() -> list[int]:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return [one.getsockname()[1], other.getsockname()[1]]


def _write(server: Dovecot, release: str, *, tls: bool) -> None:
    """Write the configuration, the certificate and the user's password."""
    root, owner = server.root, server.owner
    issued = AUTHORITY.issue_cert(HOST)
    AUTHORITY.cert_pem.write_to_path(str(server.authority))
    issued.cert_chain_pems[0].write_to_path(str(root / "cert.pem"))
    issued.private_key_pem.write_to_path(str(root / "key.pem"))
    (root / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{root}/home::\n", "utf-8")
    values: dict[str, Any] = {
        "root": root,
        "host": HOST,
        "name": owner.pw_name,
        "group": grp.getgrgid(owner.pw_gid).gr_name,
        "ssl": "yes" if tls else "no",
        "plain": server.plain,
        "port": server.port if tls else 0,
    }
    (root / "conf").write_text(_FIRST[release] + (_COMMON + _MAIL[release]).format(**values), "utf-8")
    for path in [root, *root.iterdir()]:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _start(server: Dovecot) -> "subprocess.Popen[bytes]":
    command = [str(_program()), "-F", "-c", str(server.root / "conf")]
    other: dict[str, Any] = {}
    if os.geteuid() == 0:  # dovecot gives root no mail
        other = {"user": server.owner.pw_uid, "group": server.owner.pw_gid, "extra_groups": []}
    with (server.root / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd="/", **other)
    for _ in range(600):
        with suppress(OSError), socket.create_connection((HOST, server.plain), 1):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    _absent(f"it does not start: {_last_words(server.root)}")


def _last_words(root: Path) -> str:
    lines = [
        line for name in ("said", "log") if (root / name).exists() for line in (root / name).read_text().splitlines()
    ]
    return " / ".join(lines[-3:]) or "it says nothing"
