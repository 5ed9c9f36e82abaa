import json

import numpy as np
import pytest

from tests.conftest import ROOT
from triage.classify.noise import NOISES
from triage.classify.novelty import Bounds, Counts, Novelty, learn_bounds
from triage.corpus import load_examples

STRANGE = [json.loads(line) for line in (ROOT / "benchmarks" / "strange.jsonl").read_text("utf-8").splitlines()]
KNOWN = ("lampadaire", "rue", "est", "éteint", "depuis", "les", "des", "une", "dans", "avec")


@pytest.fixture(scope="module")
def novelty(small_corpus):
    """Words of the small corpus, and bounds learned from it."""
    texts = [example.text for example in load_examples([small_corpus], ["service"])]
    words = {word for text in texts for word in text.lower().replace("'", " ").replace(".", " ").split()}
    return Novelty(words, learn_bounds(texts, np.arange(len(texts)) % 5, least=3))


@pytest.mark.parametrize("kind", ["english", "german", "arabic", "gibberish", "lorem ipsum"])
def test_other_languages_and_gibberish_are_too_new(novelty, kind):
    texts = [row["text"] for row in STRANGE if row["kind"] == kind]
    assert all(novelty.reason(text) for text in texts)


def test_training_texts_are_familiar(novelty, small_corpus):
    texts = [example.text for example in load_examples([small_corpus], ["service"])]
    assert sum(bool(novelty.reason(text)) for text in texts) <= 0.02 * len(texts)


@pytest.mark.parametrize("noise", NOISES)
def test_bad_spelling_is_no_new_subject(novelty, small_corpus, noise):
    texts = [example.text for example in load_examples([small_corpus], ["service"])][::3]
    written = [NOISES[noise](text, np.random.default_rng(1)) for text in texts]
    assert sum(bool(novelty.reason(text)) for text in written) <= 0.03 * len(texts)


def test_reasons_say_what_is_new():
    novelty = Novelty(["lampadaire", "rue", "est"], Bounds(least_known=0.3, least_familiar=0.7, usual=0.9))
    assert novelty.reason("\n...") == "aucun mot à lire"
    assert (
        novelty.reason("\nthe street lamp xkcd est") == "texte trop éloigné des exemples appris (20 % de mots connus)"
    )
    assert novelty.reason("\nlampadaire rue est") == ""
    assert novelty.reason("\nrue est lampadaire fromage beurre farine sucre levure").startswith("sujet trop éloigné")


def test_words_are_counted_by_how_new_they_are():
    novelty = Novelty(["lampadaire"], Bounds(0, 0, 0.9))
    assert novelty.counts("\nLe lampadaire fromage qsdfgh à 12") == Counts(known=1, french=1, odd=1)


def test_a_short_text_is_drawn_to_the_usual_share():
    assert Counts(1, 1, 0).familiar_share(0.9) > Counts(10, 10, 0).familiar_share(0.9) > 0.5


def test_bounds_come_from_texts_whose_words_are_judged_by_others():
    """Each text has a word of its own that only its fold holds: that word is not known."""
    texts = [f"lampadaire rue fromage{'e' * i}" for i in range(20)]
    bounds = learn_bounds(texts, np.arange(20) % 5, least=3)
    assert bounds.usual < 1
    assert bounds.least_known == pytest.approx(0.333, abs=0.01)
