"""`run` over real mailboxes: exact, resumable, alone in its folder, the same on one process and on several."""

import json
import mailbox
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from triage.batch import Recipe, run
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


def mbox_of(path: Path, count: int) -> Path:
    """A mailbox of `count` different mails."""
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            file.write(
                f"From zoe@example.fr Mon Jan  5 09:00:00 2026\nFrom: Zoé <zoe{i}@example.fr>\nMessage-ID: <{i}@example.fr>\n"
                f"Date: Mon, 5 Jan 2026 09:00:00 +0100\nSubject: Lampadaire {i}\nContent-Type: text/plain; charset=utf-8\n\n"
                f"Bonjour,\nle lampadaire n° {i} de ma rue est éteint, le trottoir est noir.\n\n"
            )
    return path


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


def test_a_shorter_source_gives_a_shorter_result(recipe, tmp_path):
    apply(recipe, mbox_of(tmp_path / "in.mbox", 12), tmp_path / "out")
    apply(recipe, mbox_of(tmp_path / "in.mbox", 5), tmp_path / "out")
    assert len(lines(tmp_path / "out")) == 5


def test_another_model_is_noticed_and_again_redoes(recipe, tmp_path):
    mails = mbox_of(tmp_path / "in.mbox", 5)
    apply(recipe, mails, tmp_path / "out")
    import sqlite3

    with sqlite3.connect(tmp_path / "out" / "journal.sqlite") as journal:
        journal.execute("UPDATE outcomes SET recipe = 'older'")
    journal.close()
    assert apply(recipe, mails, tmp_path / "out").other_recipe == 5
    assert apply(recipe, mails, tmp_path / "out", again=True).reused == 0
    assert apply(recipe, mails, tmp_path / "out").other_recipe == 0


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.4, 0.8])
def test_a_killed_run_goes_on_and_ends_like_an_uninterrupted_one(recipe, small_model, tmp_path, delay):
    mails = mbox_of(tmp_path / "in.mbox", 600)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "triage", "apply", str(mails), "--out", str(out), "--model", str(small_model)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (out / "journal.sqlite").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    apply(recipe, mails, out)
    apply(recipe, mails, tmp_path / "calm")
    assert (out / "results.jsonl").read_bytes() == (tmp_path / "calm" / "results.jsonl").read_bytes()
    assert contents(out / "drafts") == contents(tmp_path / "calm" / "drafts")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.glob("*.eml")}


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
