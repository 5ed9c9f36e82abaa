import pytest


@pytest.mark.parametrize(
    ("text", "schools"),
    [
        ("l'école Jules-Ferry est", ["école Jules-Ferry"]),
        ("le groupe scolaire des Mésanges", ["groupe scolaire des Mésanges"]),
        ("l'école de la Poterne. Mme Vachey", ["école de la Poterne"]),
        ("à l'école maternelle des Vignes-Basses", ["école maternelle des Vignes-Basses"]),
        ("a lecole prevert et moi", ["lecole prevert"]),
        ("l'école est fermée, l'école de mon fils, le collège puisse, la protection maternelle passe", []),
        ("l'école publique, l'école des petits, école de musique", []),
    ],
)
def test_a_school_has_a_name(values, text, schools):
    assert values(text, "school") == schools


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("mon fils en CE2, ma fille (cm1)", ["CE2", "CM1"]),
        ("en petite section, en grande section", ["PS", "GS"]),
        ("ma fille est en 6e, son frère en troisième", ["6e", "3e"]),
        ("mon petit frère Noah (GS)", ["GS"]),
        ("mon gamin rentre en 2nde au lycée", ["2de"]),
        ("il é en cé deu a lécol", ["CE2"]),
        ("CP : 99100 Montreval, au 6e étage, tt le tps, en première fois", []),
    ],
)
def test_a_class_is_known_by_its_short_name(values, text, classes):
    assert values(text, "class") == classes
