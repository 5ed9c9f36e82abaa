"""The samples are what they claim: the mailbox reads as its truth file says, the corpus keeps its rules, the model fits the profile."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from stdnum import iban, luhn
from stdnum.fr import nir

from tests.conftest import ROOT, SAMPLES
from triage.classify import load_model
from triage.clean import clean
from triage.parse import parse
from triage.profile import load_profile
from triage.read import read
from triage.types import KINDS, URGENCY_LEVELS

TRUTH = [json.loads(line) for line in (SAMPLES / "mairie.truth.jsonl").read_text("utf-8").splitlines()]
MESSAGES = [parse(raw) for raw in read(str(SAMPLES / "mairie.mbox"))]
PARTS = {
    part: [json.loads(line) for line in (SAMPLES / "commune" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    for part in ("train", "validation", "test")
}
DANGERS = {"menace_agent", "detresse", "violences"}
ALARMS = [json.loads(line) for line in (SAMPLES / "commune" / "alarms.jsonl").read_text("utf-8").splitlines()]
CORPUS = [row for rows in PARTS.values() for row in rows]
PROFILE = load_profile()
RESERVED_PHONE = re.compile(r"^(?:063998|019900)")
PHONE = re.compile(r"(?<![\d.])(?:\+33[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
DOMAIN = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_mailbox_has_its_52_messages():
    assert len(MESSAGES) == len(TRUTH) == 52


@pytest.mark.parametrize(
    ("message", "truth"), list(zip(MESSAGES, TRUTH, strict=True)), ids=[t["id"] or "no id" for t in TRUTH]
)
def test_headers_and_kind_are_as_written(message, truth):
    assert message.id == truth["id"] or (not truth["id"] and message.id.startswith("sha256:"))
    assert message.kind == truth["kind"]
    assert message.sender.address == truth["sender"]
    assert " ".join(message.subject.split()) == " ".join(truth["subject"].split())


def test_own_words_are_the_citizens_words():
    right = wrong = 0
    for message, truth in zip(MESSAGES, TRUTH, strict=True):
        if truth["kind"] in ("human", "form") and truth["own_text"]:
            found, expected = Counter(clean(message).body.split()), Counter(truth["own_text"].split())
            right += (found & expected).total()
            wrong += (found - expected).total() + (expected - found).total()
    assert 2 * right / (2 * right + wrong) > 0.97


def test_the_corpus_has_every_service_and_nature():
    services = Counter(row["labels"]["service"] for row in CORPUS if row["labels"])
    assert set(services) == set(PROFILE.services)
    assert min(services.values()) >= 120
    assert len(CORPUS) >= 3_000
    assert {row["labels"]["nature"] for row in CORPUS if row["labels"]} == set(PROFILE.natures)
    assert len({row["id"] for row in CORPUS}) == len({row["text"] + row["subject"] for row in CORPUS}) == len(CORPUS)


def test_the_readme_counts_the_corpus_as_it_is():
    figures = " ".join((SAMPLES / "README.md").read_text("utf-8").replace("\u202f", " ").split())
    counted = [
        Counter(row["labels"]["service"] for row in CORPUS if row["labels"]),
        Counter(row["labels"]["nature"] for row in CORPUS if row["labels"]),
        Counter(row["labels"]["urgency"] for row in CORPUS if row["labels"]),
        Counter(row["kind"] for row in CORPUS),
        Counter(flag for row in CORPUS for flag in row["flags"]),
    ]
    for found in counted:
        for name, count in found.items():
            assert f" {name} {count:,}" in figures, (name, count)


def test_authors_never_straddle_parts():
    groups = {part: {row["group"] for row in rows} for part, rows in PARTS.items()}
    assert not groups["train"] & groups["validation"]
    assert not groups["test"] & (groups["train"] | groups["validation"])
    assert len(PARTS["test"]) >= 400


def test_the_corpus_holds_mail_nobody_has_to_handle():
    void = [row for row in CORPUS if not row["labels"]]
    assert {"auto_reply", "bounce", "receipt", "machine", "newsletter", "suspect", "human"} <= {r["kind"] for r in void}
    assert all(row["labels"] or row["reply"] in ("none", "human") for row in CORPUS)


def test_some_mails_make_two_requests():
    sortable = [row for row in CORPUS if row["labels"]]
    assert 0.05 <= sum(bool(row["secondary"]) for row in sortable) / len(sortable) <= 0.10


def test_every_mail_was_read_twice():
    assert all("second" in row for row in CORPUS)


def test_every_motive_of_the_profile_is_covered():
    wanted = {(service.id, motive) for service in PROFILE.services.values() for motive in service.motives}
    assert wanted <= {(row["spec"].get("service"), row["spec"].get("motive")) for row in CORPUS}


def test_corpus_rows_are_consistent():
    for row in CORPUS:
        whole = f"{row['subject']}\n{row['text']}"
        assert row["origin"] == "invented"
        assert row["labels"].get("urgency", "basse") in ("critique", "haute", "normale", "basse")
        assert set(row["labels"]) in ({"service", "nature", "urgency"}, set())
        assert row["kind"] in KINDS
        assert {*row["acceptable"], *row["secondary"]} <= set(PROFILE.services)
        assert all(fact["text"] in whole for fact in row["facts"])
        assert all(squeezed(part) in squeezed(row["text"]) for part in row["own_text"].split("\n"))


def everything_in(row) -> str:
    """Subject, body with quotes and signature, and headers of automatic mail."""
    return "\n".join([row["subject"], row["text"], row.get("sender", ""), *row.get("headers", {}).values()])


def test_nobody_real_can_be_reached():
    for row in CORPUS:
        whole = everything_in(row)
        for number in PHONE.findall(whole):
            assert RESERVED_PHONE.match(re.sub(r"[ .-]", "", number).replace("+33", "0")), (row["id"], number)
        for domain in DOMAIN.findall(whole):
            assert domain.lower().endswith(("example.fr", "exemple.org", "courriel.test")), (row["id"], domain)


def test_identifiers_have_right_check_digits_in_ranges_nobody_owns():
    for row in CORPUS:
        whole = re.sub(r"(?<=\d)[ .](?=\d)", "", everything_in(row))
        for found in re.findall(r"\bFR ?\d{25}\b", whole):
            assert (iban.is_valid(found), found[-23:-18]) == (True, "99999"), (row["id"], found)
        for found in re.findall(r"(?i)SIRET\W{0,3}(\d{14})\b", whole):
            assert (luhn.is_valid(found), found[:3]) == (True, "999"), (row["id"], found)
        for found in re.findall(r"\b[12]\d{4}99999\d{5}\b", whole):
            assert nir.is_valid(found), (row["id"], found)
        for found in re.findall(r"\bW\d{9}\b", whole):
            assert found.startswith("W99"), (row["id"], found)
        for fact in row["facts"]:
            if fact["type"] == "plate":
                assert fact["text"].upper().startswith("ZZ"), (row["id"], fact)


def test_the_corpus_has_long_mails_capitals_other_languages_and_answers_between_quoted_lines():
    words = [len(row["own_text"].split()) for row in CORPUS if row["labels"]]
    assert min(words) <= 6
    assert sum(count > 350 for count in words) >= 5
    assert sum(row["own_text"].isupper() and len(row["own_text"]) > 80 for row in CORPUS) >= 10
    assert sum(row["spec"]["voice"].startswith("écrit dans une autre langue") for row in CORPUS) >= 8
    between = re.compile(r"(?m)^>[^\n]*\n\s*\n[^>\s][^\n]*\n\s*\n>")
    assert sum(len(row["own_text"].splitlines()) > 1 and bool(between.search(row["text"])) for row in CORPUS) >= 5


def assembled(tmp_path, body: str) -> tuple[int, str, list[dict]]:
    identity = {"written": "2026-03-02"}
    spec = {"id": "etat_civil-9001", "service": "etat_civil", "motive": "acte_naissance", "nature": "demarche",
            "urgency": "normale", "form": "message simple", "identity": identity}  # fmt: skip
    (tmp_path / "specs.jsonl").write_text(json.dumps(spec), "utf-8")
    (tmp_path / "author.txt").write_text(f"### etat_civil-9001\nsubject: Acte\n{body}", "utf-8")
    command = [
        sys.executable,
        SAMPLES / "commune" / "assemble.py",
        "--specs",
        "specs.jsonl",
        "--out",
        ".",
        "author.txt",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    rows = [json.loads(line) for line in (tmp_path / "train.jsonl").read_text("utf-8").splitlines()]
    return done.returncode, done.stderr, rows


def test_an_authored_mail_becomes_a_row(tmp_path):
    code, _, rows = assembled(
        tmp_path, "facts: date=12 mars 1984\n---\nBonjour,\n⟦Un acte, né le 12 mars 1984.⟧\nLéa\n"
    )
    assert code == 0
    assert [(r["own_text"], r["text"]) for r in rows] == [
        ("Un acte, né le 12 mars 1984.", "Bonjour,\nUn acte, né le 12 mars 1984.\nLéa")
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("facts: date=13 mars\n---\n⟦Un acte svp⟧", "fact not in the mail: '13 mars'"),
        ("---\n⟦Un acte svp⟧\n06 12 34 56 78", "phone outside the reserved ranges: 06 12 34 56 78"),
        ("---\n⟦Un acte svp⟧\nlea@orange.fr", "domain not reserved: orange.fr"),
        ("facts: siret=99990000000011\n---\n⟦Un acte pour 99990000000011⟧", "siret with a wrong check digit"),
        ("secondary: voierie\n---\n⟦Un acte svp⟧", "unknown service 'voierie' in acceptable or secondary"),
        ("---\nUn acte svp", "no passage between ⟦ and ⟧"),
    ],
)
def test_an_authored_mail_that_breaks_a_rule_is_refused_with_the_reason(tmp_path, body, reason):
    code, errors, rows = assembled(tmp_path, body)
    assert (code, rows) == (1, [])
    assert f"etat_civil-9001: {reason}" in errors


def test_the_shipped_model_fits_the_profile():
    folder = ROOT / "models" / "commune"
    model = load_model(folder)
    assert set(model.axes["service"].labels) == set(PROFILE.services)
    assert set(model.axes["nature"].labels) == set(PROFILE.natures)
    assert sum(path.stat().st_size for path in Path(folder).iterdir()) < 20_000_000
    learned = [*PARTS["train"], *PARTS["validation"], *ALARMS]
    assert model.manifest["data"]["rows"] == sum(bool(row["labels"]) for row in learned)


def test_the_shipped_model_sorts_the_sample_mailbox():
    people = [(m, t) for m, t in zip(MESSAGES, TRUTH, strict=True) if t["labels"] and t["kind"] in ("human", "form")]
    predictions = load_model(ROOT / "models" / "commune").predict([clean(m).masked for m, _ in people])
    routed = [(p["service"].label, t) for p, (_, t) in zip(predictions, people, strict=True) if p["service"].label]
    right = [label == t["labels"]["service"] or label in t.get("acceptable", []) for label, t in routed]
    assert len(routed) / len(people) > 0.5
    assert sum(right) / len(routed) > 0.85


def test_kinds_of_the_contract_all_occur():
    assert {truth["kind"] for truth in TRUTH} == set(KINDS)


def test_alarms_are_labelled_on_urgency_and_some_on_flags():
    levels = Counter(row["labels"]["urgency"] for row in ALARMS)
    assert (len(ALARMS), levels["critique"], set(levels)) == (578, 245, set(URGENCY_LEVELS))
    assert all(set(row["labels"]) == {"urgency"} and not PHONE.search(row["text"]) for row in ALARMS)
    assert len({row["text"] for row in ALARMS}) == len({row["id"] for row in ALARMS}) == len(ALARMS)
    told = [row["flags"] for row in ALARMS if "flags" in row]
    assert (len(told), sum(bool(DANGERS & set(flags)) for flags in told)) == (113, 65)
    assert {flag for flags in told for flag in flags} == DANGERS | {"mineur", "sante"}
