"""`triage check CORPUS` finds each fault that is planted, names the row, and never quotes it."""

import json

import pytest

from tests.conftest import SAMPLES

LAMP = (
    "Bonjour, le lampadaire devant le 14 rue des Tanneurs ne s'allume plus depuis lundi soir, merci d'intervenir vite."
)


def row(name: str, text: str, **labels: str) -> dict[str, object]:
    return {"id": name, "subject": "", "text": text, "labels": labels or {"service": "voirie_eclairage"}}


def written(tmp_path, rows: list[dict[str, object]], *lines: str):
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows) + "".join(lines), "utf-8")
    return path


def mails(count: int, start: int = 0) -> list[dict[str, object]]:
    lines = (SAMPLES / "commune" / "validation.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[start : start + count]]


@pytest.fixture
def checked(run, tmp_path):
    def call(rows, *lines, check=0):
        return json.loads(run("check", written(tmp_path, rows, *lines), "--json", check=check).stdout)

    return call


def test_the_shipped_corpus_has_no_fault(run):
    done = run("check", SAMPLES / "commune" / "validation.jsonl", "--json")
    found = json.loads(done.stdout)
    assert found["faults"] == 0
    assert found["refused"] == []
    assert found["unknown"] == {"service": {}, "nature": {}, "urgency": {}}
    assert found["copies"] == found["near_copies"] == found["contradictions"] == []
    assert found["personal_data"] == {}
    assert found["lost_share"] < 0.01


def test_a_row_that_breaks_the_schema_is_named_and_the_others_are_checked(checked, tmp_path):
    found = checked(mails(30), '{"id": "x", "text": 3, "label": "etat_civil"}\n', "not json\n", check=2)
    assert found["rows"] == 30
    assert found["refused"][0] == (
        f"{tmp_path / 'corpus.jsonl'}, line 31, key 'text': missing or not a string: every row needs the mail's text"
    )
    assert "line 32: not JSON" in found["refused"][1]


def test_a_cut_emoji_stops_nothing(checked):
    found = checked(mails(30), '{"id": "x", "text": "Merci \\ud83d et bravo", "label": "etat_civil\\udc4d"}\n', check=2)
    assert (found["rows"], found["unknown"]["service"]) == (31, {"etat_civil?": 1})


def test_a_refused_csv_row_is_named_by_the_line_it_begins_on(run, tmp_path):
    path = tmp_path / "corpus.csv"
    path.write_text('text,label\n"Deux\nlignes",urbanisme\n"Encore\ndeux",\nUne,etat_civil\n', "utf-8-sig")
    found = json.loads(run("check", path, "--json", check=2).stdout)
    assert found["refused"] == [f"{path}, line 4, axis 'service': the label must be a non-empty string, found ''"]


def test_an_unknown_label_is_a_fault(checked):
    found = checked([*mails(30), row("x", "Bonjour à tous", service="voierie")], check=2)
    assert found["unknown"]["service"] == {"voierie": 1}


def test_a_corpus_with_labels_of_its_own_is_no_fault(checked):
    rows = [row(str(i), f"{mail['text']}", theme="ab"[i % 2]) for i, mail in enumerate(mails(30))]
    found = checked(rows)
    assert found["foreign_axes"] == ["theme"]
    assert found["few"] == {"theme": {"a": 15, "b": 15}}


def test_the_same_text_under_two_labels_is_a_fault(checked):
    twice = [row("one", LAMP), row("two", LAMP.upper(), service="urbanisme")]
    found = checked([*mails(30), *twice], check=2)
    assert found["copies"] == [["one", "two"]]
    assert found["contradictions"][0]["ids"] == ["one", "two"]
    assert found["contradictions"][0]["labels"] == ["urbanisme", "voirie_eclairage"]


def test_nearly_the_same_text_is_listed(checked):
    near = [row("one", LAMP), row("two", LAMP.replace("lundi soir", "mardi"))]
    found = checked([*mails(30), *near])
    assert [pair[:2] for pair in found["near_copies"]] == [["one", "two"]]


def test_a_wrong_label_is_suspected_with_both_labels_and_confidences(run, small_corpus, tmp_path):
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()]
    planted = [r for r in rows if r["labels"]["service"] == "rh_recrutement"][:10]
    for mail in planted:
        mail["labels"]["service"] = "voirie_eclairage"
        mail["acceptable"] = []
    found = json.loads(run("check", written(tmp_path, rows), "--json").stdout)
    suspected = {s["id"]: s for s in found["suspects"] if s["axis"] == "service"}
    caught = [suspected[mail["id"]] for mail in planted if mail["id"] in suspected]
    assert len(caught) >= 6
    assert all(s["label"] == "voirie_eclairage" and s["suggested"] == "rh_recrutement" for s in caught)
    assert all(s["label_confidence"] < s["suggested_confidence"] <= 1 for s in caught)
    assert len(suspected) < len(rows) / 10


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Rappelez-moi au 06 12 34 56 78 s'il vous plaît", "phone"),
        ("Mon adresse : jeanne.martin@orange.fr", "email"),
        ("Mon numéro de sécu est le 2 73 04 75 116 783 90", "nir"),
        ("Voici mon RIB FR14 2004 1010 0505 0001 3M02 606", "iban"),
    ],
)
def test_real_looking_personal_data_is_reported_without_its_value(run, tmp_path, text, name):
    done = run("check", written(tmp_path, [*mails(30), row("x", text)]), "--json")
    assert json.loads(done.stdout)["personal_data"] == {name: ["x"]}
    assert text[-12:] not in done.stdout


