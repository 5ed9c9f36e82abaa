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
CORPUS = [json.loads(line) for line in (SAMPLES / "commune" / "corpus.jsonl").read_text("utf-8").splitlines()]
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
    services = Counter(row["labels"]["service"] for row in CORPUS)
    assert set(services) == set(PROFILE.services)
    assert min(services.values()) >= 20
    assert {row["labels"]["nature"] for row in CORPUS} == set(PROFILE.natures)
    assert len({row["id"] for row in CORPUS}) == len({row["text"] + row["subject"] for row in CORPUS}) == len(CORPUS)


def test_every_motive_of_the_profile_is_covered():
    wanted = {(service.id, motive) for service in PROFILE.services.values() for motive in service.motives}
    assert wanted <= {(row["spec"]["service"], row["spec"]["motive"]) for row in CORPUS}


def test_corpus_rows_are_consistent():
    for row in CORPUS:
        whole = f"{row['subject']}\n{row['text']}"
        assert row["origin"] == "invented"
        assert row["labels"]["urgency"] in ("critique", "haute", "normale", "basse")
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
    assert model.manifest["data"]["rows"] == len(CORPUS)


def test_the_shipped_model_sorts_the_sample_mailbox():
    people = [(m, t) for m, t in zip(MESSAGES, TRUTH, strict=True) if t["labels"] and t["kind"] in ("human", "form")]
    predictions = load_model(ROOT / "models" / "commune").predict([clean(m).masked for m, _ in people])
    routed = [(p["service"].label, t) for p, (_, t) in zip(predictions, people, strict=True) if p["service"].label]
    right = [label == t["labels"]["service"] or label in t.get("acceptable", []) for label, t in routed]
    assert len(routed) / len(people) > 0.5
    assert sum(right) / len(routed) > 0.85


def test_kinds_of_the_contract_all_occur():
    assert {truth["kind"] for truth in TRUTH} == set(KINDS)
