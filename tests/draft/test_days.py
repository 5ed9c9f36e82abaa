"""What the days of a mail are to it, and how a letter says them."""

from datetime import date

import pytest

from tests.draft.conftest import situation
from triage.draft import draft
from triage.draft.days import contested, events, limit
from triage.types import Fact


def dated(body: str, *days: tuple[str, str, str], nature: str = "reclamation"):
    """A mail whose `days` are (text, ISO date, role)."""
    facts = tuple(
        Fact("date", value, text, body.index(text), body.index(text) + len(text), role) for text, value, role in days
    )
    return situation(nature, subject="Bonjour", body=body, facts=facts)


def test_a_period_is_said_whole():
    found = dated("Absent du 2 au 13 novembre.", ("2", "2025-11-02", "event"), ("13 novembre", "2025-11-13", "event"))
    assert events(found) == ([date(2025, 11, 2), date(2025, 11, 13)], "du 2 au 13 novembre 2025")


def test_a_period_among_other_days_is_not_said():
    found = dated(
        "Le 3 octobre, puis du 1er mars au 31 mai.",
        ("3 octobre", "2025-10-03", "event"),
        ("1er mars", "2026-03-01", "event"),
        ("31 mai", "2026-05-31", "event"),
    )
    assert events(found)[1] == ""


@pytest.mark.parametrize(
    "body",
    [
        "Comme demandé dans votre courriel du 20 novembre.",
        "Vous m'avez écrit le 20 novembre.",
        "J'ai reçu le 20 novembre le refus.",
        "L'arrêté est affiché le 20 novembre.",
    ],
)
def test_the_day_of_our_own_letter_is_no_event(body):
    assert events(dated(body, ("20 novembre", "2025-11-20", "")))[1] == ""


def test_the_day_of_what_we_did_is_one():
    found = dated("Votre camion a cassé mon mur le 20 novembre.", ("20 novembre", "2025-11-20", "event"))
    assert events(found)[1] == "20 novembre 2025"


def test_a_limit_is_called_one():
    found = dated("Le dossier est à rendre avant le 15 janvier.", ("15 janvier", "2026-01-15", "deadline"))
    assert limit(found) == "15 janvier 2026"
    named = situation(subject="Lampadaire éteint", body="Avant le 15 janvier.", facts=found.facts)
    assert "Il concerne l'éclairage public (échéance citée : 15 janvier 2026)." in draft(named).body


def test_the_day_a_decision_came_is_not_its_own():
    found = dated(
        "Par décision du 12 octobre 2025, reçue le 16 octobre, vous avez refusé. Je reprends le 4 janvier 2027.",
        ("12 octobre 2025", "2025-10-12", "contested"),
        ("16 octobre", "2025-10-16", "contested"),
        ("4 janvier 2027", "2027-01-04", "event"),
        nature="recours",
    )
    assert contested(found) == "du 12 octobre 2025"
    body = draft(found).body
    assert "Décision contestée : décision du 12 octobre 2025." in body
    assert "Nous avons noté" not in body
