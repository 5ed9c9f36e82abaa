"""The commands, run as a user runs them, on real files."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from email import message_from_bytes
from email.policy import default

import pytest

from tests.conftest import SAMPLES
from triage.types import KINDS, URGENCY_LEVELS

MBOX = SAMPLES / "mairie.mbox"
KEYS = [
    "origin", "id", "digest", "kind", "subject", "sender", "date", "text", "segments", "service", "nature", "urgency", "flags",
    "facts", "decision", "deadlines", "draft", "error",
]  # fmt: skip
DEADLINE = ["name", "due", "source", "confirmed", "label", "computed", "effect", "extended"]


def test_apply_keeps_the_contract(run, small_model, tmp_path):
    done = run("apply", MBOX, "--out", "out", "--model", small_model)
    results = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()]
    assert len(results) == 52
    for line in results:
        assert list(line) == KEYS
        assert line["kind"] in KINDS
        assert line["urgency"]["level"] in URGENCY_LEVELS
        for axis in ("service", "nature"):
            assert list(line[axis]) == ["label", "confidence", "ranking", "evidence"]
            assert len(line[axis]["ranking"]) == 3
            assert 0 <= line[axis]["confidence"] <= 1
        assert list(line["decision"]) == ["action", "service", "reasons"]
        assert line["decision"]["action"] in ("draft", "route", "review", "ignore")
        assert line["decision"]["reasons"]
        assert all(list(s) == ["kind", "start", "end"] for s in line["segments"])
        assert all(list(f) == ["type", "value", "text", "start", "end", "role"] for f in line["facts"])
        assert all(list(d) == DEADLINE for d in line["deadlines"])
        assert line["error"] is None
    drafts = [line for line in results if line["draft"]]
    assert drafts
    for line in drafts:
        assert list(line["draft"]) == ["template", "file", "subject", "missing", "sources"]
        assert line["kind"] in ("human", "form")
        mail = message_from_bytes((tmp_path / "out" / line["draft"]["file"]).read_bytes(), policy=default)
        assert len(mail["To"].addresses) == 1
        assert mail["In-Reply-To"] == f"<{line['id']}>" or line["id"].startswith("sha256:")
        assert not mail.defects
    assert "52 messages" in done.stdout


def test_stdout_prints_the_same_lines(run, small_model, tmp_path):
    run("apply", MBOX, "--out", "out", "--model", small_model)
    printed = run("apply", MBOX, "--stdout", "--model", small_model).stdout.splitlines()
    written = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()]
    assert [json.loads(line)["id"] for line in printed] == [line["id"] for line in written]
    assert [json.loads(line)["service"] for line in printed] == [line["service"] for line in written]


def test_no_control_character_of_a_mail_reaches_the_terminal(run, small_model, tmp_path):
    mail = b"From: a@example.fr\nSubject: =?utf-8?q?=1b]0;pirate=07=1b[2J_=e2=80=ae_lampadaire?=\n\nLe lampadaire \x1b[31mclignote.\n"
    (tmp_path / "a.eml").write_bytes(mail)
    done = run("apply", "a.eml", "--out", "out", "--model", small_model)
    said = run("explain", "a.eml", "--model", small_model)
    for text in (done.stdout, done.stderr, said.stdout, said.stderr):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_explain_speaks_french(run, small_model):
    said = run("explain", MBOX, "--rank", "1", "--model", small_model).stdout
    assert said.startswith("Objet : ")
    for words in ("Service : ", "Mots qui ont compté pour : « ", "Urgence : ", "Décision : "):
        assert words in said


def test_train_predict_evaluate_on_any_labels(run, small_corpus, tmp_path):
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()]
    with (tmp_path / "corpus.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["id", "subject", "text", "label"])
        writer.writerows(
            [r["id"], r["subject"], r["text"], "École & cantine" if "scol" in r["id"] else "autre chose"] for r in rows
        )
    run("train", "corpus.csv", "--model", "modèle")
    out = run(
        "predict",
        "--model",
        "modèle",
        stdin='{"id": 7, "text": "La cantine de l\'école", "extra": [1]}\n\n{"text": ""}\n',
    ).stdout
    first, empty = map(json.loads, out.splitlines())
    assert (first["id"], first["extra"], first["ranking"][0][0]) == (7, [1], "École & cantine")
    assert empty["label"] is None
    assert len(empty["ranking"]) == 2
    figures = json.loads(run("evaluate", "corpus.csv", "--model", "modèle", "--json", "--report", "rapport").stdout)
    assert figures["accuracy"] > 0.9
    page = (tmp_path / "rapport" / "rapport.html").read_text("utf-8")
    assert "Évaluation du tri" in page
    assert not re.search(r"<script|src=\"http|href=", page)
    assert json.loads(run("evaluate", "corpus.csv", "--cv", "3", "--json").stdout)["rows"] == len(rows)


def test_predict_answers_every_line_and_names_those_it_cannot_read(run, small_model):
    lines = [
        "\ufeff" + '{"text": "La cantine"}',
        "no json",
        '{"id": 3}',
        '{"text": "Le lampadaire", "subject": 5}',
        '{"text": "Le trou"}',
    ]
    done = run("predict", "--model", small_model, stdin="\n".join(lines) + "\n", check=1)
    good, broken, textless, subject, last = map(json.loads, done.stdout.splitlines())
    assert good["ranking"]
    assert last["ranking"]
    assert (textless["id"], textless["label"], textless["ranking"]) == (3, None, [])
    assert "line 2: not JSON" in broken["error"]["message"]
    assert "line 4, key 'subject'" in subject["error"]["message"]
    assert done.stderr.count("standard input, line ") == 3


def test_a_folder_of_mailboxes_is_a_corpus(run, small_corpus, tmp_path):
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()]
    for row in rows:
        folder = tmp_path / "corpus" / row["labels"]["service"]
        folder.mkdir(parents=True, exist_ok=True)
        mail = (
            f"Subject: {row['subject']}\nContent-Type: text/plain; charset=utf-8\nFrom: x@example.fr\n\n{row['text']}\n"
        )
        (folder / f"{row['id']}.eml").write_bytes(mail.encode())
    assert "300 texts" in run("train", "corpus", "--model", "m").stdout


def test_init_copies_a_profile_that_checks(run, tmp_path):
    run("init", "profil")
    assert "no fault found" in run("check", "profil").stdout
    (tmp_path / "profil" / "templates" / "relance.txt").write_text("{{ nom }}", "utf-8")
    assert "relance.txt: 'nom' is undefined" in run("check", "profil", check=2).stderr
    run("init", "profil", check=2)


def test_demo_sorts_the_sample_mailbox(run, small_model, tmp_path):
    done = run("demo", "--model", small_model)
    assert (tmp_path / "out" / "demo" / "results.jsonl").exists()
    assert "Brouillons : " in done.stdout


def one_line(done) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.write_bytes(b"%PDF-1.7 binary \x00\x01" * 50), ""),
        (
            lambda path: shutil.make_archive(str(path), "zip", path.parent) and path.with_suffix(".zip").rename(path),
            "zip",
        ),
    ],
)
def test_sources_that_are_no_mail_are_refused_in_one_line(run, small_model, tmp_path, make, said):
    make(tmp_path / "source")
    message = one_line(run("apply", "source", "--out", "out", "--model", small_model, check=2))
    assert message.startswith("triage: source")
    assert said in message
    assert not (tmp_path / "out" / "results.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1, "text": "a", "label": "x"}\n{bad', "c.jsonl, line 2: not JSON"),
        ('{"id": 1, "text": "a"}\n', "line 1: neither 'label' nor 'labels'"),
        ('{"id": 1, "label": "x"}\n', "key 'text'"),
        ('{"id": 1, "text": "a", "label": ["x", "y"]}\n', "several labels"),
        ('{"id": 1, "text": "a", "label": 3}\n', "non-empty string"),
        ('{"id": 1, "text": "a", "label": "x"}\n', "at least two labels"),
        ("[1]\n", "not an object"),
        ("\n\n", "holds no row"),
    ],
)
def test_faulty_corpora_name_the_line(run, tmp_path, content, said):
    (tmp_path / "c.jsonl").write_text(content, "utf-8")
    assert said in run("train", "c.jsonl", "--model", "m", check=2).stderr
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["apply"],
        ["apply", MBOX],
        ["apply", MBOX, "nowhere.eml", "--out", "o"],
        ["apply", MBOX, "--out", "o", "--stdout"],
        ["train", "nowhere.jsonl", "--model", "m"],
        ["evaluate", "x.jsonl"],
        ["predict", "--model", "nowhere"],
        ["explain", MBOX, "--rank", "999"],
        ["check", "--profile", "nowhere"],
        ["nonsense"],
        ["apply", MBOX, "--out", "/dev/null/x"],
    ],
)
def test_usage_errors_exit_2_and_write_nothing(run, tmp_path, args):
    assert run(*args, check=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_broken_template_is_one_line_and_writes_nothing(run, small_model, tmp_path):
    run("init", "profil")
    (tmp_path / "profil" / "templates" / "signalement.txt").write_text("{% if %}", "utf-8")
    done = run("apply", MBOX, "--out", "out", "--profile", "profil", "--model", small_model, check=2)
    assert "templates/signalement.txt, line 1" in one_line(done)
    assert not (tmp_path / "out" / "results.jsonl").exists()


def test_odd_locales_give_the_same_bytes(small_model, tmp_path):
    for name, env in (("c", {"LC_ALL": "C"}), ("tr", {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"})):
        command = [sys.executable, "-m", "triage", "apply", str(MBOX), "--out", name, "--model", str(small_model)]
        done = subprocess.run(command, cwd=tmp_path, env={**os.environ, **env}, capture_output=True, check=True)
        assert b"52 messages" in done.stdout
        assert done.stderr == b""
    assert (tmp_path / "c" / "results.jsonl").read_bytes() == (tmp_path / "tr" / "results.jsonl").read_bytes()
