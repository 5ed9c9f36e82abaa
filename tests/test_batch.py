"""`run` over real mailboxes: exact, resumable, alone in its folder, the same on one process and on several."""

import json
import mailbox
import sqlite3
import time
from contextlib import closing
from datetime import date
from hashlib import sha256
from itertools import chain
from pathlib import Path

import pytest

import triage.pipeline
from tests.conftest import SAMPLES
from tests.mails import mbox_of
from triage.batch import Plan, Recipe, preview, results, run
from triage.errors import UsageError
from triage.profile import BUILT_IN
from triage.read import read

MBOX = SAMPLES / "mairie.mbox"


@pytest.fixture
def recipe(small_model) -> Recipe:
    return Recipe(BUILT_IN, small_model)


def apply(recipe, source, out, **options):
    options = {"jobs": 1, "again": False, "advance": lambda: None} | options
    return run(recipe, read(str(source)), out, **options)


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]


def test_every_message_has_one_line_in_input_order(recipe, tmp_path):
    summary = apply(recipe, MBOX, tmp_path)
    found = lines(tmp_path)
    assert [line["origin"] for line in found] == [raw.origin for raw in read(str(MBOX))]
    assert summary.messages == len(found) == 52
    assert summary.failed == []
    assert sorted(p.name for p in (tmp_path / "drafts").iterdir()) == sorted(
        Path(line["draft"]["file"]).name for line in found if line["draft"]
    )


def test_several_processes_give_the_same_bytes(recipe, tmp_path):
    apply(recipe, MBOX, tmp_path / "one")
    apply(recipe, MBOX, tmp_path / "two", jobs=2)
    assert (tmp_path / "one" / "results.jsonl").read_bytes() == (tmp_path / "two" / "results.jsonl").read_bytes()


def test_an_exact_copy_gets_no_second_draft(recipe, tmp_path):
    content = (
        b"From: a@example.fr\nMessage-ID: <1@example.fr>\nSubject: Lampadaire\n\nLe lampadaire de ma rue est eteint.\n"
    )
    for name in ("a.eml", "b.eml"):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "c.eml").write_bytes(content + b"Et le trottoir est casse.\n")
    apply(recipe, tmp_path, tmp_path / "out")
    first, copy, other = lines(tmp_path / "out")
    assert first["decision"]["action"] != "ignore"
    assert copy["decision"]["reasons"] == [f"copie exacte d'un message déjà traité : {first['origin']}"]
    assert copy["draft"] is None
    assert other["decision"]["action"] != "ignore"


def test_running_again_only_does_what_is_new(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 30)
    apply(recipe, mails, tmp_path / "out")
    before = lines(tmp_path / "out")
    mbox_of(mails, 40)
    summary = apply(recipe, mails, tmp_path / "out")
    assert (summary.messages, summary.reused) == (40, 30)
    assert lines(tmp_path / "out")[:30] == before


def test_copies_in_a_later_chunk_were_not_done_before(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 130)
    mails.write_text(mails.read_text("utf-8") * 2, "utf-8")
    found = apply(recipe, mails, tmp_path / "out")
    assert (found.processed, found.reused, found.copies) == (130, 0, 130)
    found = apply(recipe, mails, tmp_path / "out")
    assert (found.processed, found.reused, found.copies) == (0, 130, 130)


def test_a_shorter_source_gives_a_shorter_result(recipe, tmp_path):
    apply(recipe, mbox_of(tmp_path / "in.mbox", 12), tmp_path / "out")
    apply(recipe, mbox_of(tmp_path / "in.mbox", 5), tmp_path / "out")
    assert len(lines(tmp_path / "out")) == 5


def test_another_model_is_noticed_and_again_redoes(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 5)
    apply(recipe, mails, tmp_path / "out")
    with sqlite3.connect(tmp_path / "out" / "journal.sqlite") as journal:
        journal.execute("UPDATE outcomes SET model = 'older'")
    journal.close()
    assert apply(recipe, mails, tmp_path / "out").other_recipe == 5
    assert apply(recipe, mails, tmp_path / "out", again=True).reused == 0
    assert apply(recipe, mails, tmp_path / "out").other_recipe == 0


def test_a_mail_that_moves_in_its_mailbox_is_not_done_again(recipe, tmp_path):
    """Deleting the first mail of an mbox shifts the rank, and so the origin, of all others."""
    mails = mbox_of(tmp_path / "in.mbox", 6)
    apply(recipe, mails, tmp_path / "out")
    before = lines(tmp_path / "out")
    mails.write_text("From zoe" + mails.read_text("utf-8").split("From zoe", 2)[2], "utf-8")
    summary = apply(recipe, mails, tmp_path / "out")
    assert (summary.messages, summary.reused, summary.processed) == (5, 5, 0)
    moved = [line | {"origin": f"mbox:{mails}#{i}"} for i, line in enumerate(before[1:])]
    assert lines(tmp_path / "out") == moved


def test_a_source_named_twice_counts_once(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 70)
    summary = run(recipe, chain(read(str(mails)), read(str(mails))), tmp_path / "out")
    assert (summary.seen, summary.messages, summary.processed) == (140, 70, 70)
    assert [line["origin"] for line in lines(tmp_path / "out")] == [raw.origin for raw in read(str(mails))]


