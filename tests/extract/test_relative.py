import pytest


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mardi prochain", ["2026-01-06"]),
        ("lundi prochain", ["2026-01-12"]),
        ("avant vendredi, d'ici vendredi", ["2026-01-09", "2026-01-09"]),
        ("vendredi dernier", ["2026-01-02"]),
        ("lundi en huit", ["2026-01-19"]),
        ("jeudi en quinze", ["2026-01-22"]),
        ("mardi de la semaine prochaine", ["2026-01-13"]),
        ("ce lundi", ["2026-01-05"]),
        ("depuis samedi", ["2026-01-03"]),
        ("mon mail de mardi est resté sans réponse", ["2025-12-30"]),
        ("le compteur a été changé jeudi", ["2026-01-01"]),
        ("réparé dimanche", ["2026-01-04"]),
        ("je viendrai jeudi", ["2026-01-08"]),
        ("samdi ; mecredi", ["2026-01-10", "2026-01-07"]),
        ("vendredi 6h", ["2026-01-09"]),
    ],
)
def test_a_weekday_is_the_nearest_one_on_the_side_the_clause_tells(values, text, days):
    assert values(text, "date") == days


@pytest.mark.parametrize(
    "text",
    ["le lundi je travaille", "tous les mardis", "chaque jeudi", "du lundi au vendredi", "lundi mardi jeudi", "un mardi",
     "le lundi et le jeudi", "un mercredi sur deux", "jusqu'au jeudi d'avant"],
)  # fmt: skip
def test_a_weekday_that_comes_back_is_no_date(values, text):
    assert values(text, "date") == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("demain soir", [("2026-01-06", "demain soir")]),
        ("DEMAIN, ou après-demain", [("2026-01-06", "DEMAIN"), ("2026-01-07", "après-demain")]),
        ("hier et avant-hier", [("2026-01-04", "hier"), ("2026-01-03", "avant-hier")]),
        ("avant demain", [("2026-01-06", "demain")]),
        ("ce matin, aujourd'hui", [("2026-01-05", "ce matin"), ("2026-01-05", "aujourd'hui")]),
        ("sous huit jours, dans 15 jours", [("2026-01-13", "sous huit jours"), ("2026-01-20", "dans 15 jours")]),
        ("d'ici deux semaines", [("2026-01-19", "d'ici deux semaines")]),
        ("dans un mois, sous 48 h", [("2026-02-05", "dans un mois"), ("2026-01-07", "sous 48 h")]),
        ("sous quinzaine", [("2026-01-20", "sous quinzaine")]),
        ("la semaine prochaine", [("2026-01-12", "semaine prochaine")]),
        ("ce week-end", [("2026-01-10", "week-end")]),
        ("d'ici la fin de la semaine", [("2026-01-09", "fin de la semaine")]),
        ("fin du mois", [("2026-01-31", "fin du mois")]),
        ("avant la fin de l'année", [("2026-12-31", "fin de l'année")]),
        ("fin mars", [("2026-03-31", "fin mars")]),
        ("mi-mai, début septembre", [("2026-05-15", "mi-mai"), ("2025-09-01", "début septembre")]),
        ("seconde quinzaine d'octobre 2026", [("2026-10-16", "seconde quinzaine d'octobre 2026")]),
        ("premier juin", [("2026-06-01", "premier juin")]),
        ("le vingt-deux mars 2026", [("2026-03-22", "vingt-deux mars 2026")]),
        ("jusqu'à dix-sept heures, il y a sept ans, le lendemain", []),
        ("il y a 10 jours", [("2025-12-26", "il y a 10 jours")]),
        ("éteint depuis trois semaines", [("2025-12-15", "depuis trois semaines")]),
        ("ça fait déjà deux mois", [("2025-11-05", "ça fait déjà deux mois")]),
        ("ya 3 j", [("2026-01-02", "ya 3 j")]),
        ("il y a 3 lampadaires, 3 jours par semaine, ça fait 2 jours de retard", []),
    ],
)
def test_words_of_time_are_counted_from_the_day_of_reception(found, text, facts):
    assert found(text, "date") == facts


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("en mars", ["2026-03"]),
        ("mars 2023", ["2023-03"]),
        ("depuis novembre", ["2025-11"]),
        ("le mois prochain, le mois dernier", ["2026-02", "2025-12"]),
        ("printemps 2027", ["2027-03/2027-05"]),
        ("au printemps", ["2026-03/2026-05"]),
        ("l'été dernier", ["2025-06/2025-08"]),
        ("mars et avril ont été froids, l'été aussi", ["2025-03", "2025-04"]),
        ("mai je vous dis, en est", []),
    ],
)
def test_a_month_or_a_season_is_a_period(values, text, periods):
    assert values(text, "period") == periods
