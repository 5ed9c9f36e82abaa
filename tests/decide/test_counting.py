from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.decide.counting import add_months, count, french_day
from triage.profile import Regime, load_profile

HOME = load_profile().administration
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def counted(start, since="la réception", **delay):
    regime = Regime(name="silence", label="x", source="x", confirmed=True, **delay)
    return count(regime, start, since, HOME)


@given(DAYS, st.integers(1, 24))
def test_months_keep_the_day_number_or_end_the_month(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("start", "delay", "due"),
    [
        (date(2026, 1, 10), {"months": 2, "franc": True, "postponed": True}, date(2026, 3, 11)),  # published example
        (date(2026, 2, 15), {"months": 2}, date(2026, 4, 15)),  # published example
        (date(2025, 12, 31), {"months": 2}, date(2026, 2, 28)),
        (date(2023, 12, 31), {"months": 2}, date(2024, 2, 29)),
        (date(2026, 4, 3), {"days": 7}, date(2026, 4, 10)),
        (date(2026, 4, 30), {"working_days": 1}, date(2026, 5, 4)),
        (date(2026, 5, 4), {"working_days": -1}, date(2026, 4, 30)),
        (date(2026, 3, 1), {"months": 1, "postponed": True}, date(2026, 4, 1)),
        (date(2026, 4, 25), {"months": 1, "postponed": True}, date(2026, 5, 26)),  # Whit Monday
        (date(2026, 4, 1), {"months": 1, "days": 2}, date(2026, 5, 3)),
    ],
)
def test_delays_end_when_they_should(start, delay, due):
    assert counted(start, **delay).due == due


@pytest.mark.parametrize(
    ("start", "delay", "how"),
    [
        (date(2025, 12, 31), {"months": 2}, "2 mois de quantième à quantième après la réception, sans report si ce jour est chômé ; février n'a pas de 31"),
        (date(2026, 4, 30), {"working_days": 1}, "1 jour ouvré après la réception, jour non compté ; chômé : vendredi 1er mai 2026 (Fête du Travail)"),
        (date(2026, 5, 6), {"working_days": 6}, "6 jours ouvrés après la réception, jour non compté ; chômés : vendredi 8 mai 2026 (Fête de la Victoire), jeudi 14 mai 2026 (Ascension)"),
        (date(2026, 5, 1), {"days": 1}, "1 jour après la réception, jour non compté"),
        (date(2026, 5, 6), {"working_days": -3}, "3 jours ouvrés avant la réception ; chômé : vendredi 1er mai 2026 (Fête du Travail)"),
    ],
)  # fmt: skip
def test_and_say_why(start, delay, how):
    assert counted(start, **delay).how == how


def test_days_are_written_in_french():
    assert french_day(date(2026, 8, 1)) == "samedi 1er août 2026"
