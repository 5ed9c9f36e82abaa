"""Noise is seeded, leaves placeholders alone, and does what its name says."""

import numpy as np
import pytest

from triage.classify.noise import NOISES, capitals, noisy, sms_spelling, typing_errors, without_accents

TEXT = (
    "Éclairage public\nBonjour, l'éclairage est coupé depuis xxdatexx, quelqu'un a appelé le xxtelxx mais personne n'est "
    "venu. Pourriez-vous intervenir rapidement s'il vous plaît ?"
)


def generator(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("noise", [*NOISES.values(), noisy])
def test_the_same_seed_gives_the_same_text_and_placeholders_stay(noise):
    once = noise(TEXT, generator())
    assert once == noise(TEXT, generator())
    assert once != TEXT
    assert "xxdatexx" in once
    assert "xxtelxx" in once
    assert once.count("\n") == 1


def test_accents_go_and_capitals_stay():
    assert without_accents("Éclairage : « Déjà payé », cœur, ŒUVRE", generator()) == (
        "Eclairage : « Deja paye », coeur, OEUVRE"
    )


def test_capitals_keep_accents():
    assert capitals("l'éclairage, dès xxdatexx", generator()) == "L'ÉCLAIRAGE, DÈS xxdatexx"


def test_about_one_long_word_in_seven_is_mistyped():
    words = ["éclairage"] * 2_000
    changed = [word for word in typing_errors(" ".join(words), generator()).split() if word != "éclairage"]
    assert 0.10 < len(changed) / len(words) < 0.18
    assert all(abs(len(word) - len("éclairage")) <= 1 for word in changed)


def test_sms_spelling_has_neither_accents_nor_punctuation_nor_capitals():
    spelled = sms_spelling(TEXT, generator())
    assert spelled.isascii() or "é" in spelled  # sounds such as « -ait » are written é
    assert not set(",;.!?") & set(spelled)
    assert spelled == spelled.lower()
    assert "bjr" in spelled.split()
