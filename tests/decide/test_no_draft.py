"""What never gets an ordinary draft, whatever the classifier thinks of it."""

from datetime import date
from itertools import product

import pytest

from triage.decide import decide
from triage.pipeline import cleaned_text, text_message
from triage.profile import Case, load_profile
from triage.types import Decision, Prediction

PROFILE = load_profile()
NEW_ACCOUNT = [
    "Voici notre nouveau RIB pour la facture 2026-14.",
    "le rib nouvo pour la societe pasque lancien marche plu",
    "Je vous ai dit la fermeture de mon agence bancaire et le numéro qui remplace l'ancien : FR7699999717046656208607042.",
    "Le numéro à utiliser est désormais BE71 0961 2345 6769.",
    "Merci de changer les coordonnées bancaires de notre société.",
    "Notre association changera de banque au printemps, quelle est la marche à suivre ?",
    "Tout est à verser sur un autre compte.",
    "Ci-joint mon RIB et ma carte Vitale pour le contrat.",
]


def decided(body: str, service: str, nature: str, kind="human", **flags: float) -> Decision:
    message = text_message("", body)
    predictions = {
        "service": Prediction(service, 0.9, ((service, 0.9),), (), "m"),
        "nature": Prediction(nature, 0.9, ((nature, 0.9),), (), "m"),
    }
    if flags:
        predictions["flags"] = Prediction(None, max(flags.values()), tuple(flags.items()), (), "m")
    return decide(PROFILE, message, cleaned_text("", body), predictions, (), date(2026, 1, 5))


def test_no_action_of_the_profile_drafts_a_reply_to_a_danger_whatever_else_the_mail_is():
    flags = ((), *((rule.id,) for rule in PROFILE.flags), ("iban_present",), ("nir_present",))
    procedures = ((), *((rule.id,) for rule in PROFILE.procedures))
    everything = product(("human", "form"), (None, *PROFILE.services), (None, *PROFILE.natures), flags, procedures)
    for kind, service, nature, flag, procedure in everything:
        case = Case(kind, service, nature, flag, "critique", procedure)
        assert next(rule for rule in PROFILE.actions if rule.holds(case)).action in ("route", "review")


@pytest.mark.parametrize("service", list(PROFILE.services))
@pytest.mark.parametrize("nature", list(PROFILE.natures))
def test_a_danger_is_never_answered_by_a_draft(service, nature):
    found = decided("Un câble électrique dénudé pend devant l'école.", service, nature)
    assert (found.urgency.level, found.action) == ("critique", "route")


@pytest.mark.parametrize("body", NEW_ACCOUNT)
@pytest.mark.parametrize("service", ["fournisseurs_marches", "rh_recrutement"])
@pytest.mark.parametrize("nature", ["pieces", "declaration", "demarche", "relance", "information"])
def test_an_account_of_a_supplier_or_an_agent_is_never_answered_by_a_draft(body, service, nature):
    found = decided(body, service, nature, fovi=0.0)  # the model sees no fraud
    assert found.action in ("route", "review")


def test_the_reason_asks_to_call_back():
    found = decided(NEW_ACCOUNT[2], "fournisseurs_marches", "relance", fovi=0.0)
    assert "fovi" not in found.flags
    assert found.reasons == (
        "coordonnées bancaires d'un fournisseur ou d'un agent : à vérifier par contre-appel avant toute réponse",
    )


@pytest.mark.parametrize(
    ("body", "service"),
    [
        ("Où en est le virement de ma facture ?", "fournisseurs_marches"),
        ("Où en est ma candidature ?", "rh_recrutement"),
        ("J'ai changé de banque, voici mon RIB pour le prélèvement de la cantine.", "facturation_regie"),
    ],
)
def test_other_mail_keeps_its_draft(body, service):
    assert decided(body, service, "demarche", fovi=0.0).action == "draft"
