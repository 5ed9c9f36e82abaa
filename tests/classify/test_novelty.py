import json

import numpy as np
import pytest

from tests.conftest import ROOT
from triage.classify import load_model
from triage.classify.noise import NOISES
from triage.classify.novelty import Bounds, Counts, counted, learn_bounds, reason
from triage.corpus import load_examples

STRANGE = [json.loads(line) for line in (ROOT / "benchmarks" / "strange.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def model(small_model):
    return load_model(small_model)


@pytest.fixture(scope="module")
def texts(small_corpus):
    return [example.text for example in load_examples([small_corpus], ["service"])]


def strange(model, texts) -> list[bool]:
    """Which texts are too new for a model."""
    return ["trop éloigné" in found["service"].abstention for found in model.predict(texts)]


@pytest.mark.parametrize("kind", ["english", "german", "arabic", "gibberish", "lorem ipsum"])
def test_other_languages_and_gibberish_are_too_new(model, kind):
    found = strange(model, ["\n" + row["text"] for row in STRANGE if row["kind"] == kind])
    assert sum(found) >= len(found) - 1


def test_training_texts_are_familiar(model, texts):
    assert sum(strange(model, texts)) <= 0.02 * len(texts)


@pytest.mark.parametrize("noise", NOISES)
def test_bad_spelling_is_no_new_subject(model, texts, noise):
    written = [NOISES[noise](text, np.random.default_rng(1)) for text in texts[::3]]
    assert sum(strange(model, written)) <= 0.03 * len(written)


BOUNDS = Bounds(least_words=2, least_known=0.3, least_familiar=0.7, usual=0.9)


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        (Counts(0, 0, 0), "aucun mot à lire"),
        (Counts(1, 1, 3), "texte trop éloigné des exemples appris (20 % de mots connus)"),
        (Counts(0, 0, 2), "texte trop éloigné des exemples appris (0 % de mots connus)"),
        (
            Counts(5, 5, 0),
            "sujet trop éloigné des exemples appris (50 % de mots déjà rencontrés, contre 90 % d'habitude)",
        ),
        (Counts(5, 0, 5), ""),
        (Counts(2, 0, 0), ""),
        (Counts(1, 0, 0), "un seul mot à lire : trop peu pour décider"),
    ],
)
def test_reasons_say_what_is_new(counts, wanted):
    assert reason(counts, BOUNDS) == wanted


def test_words_are_counted_by_how_new_they_are():
    found = [counted(chunk, {"lampadaire"}) for chunk in ["Le", "lampadaire", "fromage", "qsdfgh", "à", "12"]]
    assert tuple(map(sum, zip(*found, strict=True))) == Counts(known=1, french=1, odd=1)


def test_a_short_text_is_drawn_to_the_usual_share():
    assert Counts(1, 1, 0).familiar_share(0.9) > Counts(10, 10, 0).familiar_share(0.9) > 0.5


def test_bounds_come_from_texts_whose_words_are_judged_by_others():
    """Each text has a word of its own that only its fold holds: that word is not known."""
    texts = [f"lampadaire rue fromage{'e' * i}" for i in range(20)]
    bounds = learn_bounds(texts, np.arange(20) % 5, least=3)
    assert bounds.usual < 1
    assert bounds.least_known == pytest.approx(0.333, abs=0.01)


def test_texts_as_short_as_those_learned_are_judged():
    assert learn_bounds(["lampadaire"] * 20, np.arange(20) % 5, least=3).least_words == 1
