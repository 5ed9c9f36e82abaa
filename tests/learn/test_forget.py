"""What is forgotten leaves no byte behind, what stays is unharmed, and what learned from it is named."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.learn.conftest import RUN, results, rows_of, write_mail
from triage.journal.forget import forgotten
from triage.learn.corrections import opened
from triage.learn.releases import add, current, releases

LEARNED = "alix.quintefeuille@courriel.test"  # whose mails are on the side that is learned
WRITER, PLANTED = "zoe.quintefeuille@courriel.test", "xylophoniste"


@pytest.fixture
def spread(run, champion, tmp_path):
    """A run that has put mails, one of them planted, everywhere a run can put them."""
    mails = tmp_path / "boite"
    mails.mkdir()
    rows = rows_of(slice(60, 63))
    for number, row in enumerate(rows):
        write_mail(mails, number, row)
    planted = {
        "subject": f"Lampadaire {PLANTED}",
        "text": f"Le lampadaire du {PLANTED} est éteint rue Haute, 12 mai 2026.",
    }
    write_mail(mails, 90, planted, f"Zoé <{WRITER}>")
    out = tmp_path / "o"

    def apply(*more):
        run("apply", mails, "--out", out, "--model", champion, "--csv", "--drafts", "maildir", *more)
        line = next(line for line in results(out) if line["sender"] == WRITER)
        journal = more if "--journal" in more else ()
        run("correct", line["digest"], "--service", "urbanisme", "--note", PLANTED, "--out", out, *journal)
        return line

    return apply, out, mails


def holding(folder: Path, *words: str) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes().lower() if path.is_file() else b""
        found += [f"{path.name}: {word}" for word in words if word.lower().encode() in content]
    return found


@pytest.mark.parametrize("form", ["maildir", "mbox"])
def test_no_byte_of_a_forgotten_mail_stays_in_the_folder(run, spread, form):
    apply, out, mails = spread
    line = apply("--sort-into", out / "tri", "--sort-format", form)
    words = (WRITER, PLANTED, line["digest"][:20])
    before = holding(out, *words)
    assert {"journal.sqlite", "results.jsonl", "results.csv"} <= {one.split(":")[0] for one in before}
    others = [other for other in results(out) if other["sender"] != WRITER]
    files = {path: path.read_bytes() for path in out.rglob("*.eml") if line["digest"][:20] not in path.name}
    run("forget", out, "--sender", WRITER.upper())
    assert holding(out, *words) == []
    assert not list(out.rglob(f"{line['digest'][:12]}*"))
    assert results(out) == others
    assert {path: path.read_bytes() for path in files} == files
    assert len(list(mails.iterdir())) == len(others) + 1, "the mailbox that was read is not touched"
    with opened(out) as (journal, corrections):
        assert corrections.all() == []
        assert [(row["mails"], row["action"]) for row in forgotten(journal)] == [(1, line["decision"]["action"])]
        assert PLANTED not in json.dumps(forgotten(journal))


def test_a_dry_run_changes_no_byte(run, spread):
    apply, out, _ = spread
    apply()
    before = {path: path.read_bytes() for path in (out / "drafts").iterdir()} | {
        0: (out / "results.jsonl").read_bytes()
    }
    said = run("forget", out, "--sender", WRITER, "--dry-run").stdout
    assert said.startswith("Seraient effacés : 1 messages")
    assert said.rstrip().endswith("Rien n'a été changé.")
    assert {path: path.read_bytes() for path in (out / "drafts").iterdir()} | {
        0: (out / "results.jsonl").read_bytes()
    } == before
    assert holding(out, PLANTED)


def test_old_mail_goes_and_new_mail_stays(run, spread):
    apply, out, mails = spread
    write_mail(mails, 91, rows_of(slice(63, 64))[0])
    path = mails / "0091.eml"
    path.write_text(path.read_text("utf-8").replace("12 Jan 2026", f"{datetime.now(UTC):%d %b %Y}"), "utf-8")
    apply()
    run("forget", out, "--older-than", "0d")
    assert [line["date"][:4] for line in results(out)] == [f"{datetime.now(UTC):%Y}"]
    assert holding(out, PLANTED) == []
    run("forget", out, "--older-than", "0d")
    assert len(results(out)) == 1


def test_a_run_that_was_killed_after_the_journal_is_finished_by_the_next(run, spread):
    apply, out, _ = spread
    apply()
    kept = (out / "results.jsonl").read_bytes()
    run("forget", out, "--sender", WRITER)
    (out / "results.jsonl").write_bytes(kept)  # as if it had died before it wrote
    run("forget", out, "--sender", WRITER)
    assert holding(out, WRITER, PLANTED) == []


def test_releases_that_learned_from_it_are_named(run, spread, champion, tmp_path):
    apply, out, _ = spread
    line = apply()
    models = tmp_path / "mairie"
    add(models, champion, by="Anne", why="premier", facts={})
    made = add(models, champion, by="Anne", why="appris", facts={}, trained_on=[line["digest"]])
    said = run("forget", out, "--sender", WRITER, "--models", models, "--dry-run").stderr
    assert made.id in said
    assert "-0001-" not in said


def test_a_person_who_asks_is_forgotten_by_the_model_too(run, beginner, tiny_corpus, judging_corpus, tmp_path):
    """From the mailbox to the release: sorted, judged on a sheet, learned, forgotten, learned again without."""
    mails, out, models = tmp_path / "boite", tmp_path / "o", tmp_path / "mairie"
    mails.mkdir()
    rows = rows_of(RUN)
    for number, row in enumerate(rows):
        write_mail(mails, number, row)
    for number, row in enumerate(rows_of(slice(110, 111))):
        write_mail(mails, 900 + number, row | {"text": f"{row['text']} Le {PLANTED}."}, f"Zoé <{LEARNED}>")
    run("apply", mails, "--out", out, "--model", beginner, "--csv", "--sort-into", out / "tri")
    lines = results(out)
    theirs = {line["digest"] for line in lines if line["sender"] == LEARNED}
    assert len(theirs) == 5
    truth = [row["labels"]["service"] for row in [*rows, *rows_of(slice(110, 111))]]
    sheet = out / "a-relire.csv"
    run("corrections", "export", out, "--csv", sheet, "--most", "0", "--control", "1000")
    fill(sheet, dict(zip([line["digest"] for line in lines], truth, strict=True)))
    run("corrections", "import", sheet, "--out", out, "--by", "Anne")
    args = ("--models", models, "--model", beginner)
    run("retrain", out, "--base", tiny_corpus, "--judge-on", judging_corpus, "--no-encoder", *args)
    assert theirs <= current(models).trained_on()
    done = run("forget", out, "--sender", LEARNED, "--retrain", tiny_corpus, *args, check=1)
    assert "a-relire.csv still holds" in done.stderr
    assert "`triage models prune --release 2`" in done.stderr
    assert f"released {current(models).id}" in done.stdout
    assert current(models).number == 3
    assert not theirs & current(models).trained_on()
    sheet.unlink()
    words = (LEARNED, PLANTED, *theirs)
    assert holding(out, *words) == []
    run("models", "prune", "--release", "2", "--models", models)
    assert holding(models, *words) == []
    assert [one.number for one in releases(models)] == [1, 3]
    assert {line["digest"] for line in results(out)} == {line["digest"] for line in lines} - theirs


def fill(sheet: Path, services: dict[str, str]) -> None:
    """An agent's answers on a sheet, as a spreadsheet writes them."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for row in rows:
        row["service juste"] = services[row["message"]]
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)


