import pytest

from triage.clean.lines import split_lines
from triage.clean.parts import divide


def parts(text, **hints):
    return [(piece.kind, text[piece.start : piece.end]) for piece in divide(split_lines(text), text, **hints)]


def test_a_greeting_ends_where_the_matter_begins():
    assert parts("Bonjour, je souhaite un acte") == [("greeting", "Bonjour,"), ("own", "je souhaite un acte")]


def test_the_dot_of_an_abbreviated_civility_ends_no_greeting():
    assert parts("Bonsoir, M. Roussel m'a écrit") == [("greeting", "Bonsoir,"), ("own", "M. Roussel m'a écrit")]


def test_a_firms_signature_keeps_its_motto():
    card = "Lucette GUILLEMARD\nResponsable QHSE\n73 rue des Tanneurs\nT. 01 99 00 24 34\n« L'eau, c'est notre métier »"
    assert parts("Le bassin déborde.\n\n" + card) == [
        ("own", "Le bassin déborde."),
        *[("signature", line) for line in card.split("\n")],
    ]


def test_an_address_in_the_last_sentence_is_no_signature():
    assert parts("Le canapé est là.\n\n76 avenue Leclerc. Videz-le lundi.")[-1] == (
        "own",
        "76 avenue Leclerc. Videz-le lundi.",
    )


def test_a_closing_in_the_last_sentence_is_cut_off():
    assert parts("Le bac est cassé. Merci d'avance.") == [
        ("own", "Le bac est cassé."),
        ("closing", "Merci d'avance."),
    ]


@pytest.mark.parametrize(
    "text", ["Merci de me dire quand venir", "Merci de votre refus : je le conteste, voici pourquoi en trois points ?"]
)
def test_thanks_for_something_asked_are_own_words(text):
    assert parts(text) == [("own", text)]


@pytest.mark.parametrize(
    "signature",
    ["Anne Roux", "basile", "M. Lopes\nMontreval", "A. Dupouy, 118 esplanade Simone-Veil", "théo roux 06 39 98 12 40"],
)
def test_a_signature_without_closing_is_known_by_its_look(signature):
    found = parts("Le bac est cassé depuis lundi\n\n" + signature)
    assert found[0] == ("own", "Le bac est cassé depuis lundi")
    assert {kind for kind, _ in found[1:]} == {"signature"}


@pytest.mark.parametrize("text", ["Urgent", "Merci", "oui", "Facture n° 12", "Réponse avant lundi svp"])
def test_short_last_words_are_no_signature(text):
    assert ("signature", text) not in parts("Le bac est cassé depuis lundi\n\n" + text)


def test_a_list_at_the_end_is_own_words():
    text = "Je joins\n\n- la carte d'identité\n- le livret\n- 2 photos"
    assert {kind for kind, _ in parts(text)} == {"own"}


def test_the_senders_name_signs_whatever_it_looks_like():
    assert parts("Le bac est cassé\nanne r., du 3e", name="anne r.") == [
        ("own", "Le bac est cassé"),
        ("signature", "anne r., du 3e"),
    ]


def test_a_name_alone_is_a_signature_where_the_subject_tells_the_matter():
    assert parts("Anne Roux", told=True) == [("signature", "Anne Roux")]
    assert parts("Anne Roux") == [("own", "Anne Roux")]
