"""Sources as they are found: files nobody can read, empty mailboxes, what is no file, places that cannot be written."""

import json
import os
import re
from itertools import islice
from pathlib import Path

import pytest

from triage.batch import Plan, Recipe, Sorting
from triage.batch import run as run_batch
from triage.profile import BUILT_IN
from triage.read import read
from triage.read.mbox import split

MAIL = b"From: jeanne@courriel.test\nSubject: Lampadaire %s\nMessage-ID: <%s@courriel.test>\n\nLe lampadaire est en panne.\n"
FAULTY = Path("/proc/self/mem")  # a regular file that opens, and of which the first read is an input/output error

needs_faulty_file = pytest.mark.skipif(not FAULTY.is_file(), reason="no file here that cannot be read, even by root")


def written(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name.encode()
    path.write_bytes(MAIL % (name, name))
    return path


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]


@needs_faulty_file
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(("place", "suffix"), [("box", ".eml"), ("box/new", "")])
def test_a_file_that_cannot_be_read_fails_alone(run, small_model, tmp_path, place, suffix, jobs):
    for name in "ad":
        written(tmp_path / place / f"{name}{suffix}")
    for name in "bc":
        (tmp_path / place / f"{name}{suffix}").symlink_to(FAULTY)
    asked = ("apply", "box", "--out", "out", "--model", small_model, "--jobs", jobs, "--sort-into", "sorted")
    said = run(*asked, check=1)
    found = lines(tmp_path / "out")
    assert [line["error"] and line["error"]["type"] for line in found] == [None, "MessageError", "MessageError", None]
    message = found[1]["error"]["message"]
    assert (
        message
        == f"box{place[3:]}/b{suffix}: cannot be read (Input/output error): check " + message.partition("check ")[2]
    )
    assert said.stderr.count("failed (kept in results.jsonl with its error)") == 2
    assert len([path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]) == 2

    (tmp_path / place / f"b{suffix}").unlink()
    written(tmp_path / place / f"b{suffix}")  # it can be read now: its failure is not taken for its outcome
    run(*asked, check=1)
    assert [line["error"] is None for line in lines(tmp_path / "out")] == [True, True, False, True]


