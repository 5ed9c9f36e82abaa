import pytest


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("ma DP 021 231 26 R0045", "permit", ["DP02123126R0045"]),
        ("PC 24 S0017, pc 013 044 25 00029", "permit", ["PC24S0017", "PC0130442500029"]),
        ("permis de construire n° 021 231 25 R0038", "permit", ["02123125R0038"]),
        ("ma véranda (DP 2025-0233)", "permit", ["DP20250233"]),
        ("mon PC portable de 2026, un PC 2024", "permit", []),
        ("section ZC 118", "cadastre", ["ZC 118"]),
        ("parcelle cadastrée AH n° 214 et 216", "cadastre", ["AH 214", "AH 216"]),
        ("section 000 AK n° 12, parcelle 88 rue Neuve", "cadastre", ["000 AK 12"]),
        ("la parcelle jaune, la AB 212", "cadastre", ["AB 212"]),
        ("parcelle de 300 m2, section CM2", "cadastre", []),
        ("facture n° FE-25-03381", "invoice", ["FE-25-03381"]),
        ("la facture 2026-47 du 3 mars", "invoice", ["2026-47"]),
        ("les factures 0412 et 0419", "invoice", ["0412", "0419"]),
        ("notre F-3318 reste due", "invoice", ["F-3318"]),
        ("avis des sommes à payer n° 2026-T-889", "invoice", ["2026-T-889"]),
        ("un titre n° 2023-ASL-00417 de 218,60 €", "invoice", ["2023-ASL-00417"]),
        ("facture de 190 €, facture 45,20, facture du 12/03, facture de 2025", "invoice", []),
        ("dossier 2026-118", "file", ["2026-118"]),
        ("n° allocataire CAF 0412233 P", "file", ["0412233 P"]),
        ("FPS n° 26 099 0007 24935", "file", ["26 099 0007 24935"]),
        ("vos réf. : SCO-25-0883", "file", ["SCO-25-0883"]),
        ("permission de voirie n° 88, le BL 26-0417", "file", ["88", "26-0417"]),
        ('un titre exécutoire "2025-612"', "invoice", ["2025-612"]),
        ("accusé automatique T-11873, contact en ligne n° 5521", "file", ["T-11873", "5521"]),
        ("je lis PE-25-… et DP-27?, consultation 26-…-014", "file", ["PE-25", "DP-27", "26-…-014"]),
        ("SUP-0418 ou SUP-0481", "file", ["SUP-0418", "SUP-0481"]),
        ("marché 2026-07 (ou 2026-70)", "file", ["2026-07", "2026-70"]),
        ("arrêté n° 2025-612", "file", ["2025-612"]),
        ("affaire 2403117", "file", ["2403117"]),
        ("le ticket #20988", "file", ["20988"]),
        ("le FPS n° 21750039600012-26-3-001-234-567 de 35 €", "file", ["21750039600012-26-3-001-234-567"]),
        ("dossier complet et 118 pages, dossier du 12/03, dossier 2025-2026, contrat de 40 h", "file", []),
        ("au n° 129 de la rue, ligne n° 12, COVID-19, CM1-CM2, T2-T3", "file", []),
        ("2025-26 et 2019-2024", "file", []),
    ],
)
def test_references_follow_their_words_or_their_shape(values, text, kind, expected):
    assert values(text, kind) == expected


def test_a_reference_keeps_no_word_before_it(found):
    assert found("Facture crèche juin 2025-118", "invoice") == [("2025-118", "2025-118")]
    assert found("référence SIG 0043-EDI-118", "file") == [("SIG 0043-EDI-118", "SIG 0043-EDI-118")]