def test_since_redoes_mail_dated_from_that_day_and_only_failed_what_failed(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 4)
    mails.write_text(mails.read_text("utf-8").replace("Mon, 5 Jan 2026 09", "Mon, 12 Jan 2026 09", 1), "utf-8")
    apply(recipe, mails, tmp_path / "out")
    assert run_with(recipe, mails, tmp_path / "out", Plan(since=date(2026, 1, 12))).processed == 1
    assert run_with(recipe, mails, tmp_path / "out", Plan(only_failed=True)).processed == 0
    with closing(sqlite3.connect(tmp_path / "out" / "journal.sqlite")) as journal, journal:
        journal.execute("UPDATE outcomes SET failed = 1 WHERE dated LIKE '2026-01-12%'")
    summary = run_with(recipe, mails, tmp_path / "out", Plan(only_failed=True))
    assert (summary.processed, summary.reused, summary.messages) == (1, 3, 4)
    assert run_with(recipe, mails, tmp_path / "out", Plan(only_failed=True)).processed == 0


def run_with(recipe, source, out, plan):
    return run(recipe, read(str(source)), out, plan=plan)


def test_a_draft_taken_away_does_not_come_back_and_a_changed_one_is_kept(recipe, tmp_path):
    apply(recipe, MBOX, tmp_path)
    taken, changed, *others = sorted((tmp_path / "drafts").iterdir())
    taken.unlink()
    changed.write_bytes(changed.read_bytes() + b"Bien \xc3\xa0 vous")
    wanted = changed.read_bytes()
    apply(recipe, MBOX, tmp_path)
    assert not taken.exists()
    summary = apply(recipe, MBOX, tmp_path, again=True)
    assert (summary.kept_drafts, changed.read_bytes()) == (1, wanted)
    assert sorted((tmp_path / "drafts").iterdir()) == [taken, changed, *others]


def test_a_draft_no_longer_made_is_removed(recipe, tmp_path, monkeypatch):
    apply(recipe, MBOX, tmp_path)
    assert list((tmp_path / "drafts").iterdir())
    monkeypatch.setattr("triage.pipeline.draft", lambda _: None)
    assert apply(recipe, MBOX, tmp_path, again=True).drafts == 0
    assert list((tmp_path / "drafts").iterdir()) == []


def test_a_preview_counts_and_writes_nothing(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 10)
    found = preview(recipe, read(str(mails)), tmp_path / "out", Plan())
    assert (found.seen, found.processed, found.reused) == (10, 10, 0)
    assert not (tmp_path / "out").exists()
    apply(recipe, mails, tmp_path / "out")
    mbox_of(mails, 14)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    found = preview(recipe, read(str(mails)), tmp_path / "out", Plan())
    assert (found.seen, found.processed, found.reused) == (14, 4, 10)
    assert preview(recipe, read(str(mails)), tmp_path / "out", Plan(again=True)).processed == 14
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_results_alone_keep_the_order(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 150)
    origins = [raw.origin for raw in read(str(mails))]
    for jobs in (1, 2):
        assert [origin for origin, _ in results(recipe, read(str(mails)), Plan(jobs=jobs))] == origins


def test_a_slow_mail_is_named_by_its_digest(recipe, tmp_path, monkeypatch):
    mails = mbox_of(tmp_path / "in.mbox", 5)
    slow = list(read(str(mails)))[3]
    genuine = triage.pipeline.parse

    def parse(raw):
        if raw == slow:
            time.sleep(0.3)
        return genuine(raw)

    monkeypatch.setattr("triage.pipeline.parse", parse)
    summary = apply(recipe, mails, tmp_path / "out")
    assert max(summary.slowest).digest == sha256(slow.content).hexdigest()[:12]
    assert summary.stage_seconds["read"] >= 0.3


def test_a_second_run_in_the_same_folder_is_refused(recipe, tmp_path):
    import fcntl

    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="another run is using this folder"):
            apply(recipe, MBOX, tmp_path / "out")


def test_results_are_private_and_the_mailbox_is_untouched(recipe, tmp_path):
    before = (MBOX.read_bytes(), MBOX.stat().st_mtime_ns)
    apply(recipe, MBOX, tmp_path / "out")
    assert (MBOX.read_bytes(), MBOX.stat().st_mtime_ns) == before
    for path in (tmp_path / "out").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_maildir_mbox_and_files_give_the_same_decisions(recipe, tmp_path):
    """The sample mailbox, as Maildir and as .eml files, is sorted alike."""
    maildir = mailbox.Maildir(tmp_path / "maildir")
    (tmp_path / "eml").mkdir()
    for i, raw in enumerate(read(str(MBOX))):
        maildir.add(raw.content)
        (tmp_path / "eml" / f"{i:03}.eml").write_bytes(raw.content)
    found = {}
    for name, source in (("mbox", MBOX), ("maildir", tmp_path / "maildir"), ("eml", tmp_path / "eml")):
        apply(recipe, source, tmp_path / f"out-{name}")
        kept = {
            (line["digest"], line["kind"], line["service"]["ranking"][0][0], line["urgency"]["level"])
            for line in lines(tmp_path / f"out-{name}")
        }
        found[name] = kept
    assert found["mbox"] == found["eml"]
    assert {row[1:] for row in found["mbox"]} == {row[1:] for row in found["maildir"]}
