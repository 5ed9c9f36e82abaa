"""Drafts for the whole sample mailbox, through the real chain: what no draft may do, whatever extraction finds."""

import json
import re

import pytest

from tests.conftest import SAMPLES
from tests.draft.conftest import PROFILE
from triage.clean import clean
from triage.decide import decide
from triage.draft import Situation, chosen_template, draft_with
from triage.draft.discretion import secrets
from triage.extract import extract
from triage.parse import parse
from triage.read import read
from triage.types import Prediction

TRUTH = [json.loads(line) for line in (SAMPLES / "mairie.truth.jsonl").read_text("utf-8").splitlines()]
THIRD_PARTIES = ("Pottier", "Estève", "Roussel", "Jouve", "Lhermitte", "Medina", "Basile", "Nino", "Clara", "Abel")


def situations() -> list[Situation]:
    """Every mail of the mailbox that a person wrote, with the labels its truth file gives."""
    found = []
    for raw, truth in zip(read(str(SAMPLES / "mairie.mbox")), TRUTH, strict=True):
        mail = parse(raw)
        if truth["labels"] and mail.kind in ("human", "form"):
            axes = {axis: truth["labels"][axis] for axis in ("service", "nature")}
            predictions = {axis: Prediction(label, 0.9, ((label, 0.9),), (), "m") for axis, label in axes.items()}
            text, received = clean(mail), PROFILE.administration.local_date(mail.received or mail.date)
            facts = extract(mail, text, received)
            decision = decide(PROFILE, mail, text, predictions, facts, received)
            found.append(Situation(PROFILE, mail, text, decision, facts, received))
    return found


SITUATIONS = situations()
ANSWERED = [made for made in SITUATIONS if chosen_template(made)]


def test_nearly_every_mail_has_a_template():
    assert len(ANSWERED) >= 40


@pytest.mark.parametrize("made", ANSWERED, ids=lambda made: made.message.id)
def test_a_draft_invents_and_leaks_nothing(made):
    found = draft_with(None, made)
    whole = f"{found.subject}\n{found.body}"
    assert list(secrets(whole)) == []
    assert [name for name in THIRD_PARTIES if name in whole] == []
    gaps = re.findall(r"\[à (compléter : |confirmer : )([^\]]+)\]", found.body)
    told = [what if kind == "compléter : " else f"à confirmer : {what}" for kind, what in gaps]
    assert set(told) <= set(found.missing)
    assert [what for what in found.missing if what.startswith("à corriger")] == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e{]", found.body.replace("{{7*7}} ${7*7}", ""))
