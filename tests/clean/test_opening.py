import pytest

from triage.clean.lines import split_lines
from triage.clean.opening import find_banner
from triage.clean.parts import divide

BANNER = "ATTENTION : ce courriel provient de l'extérieur."


def parts(text):
    return [(piece.kind, text[piece.start : piece.end]) for piece in divide(split_lines(text), text)]


def test_a_gateways_banner_is_a_notice_even_where_it_is_wrapped():
    text = f"{BANNER} Ne cliquez sur aucun\nlien.\n\nBonjour,\nLe bac est cassé."
    assert parts(text) == [
        ("disclaimer", f"{BANNER} Ne cliquez sur aucun"),
        ("disclaimer", "lien."),
        ("greeting", "Bonjour,"),
        ("own", "Le bac est cassé."),
    ]


def test_a_mail_of_a_banner_only_has_no_other_part():
    assert parts(BANNER) == [("disclaimer", BANNER)]


@pytest.mark.parametrize("text", ["Attention, la route est coupée", "Alerte : odeur de gaz", "Bonjour"])
def test_a_citizens_warning_is_no_banner(text):
    assert find_banner(split_lines(text)) == 0


def test_several_greetings_on_one_line_are_one():
    assert parts("Bonjour Mme Petit, bonjour M. Le Roux, le jury ?") == [
        ("greeting", "Bonjour Mme Petit, bonjour M. Le Roux,"),
        ("own", "le jury ?"),
    ]


def test_a_letterhead_is_no_own_text_but_its_subject_is():
    text = "Iris Leroy\n4 rue Haute\nMairie de Montreval\nObjet : facture\nMadame,\nMa facture a triplé."
    assert [kind for kind, _ in parts(text)] == ["signature", "signature", "signature", "own", "greeting", "own"]
