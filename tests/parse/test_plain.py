"""Texts as patterns see them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.parse.plain import plain


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode("ascii")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Été À L’ÉCOLE", "ete a l'ecole"),
        ("Œuvre, ex æquo — 12 €", "oeuvre, ex aequo - 12  eur "),
        ("½ tarif à ¼ d’heure", "12 tarif a 14 d'heure"),
        ("Zażółć", "zazoc"),
        ("ﬁn №3", "fin no3"),
        ("日本", ""),
    ],
)
def test_accents_ligatures_and_signs_are_spelled_plainly(text: str, seen: str):
    assert plain(text) == seen


@given(st.text(st.characters(max_codepoint=0xFF, exclude_characters="’‘ʼœæ–—−€·Æ")))
def test_latin_1_is_spelled_as_unicode_decomposes_it(text: str):
    assert plain(text) == decomposed(text)


@given(st.text())
def test_any_text_comes_out_in_ascii_with_as_many_lines(text: str):
    assert plain(text).isascii()
    assert plain(text).count("\n") == text.count("\n")
