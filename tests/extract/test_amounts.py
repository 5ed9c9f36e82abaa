import pytest


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("1 250,40 €", [("1250.40 EUR", "1 250,40 €")]),
        ("1\u00a0250,40\u00a0€", [("1250.40 EUR", "1\u00a0250,40\u00a0€")]),
        ("1.250,40 €", [("1250.40 EUR", "1.250,40 €")]),
        ("45 euros, 38 euro", [("45.00 EUR", "45 euros"), ("38.00 EUR", "38 euro")]),
        ("12€50, 12 € 50", [("12.50 EUR", "12€50"), ("12.50 EUR", "12 € 50")]),
        ("3 k€", [("3000.00 EUR", "3 k€")]),
        ("5 millions d'euros", [("5000000.00 EUR", "5 millions d'euros")]),
        ("140,5 €", [("140.50 EUR", "140,5 €")]),
        ("la facture de 870 e", [("870.00 EUR", "870 e")]),
        ("les 41,60 de la cantine", [("41.60 EUR", "41,60")]),
        ("40 balles", [("40.00 EUR", "40 balles")]),
    ],
)
def test_sums_are_read_in_every_form(found, text, facts):
    assert found(text, "amount") == facts


@pytest.mark.parametrize(
    "text", ["3e étage", "41e sur la liste", "12,50 %", "3,50 m", "2026-118", "0,80", "15 eurockéennes", "200 kg"]
)
def test_ranks_and_measures_are_no_sums(values, text):
    assert values(text, "amount") == []
