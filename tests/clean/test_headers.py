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
