from datetime import date

import pytest

from triage.extract.facts import find_facts

RECEIVED = date(2026, 1, 5)  # a Monday


def found(text, kind=None):
    facts = find_facts(text, RECEIVED)
    assert all(text[f.start : f.end] == f.text for f in facts)
    return [(f.type, f.value) if kind is None else f.value for f in facts if kind in (None, f.type)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("le 12 mars 2026", ["2026-03-12"]),
        ("le 1er février", ["2026-02-01"]),
        ("depuis le 28 décembre", ["2025-12-28"]),
        ("le 12/03/2026 puis le 14/03", ["2026-03-12", "2026-03-14"]),
        ("le 12.03.26", ["2026-03-12"]),
        ("jeudi 8", ["2026-01-08"]),
        ("mardi prochain", ["2026-01-06"]),
        ("lundi prochain", ["2026-01-12"]),
        ("avant vendredi", ["2026-01-09"]),
        ("demain, ou après-demain", ["2026-01-06", "2026-01-07"]),
        ("sous huit jours, dans 15 jours", ["2026-01-13", "2026-01-20"]),
        ("DEMAIN", ["2026-01-06"]),
        ("le 31 février 2026", []),
        ("tous les lundis ; version 2.10 ; 1/2 tarif à 45/60", ["2026-02-01"]),
        ("le lundi je travaille", []),
    ],
)
def test_dates_are_resolved_on_the_day_of_reception(text, days):
    assert found(text, "date") == days


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("née le 12 mars 1984", "birth"),
        ("votre décision du 12 mars 2025", "contested"),
        ("à rendre avant le 12 mars 2026", "deadline"),
        ("le concert du 12 mars 2026", "event"),
    ],
)
def test_dates_have_a_role(text, role):
    assert [f.role for f in find_facts(text, RECEIVED)] == [role]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("appelez le 06 39 98 12 40", ("phone", "+33639981240")),
        ("+33 (0)6.39.98.12.40", ("phone", "+33639981240")),
        ("ecrire à Zoe.B@courriel.test", ("email", "zoe.b@courriel.test")),
        ("IBAN FR76 9999 9499 5399 1043 4970 117", None),
        ("FR7699999641850314720518790", ("iban", "FR7699999641850314720518790")),
        ("NIR 242059999972160", ("nir", "242059999972160")),
        ("NIR 242059999972161", None),
        ("SIRET 999 515 448 00242", ("siret", "99951544800242")),
        ("SIRET 999 515 448 00243", None),
        ("immatriculée ZZ-869-WV", ("plate", "ZZ869WV")),
        ("ma DP 021 231 26 R0045", ("permit", "DP02123126R0045")),
        ("1 146,20 €", ("amount", "1146.20 EUR")),
        ("35 euros", ("amount", "35.00 EUR")),
        ("12 € 50", ("amount", "12.50 EUR")),
        ("facture n° FE-25-03381", ("invoice", "FE-25-03381")),
        ("dossier 2026-118", ("file", "2026-118")),
        ("devant le 12 bis rue des Tanneurs depuis hier", ("address", "12 bis rue des Tanneurs")),
        ("Mme Verdonck a dit", ("person", "Mme Verdonck")),
    ],
)  # fmt: skip
def test_values_are_normalised_and_their_check_digits_verified(text, fact):
    assert (fact in found(text)) if fact else (not [f for f in found(text) if f[0] in ("iban", "nir", "siret")])


def test_facts_never_overlap():
    facts = find_facts("facture 2026-118 du 12/03/2026 de 1 146,20 € au 12 rue Neuve, tél. 01 99 00 12 13", RECEIVED)
    assert all(a.end <= b.start for a, b in zip(facts, facts[1:], strict=False))


@pytest.mark.parametrize(
    "run", ["0" * 50_000, "12 rue " * 8_000, "a" * 50_000, "M. A " * 10_000, "1 000 " * 9_000, "facture " * 7_000]
)
def test_hostile_runs_end(run):
    find_facts(run, RECEIVED)
