"""Sentences written afresh and false friends: every fact they hold, and no other."""

import tomllib
from pathlib import Path

import pytest

from tests.extract.conftest import MONDAY
from triage.extract import find_facts

CASES = tomllib.loads(Path(__file__).with_name("hard.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_every_fact_is_found_and_nothing_else(case):
    found = [(fact.type, fact.value, fact.role) for fact in find_facts(case["text"], MONDAY)]
    wanted = [tuple(fact) for fact in case["facts"]]
    assert [fact[: len(want)] for fact, want in zip(found, wanted, strict=False)] == wanted
    assert len(found) == len(wanted)
