import pytest


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("née le 12 mars 1984", "birth"),
        ("Date de naissance : 12/03/1984", "birth"),
        ("né à Colmont le 12 mars 1984", "birth"),
        ("votre décision du 12 mars 2025", "contested"),
        ("je conteste le titre du 12 mars 2025", "contested"),
        ("Le 12 mars 2025, vous avez refusé mon dossier", "contested"),
        ("je vous remercie du titre du 12 mars 2025", ""),
        ("mon courrier du 12 mars 2025", "request"),
        ("votre courrier du 12 mars 2025", ""),
        ("Je vous ai déjà écrit le 12 mars 2025", "request"),
        ("sans réponse depuis le 12 mars 2025", "request"),
        ("ma demande d'acte de naissance du 12 mars 2025", "request"),
        ("la panne signalée par mon voisin le 12 mars 2025", ""),
        ("l'accident du 12 mars 2025", "event"),
        ("à rendre avant le 12 mars 2026", "deadline"),
        ("le 12 mars 2026 au plus tard", "deadline"),
        ("la date limite est fixée au 12 mars 2026", "deadline"),
        ("le concert du 12 mars 2026", "event"),
        ("l'un ne prend plus personne avant le 12 mars 2026", "deadline"),
        ("copie de l'acte de naissance du 12 mars 2025", ""),
    ],
)
def test_the_words_around_a_date_say_what_it_is(roles, text, role):
    assert [found for _, found in roles(text, "date")] == [role]


def test_both_ends_of_a_range_have_its_role(roles):
    assert roles("à déposer avant le 3 ou le 4 mars", "date") == [
        ("2026-03-03", "deadline"),
        ("2026-03-04", "deadline"),
    ]
