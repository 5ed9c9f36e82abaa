"""What the tests of drafting share: the built-in profile, mails of the sample mailbox, situations made by hand."""

import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.conftest import SAMPLES
from triage.clean import clean
from triage.draft import Situation
from triage.parse import parse
from triage.profile import Profile, load_profile
from triage.read import read
from triage.types import Address, CleanText, Deadline, Decision, Fact, Message, Segment, Urgency

PROFILE = load_profile()
CITIZEN = Address("Maëlle Besnier", "maelle@example.fr")
RECEIVED = date(2026, 1, 5)
HERE = Path(__file__).parent


def message(**changes) -> Message:
    fields = {
        "id": "m1@example.fr", "digest": "3f2a91c0" + "d" * 56, "origin": "file:x", "kind": "human", "kind_reason": "",
        "sender": CITIZEN, "reply_to": None, "to": (), "cc": (), "subject": "", "date": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "received": None, "body": "Le lampadaire est éteint.\n\nMme Besnier", "html_only": False,
        "references": ("m0@example.fr",), "attachments": (), "warnings": (),
    }  # fmt: skip
    return Message(**{**fields, **changes})


def situation(
    nature="signalement",
    service="voirie_eclairage",
    subject="Lampadaire éteint",
    body="Le lampadaire est éteint.",
    masked=None,
    facts=(),
    forwarded=None,
    deadlines=(),
    flags=(),
    urgency="normale",
    action="draft",
    profile: Profile = PROFILE,
    passages=(),
    received=RECEIVED,
    **changes,
) -> Situation:
    """A mail and its decision; other arguments are fields of the message."""
    segments = (Segment("own", 0, len(body)), Segment("signature", len(body) + 2, len(body) + 13))
    text = CleanText(subject, body, segments, f"{masked or subject}\n{body}", forwarded)
    decision = Decision(action, service, nature, Urgency(urgency), flags, deadlines, ())
    whole = message(subject=subject, body=f"{body}\n\nMme Besnier", **changes)
    return Situation(profile, whole, text, decision, facts, received, passages)


EFFECTS = {"CRPA L231-1": "acceptation", "CRPA L231-4 2°": "rejet", "CRPA L231-4 3°": "rejet"}


def silence(source="CRPA L231-4 2°", confirmed=True, effect="") -> Deadline:
    return Deadline("silence", date(2026, 3, 5), source, confirmed, effect=effect or EFFECTS[source])


def place(text="12 rue Neuve", role="place") -> Fact:
    return Fact("address", text, text, 0, len(text), role)


SAMPLE_SITUATIONS = tomllib.loads((HERE / "samples.toml").read_text("utf-8"))["sample"]


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Situation]:
    """The situation of samples.toml that a template is tried on: a real mail, facts and decision by hand."""
    mails = {found.id: found for found in map(parse, read(str(SAMPLES / "mairie.mbox")))}
    rows = {row["template"]: row for row in SAMPLE_SITUATIONS}

    def made(template: str) -> Situation:
        row = rows[template]
        mail = mails[row["mail"]]
        facts = [Fact(f["type"], f["value"], f["text"], -1, -1, f["role"]) for f in row["facts"]]
        due = tuple(
            Deadline(d["name"], d["due"], d["source"], d["confirmed"], effect=EFFECTS.get(d["source"], ""))
            for d in row["deadlines"]
        )
        decision = Decision(
            "draft", row["service"], row["nature"], Urgency(row["urgency"]), tuple(row["flags"]), due, ()
        )
        received = PROFILE.administration.local_date(mail.received or mail.date)
        return Situation(PROFILE, mail, clean(mail), decision, facts, received)

    return made
