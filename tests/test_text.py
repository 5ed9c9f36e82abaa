import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from triage.text import fold


def test_fold_forgets_capitals_accents_ligatures_and_curly_apostrophes():
    assert fold("L’Œuvre d’ÉTÉ\u202f: ça, naïf, Ægir") == "l'oeuvre d'ete : ca, naif, aegir"


@given(st.text())
def test_a_folded_text_holds_no_accent_and_folds_to_itself(text):
    folded = fold(text)
    assert not any(unicodedata.combining(character) for character in folded)
    assert fold(folded) == folded
