from triage.clean.lines import split_lines
from triage.clean.parts import divide


def parts(text):
    return [(piece.kind, text[piece.start : piece.end]) for piece in divide(split_lines(text), text)]


def kinds(text):
    return [kind for kind, _ in parts(text)]


def test_a_legal_notice_runs_to_the_end():
    notice = "Ce message est strictement confidentiel.\nMerci de le détruire si vous n'êtes pas son destinataire."
    assert kinds(f"Le bac est cassé.\nCordialement\nAnne Roux\n\n{notice}") == [
        "own",
        "closing",
        "signature",
        "disclaimer",
        "disclaimer",
    ]


def test_a_confidence_above_a_farewell_is_the_writers_own():
    text = "Ce message est strictement confidentiel.\nMon voisin brûle des pneus.\nCordialement\nAnne Roux"
    assert kinds(text) == ["own", "own", "closing", "signature"]


def test_a_postscript_under_the_name_is_own_words():
    assert parts("Où déposer le sapin ?\nMerci\nHervé\nPS : le conteneur est plein.") == [
        ("own", "Où déposer le sapin ?"),
        ("closing", "Merci"),
        ("signature", "Hervé"),
        ("own", "PS : le conteneur est plein."),
    ]


def test_a_long_rule_with_more_of_the_letter_below_begins_no_signature():
    assert kinds("1. Le trottoir.\n--------------\n2. L'éclairage.\nMerci\nAnne Roux") == [
        "own",
        "signature",
        "own",
        "closing",
        "signature",
    ]


def test_a_letter_in_capitals_is_not_taken_for_names():
    assert kinds("BONJOUR\n\nPOUBELLE NON RAMASSEE RUE DU PORT\n\nDUPONT MICHEL") == ["greeting", "own", "signature"]


def test_pictures_and_device_lines_are_nobodys_words():
    assert parts("Voici le mur :\n[image: mur.jpg]\nEnvoyé de mon iPhone\nIl menace de tomber.") == [
        ("own", "Voici le mur :"),
        ("signature", "[image: mur.jpg]"),
        ("signature", "Envoyé de mon iPhone"),
        ("own", "Il menace de tomber."),
    ]
