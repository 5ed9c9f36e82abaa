"""Drafts put in a Maildir or in the Drafts folder of a real server: once each, also when runs are killed."""

import json
import mailbox
import os
import signal
import subprocess
import sys
from email import message_from_bytes

import pytest

from tests.conftest import SAMPLES
from tests.dovecot import PASSWORD, dovecot
from triage.read import read

MAILS = [raw.content for raw in read(str(SAMPLES / "mairie.mbox"))][:14]
# Runs the command line, and dies as by `kill -9` at the n-th time the journal would remember that a draft was put.
DIES = """
import itertools, os, signal, sys
from triage.journal import Journal
from triage.cli.main import _run
remember, calls, last = Journal.set_placed, itertools.count(1), int(sys.argv[1])
def dying(self, place, digest):
    if next(calls) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    remember(self, place, digest)
Journal.set_placed = dying
sys.exit(_run(sys.argv[2:]))
"""


def drafts_of(out) -> list[str]:
    """The Message-IDs of the drafts that a run wrote as files."""
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]
    files = [out / line["draft"]["file"] for line in lines if line["draft"]]
    return sorted(message_from_bytes(file.read_bytes())["Message-ID"] for file in files)


def appended(server) -> list[str]:
    with server.client() as client:
        client.select_folder("Brouillons", readonly=True)
        rows = client.fetch(client.search(), ["FLAGS", "BODY.PEEK[]"]).values()
        assert all(rb"\Draft" in row[b"FLAGS"] for row in rows)
        assert client.folder_status("INBOX", ["UNSEEN"]) == {b"UNSEEN": len(MAILS)}
        return sorted(message_from_bytes(row[b"BODY[]"])["Message-ID"] for row in rows)


@pytest.fixture
def server(monkeypatch):
    with dovecot() as found:
        monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)
        monkeypatch.setenv("TRIAGE_IMAP_CA", str(found.authority))
        found.deliver("INBOX", MAILS)
        yield found


def test_drafts_are_appended_once_whatever_becomes_of_them(server, run, small_model, tmp_path):
    command = ("apply", server.uri("INBOX"), "--out", "out", "--model", small_model, "--drafts", "imap")
    assert "no Drafts folder: make one named Brouillons" in run(*command, check=2).stderr
    assert not (tmp_path / "out" / "results.jsonl").exists()  # refused before any work
    with server.client() as client:
        client.create_folder("Brouillons")
    assert "Déposés : " in run(*command).stdout
    drafts = drafts_of(tmp_path / "out")
    assert len(drafts) >= 3
    assert appended(server) == drafts
    with server.client() as client:  # an agent sends one: it leaves the folder
        client.select_folder("Brouillons")
        client.delete_messages([client.search()[0]])
        client.expunge()
    assert "Déposés" not in run(*command, "--again").stdout
    assert len(appended(server)) == len(drafts) - 1


@pytest.mark.parametrize("last", [1, 3])
def test_a_run_killed_between_putting_and_remembering_puts_no_draft_twice(server, run, small_model, tmp_path, last):
    with server.client() as client:
        client.create_folder("Brouillons")
    command = ["apply", server.uri("INBOX"), "--out", "out", "--model", str(small_model), "--drafts", "imap"]
    killed = subprocess.run(
        [sys.executable, "-c", DIES, str(last), *command], cwd=tmp_path, env=os.environ, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(appended(server)) == last
    run(*command)
    assert appended(server) == drafts_of(tmp_path / "out")


def test_drafts_lie_once_in_a_maildir(run, small_model, tmp_path):
    command = ("apply", SAMPLES / "mairie.mbox", "--out", "out", "--model", small_model, "--drafts", "maildir")
    assert "Déposés : " in run(*command).stdout
    found = mailbox.Maildir(tmp_path / "out" / "drafts-maildir", create=False)
    assert sorted(mail["Message-ID"] for mail in found) == drafts_of(tmp_path / "out")
    assert {mail.get_flags() for mail in found} == {"D"}
    found.remove(found.keys()[0])
    assert "Déposés" not in run(*command).stdout
    assert len(found) == len(drafts_of(tmp_path / "out")) - 1


def test_imap_drafts_need_an_imap_source(run, small_model):
    command = ("apply", SAMPLES / "mairie.mbox", "--out", "out", "--model", small_model)
    assert "name an imaps:// source" in run(*command, "--drafts", "imap", check=2).stderr
    assert "give --out DIR" in run(*command[:2], "--stdout", "--drafts", "maildir", check=2).stderr
