from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.decide.counting import add_months
from triage.decide.deadlines import Course, deadlines, first_request
from triage.decide.working_days import add_working_days, is_working_day
from triage.profile import Case, load_profile
from triage.types import Fact

PROFILE = load_profile()
HOME = PROFILE.administration
EASTER = date(2026, 4, 3)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
NATURES = st.sampled_from(sorted(PROFILE.natures))
SERVICES = st.sampled_from([*sorted(PROFILE.services), None])


def due(service, nature, received=EASTER, procedures=(), **course):
    """Deadlines by name; a name that comes twice fails."""
    found = deadlines(PROFILE, Case("human", service, nature, procedures=procedures), received, Course(**course))
    by_name = {deadline.name: deadline for deadline in found}
    assert len(by_name) == len(found)
    return by_name


@pytest.mark.parametrize(
    ("received", "expected"),
    [  # the two worked examples of the taxonomy, section 6: Easter, then Christmas
        (date(2026, 4, 3), {"registration": "2026-04-07", "acknowledgement": "2026-04-20", "service_promise": "2026-04-10", "silence": "2026-06-03", "target": "2026-06-02", "court": "2026-08-04"}),
        (date(2026, 12, 18), {"registration": "2026-12-21", "acknowledgement": "2027-01-05", "service_promise": "2026-12-25", "silence": "2027-02-18", "target": "2027-02-17", "court": "2027-04-19"}),
    ],
)  # fmt: skip
def test_a_complaint_gets_the_published_dates(received, expected):
    found = due("dechets_proprete", "reclamation", received)
    assert {name: deadline.due.isoformat() for name, deadline in found.items()} == expected


def test_every_date_says_how_it_was_counted():
    found = due("dechets_proprete", "reclamation")
    assert found["acknowledgement"].computed == (
        "10 jours ouvrés après la réception du vendredi 3 avril 2026, jour non compté ; chômé : lundi 6 avril 2026 "
        "(Lundi de Pâques)."
    )
    assert found["silence"].computed == (
        "2 mois de quantième à quantième après la réception du vendredi 3 avril 2026, sans report si ce jour est chômé."
    )
    assert found["target"].computed == (
        "Veille ouvrée de l'échéance « décision implicite de rejet » du mercredi 3 juin 2026."
    )
    assert found["court"].computed.startswith(
        "2 mois francs après l'échéance « décision implicite de rejet » du mercredi 3 juin 2026 (ni le jour de départ ni "
        "celui de l'échéance ne comptent) ; opposable seulement si"
    )
    assert found["court"].confirmed is False


def test_what_falls_on_a_weekend_is_postponed_before_the_judge_only():
    found = due("dechets_proprete", "reclamation", date(2026, 12, 18))
    assert "reporté du" not in found["court"].computed  # 19 April 2027 is the Monday after 18 April
    found = due("dechets_proprete", "reclamation", date(2026, 2, 2))
    assert (found["silence"].due, found["court"].due) == (date(2026, 4, 2), date(2026, 6, 3))
    found = due("dechets_proprete", "reclamation", date(2026, 3, 4))  # refusal 4 May, last day Sunday 5 July
    assert (found["silence"].due, found["court"].due) == (date(2026, 5, 4), date(2026, 7, 6))
    assert "reporté du dimanche 5 juillet 2026 au premier jour ouvrable" in found["court"].computed


def test_documents_are_refused_after_one_month_then_go_to_the_cada_for_two():
    found = due("cada_rgpd", "document_admin")
    assert (found["cada"].due, found["cada"].source, found["cada"].confirmed) == (
        date(2026, 5, 3), "CRPA R*311-12 et R311-13", True
    )  # fmt: skip
    assert (found["court"].due, found["court"].source) == (date(2026, 7, 6), "CRPA R343-1 et L342-1")
    assert "silence" not in found


def test_data_protection_rights_have_one_month_and_two_more():
    rgpd = due("cada_rgpd", "droits_rgpd")["rgpd"]
    assert (rgpd.due, rgpd.extended, rgpd.source) == (date(2026, 5, 3), date(2026, 7, 3), "RGPD art. 12.3")
    assert "prolongeable de 2 mois, jusqu'au vendredi 3 juillet 2026" in rgpd.computed


def test_the_default_regime_is_shown_as_unconfirmed():
    silence = due("urbanisme", "demarche")["silence"]
    assert (silence.source, silence.confirmed, silence.effect) == ("CRPA L231-1", False, "acceptation")


@pytest.mark.parametrize(
    ("service", "nature", "procedure", "expected", "effect"),
    [
        ("urbanisme", "demarche", "declaration_prealable", "2026-05-03", "acceptation"),
        ("urbanisme", "demarche", "permis_maison", "2026-06-03", "acceptation"),
        ("urbanisme", "demarche", "permis_construire", "2026-07-03", "acceptation"),
        ("scolaire_periscolaire", "demarche", "ecole_preelementaire", "2026-07-03", "acceptation"),
        ("culture_sport_asso", "demarche", "subvention", "2026-06-03", "rejet"),
        ("stationnement_mobilite", "recours", "forfait_stationnement", "2026-05-03", ""),
        ("elections_citoyennete", "demarche", "liste_electorale", "2026-04-08", ""),
    ],
)
def test_a_procedure_has_its_own_regime_always_to_be_confirmed(service, nature, procedure, expected, effect):
    silence = due(service, nature, procedures=(procedure,))["silence"]
    assert (silence.due.isoformat(), silence.effect, silence.confirmed) == (expected, effect, False)


