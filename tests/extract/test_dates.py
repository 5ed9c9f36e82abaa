from datetime import date

import pytest


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("le 12 mars 2026", ["2026-03-12"]),
        ("le 1er février", ["2026-02-01"]),
        ("le 1 er avril", ["2026-04-01"]),
        ("depuis le 28 décembre", ["2025-12-28"]),
        ("le 12/03/2026 puis le 14/03", ["2026-03-12", "2026-03-14"]),
        ("le 12.03.26, le 12-03-2026, le 2026-03-13", ["2026-03-12", "2026-03-12", "2026-03-13"]),
        ("le 3 mars 26.", ["2026-03-03"]),
        ("le 3 mars 26 personnes", ["2026-03-03"]),
        ("le 20avril et le 3 septanbre", ["2026-04-20", "2025-09-03"]),
        ("12 fevrié, 4 NOVANBRE, 3 juiller", ["2026-02-12", "2025-11-04", "2026-07-03"]),
        ("le 2 septembre dernier, le 2 mars prochain", ["2025-09-02", "2026-03-02"]),
        ("jeudi 8", ["2026-01-08"]),
        ("mardi 13 de 9h à midi", ["2026-01-13"]),
        ("le mercredi 12", ["2025-11-12"]),
        ("le 31 février 2026", []),
        ("mercredi 12 janvier 2025", ["2025-01-12"]),
        ("jeudi 5 mars", ["2026-03-05"]),
    ],
)
def test_a_day_with_its_month_is_a_date_in_any_spelling(values, text, days):
    assert values(text, "date") == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("du 3 au 7 mars", ["2026-03-03", "2026-03-07"]),
        ("du lundi 2 au vendredi 6 mars 2026", ["2026-03-02", "2026-03-06"]),
        ("entre le 11 et le 15 janvier", ["2026-01-11", "2026-01-15"]),
        ("les 20 et 21 septembre 2026", ["2026-09-20", "2026-09-21"]),
        ("les 3, 10 et 17 mars", ["2026-03-03", "2026-03-10", "2026-03-17"]),
        ("du 28 au 3 mars", ["2026-02-28", "2026-03-03"]),
        ("les 22-23 mars", ["2026-03-22", "2026-03-23"]),
        ("la RD 17, du 12 janvier au 6 mars", ["2026-01-12", "2026-03-06"]),
    ],
)
def test_every_day_of_a_range_is_its_own_fact(values, text, days):
    assert values(text, "date") == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("avant le 15", ["2026-01-15"]),
        ("le 3, rien", ["2026-01-03"]),
        ("écrit le 2 juillet puis le 12 et toujours rien", ["2025-07-02", "2025-07-12"]),
        ("né le 6 au lieu du 9 février 2026", ["2026-02-06", "2026-02-09"]),
        ("depuis le 1er.", ["2026-01-01"]),
        ("j'ai appelé le 17 ; le 12 rue Neuve ; le 3 enfants ; au 29, rien", []),
        ("J'habite le 4, au fond", []),
        ("le bus 4 et la ligne 12", []),
    ],
)
def test_a_day_number_alone_needs_words_that_leave_no_other_reading(values, text, days):
    assert values(text, "date") == days


@pytest.mark.parametrize(
    "text",
    ["1/2 tarif à 45/60", "version 2.10", "tous les lundis", "page 2/3", "24h/24 et 7/7", "3/4 d'heure", "10.50 €"],
)
def test_fractions_versions_and_prices_are_no_dates(values, text):
    assert values(text, "date") == []


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("née en 1997", ["1997"]),
        ("de 1978 à 1994", ["1978", "1994"]),
        ("dossier 2026", []),
        ("2026 habitants", []),
    ],
)
def test_a_year_alone_is_a_period(values, text, periods):
    assert values(text, "period") == periods


def test_the_text_of_a_date_includes_its_weekday(found):
    assert found("réunion jeudi 12 mars 2026 à 18 h", "date") == [("2026-03-12", "jeudi 12 mars 2026")]


def test_without_a_day_of_reception_only_complete_dates_are_read(values):
    text = "le 12 mars 2026, le 12 mars, demain, jeudi prochain, fin mars, le 12/03, dans 15 jours"
    assert values(text, "date", None) == ["2026-03-12"]


@pytest.mark.parametrize("received", [date.min, date.max, date(1, 1, 1), date(9999, 12, 31)])
def test_an_absurd_day_of_reception_counts_as_none(values, received):
    assert values("le 12 mars 2026, demain, dans 99 ans, hier, fin mars", "date", received) == ["2026-03-12"]
