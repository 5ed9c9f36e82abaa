"""Every character of the masked text leads back to where it stood in the message."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clean.conftest import make_message
from tests.conftest import SAMPLES
from triage.clean import Trace, clean
from triage.clean.mask import mask, trace
from triage.clean.normalise import normalise
from triage.parse import parse
from triage.read import read
from triage.types import Message


def places(message: Message) -> list[tuple[str, str]]:
    """(masked word, what stood there) of each word of a message."""
    text = clean(message)
    way_back = Trace(message, text)
    found = []
    for word in re.finditer(r"\S+", text.masked):
        place = way_back.place(*word.span())
        found.append((word[0], getattr(message, place.field)[place.start : place.end]))
    return found


def test_words_and_masked_data_are_found_in_the_message():
    body = "Bonjour,\nLe lampadaire du 12 rue des Lilas, éteint depuis le 3 novembre.\nMerci"
    assert places(make_message(body, "RE: [EXTERNE]  panne   rue")) == [
        ("panne", "panne"), ("rue", "rue"), ("Le", "Le"), ("lampadaire", "lampadaire"), ("du", "du"),
        ("xxnombrexx", "12"), ("rue", "rue"), ("xxadressexx,", "des Lilas,"), ("éteint", "éteint"), ("depuis", "depuis"),
        ("le", "le"), ("xxdatexx.", "3 novembre."),
    ]  # fmt: skip


def test_letters_composed_of_several_characters_keep_their_place():
    assert places(make_message("c’est e\u0301teint, l\u00adampe a\u200b cassée"))[1:4] == [
        ("éteint,", "e\u0301teint,"),
        ("lampe", "l\u00adampe"),
        ("a", "a\u200b"),
    ]


def test_quote_marks_of_a_forward_are_stepped_over():
    body = (
        "---------- Message transféré ----------\nDe : Ana <ana@example.fr>\nObjet : bac\n\n"
        "> Le bac est plein.\n> Il déborde."
    )
    found = places(make_message(body, "TR: bac"))
    assert [word for word, _ in found] == [written for _, written in found]
    assert found[-1] == ("déborde.", "déborde.")


def test_capitals_with_a_dot_keep_their_place():
    assert places(make_message("LE BAC İCİ EST TRÈS PLEIN"))[2] == ("ici", "İCİ")


@pytest.mark.parametrize("raw", list(read(str(SAMPLES / "mairie.mbox"))), ids=lambda raw: raw.origin.rpartition("#")[2])
def test_every_word_of_the_sample_mailbox_is_found_again(raw):
    for word, written in places(parse(raw)):
        assert re.search("xx[a-z]+xx", word) or normalise(written).lower() == word.lower()


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_has_a_way_back(subject, body):
    message = make_message(body, " ".join(subject.split()))
    text = clean(message)
    way_back = Trace(message, text)
    for word in re.finditer(r"\S+", text.masked):
        place = way_back.place(*word.span())
        assert 0 <= place.start < place.end <= len(getattr(message, place.field))


@given(st.text(max_size=40), st.text(max_size=200), st.lists(st.text(max_size=12), max_size=3))
def test_tracing_masks_as_masking_does(subject, body, names):
    found = trace(subject, body, names)
    assert found.text == mask(subject, body, names)
    assert found.origins == sorted(found.origins)