def test_own_words_that_cleaning_drops_are_counted(checked):
    lost = row("x", "Bonjour,\n\nLe portail est cassé.") | {
        "own_text": "Le portail est cassé. Et le chien aussi a fui."
    }
    found = checked([*mails(30), lost])
    assert {loss["id"]: loss["share"] for loss in found["lost"]}["x"] == 0.6


def test_the_report_is_french_and_short(run, tmp_path):
    done = run("check", written(tmp_path, [*mails(30), row("x", LAMP, service="voierie")]), check=2)
    assert "31 textes, 1 faute" in done.stdout
    assert "service : « voierie », 1 texte\n" in done.stdout
    assert "lampadaire" not in done.stdout


def test_folders_of_mail_are_checked_too(run, tmp_path):
    for label, text in {
        "voirie_eclairage": LAMP,
        "etat_civil": "Je voudrais un acte de naissance pour mon fils.",
    }.items():
        (tmp_path / "sorted" / label).mkdir(parents=True)
        (tmp_path / "sorted" / label / "1.eml").write_bytes(f"From: a@exemple.org\nSubject: x\n\n{text}\n".encode())
    found = json.loads(run("check", tmp_path / "sorted", "--json").stdout)
    assert found["counts"] == {"service": {"etat_civil": 1, "voirie_eclairage": 1}}


def test_an_empty_label_folder_is_named_and_the_others_are_checked(run, tmp_path):
    (tmp_path / "sorted" / "etat_civil").mkdir(parents=True)
    (tmp_path / "sorted" / "etat_civil" / "1.eml").write_bytes(b"From: a@exemple.org\nSubject: x\n\nUn acte svp.\n")
    (tmp_path / "sorted" / "urbanisme").mkdir()
    found = json.loads(run("check", tmp_path / "sorted", "--json", check=2).stdout)
    assert found["counts"] == {"service": {"etat_civil": 1}}
    assert [fault.partition(":")[0] for fault in found["refused"]] == ["label 'urbanisme'"]


def test_a_corpus_without_one_usable_row_is_refused(run, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text("[]\n", "utf-8")
    assert "not one usable row" in run("check", path, check=2).stderr