def test_other_files_that_hold_the_address_are_listed(run, spread):
    apply, out, _ = spread
    apply()
    (out / "a-relire.csv").write_text(f"message;{WRITER}", "utf-8")
    done = run("forget", out, "--sender", WRITER, check=1)
    assert "a-relire.csv" in done.stderr


def test_what_cannot_be_done_is_said(run, spread):
    apply, out, _ = spread
    apply()
    assert "either --sender ADDRESS or --older-than" in run("forget", out, check=2).stderr
    assert "write 180d" in run("forget", out, "--older-than", "six mois", check=2).stderr
    assert "is no address" in run("forget", out, "--sender", "zoe", check=2).stderr
    kept = (out / "results.jsonl").read_bytes()
    assert "absent" in run("forget", out, "--sender", WRITER, "--profile", "absent", check=2).stderr
    assert (out / "results.jsonl").read_bytes() == kept
    shutil.rmtree(out)
    assert "no journal here" in run("forget", out, "--sender", WRITER, check=2).stderr
    assert not out.exists()


def test_a_database_that_does_not_overwrite_by_itself_is_overwritten(spread):
    apply, out, _ = spread
    apply()
    with closing(sqlite3.connect(out / "journal.sqlite")) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("DELETE FROM outcomes")
        database.execute("DELETE FROM corrections")
        database.commit()
    assert any(one.startswith("journal.sqlite") for one in holding(out, PLANTED))
    with opened(out) as (journal, _):
        journal.wipe()
    assert not [one for one in holding(out, PLANTED) if one.startswith("journal.sqlite")]


def test_postgresql_keeps_no_byte_in_its_tables(run, spread, postgres):
    """Its write-ahead log is the database's own to expire, as the documentation says."""
    apply, out, _ = spread
    line = apply("--journal", postgres.url)
    tables = postgres.folder / "data" / "base"
    words = (PLANTED, line["digest"])
    checkpoint(postgres.url)
    assert {one.split(": ")[1] for one in holding(tables, *words)} == set(words)
    run("forget", out, "--sender", WRITER, "--journal", postgres.url)
    checkpoint(postgres.url)
    assert holding(tables, *words) == []
    assert holding(out, *words) == []


def checkpoint(url: str) -> None:
    """Have the server write its tables, and remove the files of those it rewrote."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
