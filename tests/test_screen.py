"""The screen before Python's `re`: it may let too much pass, never too little."""

import re

import pytest

from triage.patterns import Guard, Screen, loosened

PATTERNS = [
    r"\bne (?!pas\b)\w{3,14}(?:er|ir)\b",
    r"\A.{0,20}absente?\b",
    r"(?<!si )(?<!si le )lien ne marche (?:pas|plus)",
    r"^(?:\W{0,3}|(?!(?:re|tr)\s?:)[^?\n]{3,8}[-:(\[] ?)lettre$",
    r"[\s\S]{40}",
    r"a[(?!)]{1,2}b",
]
TEXTS = [
    ("ne manger", {0}),
    ("ne pas manger", set()),
    ("objet\nje suis absente", {1}),
    ("le lien ne marche plus", {2}),
    ("tr : lettre\nannee - lettre", {3}),
    ("x" * 40, {4}),
    ("a(!b", {5}),
    ("rien", set()),
]


@pytest.mark.parametrize(("text", "least"), TEXTS)
def test_nothing_that_is_found_is_kept_back(text: str, least: set[int]):
    held = Screen(PATTERNS).held(text)
    assert held >= least
    assert held >= {number for number, one in enumerate(PATTERNS) if re.search(one, text, re.MULTILINE)}


def test_what_has_no_literal_word_of_a_pattern_is_kept_back():
    assert Screen(PATTERNS[:4]).held("un banc casse") == frozenset()


@pytest.mark.parametrize(
    ("pattern", "loose"),
    [
        (r"a{0,3}b{2}c{1,}d{2,3}?", "a*b+c+d+?"),
        (r"x(?!a(?:b|c)d)y(?<=z)w", "xyw"),
        (r"[(?!]\(?!", r"[(?!]\(?!"),
        (r"(?:(?=q(r))s)t", "(?:s)t"),
    ],
)
def test_looks_and_counts_are_left_out(pattern: str, loose: str):
    assert loosened(pattern) == loose


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bmerci\w{0,3}\b", "MERCIé"),
        (r"m[eé]rci$", "un mercı"),
        (r"[^\W\d_]{2} ok", "éà ok"),
        (r"[\w'-]+\s+\S\Wx", "œuvre\u00a0…–x"),
        (r"(?>très |bien )à (?!vous)toi", "Bien à toi"),
        (r"k\d", "\u212a٣"),
    ],
)
def test_a_guard_lets_pass_letters_of_any_kind(pattern: str, text: str):
    assert re.search(pattern, text, re.IGNORECASE)
    assert Guard(pattern).passes(text)


def test_a_guard_keeps_back_what_is_not_there():
    assert Guard("merci").passes("\ud800")  # what no byte stands for is left to `re`
    assert not Guard(r"\bmerci\b.{0,9}avance").passes("Je ne remercie personne.")
