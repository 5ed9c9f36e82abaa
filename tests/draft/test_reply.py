from datetime import UTC, date, datetime

import pytest

from triage.draft import Situation, broken_templates, draft
from triage.draft.reply import _sample_values as sample_values
from triage.draft.reply import answerable, french_date
from triage.draft.templates import render
from triage.errors import ProfileError
from triage.profile import load_profile
from triage.types import Address, CleanText, Deadline, Decision, Fact, Forwarded, Message, Segment, Urgency

PROFILE = load_profile()
CITIZEN = Address("Maëlle Besnier", "maelle@example.fr")


def message(**changes) -> Message:
    fields = {
        "id": "m1@example.fr", "digest": "d" * 64, "origin": "file:x", "kind": "human", "kind_reason": "", "sender": CITIZEN,
        "reply_to": None, "to": (), "cc": (), "subject": "Lampadaire éteint", "date": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "received": None, "body": "Le lampadaire est éteint.\n\nMme Besnier", "html_only": False, "references": ("m0@example.fr",),
        "attachments": (), "warnings": (),
    }  # fmt: skip
    return Message(**{**fields, **changes})


def reply(
    nature="signalement",
    service="voirie_eclairage",
    subject="Lampadaire éteint",
    masked=None,
    facts=(),
    forwarded=None,
    deadlines=(),
    **changes,
):
    segments = (Segment("own", 0, 25), Segment("signature", 27, 38))
    text = CleanText(
        subject, "Le lampadaire est éteint.", segments, f"{masked or subject}\nLe lampadaire est éteint.", forwarded
    )
    decision = Decision("draft", service, nature, Urgency("normale"), (), deadlines, ())
    return draft(Situation(PROFILE, message(**changes), text, decision, facts, date(2026, 1, 5)))


def test_a_report_is_taken_up_with_its_place():
    place = Fact("address", "12 rue Neuve", "12 rue Neuve", 0, 12, "place")
    found = reply(facts=(place,))
    assert (found.to, found.subject, found.template) == (CITIZEN, "Re: Lampadaire éteint", "signalement")
    assert (found.in_reply_to, found.references) == ("m1@example.fr", ("m0@example.fr", "m1@example.fr"))
    assert found.body.startswith(
        "Madame,\n\nMerci pour votre signalement reçu le 5 janvier 2026 au sujet de « Lampadaire éteint »."
    )
    assert "Lieu que nous avons compris : 12 rue Neuve." in found.body
    assert sorted(found.missing) == ["délai d'intervention", "prénom, nom et qualité de l'agent (CRPA L111-2)"]
    assert all(f"[à compléter : {gap}]" in found.body for gap in found.missing)


def test_civility_is_only_what_the_person_wrote():
    assert reply(body="Le lampadaire est éteint.\n\nBesnier Ma").body.startswith("Madame, Monsieur,")


def test_deadlines_cited_are_sources():
    silence = Deadline("silence", date(2026, 3, 5), "CRPA L231-4 2°", confirmed=True)
    found = reply(nature="reclamation", deadlines=(silence,))
    assert "avant le 5 mars 2026" in found.body
    assert found.sources == ("CRPA L231-4 2°",)


def test_an_unconfirmed_regime_leaves_a_gap_and_no_date():
    silence = Deadline("silence", date(2026, 3, 5), "CRPA L231-1", confirmed=False)
    found = reply(nature="demarche", service="urbanisme", deadlines=(silence,))
    assert "5 mars" not in found.body
    assert any("effet du silence" in gap for gap in found.missing)


def test_a_forward_is_answered_to_the_citizen():
    first = Address("Zoé", "zoe@courriel.test")
    assert reply(forwarded=Forwarded(first, "", "")).to == first
    assert reply(forwarded=Forwarded(None, "", "")) is None


def test_reply_to_wins_over_from():
    assert reply(reply_to=Address("", "autre@example.fr")).to.address == "autre@example.fr"


@pytest.mark.parametrize(
    "address",
    [
        "noreply@example.fr",
        "no-reply@example.fr",
        "ne-pas-repondre@example.fr",
        "MAILER-DAEMON@example.fr",
        "app.donotreply@example.fr",
    ],
)
def test_nobody_reads_these_addresses(address):
    assert not answerable(Address("", address))
    assert reply(sender=Address("", address)) is None


@pytest.mark.parametrize("address", ["noemie.reply@example.fr", "nora@example.fr", "bernard.noreplyon@example.fr"])
def test_people_with_such_names_are_answered(address):
    assert answerable(Address("", address))


@pytest.mark.parametrize("kind", ["auto_reply", "bounce", "newsletter", "machine", "receipt", "suspect", "empty"])
def test_automatic_mail_is_never_answered(kind):
    assert reply(kind=kind) is None


def test_template_syntax_in_a_mail_stays_text():
    assert "« {{7*7}} {% for x in y %} »" in reply(subject="{{7*7}} {% for x in y %}").body


def test_a_subject_with_personal_data_is_not_repeated():
    found = reply(subject="Mon NIR 2 42 05 99 999 721 60", masked="Mon NIR xxnirxx")
    assert "999" not in found.body


@pytest.mark.parametrize("name", sorted(PROFILE.templates))
def test_every_template_reads_like_a_letter(name):
    body = render(name, PROFILE.templates[name], sample_values(PROFILE))
    assert "Madame, Monsieur," in body
    assert not [word for word in ("J'ai l'honneur", "susvisé", "diligenter", "Mademoiselle", "·") if word in body]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ inconnu }}", "'inconnu' is undefined"),
        ("Bonjour\n{% if %}", "line 2"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ service.__init__.__globals__ }}", "unsafe"),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{{ 'a' * 1000000000 }}", "not allowed"),
        ("{{ 9 ** 99999999 }}", "not allowed"),
        ("{% for a in about %}{% for b in about %}{% endfor %}{% endfor %}", "nested loops"),
        ("{{ range(10) }}", "'range' is undefined"),
        ("{% for c in big %}{{ big }}{% endfor %}", "more than 100000 characters"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{{ service.nothing }}", "no attribute"),
    ],
)
def test_hostile_or_broken_templates_are_refused_in_one_line(source, said):
    with pytest.raises(ProfileError, match=r"^templates/x\.txt") as error:
        render("x", source, sample_values(PROFILE) | {"big": "x" * 2000})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_built_in_templates_are_whole():
    assert broken_templates(PROFILE) == []


def test_french_dates():
    assert (french_date(date(2026, 3, 1)), french_date(date(2026, 8, 12))) == ("1er mars 2026", "12 août 2026")
