from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from triage.types import Address, CleanText, Decision, Draft, Fact, Forwarded, Message, Outcome, Urgency
from triage.write import draft_bytes

WRITER = Address("Maëlle Besnier", "maelle@example.fr")


def draft(to: Address = WRITER) -> Draft:
    return Draft(to, "Re: Lampadaire", "Madame,\n\nMerci.\n", "m1@example.fr", (), "signalement", (), ())


def outcome(body="Le lampadaire est éteint.\nMerci", kind="human", flags=(), facts=(), forwarded=None) -> Outcome:
    message = Message(
        id="m1@example.fr", digest="ab" * 32, origin="file:x", kind=kind, kind_reason="", sender=WRITER, reply_to=None,
        to=(), cc=(), subject="Lampadaire", date=datetime(2026, 2, 28, 23, 30, tzinfo=UTC), received=None, body=body,
        html_only=False, references=(), attachments=(), warnings=(),
    )  # fmt: skip
    decision = Decision("draft", "voirie_eclairage", "signalement", Urgency("normale"), flags, (), ())
    text = CleanText("Lampadaire", body, (), "", forwarded)
    return Outcome("file:x", "ab" * 32, message, text, facts=facts, decision=decision)


def content(found: Outcome, to: Address = WRITER, zone: str = "Europe/Paris") -> str:
    mail = message_from_bytes(draft_bytes(draft(to), "mairie@example.fr", found, zone), policy=default)
    assert mail["Content-Type"].params["format"] == "flowed"
    return mail.get_content().replace("\r\n", "\n")


def test_the_mail_answered_stands_below_on_the_clock_of_the_administration():
    assert content(outcome()) == (
        "Madame,\n\nMerci.\n\n\nLe 1er mars 2026 à 00:30, Maëlle Besnier a écrit :\n> Le lampadaire est éteint.\n> Merci\n"
    )
    assert "Le 28 février 2026 à 19:30, " in content(outcome(), zone="America/Martinique")


def test_long_mails_are_cut():
    below = content(outcome("ligne\n" * 500)).split("a écrit :\n")[1].splitlines()
    assert below == ["> ligne"] * 100 + ["> […]"]
    assert len(content(outcome("x" * 50_000))) < 4_300


@pytest.mark.parametrize("found", [outcome(flags=("sante",)), outcome(facts=(Fact("iban", "FR76", "FR76", 0, 4),))])
def test_mail_with_what_must_not_be_repeated_is_not_quoted(found):
    assert "lampadaire" not in content(found)
    assert "Message d'origine non repris" in content(found)


def test_words_are_never_quoted_to_someone_else():
    assert content(outcome(), Address("", "autre@example.fr")) == "Madame,\n\nMerci.\n"
    first = Forwarded(Address("", "premier@exemple.org"), "", "Lampadaire")
    assert content(outcome(forwarded=first)) == "Madame,\n\nMerci.\n"
    assert "\n\npremier@exemple.org a écrit :\n> Le lampadaire" in content(
        outcome(forwarded=first), Address("", "premier@exemple.org")
    )  # without the day, which is that of the forward


def test_a_form_is_quoted_to_the_address_typed_in_it():
    assert "> Le lampadaire" in content(outcome(kind="form"), Address("", "zoe@courriel.test"))
