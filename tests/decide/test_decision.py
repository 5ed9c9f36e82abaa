from datetime import date

import pytest

from triage.decide import decide
from triage.profile import load_profile
from triage.types import CleanText, Fact, Message, Prediction

PROFILE = load_profile()
RECEIVED = date(2026, 1, 5)  # a Monday


def message(kind="human", reason="", warnings=()) -> Message:
    return Message(
        id="1@example.fr", digest="d", origin="file:x", kind=kind, kind_reason=reason, sender=None, reply_to=None, to=(), cc=(),
        subject="", date=None, received=None, body="", html_only=False, references=(), attachments=(), warnings=warnings,
    )  # fmt: skip


def prediction(label, confidence=0.9, abstention="") -> Prediction:
    ranking = ((label, confidence), ("urbanisme", 1 - confidence))
    return Prediction(None if abstention else label, confidence, ranking, (), "m", abstention)


def decided(body, service="voirie_eclairage", nature="information", facts=(), kind="human", abstention=""):
    predictions = {"service": prediction(service, abstention=abstention), "nature": prediction(nature)}
    text = CleanText("", body, (), "\n" + body)
    return decide(PROFILE, message(kind, "parce que"), text, predictions, facts, RECEIVED)


def date_fact(day, role="event"):
    return Fact("date", day, "le jour dit", 0, 3, role)


def test_an_ordinary_question_gets_a_draft():
    found = decided("Quels sont les horaires de la déchèterie ?", service="dechets_proprete")
    assert (found.action, found.service, found.urgency.level) == ("draft", "dechets_proprete", "normale")


def test_danger_is_routed_at_once_and_says_why():
    found = decided("Un câble électrique dénudé pend devant l'école.", nature="signalement")
    assert (found.action, found.urgency.level) == ("route", "critique")
    assert "« cable electrique denude" in found.urgency.reasons[0]


@pytest.mark.parametrize(
    "body", ["URGENT !!! LES HORAIRES DE LA PISCINE SVP !!!", "c'est très très urgent, répondez vite"]
)
def test_tone_alone_changes_nothing(body):
    assert decided(body).urgency.level == "normale"


@pytest.mark.parametrize(
    ("day", "role", "level"),
    [
        ("2026-01-06", "event", "haute"),
        ("2026-01-07", "deadline", "haute"),
        ("2026-01-08", "event", "normale"),
        ("2025-12-20", "event", "normale"),
        ("2026-01-06", "birth", "normale"),
        ("2026-01-06", "contested", "normale"),
    ],
)
def test_dates_to_come_within_two_working_days_are_high(day, role, level):
    assert decided("Je viens.", nature="demarche", facts=[date_fact(day, role)]).urgency.level == level


def test_an_unsure_service_goes_to_the_mail_desk_with_the_likeliest_one():
    found = decided("Bonjour", abstention="confiance 0,40 sous le seuil 0,60")
    assert (found.action, found.service) == ("review", None)
    assert found.reasons == (
        "service incertain : confiance 0,40 sous le seuil 0,60 ; piste la plus probable : Voirie et éclairage public",
    )


def test_a_message_cut_at_a_limit_is_read_by_a_human():
    predictions = {"service": prediction("urbanisme"), "nature": prediction("information")}
    found = decide(PROFILE, message(warnings=("limit: text",)), CleanText("", "x", (), "\nx"), predictions, (), None)
    assert (found.action, found.service) == ("review", None)
    assert found.reasons[0] == "message hors limites (limit: text) : à lire en entier"


def test_bank_detail_change_never_gets_an_ordinary_draft():
    found = decided(
        "Merci de noter notre nouveau RIB pour le règlement.", service="fournisseurs_marches", nature="declaration"
    )
    assert found.action == "review"
    assert "fovi" in found.flags


def test_distress_is_for_a_human():
    found = decided("j'ai plus envie de vivre", service="social_ccas", nature="demarche")
    assert (found.action, found.urgency.level) == ("route", "critique")
    assert "detresse" in found.flags


@pytest.mark.parametrize(
    ("kind", "action"),
    [("newsletter", "ignore"), ("auto_reply", "ignore"), ("machine", "ignore"), ("receipt", "ignore"), ("bounce", "review"), ("empty", "review")],
)  # fmt: skip
def test_mail_no_person_wrote_is_decided_by_its_kind(kind, action):
    found = decided("peu importe", kind=kind)
    assert (found.action, found.service, found.deadlines) == (action, None, ())
    assert found.reasons[0] == "parce que"


def test_a_profile_without_an_action_rule_sends_everything_to_review():
    bare = PROFILE.model_copy(update={"actions": ()})
    predictions = {"service": prediction("urbanisme"), "nature": prediction("information")}
    found = decide(bare, message(), CleanText("", "x", (), "\nx"), predictions, (), None)
    assert found.action == "review"
    assert found.reasons == ("aucune règle du profil ne s'applique",)


def test_no_reception_date_means_no_deadline():
    predictions = {"service": prediction("urbanisme"), "nature": prediction("reclamation")}
    found = decide(PROFILE, message(), CleanText("", "x", (), "\nx"), predictions, (), None)
    assert found.deadlines == ()
