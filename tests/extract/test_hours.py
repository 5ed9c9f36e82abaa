import pytest


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("à 9h40", [("09:40", "9h40")]),
        ("à 14 h", [("14:00", "14 h")]),
        ("à 17 heures", [("17:00", "17 heures")]),
        ("le 3 à 16:02", [("16:02", "16:02")]),
        ("de 9 à 17 h", [("09:00", "9"), ("17:00", "17 h")]),
        ("8h-12h", [("08:00", "8h"), ("12:00", "12h")]),
        ("9 h-12 h 30 / 14 h", [("09:00", "9 h"), ("12:30", "12 h 30"), ("14:00", "14 h")]),
        ("vers 2 h du matin, à 8 heures du soir", [("02:00", "2 h du matin"), ("20:00", "8 heures du soir")]),
        ("demain midi, à minuit", [("12:00", "midi"), ("00:00", "minuit")]),
        ("vers sept heures et demie", [("07:30", "sept heures et demie")]),
        ("avant vingt heures", [("20:00", "vingt heures")]),
        ("apré 18 eur", [("18:00", "18 eur")]),
    ],
)
def test_times_of_day(found, text, facts):
    assert found(text, "hour") == facts


@pytest.mark.parametrize(
    "text",
    ["pendant 3 heures", "sous 48 h", "24h/24", "2 heures de retard", "35 h par semaine", "le midi", "repas de midi",
     "l'après-midi", "depuis une heure", "847,20 EUR", "à 25 h", "toutes les 2 heures", "2 h avant"],
)  # fmt: skip
def test_lengths_of_time_are_no_hours(values, text):
    assert values(text, "hour") == []


def test_a_phonetic_hour_is_not_taken_for_money(values):
    assert values("apré 18 eur", "amount") == []
    assert values("847,20 EUR", "amount") == ["847.20 EUR"]
