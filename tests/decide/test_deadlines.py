from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.decide.deadlines import add_months, deadlines
from triage.decide.working_days import add_working_days, is_working_day, working_days_between
from triage.profile import Case, load_profile

PROFILE = load_profile()
HOME = PROFILE.administration
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("received", "expected"),
    [  # the two worked examples of the taxonomy, section 6: Easter, then Christmas
        (date(2026, 4, 3), {"registration": "2026-04-07", "acknowledgement": "2026-04-20", "service_promise": "2026-04-10", "silence": "2026-06-03"}),
        (date(2026, 12, 18), {"registration": "2026-12-21", "acknowledgement": "2027-01-05", "service_promise": "2026-12-25", "silence": "2027-02-18"}),
    ],
)  # fmt: skip
def test_a_complaint_gets_the_published_dates(received, expected):
    found = {
        d.name: d.due.isoformat()
        for d in deadlines(PROFILE, Case("human", "dechets_proprete", "reclamation"), received)
    }
    target = found.pop("target")
    assert found == expected
    assert date.fromisoformat(target) == add_working_days(date.fromisoformat(found["silence"]), -1, HOME)


@pytest.mark.parametrize(
    ("nature", "name", "due", "source"),
    [
        ("document_admin", "cada", date(2026, 5, 3), "CRPA R*311-12 et R311-13"),
        ("droits_rgpd", "rgpd", date(2026, 5, 3), "RGPD art. 12.3"),
    ],
)
def test_information_rights_have_one_month(nature, name, due, source):
    found = {d.name: d for d in deadlines(PROFILE, Case("human", "cada_rgpd", nature), date(2026, 4, 3))}
    assert (found[name].due, found[name].source, found[name].confirmed) == (due, source, True)
    assert "silence" not in found


def test_the_default_regime_is_shown_as_unconfirmed():
    found = {d.name: d for d in deadlines(PROFILE, Case("human", "urbanisme", "demarche"), date(2026, 4, 3))}
    assert (found["silence"].source, found["silence"].confirmed) == ("CRPA L231-1", False)


def test_machines_have_no_deadline():
    assert deadlines(PROFILE, Case("newsletter"), date(2026, 4, 3)) == ()


@given(DAYS, st.integers(1, 24))
def test_months_keep_the_day_number_or_end_the_month(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(1, 15))
def test_working_days_go_there_and_back(day, count):
    later = add_working_days(day, count, HOME)
    assert is_working_day(later, HOME)
    assert working_days_between(day, later, HOME) == count
    assert add_working_days(later + timedelta(days=1), -1, HOME) == later


def test_local_holidays_and_closed_days_count():
    moselle = HOME.model_copy(update={"holidays_subdivision": "Moselle", "closed_days": ("2026-12-24",)})
    assert add_working_days(date(2026, 12, 23), 1, HOME) == date(2026, 12, 24)
    assert add_working_days(date(2026, 12, 23), 1, moselle) == date(2026, 12, 28)  # 24 closed, 25 and 26 holidays
