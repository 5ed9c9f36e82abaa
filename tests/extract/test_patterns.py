"""Every rule of every TOML file against its own examples."""

import re
from pathlib import Path

import pytest

import triage.extract
from triage.extract.patterns import rules
from triage.text import fold_aligned

FILES = sorted(path.stem for path in Path(triage.extract.__file__).parent.glob("*.toml"))
RULES = [pytest.param(rule, id=f"{file}.{name}") for file in FILES for name, rule in rules(file).items()]


def hit(rule, example):
    seen = fold_aligned(example) if rule.folded else example
    regex = re.compile(rule.source)
    return (regex.search if rule.search else regex.match)(seen)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_examples_and_leaves_the_others(rule):
    assert rule.matches
    assert rule.no_matches
    assert [example for example in rule.matches if not hit(rule, example)] == []
    assert [example for example in rule.no_matches if hit(rule, example)] == []
