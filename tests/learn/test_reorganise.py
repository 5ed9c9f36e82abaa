"""A change of organisation on real files: corpora, verdicts, outcomes, mailboxes, and a model that learned before it."""

import json
import re
import shutil
import sqlite3

import pytest

from tests.conftest import SAMPLES
from tests.learn.conftest import give, results
from triage.corpus import load_examples
from triage.profile import BUILT_IN

MAPPING = """
name = "Organigramme 2027"
[[rename]]
from = "voirie_eclairage"
to = "espace_public"
[[merge]]
from = ["facturation_regie", "finances_marches"]
to = "finances"
[[split]]
from = "scolaire_periscolaire"
to = ["scolaire", "periscolaire"]
[[retire]]
from = "rh_recrutement"
"""
GONE = {"voirie_eclairage", "facturation_regie", "finances_marches", "scolaire_periscolaire", "rh_recrutement"}
NEW = {"espace_public": "Espace public", "finances": "Finances", "scolaire": "Écoles", "periscolaire": "Périscolaire"}


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "2027.toml"
    path.write_text(MAPPING, "utf-8")
    return path


@pytest.fixture
def profile(tmp_path):
    """The built-in profile after the change: its services, and no more in its rules than they need."""
    folder = tmp_path / "profil"
    shutil.copytree(BUILT_IN, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8")
            for old, new in (("voirie_eclairage", "espace_public"), ("scolaire_periscolaire", "scolaire"),
                             ("facturation_regie", "finances"), ("finances_marches", "finances"), ("rh_recrutement", "finances")):  # fmt: skip
                text = text.replace(old, new)
            path.write_text(text, "utf-8")
    services = folder / "services.toml"
    blocks = re.split(r"(?=^\[\[service\]\])", services.read_text("utf-8"), flags=re.MULTILINE)
    kept = [block for block in blocks if not any(f'id = "{name}"' in block for name in NEW)]
    kept += [f'\n[[service]]\nid = "{label}"\nname = "{name}"\ndescription = "{name}"\n' for label, name in NEW.items()]
    services.write_text("".join(kept), "utf-8")
    return folder


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def contents(out):
    base = sqlite3.connect(out / "journal.sqlite")
    found = [base.execute(f"SELECT * FROM {table}").fetchall() for table in ("outcomes", "corrections", "copied_mails")]
    base.close()
    return found


def test_a_corpus_follows_beside_and_the_old_one_stays(run, small_corpus, mapping, profile, tmp_path):
    before = small_corpus.read_bytes()
    done = run("reorganise", mapping, small_corpus, "--to", tmp_path / "new", "--profile", profile)
    assert small_corpus.read_bytes() == before
    new = lines(tmp_path / "new" / "small.2027.jsonl")
    old = lines(small_corpus)
    assert [row["id"] for row in new] == [row["id"] for row in old]
    became = {(a["labels"]["service"], b["labels"].get("service")) for a, b in zip(old, new, strict=True)}
    assert became == {
        ("voirie_eclairage", "espace_public"), ("facturation_regie", "finances"), ("etat_civil", "etat_civil"),
        ("scolaire_periscolaire", None), ("rh_recrutement", None),
    }  # fmt: skip
    for a, b in zip(old, new, strict=True):
        assert b["labels"]["nature"] == a["labels"]["nature"]
        split = a["labels"]["service"] == "scolaire_periscolaire"
        assert b.get("candidates") == ({"service": ["scolaire", "periscolaire"]} if split else None)
        said = {*b["acceptable"], *b["secondary"]}
        assert not said & GONE
        assert b["labels"].get("service") not in said
    assert "300 texts, 120 follow, 60 wait for a human, 60 lose their label" in done.stdout
    examples = load_examples([tmp_path / "new" / "small.2027.jsonl"], ["service"])
    assert {e.labels["service"] for e in examples if "service" in e.labels} == {
        "espace_public",
        "etat_civil",
        "finances",
    }


def test_a_second_time_changes_nothing_even_where_a_split_keeps_a_name(run, small_corpus, tmp_path):
    path, corpus = tmp_path / "map.toml", tmp_path / "c.jsonl"
    path.write_text('[[split]]\nfrom = "etat_civil"\nto = ["etat_civil", "urbanisme"]\n', "utf-8")
    corpus.write_bytes(small_corpus.read_bytes())
    assert "60 wait for a human" in run("reorganise", path, corpus, "--in-place").stdout
    rows = lines(corpus)
    for row in rows:
        if "candidates" in row:
            row["labels"]["service"] = "etat_civil"  # as a human has now chosen
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    corpus.write_text(text, "utf-8")
    run("reorganise", path, corpus, "--in-place")
    assert corpus.read_text("utf-8") == text


def test_dry_run_and_a_profile_that_does_not_follow_write_nothing(run, small_corpus, ran, mapping, profile, tmp_path):
    give(ran.out, {results(ran.out)[0]["digest"]: "voirie_eclairage"})
    before = contents(ran.out)
    done = run("reorganise", mapping, small_corpus, ran.out, "--to", tmp_path / "n", "--profile", profile, "--dry-run")
    assert "dry run" in done.stdout
    assert "voirie_eclairage -> espace_public: 60" in done.stdout
    refused = run("reorganise", mapping, small_corpus, "--to", tmp_path / "n", check=2)
    assert "'espace_public' is not in" in refused.stderr
    assert not (tmp_path / "n").exists()
    assert contents(ran.out) == before


def test_verdicts_and_statistics_follow_and_history_stays(run, ran, mapping, profile):
    by_service = {}
    for line in results(ran.out):
        by_service.setdefault(line["decision"]["service"], line["digest"])
    labels = ["voirie_eclairage", "scolaire_periscolaire", "rh_recrutement", "etat_civil"]
    digests = [line["digest"] for line in results(ran.out)[:4]]
    give(ran.out, dict(zip(digests, labels, strict=True)), at="2026-02-01T08:00:00+00:00")
    run("correct", digests[2], "--nature", "demarche", "--out", ran.out, "--by", "Paul")
    run("reorganise", mapping, ran.out, "--profile", profile, "--by", "Chef")
    stands = {
        row["digest"]: row for row in map(json.loads, run("corrections", "list", ran.out, "--json").stdout.splitlines())
    }
    assert [stands[d]["service"] if d in stands else None for d in digests] == [
        "espace_public",
        None,
        None,
        "etat_civil",
    ]
    assert stands[digests[2]]["nature"] == "demarche"
    assert (stands[digests[0]]["by"], stands[digests[0]]["at"]) == ("Anne", "2026-02-01T08:00:00+00:00")
    history = [
        json.loads(row) for row in run("corrections", "list", ran.out, "--history", "--json").stdout.splitlines()
    ]
    assert [row["service"] for row in history if row["digest"] == digests[0]] == ["voirie_eclairage", "espace_public"]
    with sqlite3.connect(ran.out / "journal.sqlite") as base:
        rows = dict(base.execute("SELECT service, count(*) FROM outcomes GROUP BY service"))
        record = json.loads(
            base.execute("SELECT record FROM outcomes WHERE digest = ?", [by_service["voirie_eclairage"]]).fetchone()[0]
        )
    base.close()
    assert "voirie_eclairage" not in rows
    assert rows["espace_public"] == sum(line["decision"]["service"] == "voirie_eclairage" for line in results(ran.out))
    assert record["decision"]["service"] == record["service"]["label"] == "espace_public"
    assert "le service voirie_eclairage est devenu espace_public" in record["decision"]["reasons"][-1]
    again = run("reorganise", mapping, ran.out, "--profile", profile, check=2)
    assert "was applied to this journal on" in again.stderr


def test_a_mailbox_renamed_with_its_service_is_nobodys_verdict(run, ran, champion, mapping, profile, tmp_path):
    run("apply", ran.mails, "--out", ran.out, "--sort-into", tmp_path / "triees", "--model", champion)
    run("reorganise", mapping, ran.out, "--profile", profile)
    (tmp_path / "triees" / "voirie_eclairage").rename(tmp_path / "triees" / "espace_public")
    done = run("corrections", "folders", tmp_path / "triees", "--out", ran.out, "--profile", profile)
    assert "0 avis enregistrés" in done.stdout


def test_a_service_that_is_gone_is_never_predicted_again(run, ran, champion, small_corpus, profile, tmp_path):
    done = run("apply", ran.mails, "--out", tmp_path / "o", "--model", champion, "--profile", profile)
    assert "are never given: facturation_regie" in done.stderr
    for line in results(tmp_path / "o"):
        assert line["service"]["label"] in (None, "etat_civil")
        assert not GONE & {label for label, _ in line["service"]["ranking"]}


def test_the_mail_of_a_retired_service_goes_to_a_human(champion):
    from triage.classify import load_model

    model = load_model(champion).without_labels(
        {"service": ["voirie_eclairage", "etat_civil", "scolaire_periscolaire"]}
    )
    job = model.predict(["Candidature\nJe vous adresse mon CV et ma lettre de motivation pour un emploi saisonnier."])[
        0
    ]["service"]
    assert job.label is None
    assert "'rh_recrutement', qui n'existe plus" in job.abstention
    assert {label for label, _ in job.ranking} == {"voirie_eclairage", "etat_civil", "scolaire_periscolaire"}
    lamp = model.predict(["Lampadaire\nLe lampadaire devant chez moi est éteint, la rue est dans le noir."])[0][
        "service"
    ]
    assert lamp.ranking[0][0] == "voirie_eclairage"
    own = load_model(champion).without_labels({"service": ["accueil", "sport"]})  # another label set
    assert not own.axes["service"].gone


def test_retraining_learns_no_label_that_is_gone(run, ran, champion, small_corpus, judging_corpus, profile, tmp_path):
    give(ran.out, {d: labels["service"] for d, labels in ran.truth.items()})
    new = tmp_path / "services.txt"
    new.write_text("", "utf-8")
    services = profile / "services.toml"
    kept = '\n[[service]]\nid = "rh_recrutement"\nname = "Emploi"\ndescription = "Emploi"\n'
    services.write_text(services.read_text("utf-8") + kept, "utf-8")
    run("retrain", ran.out, "--base", small_corpus, "--judge-on", judging_corpus, "--models", tmp_path / "models",
        "--model", champion, "--profile", profile, "--margin", "1", "--note", "x")  # fmt: skip
    manifest = json.loads((tmp_path / "models" / "0002" / "manifest.json").read_text("utf-8"))
    assert manifest["axes"]["service"]["labels"] == ["etat_civil", "rh_recrutement"]


def test_the_shipped_corpus_follows(run, mapping, profile, tmp_path):
    done = run("reorganise", mapping, SAMPLES / "commune" / "validation.jsonl", "--to", tmp_path, "--profile", profile)
    rows = lines(tmp_path / "validation.2027.jsonl")
    assert len(rows) == 248
    assert not {row["labels"].get("service") for row in rows} & GONE
    assert "wait for a human" in done.stdout
