"""The journal on its own: order, copies, moves, settled drafts, SQLite and PostgreSQL."""

import os
import sqlite3

import pytest

from tests.mails import mbox_of
from tests.test_batch_faults import dies_at, in_child, left
from triage.batch import Plan, Recipe, run
from triage.errors import UsageError
from triage.journal import Entry, Journal, Seen, Unsettled
from triage.profile import BUILT_IN
from triage.read import read


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def entry(digest: str, **changes) -> Entry:
    fields = {
        "digest": digest, "model": "m1", "profile": "p1", "failed": False, "action": "route", "service": "voirie", "urgency": "normale",
        "kind": "human", "dated": "2026-01-05T08:00:00+00:00", "read_seconds": 0.1, "classify_seconds": 0.2, "decide_seconds": 0.3,
        "done_at": "2026-01-06T00:00:00+00:00", "draft": None, "sorted_into": None, "record": f'{{"digest": "{digest}"}}',
    }  # fmt: skip
    return Entry(**{**fields, **changes})


def check_order_copies_and_moves(journal):
    journal.start_run()
    assert journal.see([("o:1", "a"), ("o:2", "b"), ("o:3", "a"), ("o:1", "a")], 0) == [
        Seen("o:1", "a", 0, None),
        Seen("o:2", "b", 1, None),
        Seen("o:3", "a", 2, "o:1"),
    ]
    assert journal.see([("o:4", "b"), ("o:2", "b")], 3) == [Seen("o:4", "b", 3, "o:2")]
    journal.add([entry("a"), entry("b", failed=True)], [])
    assert [(seen.origin, found.digest) for seen, found in journal.in_order()] == [
        ("o:1", "a"),
        ("o:2", "b"),
        ("o:3", "a"),
        ("o:4", "b"),
    ]
    journal.start_run()
    assert journal.see([("o:4", "b"), ("o:9", "a")], 0) == [Seen("o:4", "b", 0, None), Seen("o:9", "a", 1, None)]
    assert [(seen.origin, found) for seen, found in journal.in_order()] == [
        ("o:4", entry("b", failed=True)),
        ("o:9", entry("a")),
    ]
    journal.add([entry("a", model="m2", draft="d" * 64)], [])
    known = journal.known(["a", "absent"])
    assert {digest: (found.recipe, found.draft) for digest, found in known.items()} == {"a": ("m2 p1", "d" * 64)}


def test_order_copies_and_moves(journal):
    check_order_copies_and_moves(journal)


def test_drafts_stay_until_they_are_settled(journal):
    drafts = [Unsettled("a.eml", b"\x00content", None), Unsettled("b.eml", None, "old")]
    journal.add([entry("a")], drafts)
    assert list(journal.unsettled()) == drafts
    journal.settle()
    assert list(journal.unsettled()) == []


def test_the_uid_of_an_imap_message_is_kept(journal, tmp_path):
    journal.start_run()
    journal.see([("imaps://zoe@mail.example.fr/INBOX;UIDVALIDITY=1700000001;UID=42", "a"), ("file:x", "b")], 0)
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        found = connection.execute("SELECT uidvalidity, uid FROM messages ORDER BY position").fetchall()
    connection.close()
    assert found == [("1700000001", "42"), (None, None)]


def test_the_journal_is_private_and_in_wal_mode(journal, tmp_path):
    assert (tmp_path / "journal.sqlite").stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_that_is_no_journal_and_one_of_an_older_format_are_refused(tmp_path):
    (tmp_path / "text").write_bytes(b"no database at all, but long enough to be read as the head of one " * 20)
    with pytest.raises(UsageError, match="the journal cannot be"):
        Journal(tmp_path / "text")
    with sqlite3.connect(tmp_path / "old") as connection:
        connection.execute("CREATE TABLE outcomes (origin TEXT)")
    connection.close()
    with pytest.raises(UsageError, match="made by an older triage"):
        Journal(tmp_path / "old")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql+psycopg://zoe:secret@localhost/base", "PGPASSWORD"),
        ("nonsense", "no database URL"),
        ("oracle+absent://localhost/base", "only PostgreSQL"),
        ("sqlite:///elsewhere.sqlite", "only PostgreSQL"),
        ("postgresql+psycopg2://localhost/base", "pip install 'triage\\[postgres"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_one_line(url, said, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg2", None)
    with pytest.raises(UsageError, match=said) as raised:
        Journal(url)
    assert "secret" not in str(raised.value)


def test_postgresql_keeps_a_journal_for_one_folder_and_one_run_at_a_time(postgres):
    journal = Journal(postgres.url)
    check_order_copies_and_moves(journal)
    journal.add([entry("c")], [Unsettled("c.eml", b"\x00content", None)])
    assert list(journal.unsettled()) == [Unsettled("c.eml", b"\x00content", None)]
    for _ in range(2):
        journal.belongs_to("token")
    with pytest.raises(UsageError, match="journal of another output folder"):
        journal.belongs_to("other")
    with pytest.raises(UsageError, match="another run is using the journal's database"):
        Journal(postgres.url)
    journal.close()
    Journal(postgres.url).close()


def test_a_batch_killed_with_its_journal_in_postgresql_ends_like_an_uninterrupted_one(postgres, small_model, tmp_path):
    recipe, mails = Recipe(BUILT_IN, small_model), mbox_of(tmp_path / "in.mbox", 150)
    plan = Plan(journal=postgres.url)
    run(recipe, read(str(mails)), tmp_path / "calm")
    status = in_child(lambda: (dies_at(40), run(recipe, read(str(mails)), tmp_path / "out", plan=plan)))
    assert os.WIFSIGNALED(status)
    summary = run(recipe, read(str(mails)), tmp_path / "out", plan=plan)
    assert (summary.messages, summary.reused) == (150, 128)
    found = left(tmp_path / "out")
    del found[".journal"]
    assert found == left(tmp_path / "calm")
    with pytest.raises(UsageError, match="journal of another output folder"):
        run(recipe, read(str(mails)), tmp_path / "other", plan=plan)


def test_where_a_draft_was_put_is_remembered_by_place(journal, tmp_path):
    journal.set_placed("imaps://a", "ab" * 32)
    journal.set_placed("imaps://a", "ab" * 32)
    again = Journal(tmp_path / "journal.sqlite", read_only=True)
    assert (again.placed("imaps://a"), again.placed("imaps://b")) == ({"ab" * 32}, set())
    again.close()
