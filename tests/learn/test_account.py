"""`triage record`: what the law asks of one decision, from the journal, the model and the profile that made it."""

import json

import pytest

from tests.learn.conftest import results, rows_of, write_mail
from tests.learn.test_folders import other_model
from triage.learn.releases import add


def record(run, digest, out, *more):
    return json.loads(run("record", digest, "--out", out, "--json", *more).stdout)


def test_weights_are_complete_and_give_the_confidence_of_the_day(run, ran, champion):
    line = results(ran.out)[0]
    found = record(run, line["digest"], ran.out, "--model", champion)
    said = found["parameters"]["axes"]["service"]
    assert said["complete"]
    assert said["ranking"] == line["service"]["ranking"]
    total = sum(word["weight"] for word in said["words"]) + said["bias"] + (said["second_stage"] or 0)
    assert total == pytest.approx(said["log_odds"], abs=0.01)
    assert (
        said["threshold"] == json.loads((champion / "manifest.json").read_text("utf-8"))["axes"]["service"]["threshold"]
    )
    assert (said["ranking"][0][1] >= said["threshold"]) == (said["label"] is not None)


def test_every_heading_of_the_article_says_what_was_done(run, ran, champion):
    line = next(one for one in results(ran.out) if one["flags"] and one["deadlines"] and one["facts"])
    run("correct", line["digest"], "--service", "urbanisme", "--note", "erreur", "--by", "Anne", "--out", ran.out)
    found = record(run, line["digest"], ran.out, "--model", champion)
    assert found["contribution"]["action"] == line["decision"]["action"]
    assert [(one["by"], one["service"]) for one in found["contribution"]["verdicts"]] == [("Anne", "urbanisme")]
    assert [one["value"] for one in found["data"] if "fact" in one] == [fact["value"] for fact in line["facts"]]
    assert [one["id"] for one in found["parameters"]["rules"] if one["kind"] == "flag"] == line["flags"]
    assert found["parameters"]["deadlines"] == line["deadlines"]
    assert found["parameters"]["profile"]["unchanged_since"]
    text = run("record", line["digest"], "--out", ran.out, "--model", champion).stdout
    headings = [row[0] for row in text.splitlines() if row[:2] in ("1.", "2.", "3.", "4.")]
    assert headings == ["1", "2", "3", "4"]
    assert "Anne : service changé en Urbanisme" in text
    assert "Seuil de confiance" in text
    assert all(one["computed"] in text for one in line["deadlines"]), "the day a period runs from is told"
    assert "– date : 12/01/2026 (" in text
    assert "+00:00" not in text
    assert not [row for row in text.splitlines() if "xx" in row], "placeholders are shown as what they stand for"


def test_without_the_model_that_decided_the_journal_still_tells(run, ran, champion, tmp_path):
    line = results(ran.out)[0]
    manifest = other_model(champion, tmp_path / "other") / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"id": "champion-', '"id": "autre-'), "utf-8")
    found = record(run, line["digest"], ran.out, "--model", tmp_path / "other")
    said = found["parameters"]["axes"]["service"]
    assert not found["parameters"]["model"]["at_hand"]
    assert not said["complete"]
    assert [[word["text"], word["weight"]] for word in said["words"]] == line["service"]["evidence"]
    text = run("record", line["digest"], "--out", ran.out, "--model", tmp_path / "other").stdout
    assert "n'est plus conservé ici" in text


def test_the_release_that_decided_is_named_after_others_came(run, champion, tmp_path):
    models = tmp_path / "mairie"
    add(models, champion, by="Anne", why="premier", facts={})
    (tmp_path / "boite").mkdir()
    for number, row in enumerate(rows_of(slice(60, 61))):
        write_mail(tmp_path / "boite", number, row)
    run("apply", tmp_path / "boite", "--out", tmp_path / "o", "--model", models)
    add(models, other_model(champion, tmp_path / "other"), by="Anne", why="second", facts={})
    found = record(run, results(tmp_path / "o")[0]["digest"], tmp_path / "o", "--models", models)
    assert found["parameters"]["model"]["release"]["number"] == 1
    assert found["parameters"]["axes"]["service"]["complete"]


def test_a_name_that_only_the_header_gives_is_masked_again_from_the_mail(run, champion, tmp_path):
    (tmp_path / "boite").mkdir()
    row = {"subject": "Lampadaire", "text": "Le lampadaire des Quintefeuille est éteint, dit Quintefeuille."}
    write_mail(tmp_path / "boite", 0, row, "Zoé Quintefeuille <zq@courriel.test>")
    run("apply", tmp_path / "boite", "--out", tmp_path / "o", "--model", champion)
    found = record(run, results(tmp_path / "o")[0]["digest"], tmp_path / "o", "--model", champion)
    words = found["parameters"]["axes"]["service"]["words"]
    assert found["parameters"]["axes"]["service"]["complete"]
    assert "quintefeuille" not in json.dumps(words).lower()


def test_an_unknown_message_is_one_line_with_the_remedy(run, ran):
    assert "no such message" in run("record", "inconnu@courriel.test", "--out", ran.out, check=2).stderr
