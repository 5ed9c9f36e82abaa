"""Verdicts given one by one, what stands of them, and who said what when."""

import json
import sqlite3

import pytest

from tests.learn.conftest import results
from triage.errors import UsageError
from triage.journal import Journal
from triage.journal.corrections import Correction
from triage.learn.corrections import Answer, label_of, opened, standing

SAID = '{"service": "voirie_eclairage", "proposed": "voirie_eclairage"}'


def correction(digest="a", **fields) -> Correction:
    at = "2026-01-12T08:00:00+00:00"
    return Correction(digest=digest, at=at, by="Anne", via="command", model="m1", said=SAID, **fields)


def test_on_each_field_the_last_word_stands_and_a_withdrawal_takes_back_all_before():
    given = [
        correction(service="etat_civil", note="vu"),
        correction(nature="demarche"),
        correction("b", service="urbanisme"),
        correction(service="urbanisme"),
        correction("b", withdrawn=True),
    ]
    stands = standing(given)
    assert list(stands) == ["a"]
    assert (stands["a"].service, stands["a"].nature, stands["a"].note) == ("urbanisme", "demarche", "vu")
    assert standing([*given, correction("b", urgency="haute")])["b"].service is None


def test_a_verdict_is_kept_with_who_when_and_the_model_and_history_stays(run, ran, champion):
    first = results(ran.out)[0]
    run("correct", first["id"], "--service", "État civil", "--by", "Anne", "--out", ran.out)
    run("correct", f"<{first['id']}>", "--service", "urbanisme", "--by", "Paul", "--out", ran.out)
    run("correct", first["digest"][:12], "--nature", "Démarche", "--reply", "changed", "--by", "Paul", "--out", ran.out)
    rows = [json.loads(line) for line in run("corrections", "list", ran.out, "--history", "--json").stdout.splitlines()]
    manifest = json.loads((champion / "manifest.json").read_text("utf-8"))
    assert [(r["by"], r["service"], r["nature"], r["reply"], r["via"]) for r in rows] == [
        ("Anne", "etat_civil", None, None, "command"),
        ("Paul", "urbanisme", None, None, "command"),
        ("Paul", None, "demarche", "changed", "command"),
    ]
    assert {(r["digest"], r["model"]) for r in rows} == {(first["digest"], f"{manifest['id']} first")}
    assert all(r["at"].endswith("+00:00") and r["said"]["proposed"] == first["service"]["ranking"][0][0] for r in rows)
    (stands,) = [json.loads(line) for line in run("corrections", "list", ran.out, "--json").stdout.splitlines()]
    assert (stands["service"], stands["nature"], stands["reply"]) == ("urbanisme", "demarche", "changed")


def test_confirmed_as_is_is_a_verdict_with_what_the_program_said(run, ran):
    line = next(line for line in results(ran.out) if line["decision"]["service"])
    said = run("correct", line["digest"], "--confirm", "--out", ran.out).stdout
    assert f"service {line['decision']['service']}" in said
    (stands,) = [json.loads(row) for row in run("corrections", "list", ran.out, "--json").stdout.splitlines()]
    assert (stands["service"], stands["urgency"]) == (line["decision"]["service"], line["urgency"]["level"])


def test_a_withdrawn_verdict_holds_no_more(run, ran):
    digest = results(ran.out)[0]["digest"]
    run("correct", digest, "--service", "urbanisme", "--out", ran.out)
    assert "plus aucun avis" in run("correct", digest, "--withdraw", "--out", ran.out).stdout
    assert run("corrections", "list", ran.out, "--json").stdout == ""
    assert len(run("corrections", "list", ran.out, "--history", "--json").stdout.splitlines()) == 2


def test_the_folder_of_the_run_is_the_current_one_or_that_of_the_environment(run, ran, monkeypatch):
    digest = results(ran.out)[0]["digest"]
    assert "give --out DIR" in run("correct", digest, "--service", "urbanisme", check=2).stderr
    monkeypatch.setenv("TRIAGE_OUT", str(ran.out))
    run("correct", digest, "--service", "urbanisme")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("m0@courriel.test", "--service", "etat civl"), "did you mean etat_civil?"),
        (("m0@courriel.test", "--urgency", "vite"), "urgency 'vite' is unknown: one of basse, critique"),
        (("nobody@courriel.test", "--service", "etat_civil"), "no such message in this journal"),
        (("m0@courriel.test",), "say what is right"),
    ],
)
def test_a_verdict_that_cannot_be_understood_is_refused_with_its_remedy(run, ran, args, said):
    assert said in run("correct", *args, "--out", ran.out, check=2).stderr
    assert run("corrections", "list", ran.out, "--json").stdout == ""


def test_verdicts_are_kept_while_a_run_goes_on(ran):
    journal = Journal(ran.out / "journal.sqlite")  # as a run holds it
    try:
        with opened(ran.out) as (_, corrections):
            corrections.add([correction(service="urbanisme")])
        journal.start_run()
        with opened(ran.out) as (_, corrections):
            assert [one.service for one in corrections.all()] == ["urbanisme"]
    finally:
        journal.close()


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no journal here"), opened(tmp_path):
        pass


def test_a_journal_made_before_corrections_gets_their_tables_and_remembers_its_copies(ran):
    place = ran.out / "journal.sqlite"
    digest = results(ran.out)[0]["digest"]
    with sqlite3.connect(place) as database:
        database.execute("DROP TABLE copied_mails")
        database.execute("UPDATE facts SET value = '2' WHERE name = 'format'")
        database.execute("UPDATE outcomes SET sorted_into = '/srv/triees/etat_civil' WHERE digest = ?", [digest])
    database.close()
    with opened(ran.out) as (journal, corrections):
        assert journal.copied([digest]) == {digest: {"etat_civil"}}
        assert corrections.all() == []
    with sqlite3.connect(place) as database:
        assert database.execute("SELECT value FROM facts WHERE name = 'format'").fetchone() == ("3",)
        database.execute("UPDATE facts SET value = '4' WHERE name = 'format'")
    database.close()
    with pytest.raises(UsageError, match="made by a newer triage"), opened(ran.out):
        pass


def test_labels_are_known_by_id_or_name_whatever_their_accents():
    names = {"etat_civil": "État civil", "social_ccas": "Action sociale (CCAS)"}
    assert label_of(" etat  civil", names, "service") == "etat_civil"
    assert label_of("ACTION SOCIALE (ccas)", names, "service") == "social_ccas"
    assert label_of(None, names, "service") is None


def test_nothing_of_a_mail_or_a_remark_shows_in_a_repr():
    assert "Dupont" not in repr(Answer(own_words="Mme Dupont", note="voir Dupont"))
