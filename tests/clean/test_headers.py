import pytest

from triage.clean.headers import Header, find_header, read_address
from triage.clean.lines import split_lines
from triage.types import Address

ANNE = Address("Anne Roux", "anne@exemple.org")


def header_of(text):
    return find_header(split_lines(text), 0)


def test_a_block_in_any_order_tells_who_when_and_what():
    text = "Objet : acte\nDate : 3 mars 2026\nÀ : mairie@exemple.org\nDe : Anne Roux <anne@exemple.org>\n\nBonjour"
    assert header_of(text) == Header(0, 4, "block", ANNE, "mairie@exemple.org", "3 mars 2026", "acte")


def test_a_wrapped_attribution_is_read_whole():
    text = "Le mar. 3 févr. 2026 à 10:12, Anne Roux <\nanne@exemple.org> a\nécrit :\n> oui"
    assert header_of(text) == Header(0, 3, "reply", ANNE, "", "Le mar. 3 févr. 2026 à 10:12", "")


def test_a_forward_line_and_the_block_below_it_are_one_header():
    text = "---------- Message transféré ----------\nDe : anne@exemple.org\nDate : mardi\n\nBonjour"
    assert header_of(text) == Header(0, 3, "forward", Address("", "anne@exemple.org"), "", "mardi", "")


@pytest.mark.parametrize(
    "text",
    [
        "Le 12 mars, M. Roux a écrit à la mairie pour signaler la fuite.",
        "Le 12 mars votre collègue m'a écrit :\n« non »",
        "Le paragraphe 3 dit :\nrien",
        "Le maire a écrit :\nnon",
        "Objet : demande d'acte\n\nMonsieur le Maire,",
        "De plus : rien\nDate : demain",
        "De : lundi\nÀ : vendredi",
        "________________\nBonjour",
        "À : 14 h\nObjet : réunion",
    ],
)
def test_what_a_person_writes_is_no_header(text):
    assert header_of(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Anne Roux <anne@exemple.org>", ANNE),
        ('"Anne Roux" [mailto:Anne@exemple.org]', ANNE),
        ("anne@exemple.org", Address("", "anne@exemple.org")),
        ("Anne Roux", Address("Anne Roux", "")),
        ("", None),
    ],
)
def test_an_address_as_headers_write_it(text, wanted):
    assert read_address(text) == wanted


def test_a_block_with_every_value_below_its_key():
    text = "De :\n\nAnne Roux <anne@exemple.org>\n\nEnvoyé :\n\nlundi\n\nObjet :\n\nacte\n\nBonjour"
    assert header_of(text) == Header(0, 6, "block", ANNE, "", "lundi", "acte")


def test_a_block_that_lost_its_line_ends_may_be_glued_and_stand_behind_a_separator():
    text = "----- Message transmis ----- De : Anne Roux <anne@exemple.org>À : mairieEnvoyé : mardi 3 marsObjet : acte"
    assert header_of(text) == Header(0, 1, "forward", ANNE, "mairie", "mardi 3 mars", "acte")


def test_a_block_without_line_ends_may_be_wrapped():
    text = (
        "De : Anne Roux <anne@exemple.org> Envoyé : mardi 10 février 2026 14:20\n"
        "À : mairie@exemple.org Objet : une place au nouveau cimetière de la\ncommune\n\nBonjour"
    )
    header = header_of(text)
    assert (header.after, header.subject) == (3, "une place au nouveau cimetière de la commune")


@pytest.mark.parametrize(
    "text",
    [
        "Le bac est cassé.\nDe : Anne Roux <anne@exemple.org>",
        "Le bac est cassé\nLe 3 mars 2026 à 10:12, Anne <anne@exemple.org> a écrit :\n> oui",
        "De : Montreval\nÀ : Saint-Aubin\nDate : chaque mardi",
        "Le 12/03/2026, votre service a écrit :\n« Dossier refusé »",
    ],
)
def test_own_words_above_a_header_or_like_one_are_none(text):
    assert header_of(text) is None