def test_words_of_another_service_do_not_change_the_regime():
    assert due("dechets_proprete", "demarche", procedures=("declaration_prealable",)) == due(
        "dechets_proprete", "demarche"
    )


def test_misdirected_mail_is_transmitted_and_acknowledged_elsewhere():
    found = due("hors_competence", "demarche")
    assert "acknowledgement" not in found
    assert (found["target"].due, found["target"].source) == (
        date(2026, 4, 13), "CRPA L114-2 (sans délai fixé), règle interne"
    )  # fmt: skip
    assert (found["silence"].source, found["silence"].confirmed) == ("CRPA L114-3", False)


def test_acceptance_waits_for_the_competent_authority_and_refusal_does_not():
    later = date(2026, 4, 20)
    accepted = due("urbanisme", "demarche", transmitted=later)["silence"]
    assert (accepted.due, accepted.source) == (date(2026, 6, 20), "CRPA L231-1 et CRPA L114-3")
    assert due("voirie_eclairage", "reclamation", transmitted=later)["silence"].due == date(2026, 6, 3)


def test_acceptance_runs_from_the_missing_pieces():
    assert "silence" not in due("urbanisme", "demarche", asked=date(2026, 4, 10), until=date(2026, 5, 10))
    found = due("urbanisme", "demarche", asked=date(2026, 4, 10), provided=date(2026, 4, 28))["silence"]
    assert (found.due, found.source) == (date(2026, 6, 28), "CRPA L231-1 et CRPA L114-5")
    assert "la réception des pièces du mardi 28 avril 2026" in found.computed


@pytest.mark.parametrize(
    ("provided", "days"), [(None, 30), (date(2026, 4, 28), 18), (date(2026, 6, 1), 30), (date(2026, 4, 10), 0)]
)
def test_refusal_is_suspended_at_most_for_the_time_granted(provided, days):
    asked, until = date(2026, 4, 10), date(2026, 5, 10)
    found = due("facturation_regie", "demarche", asked=asked, until=until, provided=provided)["silence"]
    assert found.due == date(2026, 6, 3) + timedelta(days)
    assert (f"suspendu {days} jours" in found.computed) == (days > 0)


def test_a_reminder_inherits_the_first_reception():
    found = due("voirie_eclairage", "relance", first=date(2026, 3, 1))
    assert (found["silence"].due, found["silence"].confirmed) == (date(2026, 5, 1), False)
    assert "la première demande du dimanche 1er mars 2026, date citée par le message" in found["silence"].computed
    assert found["acknowledgement"].due == date(2026, 4, 20)  # this mail too must be acknowledged
    assert "silence" not in due("voirie_eclairage", "relance")


def test_the_first_request_is_the_earliest_that_is_told():
    told = [("date", "2026-03-09", "request"), ("date", "2026-03-02", "request"), ("date", "2026-01-01", ""),
            ("date", "2026-05-02", "request"), ("period", "2026-01", "request")]  # fmt: skip
    facts = [Fact(kind, value, value, 0, 1, role) for kind, value, role in told]
    assert first_request(facts, EASTER) == date(2026, 3, 2)
    assert first_request(facts[2:], EASTER) is None


def test_machines_have_no_deadline():
    assert deadlines(PROFILE, Case("newsletter"), EASTER) == ()


@pytest.mark.parametrize("received", [date(1, 1, 1), date(1949, 12, 31), date(2201, 1, 1), date.max])
def test_a_clock_gone_wrong_gives_no_deadline(received):
    assert deadlines(PROFILE, Case("human", "urbanisme", "demarche"), received) == ()


@given(DAYS, SERVICES, NATURES)
def test_over_decades_every_deadline_holds_together(received, service, nature):
    found = due(service, nature, received)
    assert all(d.due > received for d in found.values() if d.name != "target")
    assert all(d.computed[0] in "123456789V1" and d.computed.endswith(".") for d in found.values())
    assert all(d.source and d.label for d in found.values())
    if service != "hors_competence":
        acknowledged = found["acknowledgement"].due
        assert is_working_day(acknowledged, HOME)
        assert timedelta(12) <= acknowledged - received <= timedelta(21)
        assert found["registration"].due < acknowledged
    for name in ("silence", "cada", "rgpd"):
        if name in found and service != "hors_competence":
            assert found["target"].due == add_working_days(found[name].due, -1, HOME)


@given(DAYS)
def test_over_decades_the_judge_may_be_reached_until_a_day_that_is_open(received):
    found = due("voirie_eclairage", "reclamation", received)
    silence, court = found["silence"].due, found["court"].due
    franc = add_months(silence, 2) + timedelta(1)
    assert silence == add_months(received, 2)
    assert is_working_day(court, HOME)
    assert franc <= court <= franc + timedelta(4)
    assert not any(is_working_day(franc + timedelta(n), HOME) for n in range((court - franc).days))


@given(DAYS, st.integers(0, 90), st.integers(0, 90), st.integers(0, 120))
def test_over_decades_pieces_only_ever_postpone(received, asked_after, granted, provided_after):
    asked = received + timedelta(asked_after)
    course = {
        "asked": asked, "until": asked + timedelta(granted), "provided": asked + timedelta(provided_after)
    }  # fmt: skip
    before = due("facturation_regie", "demarche", received)
    after = due("facturation_regie", "demarche", received, **course)
    assert after["silence"].due - before["silence"].due == timedelta(min(granted, provided_after))
    accepted = due("urbanisme", "demarche", received, **course)["silence"].due
    assert accepted == add_months(course["provided"], 2)
