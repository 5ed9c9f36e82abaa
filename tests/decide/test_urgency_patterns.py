"""What rules of urgency.toml and rules.toml can say (triage/patterns.py)."""

import pytest
from pydantic import ValidationError

from triage.patterns import Finder, PatternRule, RuleFile, failed_examples, said

TEXT = "Le mur penche. M. Petit le dit.\n\nLa cour est pleine d'enfants."


def rule(**given) -> PatternRule:
    return PatternRule(**{"id": "essai", "reason": "essai", "matches": ("x",), "no_matches": ("y",)} | given)


def find(text=TEXT, **given):
    return rule(**given).find(said(text))


def test_a_pattern_finds_its_words():
    assert find(patterns=("mur .{0,9}penche",)) == "mur penche"
    assert find(patterns=("toit",)) is None


def test_beside_must_stand_in_the_same_sentence():
    assert find(patterns=("penche",), beside=("mur",)) == "mur … penche"
    assert find(patterns=("penche",), beside=("enfants",)) is None


def test_also_may_stand_anywhere():
    assert find(patterns=("penche",), also=("enfants", "petit")) == "penche … enfants … petit"
    assert find(patterns=("penche",), also=("enfants", "voisin")) is None


def test_unless_bars_a_sentence_and_never_the_whole_mail():
    assert find(patterns=("penche", "pleine"), unless=("mur",)) == "pleine"
    assert find(patterns=("penche", "pleine"), never=("mur",)) is None


def test_ends_are_those_of_a_sentence():
    assert find(patterns=("dit.$",)) == "dit."
    assert find(patterns=("^la cour",)) == "la cour"
    assert find(patterns=("^cour",)) is None


def test_the_stop_of_monsieur_ends_no_sentence():
    assert said("Dites à M. Petit de venir. Merci.").sentences == (b"dites a m. petit de venir.", b"merci.")
    assert said("Il est 9 h 30 m. Merci.").sentences == (b"il est 9 h 30 m. merci.",)


def test_lists_are_put_where_patterns_name_them():
    class Rules(RuleFile):
        rule: tuple[PatternRule, ...]

    written = {"id": "a", "reason": "r", "patterns": ["<bete>s?$"], "matches": ["Deux chats"], "no_matches": ["Un rat"]}
    rules = Rules.model_validate({"words": {"bete": ["chat", "chien"]}, "rule": [written]}).rule
    assert rules[0].patterns == ("(?:chat|chien)s?$",)
    assert failed_examples(rules) == []
    with pytest.raises(ValidationError, match="<bete> is named in a pattern but is not in"):
        Rules.model_validate({"words": {"fleur": ["rose"]}, "rule": [written]})


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(penche", "is no RE2 pattern"),
        ("Mur", "must be lower case without accents"),
        ("« penché »", "must be lower case without accents"),
        ("avait « recommence", "is no RE2 pattern"),  # the filter cannot hold it
        ("mur ≥ 2 m", "holds a character outside windows-1252"),
    ],
)
def test_patterns_the_machine_cannot_use_are_refused(pattern, fault):
    with pytest.raises(ValidationError, match=fault):
        rule(patterns=(pattern,))


def test_a_finder_finds_what_each_rule_alone_finds_in_their_order():
    rules = [
        rule(id="b", patterns=("pleine",), also=("mur",)),
        rule(id="a", patterns=("penche", "toit")),
        rule(id="c", patterns=("absent",)),
    ]
    found = Finder(rules).triggered(said(TEXT))
    assert [(found_rule.id, words) for found_rule, words in found] == [("b", "pleine … mur"), ("a", "penche")]
