import pytest


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("écrire à Zoe.B+1@Courriel.test.", "email", ["zoe.b+1@courriel.test"]),
        ("<a_b@exemple.org> ou c@sub.example.fr", "email", ["a_b@exemple.org", "c@sub.example.fr"]),
        ("@example.fr et a@example", "email", []),
        ("06 39 98 12 40", "phone", ["+33639981240"]),
        ("06.39.98.12.40 / 01-99-00-12-13", "phone", ["+33639981240", "+33199001213"]),
        ("06/39/98/12/40", "phone", ["+33639981240"]),
        ("+33 (0)6.39.98.12.40, 0033639981240", "phone", ["+33639981240", "+33639981240"]),
        ("06 39 98 12 4", "phone", []),
        ("03/09/2025 10:00", "phone", []),
        ("FR7699999641850314720518790", "iban", ["FR7699999641850314720518790"]),
        ("IBAN FR76 9999 9641 8503 1472 0518 790 merci", "iban", ["FR7699999641850314720518790"]),
        ("IBAN BE71 0961 2345 6769.", "iban", ["BE71096123456769"]),
        ("IBAN FR76 9999 9641 8503 1472 0518 791", "iban", []),
        ("242059999972160", "nir", ["242059999972160"]),
        ("2 42 05 99 999 721 60", "nir", ["242059999972160"]),
        ("242059999972161", "nir", []),
        ("n° de sécurité sociale : 2 42 05 99 999 721", "nir", ["2420599999721"]),
        ("2 42 05 99 999 721", "nir", []),
        ("né en Corse, NIR 1 65 03 2A 999 515 56", "nir", ["165032A99951556"]),
        ("SIRET 999 515 448 00242", "siret", ["99951544800242"]),
        ("SIRET 999 515 448 00243", "siret", []),
        ("SIREN 999 515 448", "siren", ["999515448"]),
        ("RCS Colmont 999515448", "siren", ["999515448"]),
        ("999 515 448", "siren", []),
        ("SIREN 999 515 449", "siren", []),
        ("RNA W442017833", "rna", ["W442017833"]),
        ("W4420178331", "rna", []),
        ("ZZ-869-WV", "plate", ["ZZ869WV"]),
        ("ma voiture zz 869 wv", "plate", ["ZZ869WV"]),
        ("zz-869-wv", "plate", ["ZZ869WV"]),
        ("plus de 200 kg", "plate", []),
        ("immatriculée 1234 ZZ 75", "plate", ["1234ZZ75"]),
        ("1234 ZZ 75", "plate", []),
    ],
)
def test_identifiers_are_compact_and_their_keys_verified(values, text, kind, expected):
    assert values(text, kind) == expected
