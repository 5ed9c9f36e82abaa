import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.clean.normalise import flatten, normalise

FRENCH = st.text(alphabet="aeéçùe\u0301\u0300 '’\u00a0\u202f\u00ad\u200bﬁœ\n>-", max_size=60)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("l’état", "l'état"),
        ("e\u0301tat", "état"),
        ("o\ufb03ce \ufb01n", "office fin"),
        ("à\u00a010\u202fh", "à 10 h"),
        ("in\u00adscrip\u200btion\ufeff", "inscription"),
        ("sœur", "sœur"),
        ("a\u2028b", "a\nb"),
        ("rendez\u2011vous", "rendez-vous"),
    ],
)
def test_one_spelling(written, wanted):
    assert normalise(written) == wanted


@given(FRENCH)
def test_every_offset_leads_back_to_where_the_character_stood(text):
    flat = flatten(text)
    assert flat.origin(len(flat.text)) == len(text)
    places = [flat.origin(at) for at in range(len(flat.text))]
    assert places == sorted(places)
    for place, letter in zip(places, flat.text, strict=True):
        if letter.isalpha() and text[place] != "ﬁ":
            assert unicodedata.normalize("NFD", text[place])[0] == unicodedata.normalize("NFD", letter)[0]


@given(FRENCH)
def test_normalising_twice_changes_nothing_more(text):
    assert normalise(normalise(text)) == normalise(text)
