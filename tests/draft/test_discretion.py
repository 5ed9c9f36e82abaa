import pytest

from triage.draft.discretion import repeatable, secrets


@pytest.mark.parametrize("fragment", ["12 rue Neuve", "2025-12-01466", "Facture n° 2026-0011", "{{7*7}}", "à l'école"])
def test_these_may_be_repeated(fragment):
    assert repeatable(fragment)


@pytest.mark.parametrize(
    "fragment",
    [
        "", "x" * 121, "deux\nlignes", "\u202einversé", "a@example.fr", "https://example.fr", "www.example.fr", "06 39 98 41 27", "06-39-98-41-27",
        "2 42 05 99 999 721 60", "FR76 9999 9000 0100 0000 0000 158", "[à compléter : x]", "[À CONFIRMER]", "cloche\x07",
    ],
)  # fmt: skip
def test_these_may_not(fragment):
    assert not repeatable(fragment)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NIR 1 74 10 99 999 522 82.", [("NIR", 4)]),
        ("NIR 174109999952282", [("NIR", 4)]),
        ("NIR 1 74 10 99 999 522 83", []),
        ("né en 2A : 2 55 08 2A 999 003 25", []),
        ("compte FR76 9999 9000 0100 0000 0000 158", []),
        ("SIRET 999 270 556 00049", []),
        ("tél. 01 99 00 00 01", []),
    ],
)
def test_numbers_no_letter_may_hold_are_told_by_their_check_digits(text, found):
    assert list(secrets(text)) == found


def test_an_iban_is_told_by_its_check_digits():
    bban = "99999000010000000000158"
    check = 98 - int(bban + "152700") % 97
    assert list(secrets(f"IBAN : FR{check:02d}{bban}")) == [("IBAN", 7)]
    assert list(secrets(f"IBAN : FR{(check + 1) % 97:02d}{bban}")) == []


def test_a_corsican_nir_is_told_by_its_check_digits():
    number = "2550819999003"  # 2A counts as 19
    assert list(secrets(f"n° 25508 2A 999 003 {97 - int(number) % 97:02d}")) == [("NIR", 3)]
