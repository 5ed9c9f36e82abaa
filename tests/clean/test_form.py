import pytest

from triage.clean import clean

FORM = "Nom : Roux\nPrénom : Anne\nE-mail : anne@exemple.org\n"


@pytest.mark.parametrize(
    "key", ["Message", "Votre message", "Commentaire", "votre_message", "Message *", "**Message**"]
)
@pytest.mark.parametrize("kind", ["human", "form"])
def test_the_message_field_is_what_the_person_wrote(message, key, kind):
    body = f"{FORM}{key} : Le banc est cassé.\nIl manque deux lattes.\nConsentement : oui"
    assert clean(message(body, "[Site] contact", kind=kind)).body == "Le banc est cassé.\nIl manque deux lattes."


def test_the_object_of_the_request_stands_in_for_an_empty_message(message):
    body = f"{FORM}Objet de la demande : banc cassé\nMessage :\n"
    assert clean(message(body, "contact", kind="form")).body == "banc cassé"


def test_a_key_within_the_message_does_not_end_it(message):
    body = f"{FORM}Message : Deux soucis.\nAttention : verre cassé.\nAdresse : 3 rue Neuve\nVenez lundi 8 h."
    found = clean(message(body, "contact", kind="form"))
    assert found.body == "Deux soucis.\nAttention : verre cassé.\nVenez lundi 8 h."


def test_a_mail_with_a_few_keys_is_no_form(message):
    body = "Bonjour,\nMessage : urgent, le banc est cassé.\nMerci de passer avant lundi."
    assert "Merci de passer avant lundi." in clean(message(body, "banc")).body


def test_a_header_block_is_no_form(message):
    body = (
        "Oui.\n\nDe : Anne\nEnvoyé : lundi\nÀ : mairie\nObjet : une bien longue histoire de banc public cassé\n\nBanc ?"
    )
    assert clean(message(body, "RE: banc")).body == "Oui."
