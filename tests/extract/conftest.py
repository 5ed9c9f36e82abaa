"""What the tests of extraction share."""

from datetime import date

import pytest

from triage.extract import find_facts

MONDAY = date(2026, 1, 5)


@pytest.fixture
def found():
    """Facts of a text received on Monday 5 January 2026, as (value, text) of one type; offsets are checked."""

    def find(text, kind, received=MONDAY):
        facts = find_facts(text, received)
        assert all(text[fact.start : fact.end] == fact.text for fact in facts)
        return [(fact.value, fact.text) for fact in facts if fact.type == kind]

    return find


@pytest.fixture
def values(found):
    """Values of one type only."""
    return lambda text, kind, received=MONDAY: [value for value, _ in found(text, kind, received)]


@pytest.fixture
def roles():
    """(value, role) of every fact of one type."""
    return lambda text, kind: [(f.value, f.role) for f in find_facts(text, MONDAY) if f.type == kind]
