import shutil
from pathlib import Path

import pytest

from triage.errors import ProfileError
from triage.profile import BUILT_IN, failed_examples, load_profile, said


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(BUILT_IN, tmp_path / "profil"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_built_in_profile_has_no_fault():
    profile = load_profile()
    assert len(profile.services) == 23
    assert len(profile.natures) == 14
    assert failed_examples(profile) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "services.toml",
            'id = "voirie_eclairage"',
            'id = "Voirie !"',
            "services.toml: service 4 (Voirie !), key 'id'",
        ),
        (
            "services.toml",
            'id = "voirie_eclairage"',
            'id = "urbanisme"',
            "services.toml: id 'urbanisme' is given twice",
        ),
        ("services.toml", "description", "descripton", "services.toml: service 1 (etat_civil), key 'description'"),
        ("natures.toml", "[[nature]]", "[[nature]", "natures.toml: cannot be read"),
        ("urgency.toml", 'level = "critique"', 'level = "énorme"', "key 'level'"),
        ("urgency.toml", '"fils cuivres?"', '"fils (cuivres?"', "is no RE2 pattern"),
        ("urgency.toml", '"fils cuivres?"', '"fils cuivrés?"', "must be lower case without accents"),
        ("rules.toml", 'template = "relance"', 'template = "relanse"', "templates/relanse.txt does not exist"),
        (
            "rules.toml",
            'services = ["hors_competence"]',
            'services = ["hors_competance"]',
            "'hors_competance' is not defined",
        ),
        ("profile.toml", "Europe/Paris", "Europe/Lutece", "'Europe/Lutece' is no time zone"),
        ("profile.toml", "closed_days = []", 'closed_days = ["14 mai"]', "key 'closed_days'"),
    ],
)
def test_faults_name_file_and_key(copy, file, old, new, said):
    replace(copy / file, old, new)
    with pytest.raises(ProfileError) as error:
        load_profile(copy)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["services.toml", "rules.toml", "profile.toml"])
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(ProfileError, match=f"{name}: missing"):
        load_profile(copy)


def test_a_rule_that_fails_its_own_example_is_found(copy):
    rule = (
        '[[rule]]\nid = "essai"\nlevel = "haute"\nreason = "essai"\npatterns = ["girafe"]\n'
        'matches = ["Une autruche court."]\nno_matches = ["La girafe dort."]\n'
    )
    path = copy / "urgency.toml"
    path.write_text(path.read_text("utf-8") + "\n" + rule, "utf-8")
    problems = failed_examples(load_profile(copy))
    assert [problem.split(": ", 1)[1] for problem in problems] == [
        "rule 'essai': does not find 'Une autruche court.'",
        "rule 'essai': wrongly finds 'La girafe dort.'",
    ]


def test_any_change_of_data_changes_the_digest(copy):
    before = load_profile(copy).digest
    assert before == load_profile(BUILT_IN).digest
    replace(copy / "templates" / "relance.txt", "excuser cette attente", "pardonner ce retard")
    assert load_profile(copy).digest != before


def test_sentences_are_folded_and_bounded():
    assert said("L’école brûle !  Venez\nVITE\n \nMerci").sentences == (b"l'ecole brule !", b"venez vite", b"merci")
    assert max(map(len, said("a" * 100_000).sentences)) == 600
