import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from triage.text import fold, fold_aligned


def test_fold_forgets_capitals_accents_ligatures_and_curly_apostrophes():
    assert fold("L’Œuvre d’ÉTÉ\u202f: ça, naïf, Ægir") == "l'oeuvre d'ete : ca, naif, aegir"


@given(st.text())
def test_a_folded_text_holds_no_accent_and_folds_to_itself(text):
    folded = fold(text)
    assert not any(unicodedata.combining(character) for character in folded)
    assert fold(folded) == folded


def test_every_character_folds_alike_whatever_stands_beside_it():
    """A text of windows-1252 goes through a table of bytes; one letter outside it, and the whole goes character by character."""
    western = [c for c in bytes(range(256)).decode("cp1252", "ignore") if c != "\n"]
    outside = "Ж"
    assert [fold(c) for c in western] == [fold(c + outside).removesuffix("ж") for c in western]
    assert [fold_aligned(c) for c in western] == [fold_aligned(c + outside)[:1] for c in western]
    assert len(fold_aligned("".join(western))) == len(western)
