"""What a run leaves beside results.jsonl: tables, mailboxes per service, manifest, metrics, logs."""

import csv
import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from triage.batch import Plan, Recipe, Sorting
from triage.batch import run as run_batch
from triage.profile import BUILT_IN
from triage.read import read

MBOX = SAMPLES / "mairie.mbox"
CITIZENS = b"From: =?utf-8?q?Z=C3=A9lie_Martin?= <zelie.martin@courriel.test>\nSubject: =cmd|' /C calc'!A0\nMessage-ID: <1@courriel.test>\n\nLe lampadaire de ma rue est eteint.\n"


@pytest.fixture
def recipe(small_model) -> Recipe:
    return Recipe(BUILT_IN, small_model)


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]


def test_csv_has_a_row_a_message_and_no_formula(recipe, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eml").write_bytes(CITIZENS)
    run_batch(recipe, read(str(tmp_path / "in")), tmp_path / "out", plan=Plan(exports=("csv",)))
    content = (tmp_path / "out" / "results.csv").read_bytes()
    assert content.startswith("\ufefforigin;id;digest;kind;subject;".encode())
    (row,) = csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";")
    assert row["subject"] == "'=cmd|' /C calc'!A0"
    assert row["sender"] == "zelie.martin@courriel.test"
    assert row["text"] == "Le lampadaire de ma rue est eteint."


def test_parquet_holds_the_rows_of_the_results(recipe, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    run_batch(recipe, read(str(MBOX)), tmp_path, plan=Plan(exports=("csv", "parquet")))
    rows = parquet.read_table(tmp_path / "results.parquet").to_pylist()
    wanted = lines(tmp_path)
    assert [row["digest"] for row in rows] == [line["digest"] for line in wanted]
    assert [row["text"] for row in rows] == [line["text"] for line in wanted]
    assert [row["confidence_service"] for row in rows] == [line["service"]["confidence"] for line in wanted]
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file, delimiter=";"))) == 53


def expected_places(out: Path) -> dict[str, str]:
    """Digest of each mail -> the mailbox it belongs to; exact copies go nowhere."""
    places = {"review": "a-relire", "ignore": "sans-suite"}
    return {
        line["digest"]: places.get(line["decision"]["action"]) or line["decision"]["service"]
        for line in lines(out)
        if not line["decision"]["reasons"][0].startswith("copie exacte")
    }


def test_mails_are_copied_once_into_a_maildir_per_service(recipe, tmp_path):
    plan = Plan(sorting=Sorting(tmp_path / "sorted"))
    run_batch(recipe, read(str(MBOX)), tmp_path / "out")
    run_batch(recipe, read(str(MBOX)), tmp_path / "out", plan=plan)  # asked for later: what is done is copied too
    files = [p for p in (tmp_path / "sorted").rglob("*") if p.is_file()]
    assert {sha256(p.read_bytes()).hexdigest(): p.parts[-3] for p in files} == expected_places(tmp_path / "out")
    assert len(files) == 51
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "sorted").rglob("*"))
    opened, taken = files[0], files[1]
    opened.rename(opened.parents[1] / "cur" / f"{opened.name}:2,S")
    taken.unlink()
    run_batch(recipe, read(str(MBOX)), tmp_path / "out", plan=plan)
    assert len([p for p in (tmp_path / "sorted").rglob("*") if p.is_file()]) == 50


def test_a_mail_decided_otherwise_moves_unless_it_was_opened(recipe, tmp_path, monkeypatch):
    plan = Plan(sorting=Sorting(tmp_path / "sorted"))
    (tmp_path / "a.eml").write_bytes(CITIZENS)
    run_batch(recipe, read(str(tmp_path / "a.eml")), tmp_path / "out", plan=plan)
    (before,) = [p for p in (tmp_path / "sorted").rglob("*") if p.is_file()]
    monkeypatch.setattr("triage.batch.running.mailbox_of", lambda *_, **__: "ailleurs")
    again = Plan(again=True, sorting=Sorting(tmp_path / "sorted"))
    run_batch(recipe, read(str(tmp_path / "a.eml")), tmp_path / "out", plan=again)
    (after,) = [p for p in (tmp_path / "sorted").rglob("*") if p.is_file()]
    assert (before.exists(), after.parts[-3], after.read_bytes()) == (False, "ailleurs", CITIZENS)


def test_mails_are_written_into_an_mbox_per_service_that_reads_back_the_same(recipe, tmp_path):
    plan = Plan(sorting=Sorting(tmp_path / "sorted", "mbox"))
    for _ in range(2):
        run_batch(recipe, read(str(MBOX)), tmp_path / "out", plan=plan)
    found = {
        sha256(raw.content).hexdigest(): path.stem
        for path in (tmp_path / "sorted").glob("*.mbox")
        for raw in read(str(path))
    }
    places = expected_places(tmp_path / "out")
    assert sorted(found.values()) == sorted(places.values())
    assert len(found.items() & places.items()) >= 48  # a mail that ends without a line break gains one


def test_manifest_metrics_and_logs_hold_figures_and_no_personal_data(run, small_model, tmp_path):
    (tmp_path / "a.eml").write_bytes(CITIZENS)
    done = run("apply", "a.eml", "--out", "out", "--model", small_model, "--metrics", "m.prom", "--log-format", "json")
    manifest = (tmp_path / "out" / "run.json").read_text("utf-8")
    metrics = (tmp_path / "m.prom").read_text("utf-8")
    assert done.stdout == ""
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["event"] for event in events] == ["started", "done"]
    assert events[1]["messages"] == json.loads(manifest)["messages"] == 1
    assert "triage_messages 1\n" in metrics
    assert metrics.endswith("# EOF\n")
    for text in (manifest, metrics, done.stderr):
        assert not [word for word in ("zelie", "Zélie", "Martin", "lampadaire", "calc", "a.eml") if word in text]


def test_the_summary_counts_and_a_dry_run_writes_nothing(run, small_model, tmp_path):
    said = run("apply", MBOX, "--out", "out", "--model", small_model, "--dry-run", "--csv", "--metrics", "m").stdout
    assert said.startswith("52 messages : 51 seraient traités, 0 déjà faits, 1 copies exactes. Rien n'a été écrit.")
    assert [line.partition(" : ")[2] for line in said.splitlines()[1:]] == [
        "out/results.jsonl", "out/results.csv", "out/drafts/*.eml", "out/run.json", "m",
    ]  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    said = run("apply", MBOX, "--out", "out", "--model", small_model).stdout
    for title in ("Services : ", "Urgences : ", "Types de message : ", "Les plus longs à traiter : "):
        assert title in said


@pytest.mark.parametrize("option", [["--csv"], ["--metrics", "m"], ["--dry-run"], ["--sort-into", "d"], ["--again"]])
def test_options_that_write_need_a_folder(run, small_model, option):
    assert "give --out DIR" in run("apply", MBOX, "--stdout", *option, "--model", small_model, check=2).stderr


def test_a_bad_mail_is_counted_and_named_by_its_digest_in_json(run, small_model, tmp_path, monkeypatch):
    (tmp_path / "a.eml").write_bytes(CITIZENS)
    monkeypatch.setattr("triage.pipeline.parse", lambda _: 1 / 0)
    done = run("apply", "a.eml", "--out", "out", "--model", small_model, "--log-format", "json", check=1)
    failed = json.loads(done.stderr.splitlines()[1])
    assert (failed["event"], failed["digest"]) == ("message failed", sha256(CITIZENS).hexdigest()[:12])
