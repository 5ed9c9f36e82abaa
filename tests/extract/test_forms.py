import pytest


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("Téléphone : 06 39 98 12 40", "phone", [("+33639981240", "")]),
        ("Adresse : 3 le Bourg", "address", [("3 le Bourg", "sender")]),
        ("- Votre adresse postale * : 3 le Bourg ", "address", [("3 le Bourg", "sender")]),
        ("Localisation : parc des Ormes", "address", [("parc des Ormes", "place")]),
        ("Adresse : voir plus bas", "address", []),
        ("Adresse e-mail : zoe@courriel.test", "address", []),
        ("Adresse e-mail : zoe@courriel.test", "email", [("zoe@courriel.test", "")]),
        ("Date de naissance : 12/03/1984", "date", [("1984-03-12", "birth")]),
        ("Échéance : 15 mars 2026", "date", [("2026-03-15", "deadline")]),
        ("Immatriculation : 1234 ZZ 75", "plate", [("1234ZZ75", "")]),
        ("N° de dossier : 0412", "file", [("0412", "")]),
        ("Dossier : PC 099 288 25 A0041", "permit", [("PC09928825A0041", "")]),
        ("Numéro de facture = 77", "invoice", [("77", "")]),
        ("Référence : aucune", "file", []),
        ("Montant : 45", "amount", [("45.00 EUR", "")]),
        ("Parcelle : AB 212", "cadastre", [("AB 212", "")]),
        ("École : Les Tilleuls", "school", [("Les Tilleuls", "")]),
        ("[Classe] : CE2", "class", [("CE2", "")]),
        ("mon adresse : je ne sais plus", "address", []),
        ("il me faut le numéro de dossier : 12 pages", "file", []),
    ],
)
def test_the_key_of_a_form_says_what_its_value_is(roles, line, kind, expected):
    assert roles(f"Nom : Roux\n{line}\nMessage : merci", kind) == expected
