import re

import pytest

from triage.clean import PLACEHOLDERS, clean
from triage.clean.mask import mask
from triage.types import Address


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("écrire à anne.roux@exemple.org svp", "écrire à xxemailxx svp"),
        ("voir https://exemple.org/a?b=c et service-public.fr", "voir xxurlxx et xxurlxx"),
        ("RIB FR76 9999 9283 9059 9965 7273 881", "RIB xxibanxx"),
        ("FR7699999283905999657273881", "xxibanxx"),
        ("sécu 1 73 04 99 999 783 65", "sécu xxnirxx"),
        ("173049999978365", "xxnirxx"),
        ("SIRET 999 499 650 00441", "SIRET xxsiretxx"),
        ("06 39 98 12 40 ou +33 6 39 98 12 40 ou 06.39.98.12.40", "xxtelxx ou xxtelxx ou xxtelxx"),
        ("la ZZ-449-RT ou ZZ449RT", "la xxplaquexx ou xxplaquexx"),
        ("45,80 € puis 1 200 euros", "xxmontantxx puis xxmontantxx"),
        ("mardi 12 mars 2026, le 1er juin et le 12/03/2026", "xxdatexx, le xxdatexx et le xxdatexx"),
        ("à 14h30, 9 h et 10:15", "à xxheurexx, xxheurexx et xxheurexx"),
        ("permis PC 038 185 25 A0012, dossier 2026/41", "permis xxrefxx, xxrefxx"),
        ("compteur 1234567", "compteur xxnombrexx"),
        ("12 rue des Lilas, 99100 Montreval", "xxnombrexx rue xxadressexx, xxadressexx"),
        ("12 bis, rue des lilas", "xxnombrexx, rue xxadressexx"),
        ("M. Jean Petit et Maître Antonin Gautrand", "M. xxnomxx et Maître xxnomxx"),
        ("Mme Dupont dit que Dupont est là", "Mme xxnomxx dit que xxnomxx est là"),
        ("mme verdonck", "mme xxnomxx"),
        ("LA FAMILLE DEMANDE UNE PHOTO À MADAME VERDONCK", "la famille demande une photo à madame xxnomxx"),
        ("LE 12 RUE DES LILAS EST DANS LE NOIR", "le xxnombrexx rue xxadressexx est dans le noir"),
        ("je m'appelle Anne Roux", "je m'appelle xxnomxx"),
        ("je soussignée Anne ROUX déclare", "je soussignée xxnomxx déclare"),
        ("mon fils Corentin a 16 ans", "mon fils xxnomxx a 16 ans"),
        ("née Tessonnière", "née xxnomxx"),
    ],
)
def test_personal_data_and_numbers_give_way_to_placeholders(written, wanted):
    assert mask("", written) == "\n" + wanted


@pytest.mark.parametrize(
    "text",
    [
        "Monsieur le Maire, la rue est sale",
        "trois enfants de 6, 8 et 12 ans",
        "une place en crèche pour mon fils",
        "Madame la Directrice de l'école",
        "le 4x4 du voisin",
        "depuis 2019",
        "je vous appelle depuis lundi",
        "la mairie m'a répondu",
    ],
)
def test_service_words_stay(text):
    assert mask("", text) == "\n" + text


def test_the_senders_own_name_is_masked_where_it_recurs():
    masked = mask("dossier Chalumeau", "Jérémie, enfin j.chalumeau au 3e", ["Jérémie CHALUMEAU"])
    assert masked == "dossier xxnomxx\nxxnomxx, enfin j.xxnomxx au 3e"


def test_a_surname_that_is_a_common_word_is_masked_with_its_capital_only():
    assert mask("", "un petit mot de Petit", ["Jean Petit"]) == "\nun petit mot de xxnomxx"


def test_an_office_in_a_display_name_masks_no_service_word():
    assert mask("", "la crèche et la mairie", ["Crèche Mairie"]) == "\nla crèche et la mairie"


def test_names_of_sender_address_and_signature_reach_the_mask(message):
    body = "Bonjour,\nle portail Marchand grince, Hugo l'a vu, Lecanuet aussi.\nCordialement\nThéo Lecanuet"
    found = clean(message(body, "portail", sender=Address("Hugo M.", "h.marchand@exemple.org")))
    assert found.masked == "portail\nle portail xxnomxx grince, xxnomxx l'a vu, xxnomxx aussi."


def test_the_subject_is_exactly_the_first_line(message):
    assert clean(message("un\ndeux", "a\nb\r\nc\u2028d")).masked == "a b c d\nun\ndeux"


def test_subject_alone_is_not_said_twice(message):
    found = clean(message("", "Re: acte de naissance"))
    assert (found.body, found.masked) == ("acte de naissance", "acte de naissance\n")


def test_placeholders_are_single_words_of_small_letters():
    assert [value for value in PLACEHOLDERS.values() if not re.fullmatch("xx[a-z]+xx", value)] == []


def test_what_was_masked_before_changes_nothing():
    text = "Rappelez-moi au 06.39.98.12.45, dossier n°2025-031, pour M.Lemoine au 12, rue des Lilas."
    first = mask("Objet", text)
    for start in range(0, 40_000, 1_000):
        mask("", " ".join(f"mot{word} {word}" for word in range(start, start + 1_000)))
    assert mask("Objet", text) == first


def test_a_chunk_without_blanks_is_masked_however_long():
    text = "a" * 60 + ",06.39.98.12.45;" + "b" * 60
    assert mask("", text) == mask("", text) == "\n" + "a" * 60 + ",xxtelxx;" + "b" * 60
