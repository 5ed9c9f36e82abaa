"""An explanation accounts for every bit of the difference between two labels."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SAMPLES
from triage.classify import load_model
from triage.classify.explain import explain
from triage.pipeline import cleaned
from triage.read import read

TEXTS = [
    "Lampadaire\nLe lampadaire de la rue xxadressexx est éteint, c'est dangereux.",
    "\nla la la cantine cantine et la facture",
    "Re\n" + "cantine" * 60,
    "\nzzzz",
    "\n",
]


@pytest.fixture(scope="module")
def model(small_model):
    return load_model(small_model)


@pytest.mark.parametrize("text", TEXTS + [cleaned(raw).masked for raw in list(read(str(SAMPLES / "mairie.mbox")))[:15]])
def test_weights_add_up_to_the_log_odds_of_the_prediction(model, text):
    predicted = model.predict([text])[0]
    for axis, found in explain(model, text).items():
        (label, first), (runner_up, second) = predicted[axis].ranking[:2]
        assert (found.label, found.runner_up) == (label, runner_up)
        assert found.log_odds == pytest.approx(math.log(first / second), abs=1e-5)  # vectors are single precision
        assert sum(w.weight for w in found.words) + found.bias == pytest.approx(found.log_odds)


@settings(max_examples=30)
@given(st.text(alphabet=st.sampled_from("abé xz\n'-.0"), max_size=80))
def test_any_text_is_accounted_for(model, text):
    for found in explain(model, text).values():
        assert found.log_odds == pytest.approx(math.log(found.confidence / found.runner_up_confidence), abs=1e-6)


def test_words_stand_where_they_are_said_to(model):
    text = TEXTS[0]
    for word in explain(model, text)["service"].words:
        assert text[word.start : word.end] == word.text


def test_the_word_that_decides_weighs_most(model):
    found = explain(model, "Lampadaire\nLe lampadaire est cassé")["service"]
    assert found.label == "voirie_eclairage"
    assert max(found.words, key=lambda word: word.weight).text.lower() == "lampadaire"


def test_taking_the_word_that_decides_away_costs_about_its_weight(model):
    """The weight is a fact about the model, not a story: without the word the log-odds fall."""
    with_word, without = "\nle lampadaire est cassé", "\nle est cassé"
    found = explain(model, with_word)["service"]
    other = dict(model.predict([without])[0]["service"].ranking)
    assert math.log(other[found.label] / other[found.runner_up]) < found.log_odds - 1


def test_what_weighed_is_the_same_whatever_is_explained_together(model, monkeypatch):
    texts = [
        "Lampadaire\nLe lampadaire est éteint, la rue est noire.",
        "Cantine\nMa fille mange à la cantine.",
        "",
        "Oui",
    ]
    together = model.predict(texts)
    monkeypatch.setattr("triage.classify.evidence._AT_ONCE", 5)
    assert model.predict(texts) == together
    assert [model.predict([text])[0]["service"].evidence for text in texts] == [p["service"].evidence for p in together]
