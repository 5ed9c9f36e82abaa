"""The language data proves itself: every rule matches its examples and no counter-example, and stays linear."""

import re
import time
from pathlib import Path

import pytest

import triage.clean
from triage.clean.lines import SHOWN
from triage.clean.patterns import Rule, rules

FILES = sorted(path.stem for path in Path(triage.clean.__file__).parent.glob("*.toml"))
RULES = [pytest.param(rule, id=f"{file}.{name}") for file in FILES for name, rule in rules(file).items()]
UNBOUNDED = re._constants.MAXREPEAT
MOST_SCANS = 400


def applies(rule, text):
    return bool((rule.regex.search if rule.search else rule.regex.match)(text))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_matches_its_examples_and_no_counter_example(rule):
    assert rule.matches
    assert rule.no_matches
    assert [text for text in rule.matches if not applies(rule, text)] == []
    assert [text for text in rule.no_matches if applies(rule, text)] == []


@pytest.mark.parametrize(
    "text",
    ["Début du message transféré :", "Debut du message transfere :", "D\ufffdbut du message transf\ufffdr\ufffd :"],
)
def test_rules_read_text_that_lost_its_accents(text):
    assert rules("headers")["forward_line"].regex.match(text)


REPEATS = (re._constants.MAX_REPEAT, re._constants.MIN_REPEAT, re._constants.POSSESSIVE_REPEAT)


def nested_unbounded(tree, inside=False):
    """Whether a quantifier without upper bound stands within another quantifier."""
    for operator, argument in tree:
        if operator in REPEATS:
            _, most, body = argument
            if (most == UNBOUNDED and inside) or nested_unbounded(body, inside or most > 1):
                return True
        elif operator in (re._constants.SUBPATTERN, re._constants.ASSERT, re._constants.ASSERT_NOT):
            if nested_unbounded(argument[-1], inside):
                return True
        elif operator is re._constants.ATOMIC_GROUP:
            if nested_unbounded(argument, inside):
                return True
        elif operator is re._constants.BRANCH and any(nested_unbounded(part, inside) for part in argument[1]):
            return True
    return False


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_nests_an_unbounded_quantifier(rule):
    assert not nested_unbounded(re._parser.parse(rule.regex.pattern, rule.regex.flags))


@pytest.mark.parametrize("pattern", ["(?:a+b){0,9}", "(?>(?=a+b)a){0,9}"])
def test_the_check_for_nested_quantifiers_can_fail(pattern):
    assert nested_unbounded(re._parser.parse(pattern))


PLAIN_SCAN = re.compile(r"(?:\w|\W){0,600}\Z")


def hostile_lines(rule):
    """Lines as long as patterns ever see, made of repeated pieces of the rule's own examples, then broken off."""
    for text in (*rule.matches[:12], *rule.no_matches[:4], "A. ", "a b ", "1 ", "0", "- ", "a@", "x, "):
        pieces = re.findall(r"\w+|\W", text)
        units = {"".join(pieces[at : at + length]) for length in (1, 2, 4) for at in range(len(pieces))}
        for unit in sorted(units):
            for start in ("", text[: len(text) // 2]):
                yield (start + unit * SHOWN)[: SHOWN - 1] + "\x01"


def seconds(act, line):
    start = time.perf_counter()
    act(line)
    return time.perf_counter() - start


def scans(rule, line):
    """What a line costs in plain scans of it; measured again where that is much, as the machine may have been busy."""
    act = rule.regex.search if rule.search else rule.regex.match
    cost = MOST_SCANS
    for _ in range(5):
        cost = min(cost, seconds(act, line) / seconds(PLAIN_SCAN.match, line))
        if cost < MOST_SCANS:
            break
    return cost


@pytest.mark.parametrize("rule", RULES)
def test_no_line_costs_more_than_a_few_hundred_scans_of_it(rule):
    assert [line for line in hostile_lines(rule) if scans(rule, line) >= MOST_SCANS] == []


def test_the_check_for_costly_lines_can_fail():
    names = r"(?:[A-Z](?:[\w-]{1,30}|\.)[ ,.-]{0,3}){1,4}$"
    rule = Rule(re.compile(names, re.IGNORECASE), False, ("Best-of",), ())
    assert any(scans(rule, line) >= MOST_SCANS for line in hostile_lines(rule))
