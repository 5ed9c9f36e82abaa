"""Mapping files: what they say, and one line that names file, line and key where they are wrong."""

import pytest

from triage.errors import UsageError
from triage.learn.mapping import faults, read_mapping
from triage.profile import BUILT_IN

GOOD = """
name = "Organigramme 2027"

[[rename]]
from = "voirie_eclairage"
to = "espace_public"

[[merge]]
from = ["cimetieres", "etat_civil"]
to = "etat_civil"

[[split]]
from = "scolaire_periscolaire"
to = ["scolaire", "scolaire_periscolaire"]

[[retire]]
from = ["zfe", "crieur_public"]
"""


def written(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return path


def test_what_becomes_of_each_label(tmp_path):
    mapping = read_mapping(written(tmp_path, GOOD))
    assert (mapping.axis, mapping.name) == ("service", "Organigramme 2027")
    assert mapping.successors == {
        "voirie_eclairage": ("espace_public",),
        "cimetieres": ("etat_civil",),
        "etat_civil": ("etat_civil",),
        "scolaire_periscolaire": ("scolaire", "scolaire_periscolaire"),
        "zfe": (),
        "crieur_public": (),
    }
    assert mapping.now("urbanisme") == ("urbanisme",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rename]\n", "mapping.toml: not a TOML file: "),
        ("axis = 3\n", "key 'axis': must be a string"),
        ("", "says nothing: write [[rename]]"),
        ("[[renamed]]\nfrom = 'a'\nto = 'b'\n", "key 'renamed': unknown (did you mean 'rename'?)"),
        ("[rename]\nfrom = 'a'\nto = 'b'\n", "key 'rename': must be blocks that begin with [[rename]]"),
        ("\n\n[[rename]]\nfrom = 'a'\n", "line 3, rename 1, key 'to': missing"),
        ("[[rename]]\nfrom = 'a'\nto = 'b'\n[[rename]]\nfrom = 'c'\nto = 4\n", "line 4, rename 2, key 'to': must be a label"),
        ("[[rename]]\nfrom = ['a', 'b']\nto = 'c'\n", "line 1, rename 1, key 'from': a rename takes one label"),
        ("[[rename]]\nfrom = 'a'\nto = 'a'\n", "key 'to': 'a' is the label it had"),
        ("[[merge]]\nfrom = 'a'\nto = 'c'\n", "merge 1, key 'from': a merge needs at least two"),
        ("[[split]]\nfrom = 'a'\nto = ['c', 'c']\n", "split 1, key 'to': names 'c' twice"),
        ("[[split]]\nfrom = 'a'\nto = 'c'\n", "split 1, key 'to': a split needs at least two"),
        ("[[retire]]\nfrom = 'a'\nto = 'c'\n", "retire 1, key 'to': unknown: a retire has from"),
        ("[[retire]]\nfrom = 'a'\n[[retire]]\nfrom = 'a'\n", "line 3, retire 2, key 'from': 'a' is already in "),
        ("[[rename]]\nfrom='a'\nto='c'\n[[rename]]\nfrom='b'\nto='c'\n", "'c' comes from "),
        ("[[rename]]\nfrom='a'\nto='b'\n[[rename]]\nfrom='b'\nto='c'\n", "all changes happen at once"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line_with_its_place(tmp_path, text, said):
    with pytest.raises(UsageError) as caught:
        read_mapping(written(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_profile_must_be_that_of_the_new_organisation(tmp_path):
    mapping = read_mapping(written(tmp_path, GOOD))
    where = BUILT_IN / "services.toml"
    before = {"voirie_eclairage", "etat_civil", "cimetieres", "scolaire_periscolaire", "urbanisme"}
    after = {"espace_public", "etat_civil", "scolaire", "scolaire_periscolaire", "urbanisme"}
    assert faults(mapping, after, where) == []
    assert [fault.partition("mapping.toml, ")[2].partition(" in ")[0] for fault in faults(mapping, before, where)] == [
        "line 4, rename 1, key 'to': 'espace_public' is not",
        "line 4, rename 1, key 'from': 'voirie_eclairage' is still",
        "line 8, merge 1, key 'from': 'cimetieres' is still",
        "line 12, split 1, key 'to': 'scolaire' is not",
    ]


def test_check_names_every_fault_of_a_mapping(run, tmp_path):
    path = written(tmp_path, "[[rename]]\nfrom = 'voirie_eclairage'\nto = 'urbanism'\n")
    done = run("check", path, check=2)
    assert len(done.stderr.splitlines()) == 2
    assert "did you mean 'urbanisme'?" in done.stderr
    assert "voirie_eclairage' is still in" in done.stderr
    path.write_text("[[retire]]\nfrom = 'crieur_public'\n", "utf-8")
    assert "axis service, 1 retire: no fault found" in run("check", path).stdout
