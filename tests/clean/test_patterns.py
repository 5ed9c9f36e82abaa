"""The language data proves itself: every rule matches its examples and no counter-example, and stays linear."""

import re
from pathlib import Path

import pytest

import triage.clean
from triage.clean.patterns import rules

FILES = sorted(path.stem for path in Path(triage.clean.__file__).parent.glob("*.toml"))
RULES = [pytest.param(rule, id=f"{file}.{name}") for file in FILES for name, rule in rules(file).items()]
UNBOUNDED = re._constants.MAXREPEAT


def applies(rule, text):
    return bool((rule.regex.search if rule.search else rule.regex.match)(text))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_matches_its_examples_and_no_counter_example(rule):
    assert rule.matches
    assert rule.no_matches
    assert [text for text in rule.matches if not applies(rule, text)] == []
    assert [text for text in rule.no_matches if applies(rule, text)] == []


def nested_unbounded(tree, inside=False):
    """Whether a quantifier without upper bound stands within another quantifier."""
    for operator, argument in tree:
        if operator in (re._constants.MAX_REPEAT, re._constants.MIN_REPEAT):
            _, most, body = argument
            if most == UNBOUNDED and inside:
                return True
            if nested_unbounded(body, inside or most > 1):
                return True
        elif operator is re._constants.SUBPATTERN:
            if nested_unbounded(argument[-1], inside):
                return True
        elif operator is re._constants.BRANCH and any(nested_unbounded(part, inside) for part in argument[1]):
            return True
    return False


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_nests_an_unbounded_quantifier(rule):
    assert not nested_unbounded(re._parser.parse(rule.regex.pattern, rule.regex.flags))


def test_the_check_for_nested_quantifiers_can_fail():
    assert nested_unbounded(re._parser.parse("(?:a+b){0,9}"))
