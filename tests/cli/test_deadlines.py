import csv
import io
import json
from pathlib import Path

import pytest

LINE = {
    "origin": "file:a.eml", "digest": "ab" * 32, "subject": "Voirie; parking, \\ été\nBEGIN:VEVENT",
    "decision": {"action": "draft", "service": "urbanisme"},
    "deadlines": [
        {"name": "silence", "due": "2026-05-02", "source": "CRPA L231-1", "confirmed": False, "label": "décision implicite", "computed": "2 mois, comptés ; ainsi."},
        {"name": "acknowledgement", "due": "2026-03-12", "source": "CRPA R112-11-2", "confirmed": True, "label": "accusé de réception", "computed": ""},
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


def cells(stdout, *columns):
    """Cells of a printed table, header left out, of some columns."""
    return [tuple(line.split("\t")[column] for column in columns) for line in stdout.splitlines()[1:]]


def test_what_falls_due_is_listed_soonest_first(run, results):
    found = run("deadlines", "out", "--today", "2026-03-15").stdout
    assert found.splitlines()[0].split("\t") == [
        "échéance", "service", "délai", "texte", "état", "objet", "message"
    ]  # fmt: skip
    assert cells(found, 0, 1, 2, 3, 4) == [
        ("2026-03-12", "courrier", "accusé de réception", "CRPA R112-11-2", "en retard de 3 jours"),
        ("2026-03-12", "urbanisme", "accusé de réception", "CRPA R112-11-2", "en retard de 3 jours"),
        ("2026-05-02", "courrier", "décision implicite", "CRPA L231-1 (à confirmer)", "dans 48 jours"),
        ("2026-05-02", "urbanisme", "décision implicite", "CRPA L231-1 (à confirmer)", "dans 48 jours"),
    ]


def test_or_by_service(run, results):
    assert cells(run("deadlines", "out", "--by", "service").stdout, 1, 0) == [
        ("courrier", "2026-03-12"), ("courrier", "2026-05-02"), ("urbanisme", "2026-03-12"), ("urbanisme", "2026-05-02")
    ]  # fmt: skip


def test_only_what_is_overdue_or_due_until_a_day(run, results):
    assert cells(run("deadlines", "out", "--overdue", "--today", "2026-03-12").stdout, 0) == []
    assert {*cells(run("deadlines", "out", "--overdue", "--today", "2026-03-13").stdout, 0)} == {("2026-03-12",)}
    found = run("deadlines", results, "--service", "urbanisme", "--until", "2026-04-01", "--json").stdout
    assert [(line["due"], line["service"]) for line in map(json.loads, found.splitlines())] == [
        ("2026-03-12", "urbanisme")
    ]


def test_json_says_all_that_is_known(run, results):
    found = run("deadlines", results, "--service", "urbanisme", "--json", "--today", "2026-05-02").stdout
    assert json.loads(found.splitlines()[1]) == {
        "due": "2026-05-02", "service": "urbanisme", "name": "silence", "label": "décision implicite",
        "source": "CRPA L231-1", "confirmed": False, "computed": "2 mois, comptés ; ainsi.", "subject": LINE["subject"],
        "origin": "file:a.eml", "digest": "ab" * 32, "overdue": False,
    }  # fmt: skip


def test_how_a_date_was_counted_is_told_on_demand(run, results):
    assert cells(run("deadlines", "out", "--how").stdout, 7)[-1] == ("2 mois, comptés ; ainsi.",)


def test_results_of_an_older_version_show_the_names(run, tmp_path):
    old = {**LINE, "deadlines": [{k: d[k] for k in ("name", "due", "source", "confirmed")} for d in LINE["deadlines"]]}
    (tmp_path / "old.jsonl").write_text(json.dumps(old) + "\n", "utf-8")
    assert cells(run("deadlines", "old.jsonl").stdout, 2) == [("acknowledgement",), ("silence",)]


def test_no_cell_of_the_csv_is_a_formula(run, results):
    found = run("deadlines", results, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(found.removeprefix("\ufeff")), delimiter=";"))
    assert {row["objet"] for row in rows} == {"'=2+2", "Voirie; parking, \\ été\nBEGIN:VEVENT"}
    assert {row["calcul"] for row in rows} == {"", "2 mois, comptés ; ainsi."}


def test_the_calendar_holds_one_event_each_and_no_subject_can_add_one(run, results):
    found = run("deadlines", results, "--ical").stdout.replace("\r\n", "\n")
    lines = found.replace("\n ", "").splitlines()
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4
    assert "SUMMARY:urbanisme : décision implicite – Voirie\\; parking\\, \\\\ été\\nBEGIN:VEVENT" in lines
    assert "DESCRIPTION:CRPA L231-1 (à confirmer)\\n2 mois\\, comptés \\; ainsi." in lines
    assert "DTSTART;VALUE=DATE:20260502" in lines
    assert "DTEND;VALUE=DATE:20260503" in lines
    assert all(len(line.encode()) <= 75 for line in found.splitlines())


def uids(stdout):
    return [line for line in stdout.splitlines() if line.startswith("UID:")]


def test_importing_a_calendar_twice_adds_no_event_and_two_of_one_name_stay_two(run, results, tmp_path):
    first = uids(run("deadlines", results, "--ical").stdout)
    assert first == uids(run("deadlines", results, "--ical").stdout)
    twice = {**LINE, "deadlines": [LINE["deadlines"][0], {**LINE["deadlines"][0], "due": "2026-07-02"}]}
    (tmp_path / "twice.jsonl").write_text(json.dumps(twice) + "\n", "utf-8")
    both = uids(run("deadlines", "twice.jsonl", "--ical").stdout)
    assert len({*first}) == 4
    assert len({*both}) == 2


def test_the_deadlines_of_one_request_are_counted(run):
    asked = ("--received", "2026-04-03", "--service", "urbanisme", "--nature", "demarche", "--json")
    pieces = ("--procedure", "declaration_prealable", "--pieces-asked", "2026-04-10", "--pieces-received", "2026-04-28")

    def silence(*options):
        found = map(json.loads, run("deadlines", *asked, *options).stdout.splitlines())
        return next((line["due"] for line in found if line["name"] == "silence"), None)

    assert silence() == "2026-06-03"
    assert silence(*pieces[:2]) == "2026-05-03"
    assert silence(*pieces[:4]) is None
    assert silence(*pieces) == "2026-05-28"
    assert silence("--transmitted", "2026-04-20") == "2026-06-20"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name the RESULTS of a run, or a request with --received"),
        (("out", "--received", "2026-04-03"), "name the RESULTS of a run, or a request"),
        (("--received", "2026-04-03"), "--received needs --nature: one of information, demarche"),
        (("--received", "2026-04-03", "--nature", "x"), "--nature x: unknown: choose one of information"),
        (("--received", "2026-04-03", "--nature", "demarche", "--procedure", "x"), "--procedure x: unknown"),
        (("--received", "3/4/2026"), "does not match the format"),
        (("nowhere",), "nowhere: No such file"),
    ],
)
def test_a_wrong_request_says_what_to_do(run, arguments, said):
    assert said in run("deadlines", *arguments, check=2).stderr


@pytest.mark.parametrize(
    "content", [b'{"a": 1}\n', b"\xff\n", b"[]\n", b'{"decision": {"action": "draft"}}\n', b"[" * 100_000]
)
def test_a_file_that_is_no_result_is_named(run, tmp_path, content):
    (tmp_path / "x.jsonl").write_bytes(content)
    assert "x.jsonl, line 1: is no result" in run("deadlines", "x.jsonl", check=2).stderr
