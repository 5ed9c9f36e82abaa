"""IMAP folders, read from a real server on this machine."""

import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from imapclient import IMAPClient

from tests.read.imap_server import PASSWORD, USER, Door, imap_server
from triage.errors import SourceError
from triage.read import imap, read

WHEN = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
AUTHORITY = trustme.CA()


def mail(number: int, body: bytes = b"Bonjour\r\n") -> bytes:
    return b"Subject: %d\r\nFrom: jeanne@courriel.test\r\n\r\n%s" % (number, body)


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with imap_server("--no-tls") as port:
        yield port


def context(*names: str) -> object:
    import ssl

    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(made)
    return made


@pytest.fixture
def door(server: int) -> Iterator[Door]:
    made = Door(server, context("127.0.0.1"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path_factory) -> None:
    for name in ("TRIAGE_IMAP_PASSWORD_FILE", "TRIAGE_IMAP_CA"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("TRIAGE_IMAP_CA", str(path))
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)


def client(port: int) -> IMAPClient:
    made = IMAPClient("127.0.0.1", port, ssl=False)
    made.plain_login(USER, PASSWORD)
    return made


def fill(port: int, folder: str, mails: list[bytes]) -> int:
    """Make a folder with these mails; returns its UIDVALIDITY."""
    with client(port) as made:
        made.create_folder(folder)
        for one in mails:
            made.append(folder, one, msg_time=WHEN)
        return int(made.select_folder(folder, readonly=True)[b"UIDVALIDITY"])


def flags(port: int, folder: str) -> dict[int, tuple[bytes, ...]]:
    with client(port) as made:
        made.select_folder(folder, readonly=True)
        return {uid: row[b"FLAGS"] for uid, row in made.fetch(made.search("ALL"), ["FLAGS"]).items()}


def uri(port: int, folder: str, scheme: str = "imaps") -> str:
    return f"{scheme}://{USER}@127.0.0.1:{port}/{folder}"


def refused(source: str) -> str:
    with pytest.raises(SourceError) as caught:
        list(read(source))
    message = str(caught.value)
    assert "\n" not in message
    assert PASSWORD not in message
    return message


def test_a_folder_gives_its_messages_by_uid_with_the_moment_they_arrived(server: int, door: Door):
    validity = fill(server, "Un", [mail(0), mail(1)])
    place = f"imaps://127.0.0.1:{door.port}/Un;UIDVALIDITY={validity}"
    found = [(raw.origin.rpartition("=")[0], raw.content, raw.received) for raw in read(uri(door.port, "Un"))]
    assert found == [(f"{place};UID", mail(0), WHEN), (f"{place};UID", mail(1), WHEN)]
    uids = [int(raw.origin.rpartition("=")[2]) for raw in read(uri(door.port, "Un"))]
    assert uids == sorted(flags(server, "Un"))


def test_nothing_is_changed_on_the_server(server: int, door: Door):
    fill(server, "Intact", [mail(0), mail(1)])
    before = flags(server, "Intact")
    assert len(list(read(uri(door.port, "Intact")))) == 2
    assert flags(server, "Intact") == before
    assert not any(b"\\Seen" in one for one in before.values())
    said = [
        line.split(b" ", 1)[1] for line in door.heard.split(b"\r\n") if b" " in line and re.match(rb"\w+\d+ ", line)
    ]
    verbs = {b" ".join(line.split()[:2]) if line.startswith(b"UID ") else line.split()[0] for line in said}
    assert verbs <= {b"CAPABILITY", b"AUTHENTICATE", b"LIST", b"EXAMINE", b"FETCH", b"UID FETCH", b"LOGOUT"}
    assert {b"EXAMINE", b"UID FETCH"} <= verbs
    assert b"BODY[" not in door.heard
    assert b"BODY.PEEK[]" in door.heard


def test_batches_give_every_message_once_in_order(server: int, door: Door, monkeypatch):
    mails = [mail(number, b"x" * 40 * number) for number in range(11)]
    fill(server, "Lots", mails)
    for name, value in (("_LISTED", 3), ("_FETCHED", 4), ("_FETCHED_SIZE", 500)):
        monkeypatch.setattr(imap, name, value)
    assert [raw.content for raw in read(uri(door.port, "Lots"))] == mails


def test_a_message_over_the_limit_is_not_fetched_whole(server: int, door: Door, monkeypatch):
    long = mail(0, b"x" * 5_000)
    fill(server, "Long", [long, mail(1)])
    monkeypatch.setattr(imap, "MAX_KEPT", 1_000)
    assert [raw.content for raw in read(uri(door.port, "Long"))] == [long[:1_000], mail(1)]


def test_folder_names_may_be_nested_and_beyond_ascii(server: int, door: Door):
    fill(server, "Mairie/État civil & élections", [mail(0)])
    for written in ("Mairie/État civil & élections", "Mairie/%C3%89tat%20civil%20&%20%C3%A9lections"):
        (raw,) = read(uri(door.port, written))
        assert raw.content == mail(0)
        assert raw.origin.startswith(
            f"imaps://127.0.0.1:{door.port}/Mairie/%C3%89tat%20civil%20%26%20%C3%A9lections;UIDVALIDITY="
        )


def test_an_empty_folder_gives_nothing_and_inbox_is_the_default(door: Door):
    assert list(read(f"imaps://{USER}@127.0.0.1:{door.port}")) == []
    assert b"EXAMINE INBOX" in door.heard.replace(b'"', b"")


def test_a_message_deleted_meanwhile_is_left_out(server: int, door: Door, monkeypatch):
    fill(server, "Vivant", [mail(0), mail(1), mail(2)])
    monkeypatch.setattr(imap, "_FETCHED", 1)
    messages = read(uri(door.port, "Vivant"))
    assert next(messages).content == mail(0)
    with client(server) as other:
        other.select_folder("Vivant")
        second = sorted(other.search("ALL"))[1]
        other.delete_messages([second])
        other.expunge([second])
    assert [raw.content for raw in messages] == [mail(2)]


def test_a_connection_that_breaks_is_said_in_one_line(server: int, door: Door, monkeypatch):
    fill(server, "Coupure", [mail(0), mail(1)])
    monkeypatch.setattr(imap, "_FETCHED", 1)
    messages = read(uri(door.port, "Coupure"))
    next(messages)
    door.cut()
    with pytest.raises(
        SourceError, match=r"/Coupure: the connection (broke|failed).*: .*run again: what is done is kept"
    ):
        next(messages)


def test_a_password_is_read_from_a_private_file(server: int, door: Door, monkeypatch, tmp_path: Path):
    fill(server, "Secret", [mail(0)])
    path = tmp_path / "secret"
    path.write_text(PASSWORD + "\n", "utf-8")
    path.chmod(0o600)
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD")
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD_FILE", str(path))
    assert [raw.content for raw in read(uri(door.port, "Secret"))] == [mail(0)]
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        assert refused(uri(door.port, "Secret")) == f"{path}: others may read the password: run chmod 600 on it"


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
    message = refused(uri(9, "INBOX"))
    assert message.startswith(f"{path}: ")
    assert said in message


def test_without_password_the_remedy_is_said(monkeypatch):
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD")
    assert refused(uri(9, "INBOX")) == (
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


def test_a_password_is_never_logged(server: int, door: Door, caplog):
    fill(server, "Journal", [mail(0)])
    caplog.set_level(logging.DEBUG)
    list(read(uri(door.port, "Journal")))
    import base64

    secret = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert secret.encode() in door.heard
    assert PASSWORD not in caplog.text
    assert secret not in caplog.text


def test_a_wrong_password_is_said(door: Door, monkeypatch):
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", "un autre")
    message = refused(uri(door.port, "INBOX"))
    assert message.startswith(f"imaps://127.0.0.1:{door.port}/INBOX: the server refuses this user and password: check")
    assert "un autre" not in message


def test_a_folder_that_does_not_exist_is_said(door: Door):
    assert "the server has no such folder" in refused(uri(door.port, "Nulle/Part"))


def test_a_certificate_of_an_unknown_authority_is_refused(door: Door, monkeypatch):
    monkeypatch.delenv("TRIAGE_IMAP_CA")
    message = refused(uri(door.port, "INBOX"))
    assert "the certificate cannot be trusted (" in message
    assert "TRIAGE_IMAP_CA" in message
    assert PASSWORD.encode() not in door.heard


def test_a_certificate_of_another_host_is_refused(server: int):
    door = Door(server, context("imap.exemple.org"))
    try:
        assert "the certificate cannot be trusted (IP address mismatch" in refused(uri(door.port, "INBOX"))
    finally:
        door.close()


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_cannot_be_read_is_named(monkeypatch, tmp_path: Path, content: str | None):
    path = tmp_path / "authority"
    if content:
        path.write_text(content)
    monkeypatch.setenv("TRIAGE_IMAP_CA", str(path))
    assert refused(uri(9, "INBOX")) == f"{path}: cannot be read as certificates (PEM): check TRIAGE_IMAP_CA"


def test_starttls_is_used_where_it_is_offered(tmp_path: Path, monkeypatch):
    issued = AUTHORITY.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert"))
    issued.private_key_pem.write_to_path(str(tmp_path / "key"))
    with imap_server("--cert", tmp_path / "cert", "--key", tmp_path / "key") as port:
        door = Door(port)
        try:
            assert list(read(uri(door.port, "INBOX", "imap"))) == []
            assert b"STARTTLS" in door.heard
            assert b"AUTHENTICATE" not in door.heard
            monkeypatch.delenv("TRIAGE_IMAP_CA")
            assert "the certificate cannot be trusted" in refused(uri(door.port, "INBOX", "imap"))
        finally:
            door.close()


def test_without_tls_a_password_goes_to_this_machine_only(server: int):
    fill(server, "Clair", [mail(0)])
    assert [raw.content for raw in read(uri(server, "Clair", "imap"))] == [mail(0)]
    far = SimpleNamespace(
        has_capability=lambda _: False, socket=lambda: SimpleNamespace(getpeername=lambda: ("192.0.2.7", 143))
    )
    account = imap.Account("imap", "u", "exemple.org", 143, "INBOX")
    with pytest.raises(SourceError, match=r"^imap://exemple\.org/INBOX: offers no encryption \(STARTTLS\)"):
        imap._secure(far, account, None)


def test_a_server_that_is_not_there_or_not_what_it_should_be_is_said(server: int):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert "nothing answers at this port: check host and port" in refused(uri(free, "INBOX"))
    assert "the host's name is unknown (" in refused(f"imaps://{USER}@imap.invalid/INBOX")
    assert "no TLS connection (" in refused(uri(server, "INBOX"))


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"* OK ready\r\n", b"\x00" * 2_000_000])
def test_a_server_of_another_kind_is_said(answer: bytes):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=[listener, answer], daemon=True).start()
        message = refused(uri(listener.getsockname()[1], "INBOX", "imap"))
    assert re.search(r"/INBOX: (the server's answer breaks|the connection (broke|failed)|the server refuses)", message)


def _answer(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(answer)


def test_a_server_that_does_not_answer_is_left(monkeypatch):
    monkeypatch.setattr(imap, "_CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(imap, "_READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert "no answer in time" in refused(uri(listener.getsockname()[1], "INBOX", "imap"))
