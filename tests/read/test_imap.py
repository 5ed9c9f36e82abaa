"""IMAP addresses, passwords and faults that need no mail server; test_dovecot.py reads from a real one."""

import re
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.dovecot import HOST, PASSWORD, USER
from tests.read.door import refused
from triage.errors import SourceError
from triage.read import imap


@pytest.fixture(autouse=True)
def environment(monkeypatch) -> None:
    for name in ("TRIAGE_IMAP_PASSWORD_FILE", "TRIAGE_IMAP_CA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)


def uri(port: int, scheme: str = "imaps") -> str:
    return f"{scheme}://{USER}@{HOST}:{port}/INBOX"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no password"),
        (b"\xff\xfe", "cannot be read (no UTF-8 text)"),
        (None, "cannot be read (No such file"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named(monkeypatch, tmp_path: Path, content: bytes | None, said: str):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD")
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD_FILE", str(path))
    message = refused(uri(9))
    assert message.startswith(f"{path}: ")
    assert said in message


def test_without_password_the_remedy_is_said(monkeypatch):
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD")
    assert refused(uri(9)) == (
        "imaps://127.0.0.1:9/INBOX: no password: set TRIAGE_IMAP_PASSWORD, or name a file of mode 0600 in "
        "TRIAGE_IMAP_PASSWORD_FILE"
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("imaps://u:s3cret@example.fr/INBOX", "holds a password"),
        ("IMAPS://u%40exemple.org:s3cret@example.fr", "holds a password"),
        ("imaps://u:@example.fr/INBOX", "holds a password"),
        ("imaps://u:s3c/ret@example.fr/INBOX", "cannot be understood"),
        ("imaps://u:5/s3cret@example.fr/INBOX", "names no user or no host"),
        ("imaps://example.fr/INBOX", "names no user or no host"),
        ("imaps://u@/INBOX", "names no user or no host"),
        ("imaps://u@[::1/INBOX", "cannot be understood"),
        ("imaps://u@example.fr:99999/INBOX", "cannot be understood"),
        ("imap://u@example.fr/INBOX?plain=1", "takes nothing after a ?"),
        ("imaps://u@example.fr/INBOX%0D%0Aa%20DELETE", "holds a control character"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_never_repeated(source: str, said: str):
    message = refused(source)
    assert said in message
    assert "s3c" not in message


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_named(monkeypatch, tmp_path: Path, content: str | None):
    path = tmp_path / "authority"
    if content:
        path.write_text(content)
    monkeypatch.setenv("TRIAGE_IMAP_CA", str(path))
    assert refused(uri(9)) == f"{path}: cannot be read as certificates (PEM): check TRIAGE_IMAP_CA"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"* OK ready\r\n", b"\x00" * 2_000_000])
def test_a_server_of_another_kind_is_said(answer: bytes):
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_answer, args=[listener, answer], daemon=True).start()
        message = refused(uri(listener.getsockname()[1], "imap"))
    assert re.search(r"/INBOX: (the server's answer breaks|the connection (broke|failed)|the server refuses)", message)


def _answer(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(answer)


def test_a_server_that_does_not_answer_is_left(monkeypatch):
    monkeypatch.setattr(imap, "_CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(imap, "_READ_SECONDS", 0.2)
    with socket.create_server((HOST, 0)) as listener:
        assert "no answer in time" in refused(uri(listener.getsockname()[1], "imap"))


def test_a_server_that_is_not_there_is_said():
    with socket.create_server((HOST, 0)) as probe:
        free = probe.getsockname()[1]
    assert "nothing answers at this port: check host and port" in refused(uri(free))
    assert "the host's name is unknown (" in refused(f"imaps://{USER}@imap.invalid/INBOX")


def test_without_tls_no_password_goes_to_another_machine():
    far = SimpleNamespace(
        has_capability=lambda _: False, socket=lambda: SimpleNamespace(getpeername=lambda: ("192.0.2.7", 143))
    )
    account = imap.Account("imap", "u", "exemple.org", 143, "INBOX")
    with pytest.raises(SourceError, match=r"^imap://exemple\.org/INBOX: offers no encryption \(STARTTLS\)"):
        imap._secure(far, account, None)