def test_a_file_that_disappears_while_others_are_read_fails_alone(small_model, tmp_path):
    for name in "abc":
        written(tmp_path / "box" / f"{name}.eml")
    messages = read(str(tmp_path / "box"), all_outcomes=True)
    (tmp_path / "box" / "b.eml").unlink()
    summary = run_batch(Recipe(BUILT_IN, small_model), messages, tmp_path / "out")
    assert summary.failed == [f"file:{tmp_path / 'box' / 'b.eml'}"]
    assert [line["error"] is None for line in lines(tmp_path / "out")] == [True, False, True]
    assert "b.eml: cannot be read (No such file or directory)" in lines(tmp_path / "out")[1]["error"]["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_rights_fails_alone(run, small_model, tmp_path):
    for name in "abc":
        written(tmp_path / "box" / f"{name}.eml")
    (tmp_path / "box" / "b.eml").chmod(0)
    run("apply", "box", "--out", "out", "--model", small_model, check=1)
    assert [line["error"] is None for line in lines(tmp_path / "out")] == [True, False, True]


def test_an_mbox_whose_disk_fails_keeps_what_was_read(run, small_model, tmp_path, monkeypatch):
    def failing(stream, place):
        yield from islice(split(stream, place), 2)
        raise OSError(5, "Input/output error")

    separator = b"From jeanne@courriel.test Mon Mar  3 10:00:00 2025\n"
    (tmp_path / "in.mbox").write_bytes(b"".join(separator + MAIL % (name, name) + b"\n" for name in (b"a", b"b", b"c")))
    written(tmp_path / "z.eml")
    monkeypatch.setattr("triage.read.mbox.split", failing)
    run("apply", "in.mbox", "z.eml", "--out", "out", "--model", small_model, check=1)
    found = lines(tmp_path / "out")
    assert [line["origin"] for line in found] == [*(f"mbox:in.mbox#{i}" for i in range(3)), "file:z.eml"]
    assert [line["error"] is None for line in found] == [True, True, False, True]
    fault = "in.mbox: cannot be read from message 2 on (Input/output error): check the file and its rights"
    assert found[2]["error"] == {"type": "MessageError", "message": fault}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("form", ["mbox", "folder", "maildir"])
def test_an_empty_mailbox_is_no_fault(run, small_model, tmp_path, form, jobs):
    box = tmp_path / "box"
    if form == "mbox":
        box.write_bytes(b"")
    else:
        (box / "new" if form == "maildir" else box).mkdir(parents=True)
    said = run("apply", "box", "--out", "out", "--model", small_model, "--jobs", jobs, "--csv")
    assert said.stdout == "Aucun message.\n"
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == b""
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["messages"] == 0


def test_an_empty_mailbox_beside_a_full_one_costs_nothing(run, small_model, tmp_path):
    written(tmp_path / "a.eml")
    (tmp_path / "box").write_bytes(b"")
    run("apply", "box", "a.eml", "--out", "out", "--model", small_model)
    assert len(lines(tmp_path / "out")) == 1


@pytest.mark.parametrize("make", [lambda path: None, lambda path: written(path / "liste.txt")])
def test_a_path_that_is_plainly_wrong_is_refused(run, small_model, tmp_path, make):
    make(tmp_path / "box")
    said = run("apply", "box", "--out", "out", "--model", small_model, check=2)
    assert re.match(r"triage: box: (no such file|this folder holds no \.eml)", said.stderr)


def test_what_is_named_like_a_mail_and_is_no_file_is_counted(run, small_model, tmp_path):
    written(tmp_path / "box" / "a.eml")
    (tmp_path / "box" / "b.eml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "box" / "c.msg")
    written(tmp_path / "box" / "d.eml" / "e.eml")
    written(tmp_path / "new" / "new" / "a")
    os.mkfifo(tmp_path / "new" / "new" / "b")
    said = run("apply", "box", "new", "--out", "out", "--model", small_model).stderr
    counts = re.findall(r"^.*?(\d+) entries of folders are named like mails", said, re.MULTILINE)
    assert counts == ["3", "1"]
    assert len(lines(tmp_path / "out")) == 3


@pytest.mark.parametrize("option", ["--metrics", "--sort-into"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(run, tmp_path, option):
    (tmp_path / "in.eml").write_bytes(MAIL % (b"x", b"x"))
    (tmp_path / "file").write_bytes(b"")
    place = "file/x" if option == "--metrics" else "file"
    said = run("apply", "in.eml", "--out", "out", "--model", "no-model", option, place, check=2).stderr
    assert said == f"triage: {option} {place}: file is no folder: choose another path\n"
    assert not (tmp_path / "out").exists()


def test_metrics_in_place_of_a_folder_are_refused(run, tmp_path):
    (tmp_path / "m").mkdir()
    said = run("apply", "in.eml", "--out", "out", "--model", "no-model", "--metrics", "m", check=2).stderr
    assert said == "triage: --metrics m: is a folder: name a file\n"


def test_a_place_lost_during_the_run_is_not_called_a_full_disk(small_model, tmp_path):
    written(tmp_path / "a.eml")
    (tmp_path / "file").write_bytes(b"")
    plan = Plan(sorting=Sorting(tmp_path / "file" / "sorted"))
    with pytest.raises(Exception, match=r"check the path and its rights and run again"):
        run_batch(Recipe(BUILT_IN, small_model), read(str(tmp_path / "a.eml")), tmp_path / "out", plan=plan)


def test_a_first_mail_is_read_before_the_clock_runs(small_model, tmp_path, monkeypatch):
    """What a first mail loads and compiles is not counted as time of that mail."""
    from triage.batch import recipe as module

    module.warmed.cache_clear()
    read_so_far = []
    process = module.process
    monkeypatch.setattr(module, "process", lambda engine, part: read_so_far.append(len(part)) or process(engine, part))
    path = written(tmp_path / "a.eml")
    recipe = Recipe(BUILT_IN, small_model)
    for again in range(2):
        run_batch(recipe, read(str(path)), tmp_path / f"out{again}")
    assert read_so_far == [1, 1, 1]
