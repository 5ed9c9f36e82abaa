"""The sheet for agents: what is on it, in which order, and what comes back."""

import csv
import json
import sqlite3
from contextlib import closing

import pytest

from tests.conftest import SAMPLES
from tests.learn.conftest import results, sort_mails

TRUE, SERVICE, NATURE, REPLY, NOTE = "tout est juste", "service juste", "nature juste", "réponse utilisée", "remarque"


def read_csv(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def write_csv(path, rows, encoding="utf-8-sig") -> None:
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        table.writeheader()
        table.writerows(rows)


def stands(run, out) -> dict[str, dict]:
    rows = [json.loads(line) for line in run("corrections", "list", out, "--json").stdout.splitlines()]
    return {row["digest"]: row for row in rows}


def test_the_most_uncertain_come_first_and_the_control_sample_is_marked_and_spread(run, ran, tmp_path):
    said = run("corrections", "export", ran.out, "--csv", tmp_path / "s.csv", "--most", "40", "--control", "10").stdout
    assert "50 messages, dont 10 témoins" in said
    rows = read_csv(tmp_path / "s.csv")
    doubtful = [float(row["confiance"].replace(",", ".")) for row in rows if not row["témoin"]]
    lines = {line["digest"]: line for line in results(ran.out)}
    doubt = [lines[row["message"]]["service"]["label"] is not None for row in rows if not row["témoin"]]
    assert sorted(zip(doubt, doubtful, strict=True)) == list(zip(doubt, doubtful, strict=True))
    assert not rows[0]["témoin"]
    places = [number for number, row in enumerate(rows) if row["témoin"]]
    assert len(places) == 10
    assert all(5 * i <= place < 5 * (i + 1) for i, place in enumerate(places))


def test_the_control_sample_is_drawn_from_all_mail_and_comes_again_until_it_is_judged(run, ran, tmp_path):
    run("corrections", "export", ran.out, "--json", tmp_path / "1.json", "--most", "0", "--control", "12")
    first = {row["message"] for row in json.loads((tmp_path / "1.json").read_text("utf-8"))}
    judged = sorted(first)[:5]
    for digest in judged:
        run("correct", digest, "--service", "etat_civil", "--out", ran.out)
    run("corrections", "export", ran.out, "--json", tmp_path / "2.json", "--most", "0", "--control", "3")
    again = json.loads((tmp_path / "2.json").read_text("utf-8"))
    assert len(first) == 12
    assert first - set(judged) <= {row["message"] for row in again}
    assert len(again) == 12 - 5 + 3
    assert all(row["control"] for row in again)
    said = run("corrections", "list", ran.out).stdout.splitlines()[-1]
    right = sum(
        line["service"]["ranking"][0][0] == "etat_civil" for line in results(ran.out) if line["digest"] in judged
    )
    assert f"5 messages jugés sur 15 tirés au sort, premier service juste pour {right} " in said


def test_what_agents_fill_in_is_recorded_and_what_they_leave_empty_is_no_verdict(run, ran, tmp_path):
    run("corrections", "export", ran.out, "--csv", tmp_path / "s.csv", "--most", "8", "--control", "0")
    rows = read_csv(tmp_path / "s.csv")
    rows[0][TRUE] = "Oui"
    rows[1][SERVICE] = "affaires scolaires et périscolaires"
    rows[2] |= {SERVICE: "urbanisme", NATURE: "Démarche", REPLY: "modifiée", NOTE: "deux demandes"}
    rows[3][TRUE] = "non"
    write_csv(tmp_path / "s.csv", rows)
    assert (
        "3 avis enregistrés, 0 déjà connus, 0 refusés"
        in run("corrections", "import", tmp_path / "s.csv", "--out", ran.out).stdout
    )
    assert (
        "0 avis enregistrés, 3 déjà connus" in run("corrections", "import", tmp_path / "s.csv", "--out", ran.out).stdout
    )
    found = stands(run, ran.out)
    assert set(found) == {row["message"] for row in rows[:3]}
    proposed = next(line for line in results(ran.out) if line["digest"] == rows[0]["message"])
    assert found[rows[0]["message"]]["service"] == (
        proposed["decision"]["service"] or proposed["service"]["ranking"][0][0]
    )
    assert found[rows[1]["message"]]["service"] == "scolaire_periscolaire"
    third = found[rows[2]["message"]]
    assert [third[key] for key in ("service", "nature", "reply", "note", "urgency")] == [
        "urbanisme",
        "demarche",
        "changed",
        "deux demandes",
        None,
    ]


def test_lines_with_a_fault_are_named_with_their_column_and_the_others_kept(run, ran, tmp_path):
    run("corrections", "export", ran.out, "--csv", tmp_path / "s.csv", "--most", "6", "--control", "0")
    rows = read_csv(tmp_path / "s.csv")
    for row in rows:
        row[SERVICE] = "etat_civil"
    rows[0][SERVICE] = "etat civl"
    rows[1] |= {REPLY: "peut-être", NATURE: "rien"}
    rows[2]["message"] = "0" * 64
    rows[3]["message"] = ""
    write_csv(tmp_path / "s.csv", rows, "cp1252")  # as Excel saves it
    done = run("corrections", "import", tmp_path / "s.csv", "--out", ran.out, check=1)
    assert "2 avis enregistrés, 0 déjà connus, 5 refusés" in done.stdout
    assert "line 2, column « service juste »: service 'etat civl' is unknown: did you mean etat_civil?" in done.stderr
    assert "line 3, column « nature juste »" in done.stderr
    assert "line 3, column « réponse utilisée »: 'peut-être' is unknown: write oui, non ou modifiée" in done.stderr
    assert "line 4, column « message »: 000000" in done.stderr
    assert "line 5, column « message »: is empty" in done.stderr
    assert set(stands(run, ran.out)) == {row["message"] for row in rows[4:]}


def test_json_goes_out_and_comes_back(run, ran, tmp_path):
    run("corrections", "export", ran.out, "--json", tmp_path / "s.json", "--most", "3", "--control", "0")
    rows = json.loads((tmp_path / "s.json").read_text("utf-8"))
    rows[0]["confirmed"] = True
    rows[1] |= {"service": "urbanisme", "urgency": "haute", "own_words": "La rue est noire."}
    (tmp_path / "s.json").write_text(json.dumps(rows), "utf-8")
    run("corrections", "import", tmp_path / "s.json", "--out", ran.out)
    found = stands(run, ran.out)
    assert set(found) == {rows[0]["message"], rows[1]["message"]}
    assert [found[rows[1]["message"]][key] for key in ("service", "urgency", "own_words")] == [
        "urbanisme",
        "haute",
        "La rue est noire.",
    ]


def test_no_cell_starts_a_formula_and_the_guard_goes_away_on_the_way_back(run, champion, tmp_path):
    rows = [{"subject": "=1+1", "text": "+33 je voudrais un acte de naissance de mon fils, merci", "labels": {}}] * 3
    ran = sort_mails(tmp_path / "hostile", rows, lambda _: "", champion)
    run("corrections", "export", ran.out, "--csv", tmp_path / "s.csv")
    (row,) = {tuple(row.items()) for row in read_csv(tmp_path / "s.csv")[:1]}
    cells = dict(row)
    assert cells["objet"].startswith("'=")
    assert cells["texte"].startswith("'+")
    cells[NOTE] = "'=voir avec Anne"
    write_csv(tmp_path / "s.csv", [cells])
    run("corrections", "import", tmp_path / "s.csv", "--out", ran.out)
    assert stands(run, ran.out)[cells["message"]]["note"] == "=voir avec Anne"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "is a workbook: save the sheet as CSV"),
        (b"objet;texte\r\na;b\r\n", "has no column « message »"),
        (b'[{"id": 1}]', 'not an array of objects with a key "message"'),
        (b"[{", "not JSON"),
        (b"", "has no column « message »"),
        (b"message;objet\r\na;b\r\n", "has no column to answer in (« tout est juste », "),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_one_line(run, ran, tmp_path, content, said):
    (tmp_path / "s.csv").write_bytes(content)
    assert said in run("corrections", "import", tmp_path / "s.csv", "--out", ran.out, check=2).stderr


def test_automatic_mail_is_not_put_before_agents(run, champion, tmp_path):
    run("apply", SAMPLES / "mairie.mbox", "--out", tmp_path / "all", "--model", champion)
    run("corrections", "export", tmp_path / "all", "--json", tmp_path / "s.json", "--control", "99")
    kinds = {line["digest"]: line["kind"] for line in results(tmp_path / "all")}
    shown = {kinds[row["message"]] for row in json.loads((tmp_path / "s.json").read_text("utf-8"))}
    assert shown <= {"human", "form", "suspect"}
    with closing(sqlite3.connect(tmp_path / "all" / "journal.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM control_sample").fetchone()[0] >= 40
