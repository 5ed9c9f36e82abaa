"""IMAP folders, read from dovecot: a real server on this machine, with its mail on disk."""

import base64
import json
import logging
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dovecot import AUTHORITY, HOST, PASSWORD, USER, Dovecot, dovecot
from tests.read.door import Door, refused
from triage.errors import SourceError
from triage.read import imap, read
from triage.read.lines import MAX_KEPT

WHEN = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
ABROAD = "Mairie/État civil & élections"


def mail(number: int, body: bytes = b"Bonjour\r\n") -> bytes:
    return b"Subject: %d\r\nFrom: jeanne@courriel.test\r\n\r\n%s" % (number, body)


def context(name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as made:
        yield made


@pytest.fixture
def door(server: Dovecot) -> Iterator[Door]:
    made = Door(server.plain, context(HOST))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def environment(monkeypatch, server: Dovecot) -> None:
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD_FILE", raising=False)
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)
    monkeypatch.setenv("TRIAGE_IMAP_CA", str(server.authority))


def contents(source: str) -> list[bytes]:
    return [raw.content for raw in read(source)]


def test_a_folder_gives_its_messages_by_uid_with_the_moment_they_arrived(server: Dovecot):
    server.deliver("Un", [mail(0), mail(1)], when=WHEN)
    found = [(raw.origin, raw.content, raw.received) for raw in read(server.uri("Un"))]
    validity = re.match(r"3 V(\d+) ", (server.folder("Un") / "dovecot-uidlist").read_text())[1]
    place = f"imaps://{HOST}:{server.port}/Un;UIDVALIDITY={validity}"
    assert found == [(f"{place};UID=1", mail(0), WHEN), (f"{place};UID=2", mail(1), WHEN)]


def test_no_file_on_the_server_changes_its_name_and_new_mail_stays_new(server: Dovecot):
    server.deliver("Intact", [mail(0), mail(1)])
    server.deliver("Intact", [mail(2)], "")
    server.deliver("Intact", [mail(3)], "FRS")
    before = server.names("Intact")
    assert [name[:4] for name in before] == ["cur/", "cur/", "new/", "new/"]
    assert contents(server.uri("Intact")) == [mail(number) for number in range(4)]
    assert server.names("Intact") == before


def test_only_commands_that_change_nothing_are_sent(server: Dovecot, door: Door):
    server.deliver("Muet", [mail(0)])
    assert contents(server.uri("Muet", port=door.port)) == [mail(0)]
    said = [line.split(b" ", 1)[1] for line in door.heard.split(b"\r\n") if re.match(rb"\w+\d+ ", line)]
    verbs = {b" ".join(line.split()[:2]) if line.startswith(b"UID ") else line.split()[0] for line in said}
    assert verbs <= {b"CAPABILITY", b"AUTHENTICATE", b"LIST", b"EXAMINE", b"FETCH", b"UID FETCH", b"LOGOUT"}
    assert {b"EXAMINE", b"UID FETCH"} <= verbs
    assert b"BODY[" not in door.heard
    assert b"BODY.PEEK[]" in door.heard


def test_batches_give_every_message_once_in_order(server: Dovecot, monkeypatch):
    mails = [mail(number, b"x" * 40 * number) for number in range(11)]
    server.deliver("Lots", mails)
    for name, value in (("_LISTED", 3), ("_FETCHED", 4), ("_FETCHED_SIZE", 500)):
        monkeypatch.setattr(imap, name, value)
    assert contents(server.uri("Lots")) == mails


