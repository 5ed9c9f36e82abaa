"""Drafts appended to a real server's Drafts folder."""

from email import message_from_bytes

import pytest

from tests.dovecot import dovecot
from triage.errors import SourceError
from triage.types import Address, Draft, Outcome
from triage.write import Waiting, append_drafts, draft_bytes, drafts_folder, put_in_maildir


def waiting(digest: str) -> Waiting:
    made = Draft(Address("", "zoe@example.fr"), "Re: Été", "Madame,\n", "m@example.fr", (), "demande", (), ())
    return Waiting(digest, draft_bytes(made, "mairie@example.fr", Outcome("file:x", digest)))


def test_a_draft_is_appended_once_even_when_the_run_died_before_remembering():
    one, two = waiting("ab" * 32), waiting("cd" * 32)
    with dovecot(tls=True) as server, server.client() as client:
        client.create_folder("Brouillons")
        remembered: list[str] = []
        assert append_drafts(client, [one], lambda _: None) == 1
        assert append_drafts(client, [one, two], remembered.append) == 1
        assert remembered == [one.digest, two.digest]
        client.select_folder("Brouillons", readonly=True)
        rows = client.fetch(client.search(), ["FLAGS", "BODY.PEEK[]"])
        assert [row[b"BODY[]"] for row in rows.values()] == [one.content, two.content]
        assert all(rb"\Draft" in row[b"FLAGS"] for row in rows.values())
        assert client.folder_status("INBOX", ["MESSAGES"]) == {b"MESSAGES": 0}


def test_without_a_drafts_folder_the_remedy_is_said():
    with dovecot(tls=True) as server, server.client() as client, pytest.raises(SourceError, match="named Brouillons"):
        append_drafts(client, [waiting("ab" * 32)], lambda _: None)


@pytest.mark.parametrize(
    ("folders", "chosen"),
    [
        ([((), b"/", "Brouillons"), ((rb"\HasNoChildren", rb"\Drafts"), b"/", "Entwürfe")], "Entwürfe"),
        ([((), b"/", "Drafts"), ((), b"/", "INBOX/Brouillons"), ((), b"/", "INBOX")], "Drafts"),
        ([((), b".", "INBOX.Drafts"), ((), b".", "INBOX.Brouillons")], "INBOX.Brouillons"),
        ([((rb"\Noselect",), b"/", "Brouillons"), ((), None, "DRAFTS")], "DRAFTS"),
    ],
)
def test_the_folder_the_server_marks_comes_first_then_known_names(folders, chosen):
    assert drafts_folder(folders) == chosen


def test_a_draft_appended_names_the_mail_it_answers_and_cannot_be_sent_by_itself():
    found = message_from_bytes(waiting("ab" * 32).content)
    assert (found["In-Reply-To"], found["X-Unsent"], found["Message-ID"]) == (
        "<m@example.fr>",
        "1",
        f"<draft-{'ab' * 16}@triage.invalid>",
    )


def test_a_draft_lies_once_in_a_maildir_whatever_its_flags(tmp_path):
    root, remembered = tmp_path / "brouillons", []
    assert put_in_maildir(root, [Waiting("ab" * 32, b"x")], remembered.append) == 1
    (file,) = (root / "cur").iterdir()
    assert file.name == f"{'ab' * 20}.triage:2,D"
    assert file.stat().st_mode & 0o777 == 0o600
    file.rename(file.with_name(f"{'ab' * 20}.triage:2,DS"))
    again = [Waiting("ab" * 32, b"y"), Waiting("cd" * 32, b"z")]
    assert put_in_maildir(root, again, remembered.append) == 1
    assert sorted(path.read_bytes() for path in (root / "cur").iterdir()) == [b"x", b"z"]
    assert remembered == ["ab" * 32, "ab" * 32, "cd" * 32]
