from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.decide.working_days import (
    add_working_days,
    check_holidays,
    closed_between,
    is_working_day,
    postponed,
    working_days_between,
)
from triage.errors import ProfileError
from triage.profile import load_profile

PROFILE = load_profile()
HOME = PROFILE.administration
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def there(subdivision, *closed):
    return HOME.model_copy(update={"holidays_subdivision": subdivision, "closed_days": closed})


@given(DAYS, st.integers(1, 15))
def test_working_days_go_there_and_back(day, count):
    later = add_working_days(day, count, HOME)
    assert is_working_day(later, HOME)
    assert working_days_between(day, later, HOME) == count
    assert add_working_days(later + timedelta(days=1), -1, HOME) == later


@given(DAYS, st.integers(1, 30))
def test_every_weekday_is_worked_or_has_a_reason(start, days):
    end = start + timedelta(days)
    weekdays = sum((start + timedelta(n)).weekday() < 5 for n in range(1, days))
    closed = closed_between(start, end, HOME)
    assert all(found.why and not is_working_day(found.day, HOME) for found in closed)
    assert weekdays == len(closed) + sum(is_working_day(start + timedelta(n), HOME) for n in range(1, days))


@pytest.mark.parametrize(
    ("subdivision", "day", "name"),
    [
        ("57", date(2025, 12, 26), "Saint-Étienne"),
        ("Moselle", date(2025, 12, 26), "Saint-Étienne"),
        ("67", date(2026, 4, 3), "Vendredi saint"),
        ("Haut-Rhin", date(2026, 4, 3), "Vendredi saint"),
        ("974", date(2027, 12, 20), "Abolition de l'esclavage"),
        ("971", date(2026, 5, 27), "Abolition de l'esclavage"),
        ("972", date(2026, 5, 22), "Abolition de l'esclavage"),
        ("973", date(2026, 6, 10), "Abolition de l'esclavage"),
        ("976", date(2026, 4, 27), "Abolition de l'esclavage"),
    ],
)
def test_some_places_have_holidays_of_their_own(subdivision, day, name):
    before, after = day - timedelta(1), day + timedelta(1)
    assert [why for _, why in closed_between(before, after, there(subdivision))] == [name]
    assert is_working_day(day, there(""))
    assert not is_working_day(day, there(subdivision))


def test_closed_days_are_jumped_over_by_the_administration_and_not_by_the_judge():
    home = there("Moselle", "2026-12-24")
    assert add_working_days(date(2026, 12, 23), 1, HOME) == date(2026, 12, 24)
    assert add_working_days(date(2026, 12, 23), 1, home) == date(2026, 12, 28)  # 24 closed, 25 and 26 holidays
    assert [why for _, why in closed_between(date(2026, 12, 23), date(2026, 12, 26), home)] == ["fermeture", "Noël"]
    assert postponed(date(2026, 12, 24), home) == date(2026, 12, 24)
    assert postponed(date(2026, 12, 25), home) == date(2026, 12, 28)


def test_an_unknown_place_is_named_with_those_that_exist():
    with pytest.raises(ProfileError, match=r"holidays_subdivision.*'Réunion'.*'974'"):
        check_holidays(PROFILE.model_copy(update={"administration": there("Réunion")}))
    check_holidays(PROFILE.model_copy(update={"administration": there("68")}))
