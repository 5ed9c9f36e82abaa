import csv
import io
import json
from pathlib import Path

import pytest

LINE = {
    "origin": "file:a.eml", "digest": "ab" * 32, "subject": "Voirie; parking, \\ été\nBEGIN:VEVENT",
    "decision": {"action": "draft", "service": "urbanisme"},
    "deadlines": [
        {"name": "silence", "due": "2026-05-02", "source": "CRPA L231-1", "confirmed": False},
        {"name": "acknowledgement", "due": "2026-03-12", "source": "CRPA R112-11-2", "confirmed": True},
    ],
}  # fmt: skip
OTHER = {**LINE, "subject": "=2+2", "digest": "cd" * 32, "decision": {"action": "review", "service": None}}
IGNORED = {**LINE, "decision": {"action": "ignore", "service": None}}


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "results.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (LINE, OTHER, IGNORED)), "utf-8")
    return path


def test_what_falls_due_is_listed_soonest_first(run, results):
    rows = [line.split("\t")[:4] for line in run("deadlines", "out").stdout.splitlines()]
    assert rows == [
        ["échéance", "service", "délai", "texte"],
        ["2026-03-12", "courrier", "acknowledgement", "CRPA R112-11-2"],
        ["2026-03-12", "urbanisme", "acknowledgement", "CRPA R112-11-2"],
        ["2026-05-02", "courrier", "silence", "CRPA L231-1 (à confirmer)"],
        ["2026-05-02", "urbanisme", "silence", "CRPA L231-1 (à confirmer)"],
    ]


def test_a_service_sees_its_own_until_a_day(run, results):
    found = run("deadlines", results, "--service", "urbanisme", "--until", "2026-04-01", "--json").stdout
    assert [(line["due"], line["service"]) for line in map(json.loads, found.splitlines())] == [
        ("2026-03-12", "urbanisme")
    ]


def test_no_cell_of_the_csv_is_a_formula(run, results):
    found = run("deadlines", results, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(found.removeprefix("\ufeff")), delimiter=";"))
    assert {row["objet"] for row in rows} == {"'=2+2", "Voirie; parking, \\ été\nBEGIN:VEVENT"}


def test_the_calendar_holds_one_event_each_and_no_subject_can_add_one(run, results):
    found = run("deadlines", results, "--ical").stdout.replace("\r\n", "\n")
    lines = found.replace("\n ", "").splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4
    assert "SUMMARY:urbanisme : silence – Voirie\\; parking\\, \\\\ été\\nBEGIN:VEVENT" in lines
    assert "DTSTART;VALUE=DATE:20260502" in lines
    assert "DTEND;VALUE=DATE:20260503" in lines
    assert len({line for line in lines if line.startswith("UID:")}) == 4
    assert all(len(line.encode()) <= 75 for line in found.splitlines())


def test_a_file_that_is_no_result_is_named(run, tmp_path):
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n', "utf-8")
    assert "x.jsonl, line 1: is no result" in run("deadlines", "x.jsonl", check=2).stderr