def test_a_message_over_the_limit_is_not_fetched_whole(server: Dovecot, door: Door):
    long = mail(0, b"Le lampadaire clignote.\r\n" * (60 * 1024 * 1024 // 25))
    server.deliver("Long", [long, mail(1)])
    cut, short = contents(server.uri("Long", port=door.port))
    assert short == mail(1)
    assert (len(cut), long.startswith(cut)) == (MAX_KEPT, True)
    assert MAX_KEPT < door.given < MAX_KEPT + 10_000


def test_folder_names_may_be_nested_and_beyond_ascii(server: Dovecot):
    server.deliver(ABROAD, [mail(0)])
    for written in (ABROAD, "Mairie/%C3%89tat%20civil%20&%20%C3%A9lections"):
        (raw,) = read(server.uri(written))
        assert raw.content == mail(0)
        assert raw.origin.startswith(
            f"imaps://{HOST}:{server.port}/Mairie/%C3%89tat%20civil%20%26%20%C3%A9lections;UIDVALIDITY="
        )


def test_inbox_is_the_default_and_its_subfolders_are_not_read_with_it(server: Dovecot):
    server.deliver("Dessous", [mail(1)])
    assert contents(f"imaps://{USER}@{HOST}:{server.port}") == []
    server.deliver("INBOX", [mail(0)])
    assert contents(f"imaps://{USER}@{HOST}:{server.port}") == [mail(0)]


def test_a_message_deleted_meanwhile_by_another_program_is_left_out(server: Dovecot, monkeypatch):
    server.deliver("Vivant", [mail(0), mail(1), mail(2)])
    monkeypatch.setattr(imap, "_FETCHED", 1)
    messages = read(server.uri("Vivant"))
    assert next(messages).content == mail(0)
    with server.client() as other:
        other.select_folder("Vivant")
        other.delete_messages([2])
        other.expunge([2])
    assert [raw.content for raw in messages] == [mail(2)]


def test_a_message_whose_file_vanished_is_left_out(server: Dovecot, monkeypatch):
    server.deliver("Disparu", [mail(0), mail(1), mail(2)])
    monkeypatch.setattr(imap, "_FETCHED", 1)
    messages = read(server.uri("Disparu"))
    assert next(messages).content == mail(0)
    (server.folder("Disparu") / server.names("Disparu")[1]).unlink()
    assert [raw.content for raw in messages] == [mail(2)]


def test_a_connection_cut_inside_a_message_is_said_in_one_line(server: Dovecot, door: Door):
    server.deliver("Coupure", [mail(0, b"x" * 400_000)])
    door.room = 200_000
    message = refused(server.uri("Coupure", port=door.port))
    assert re.fullmatch(
        rf"imaps://{HOST}:{door.port}/Coupure: the connection (broke|failed)[^\n]*: .*run again: what is done is kept",
        message,
    )


def test_a_server_that_stops_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr(imap, "_FETCHED", 1)
    with dovecot() as other:
        other.deliver("INBOX", [mail(0), mail(1)])
        messages = read(other.uri("INBOX"))
        next(messages)
    with pytest.raises(
        SourceError, match=r"/INBOX: the connection (broke|failed).*: .*run again: what is done is kept"
    ):
        next(messages)


def test_a_password_comes_from_a_private_file(server: Dovecot, tmp_path: Path, monkeypatch):
    server.deliver("Secret", [mail(0)])
    path = tmp_path / "secret"
    path.write_text(PASSWORD + "\n", "utf-8")
    path.chmod(0o600)
    monkeypatch.delenv("TRIAGE_IMAP_PASSWORD")
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD_FILE", str(path))
    assert contents(server.uri("Secret")) == [mail(0)]
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        assert refused(server.uri("Secret")) == f"{path}: others may read the password: run chmod 600 on it"


def test_a_password_is_never_logged(server: Dovecot, door: Door, caplog):
    server.deliver("Journal", [mail(0)])
    caplog.set_level(logging.DEBUG)
    contents(server.uri("Journal", port=door.port))
    secret = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    assert secret.encode() in door.heard
    assert PASSWORD not in caplog.text
    assert secret not in caplog.text


def test_a_wrong_password_is_said(server: Dovecot, monkeypatch):
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", "un autre")
    assert refused(server.uri("INBOX")) == (
        f"imaps://{HOST}:{server.port}/INBOX: the server refuses this user and password: check both; "
        "some servers want a password made for programs"
    )


@pytest.mark.parametrize("name", ["Nulle/Part", "Parent"])
def test_a_folder_that_does_not_exist_or_holds_no_mail_is_said(server: Dovecot, name: str):
    server.deliver("Parent/Enfant", [mail(0)])
    assert refused(server.uri(name)) == (
        f"imaps://{HOST}:{server.port}/{name}: the server has no such folder, or keeps it from this user: "
        "give its name as mail programs show it, with / between levels"
    )


def test_a_certificate_of_an_unknown_authority_is_refused(server: Dovecot, door: Door, monkeypatch):
    monkeypatch.delenv("TRIAGE_IMAP_CA")
    for port in (server.port, door.port):
        message = refused(server.uri("INBOX", port=port))
        assert "the certificate cannot be trusted (" in message
        assert "TRIAGE_IMAP_CA" in message
    assert door.heard == b""


def test_a_certificate_of_another_host_is_refused(server: Dovecot):
    door = Door(server.plain, context("imap.exemple.org"))
    try:
        message = refused(server.uri("INBOX", port=door.port))
        assert "the certificate cannot be trusted (IP address mismatch" in message
    finally:
        door.close()


def test_starttls_comes_before_the_password(server: Dovecot, monkeypatch):
    server.deliver("Chiffre", [mail(0)])
    door = Door(server.plain)
    try:
        assert contents(server.uri("Chiffre", "imap", door.port)) == [mail(0)]
        assert b"STARTTLS" in door.heard
        assert b"AUTHENTICATE" not in door.heard
        monkeypatch.delenv("TRIAGE_IMAP_CA")
        assert "the certificate cannot be trusted" in refused(server.uri("Chiffre", "imap", door.port))
    finally:
        door.close()


def test_without_tls_a_server_on_this_machine_is_read():
    with dovecot(tls=False) as other:
        other.deliver("INBOX", [mail(0)])
        assert contents(other.uri("INBOX", "imap")) == [mail(0)]


def test_tls_on_the_port_without_it_is_said(server: Dovecot):
    assert "no TLS connection (" in refused(server.uri("INBOX", port=server.plain))


def test_apply_sorts_a_folder_and_leaves_it_as_it_was(server: Dovecot, run, small_model, tmp_path: Path):
    lamp = b"Bonjour,\r\n\r\nLe lampadaire devant chez moi clignote depuis lundi.\r\n\r\nJeanne Petit\r\n"
    server.deliver("Tri/À traiter", [mail(0, lamp), mail(1, lamp)])
    before = server.names("Tri/À traiter")
    done = run("apply", server.uri("Tri/À traiter"), "--out", "out", "--model", small_model)
    assert "2 messages" in done.stdout
    results = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()]
    place = f"imaps://{HOST}:{server.port}/Tri/%C3%80%20traiter;UIDVALIDITY="
    assert [(line["origin"].startswith(place), line["origin"][-6:], line["subject"]) for line in results] == [
        (True, ";UID=1", "0"),
        (True, ";UID=2", "1"),
    ]
    assert all("lampadaire" in line["text"] for line in results)
    assert server.names("Tri/À traiter") == before


def test_apply_says_a_fault_in_one_line_without_the_user_or_the_password(
    server: Dovecot, run, small_model, monkeypatch
):
    monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", "un autre")
    done = run("apply", server.uri("INBOX"), "--out", "out", "--model", small_model, check=2)
    assert done.stderr.count("\n") == 1
    assert "the server refuses this user and password" in done.stderr
    assert "un autre" not in done.stdout + done.stderr
    assert USER not in done.stdout + done.stderr


def test_what_is_done_before_a_cut_is_kept(server: Dovecot, door: Door, run, small_model, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(imap, "_FETCHED", 1)
    server.deliver("Reprise", [mail(0), mail(1, b"x" * 400_000), mail(2)])
    door.room = 200_000
    source = server.uri("Reprise", port=door.port)
    done = run("apply", source, "--out", "out", "--model", small_model, check=2)
    assert "run again: what is done is kept" in done.stderr
    door.room = 10_000_000
    run("apply", source, "--out", "out", "--model", small_model)
    results = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()]
    assert [line["subject"] for line in results] == ["0", "1", "2"]
