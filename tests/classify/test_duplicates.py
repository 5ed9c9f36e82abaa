"""Near duplicates: every pair that exact comparison finds is found, and no other."""

import json

from tests.conftest import SAMPLES
from triage.classify.duplicates import near_duplicates

LETTER = (
    "Bonjour, le lampadaire devant le 14 rue des Tanneurs ne s'allume plus depuis lundi, "
    "les enfants rentrent de l'étude dans le noir. Pouvez-vous envoyer quelqu'un ? Merci d'avance."
)
SIBLING = LETTER.replace("14 rue des Tanneurs", "9 allée des Mûriers").replace("lundi", "jeudi")
OTHER = (
    "J'aimerais savoir à quelle heure ouvre la piscine pendant les vacances de la Toussaint et combien coûte l'entrée."
)


def shingles(text: str) -> set[str]:
    squeezed = " ".join(text.lower().split())
    return {squeezed[i : i + 5] for i in range(len(squeezed) - 4)}


def test_a_copy_in_capitals_without_accents_is_the_same_text():
    (pair,) = near_duplicates([OTHER, LETTER, LETTER.upper().replace("É", "E")])
    assert (pair.first, pair.second, pair.similarity) == (1, 2, 1.0)


def test_a_sibling_with_another_street_is_found_with_its_similarity():
    (pair,) = near_duplicates([LETTER, OTHER, SIBLING])
    one, other = (
        shingles(LETTER.replace("é", "e").replace("è", "e")),
        shingles(SIBLING.replace("é", "e").replace("è", "e").replace("û", "u")),
    )
    assert (pair.first, pair.second) == (0, 2)
    assert abs(pair.similarity - len(one & other) / len(one | other)) < 0.001


def test_unrelated_mails_make_no_pair():
    lines = (SAMPLES / "commune" / "validation.jsonl").read_text("utf-8").splitlines()
    assert near_duplicates([json.loads(line)["text"] for line in lines]) == []


def test_every_planted_sibling_is_found_among_many_mails():
    lines = (SAMPLES / "commune" / "validation.jsonl").read_text("utf-8").splitlines()
    texts = [text for line in lines if len(text := json.loads(line)["text"]) > 200][:100]
    siblings = [text.replace("e", "é", 3) + " Merci." for text in texts]
    found = {(pair.first, pair.second) for pair in near_duplicates([*texts, *siblings])}
    assert found == {(i, i + len(texts)) for i in range(len(texts))}


def test_texts_too_short_to_compare_are_left_out():
    assert near_duplicates(["ok", "ok", "merci", "merci"]) == []
