"""The samples are what they claim: the mailbox reads as its truth file says, the corpus keeps its rules, the model fits the profile."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES
from triage.classify import load_model
from triage.clean import clean
from triage.parse import parse
from triage.profile import load_profile
from triage.read import read
from triage.types import KINDS

TRUTH = [json.loads(line) for line in (SAMPLES / "mairie.truth.jsonl").read_text("utf-8").splitlines()]
MESSAGES = [parse(raw) for raw in read(str(SAMPLES / "mairie.mbox"))]
PARTS = {
    part: [json.loads(line) for line in (SAMPLES / "commune" / f"{part}.jsonl").read_text("utf-8").splitlines()]
    for part in ("train", "validation", "test")
}
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


def test_nobody_real_can_be_reached():
    for row in CORPUS:
        whole = f"{row['subject']}\n{row['text']}"
        for number in PHONE.findall(whole):
            assert RESERVED_PHONE.match(re.sub(r"[ .-]", "", number).replace("+33", "0")), (row["id"], number)
        for domain in DOMAIN.findall(whole):
            assert domain.lower().endswith(("example.fr", "exemple.org", "courriel.test")), (row["id"], domain)


def test_the_shipped_model_fits_the_profile():
    folder = ROOT / "models" / "commune"
    model = load_model(folder)
    assert set(model.axes["service"].labels) == set(PROFILE.services)
    assert set(model.axes["nature"].labels) == set(PROFILE.natures)
    assert sum(path.stat().st_size for path in Path(folder).iterdir()) < 20_000_000
    assert model.manifest["data"]["rows"] == sum(bool(row["labels"]) for row in PARTS["train"] + PARTS["validation"])


def test_the_shipped_model_sorts_the_sample_mailbox():
    people = [(m, t) for m, t in zip(MESSAGES, TRUTH, strict=True) if t["labels"] and t["kind"] in ("human", "form")]
    predictions = load_model(ROOT / "models" / "commune").predict([clean(m).masked for m, _ in people])
    routed = [(p["service"].label, t) for p, (_, t) in zip(predictions, people, strict=True) if p["service"].label]
    right = [label == t["labels"]["service"] or label in t.get("acceptable", []) for label, t in routed]
    assert len(routed) / len(people) > 0.5
    assert sum(right) / len(routed) > 0.85


def test_kinds_of_the_contract_all_occur():
    assert {truth["kind"] for truth in TRUTH} == set(KINDS)
