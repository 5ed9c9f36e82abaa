"""`triage explain`: what an agent reads, and its JSON."""

import json
import math

import pytest

from tests.conftest import SAMPLES

MBOX = SAMPLES / "mairie.mbox"
MAIL = """From: Camille Exemple <camille@courriel.test>
To: mairie@exemple.fr
Subject: TR: Lampadaire en panne
Content-Type: text/plain; charset=utf-8

Bonjour,
Le lampadaire du 12 rue des Lilas est éteint depuis le 3 novembre. Mon numéro : 06 39 98 12 34.
"""


@pytest.fixture
def mail(tmp_path):
    path = tmp_path / "a.eml"
    path.write_text(MAIL, "utf-8")
    return path


def test_json_gives_every_word_its_place_and_adds_up(run, small_model, mail):
    said = json.loads(run("explain", mail, "--model", small_model, "--json").stdout)
    body = MAIL.partition("\n\n")[2]
    found = said["explanation"]["service"]
    fields = {"subject": "TR: Lampadaire en panne", "body": body}
    for word in found["words"]:
        assert fields[word["field"]][word["start"] : word["end"]] == word["text"]
    total = sum(word["weight"] for word in found["words"]) + found["bias"] + (found["second_stage"] or 0)
    assert total == pytest.approx(found["log_odds"])
    assert total == pytest.approx(math.log(found["confidence"] / found["runner_up_confidence"]), abs=1e-6)
    masked = {word["masked"].strip(".,"): word["text"].strip(".,") for word in found["words"] if word["masked"]}
    assert masked["xxtelxx"] == "06 39 98 12 34"
    assert said["decision"]["service"] == said["service"]["label"]


def test_the_sentence_to_quote_names_words_of_the_mail_and_no_personal_data(run, small_model, mail):
    said = run("explain", mail, "--model", small_model).stdout
    (quotation,) = [line for line in said.splitlines() if line.startswith("À citer : ")]
    assert "“lampadaire”" in quotation.lower()
    assert "06 39" not in said
    assert "[un téléphone]" in said or "téléphone" not in said


def test_examples_show_their_texts_where_the_corpus_is_given(run, small_model, small_corpus, mail):
    without = json.loads(run("explain", mail, "--model", small_model, "--json").stdout)["examples"]
    assert {row["text"] for row in without} == {None}
    said = json.loads(run("explain", mail, "--model", small_model, "--json", "--examples", small_corpus).stdout)
    first = said["examples"][0]
    assert first["labels"]["service"] == "voirie_eclairage"
    assert "lampadaire" in first["text"].lower()
    assert "lampadaire" in first["shared"]


def test_a_plain_text_and_a_row_of_a_corpus_are_explained_without_a_decision(run, small_model, small_corpus):
    text = run("explain", "--text", "-", "--model", small_model, stdin="Le lampadaire est cassé, rue noire\n").stdout
    row = run("explain", small_corpus, "--rank", "3", "--model", small_model).stdout
    for said in (text, row):
        assert "Service : " in said
        assert "Compte complet : " in said
        assert "Décision" not in said
    run("explain", small_corpus, "--rank", "99999", "--model", small_model, check=2)


def test_labels_no_profile_knows_are_explained_without_a_decision(run, mail, tmp_path):
    rows = [{"text": f"le chat dort numéro {i}", "label": "chat & cie"} for i in range(12)]
    rows += [{"text": f"la rue est cassée lampadaire {i}", "label": "<rue>"} for i in range(12)]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    run("train", "c.jsonl", "--model", "m", "--no-encoder")
    said = run("explain", mail, "--model", "m").stdout
    assert "<rue>" in said
    assert "Décision" not in said


def test_mail_nobody_wrote_is_not_explained_by_words(run, small_model, tmp_path):
    mail = MAIL.replace("To:", "Auto-Submitted: auto-replied\nTo:")
    (tmp_path / "auto.eml").write_text(mail, "utf-8")
    said = run("explain", "auto.eml", "--model", small_model).stdout
    assert "Type : réponse automatique" in said
    assert "Mots qui ont compté" not in said
