"""The labels a session may give, and their keys."""

import pytest

from triage.errors import UsageError
from triage.learn.choices import keys_of, matching, read_labels
from triage.profile import BUILT_IN, load_profile


def test_labels_of_a_text_file_and_of_a_profile(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("# les nôtres\nvoirie ; Voirie et réseaux\n\neau\tEau\naccueil = Accueil\nsport\n", "utf-8-sig")
    assert read_labels(path) == {"voirie": "Voirie et réseaux", "eau": "Eau", "accueil": "Accueil", "sport": "sport"}
    services = load_profile(BUILT_IN).services
    assert read_labels(BUILT_IN / "services.toml") == {label: service.name for label, service in services.items()}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("l.txt", "voirie\n", "holds 1 label: at least two are needed"),
        ("l.txt", "voirie\neau\nvoirie ; Rues\n", "line 3: label 'voirie' stands there twice"),
        ("l.toml", "[[service]]\nname = 'Voirie'\n", "block 1, key 'id': missing"),
        ("l.toml", "[[service]\n", "not a TOML file"),
    ],
)
def test_a_fault_names_its_line(tmp_path, name, text, said):
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said):
        read_labels(tmp_path / name)
    with pytest.raises(UsageError, match="cannot be read"):
        read_labels(tmp_path / "none.txt")


def test_every_label_has_a_key_of_its_own_and_its_first_letter_where_it_is_free():
    names = {service.id: service.name for service in load_profile(BUILT_IN).services.values()}
    keys = keys_of(names)
    assert sorted(keys.values()) == sorted(names)
    assert all(len(key) == 1 and key.isalnum() and key == key.lower() for key in keys)
    assert keys_of({"voirie": "Voirie", "vie_associative": "Vie associative"}) == {
        "v": "voirie",
        "a": "vie_associative",
    }
    assert len(keys_of({f"x{i}": "x" for i in range(50)})) == 36


def test_what_is_typed_means_the_labels_with_a_word_that_begins_so():
    names = {
        "voirie_eclairage": "Voirie",
        "vie_associative": "Vie associative",
        "eau": "Eau",
        "etat_civil": "État civil",
    }
    assert matching("ÉTAT", names, list(names)) == ["etat_civil"]
    assert matching("v", names, list(names)) == ["voirie_eclairage", "vie_associative"]
    assert matching("civ", names, list(names)) == ["etat_civil"]
    assert matching("oiri", names, list(names)) == ["voirie_eclairage"]
    assert matching("zzz", names, list(names)) == []
