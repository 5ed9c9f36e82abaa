import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.draft.conftest import PROFILE, silence, situation
from triage.draft import broken_templates, failed_letter_examples
from triage.draft.citations import Citations
from triage.draft.letters import letters_of, load_letters
from triage.errors import ProfileError
from triage.profile import BUILT_IN, load_profile

LETTERS = letters_of(PROFILE)
LEGAL = (ROOT / "docs" / "legal.md").read_text("utf-8")


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(BUILT_IN, tmp_path / "profil"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_every_rule_finds_its_own_examples():
    assert failed_letter_examples(PROFILE) == []


def test_the_22_situations_are_there():
    numbers = {letter.id[:3] for letter in LETTERS.letter}
    assert numbers == {f"T{number:02d}" for number in range(1, 23)}


def test_every_letter_can_be_chosen_by_a_rule_or_is_for_an_agent():
    chosen = {rule.template for rule in PROFILE.replies} | {variant.template for variant in LETTERS.variant}
    assert {letter.template for letter in LETTERS.letter if not letter.by_agent} == chosen


def test_topics_have_one_id_each_and_say_a_noun():
    ids = [topic.id for topic in LETTERS.topic]
    assert len(ids) == len(set(ids))
    starts = ("un ", "une ", "le ", "la ", "l'", "les ", "des ", "du ", "de l'", "votre ")
    assert [topic.says for topic in LETTERS.topic if not topic.says.startswith(starts)] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("letters.toml", 'template = "relance"', 'template = "relanse"', "template 'relanse' is not defined"),
        ("letters.toml", 'topics = ["emploi_candidature"', 'topics = ["kestion"', "topic 'kestion' is not defined"),
        ("letters.toml", 'located = ["voirie_eclairage"', 'located = ["voirie"', "service 'voirie' is not defined"),
        ("letters.toml", 'flags = ["violences"]', 'flags = ["violence"]', "flag 'violence' is not defined"),
        ("topics.toml", 'needs = ["invoice"]', 'needs = ["invoise"]', "need 'invoise' is not defined"),
        ("topics.toml", 'services = ["etat_civil"]', 'services = ["etat"]', "service 'etat' is not defined"),
        ("lint.toml", 'when = ["acknowledgement"]', 'when = ["ar"]', "kind 'ar' is not defined"),
    ],
)
def test_names_that_nothing_defines_are_told(copy, file, old, new, said):
    replace(copy / file, old, new)
    (fault,) = broken_templates(load_profile(copy))
    assert fault == f"{copy / file}: {said}"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "letters.toml",
            "confirmed = true",
            "confirmed = 3",
            "key 'helpline', 1, key 'confirmed': Input should be a valid boolean",
        ),
        ("topics.toml", '"\\\\bpacs\\\\b"', '"(pacs"', "is no RE2 pattern"),
        ("lint.toml", "[[kind]]", "[[kind]", "cannot be read"),
    ],
)
def test_faults_name_file_and_key(copy, file, old, new, said):
    replace(copy / file, old, new)
    with pytest.raises(ProfileError) as error:
        load_letters(copy)
    assert str(error.value).startswith(str(copy / file))
    assert said in str(error.value)


def test_a_missing_file_names_the_remedy(copy):
    (copy / "lint.toml").unlink()
    with pytest.raises(ProfileError, match=r"lint\.toml: missing: copy it from the profile made by `triage init DIR`"):
        load_letters(copy)


def test_an_article_is_named_in_full_once():
    citations = Citations(LETTERS)
    assert (
        citations.cite("CRPA L114-2")
        == "article L114-2 du code des relations entre le public et l'administration, CRPA"
    )
    assert citations.cite("CRPA L114-3", "CRPA L114-5") == "articles L114-3 et L114-5 du CRPA"
    assert citations.cite("CJA R421-1") == "article R421-1 du code de justice administrative, CJA [à confirmer]"
    assert (citations.cited, citations.doubts) == (
        ["CRPA L114-2", "CRPA L114-3", "CRPA L114-5", "CJA R421-1"],
        ["article R421-1 du code de justice administrative, CJA"],
    )


def test_the_source_of_a_deadline_keeps_its_paragraph_and_its_doubt():
    citations = Citations(LETTERS)
    assert citations.source("CRPA L231-4 2°", confirmed=True).startswith("article L231-4 2° du code")
    assert citations.source("arrêté du maire", confirmed=False) == "arrêté du maire [à confirmer]"


@pytest.mark.parametrize("article", LETTERS.article, ids=lambda article: article.id)
def test_the_legal_page_lists_every_article_with_its_status(article):
    (line,) = [line for line in LEGAL.splitlines() if line.startswith(f"| {article.id} |")]
    assert ("to confirm" in line) == (not article.confirmed)


def test_rules_refine_the_choice_by_regime_completeness_and_topic():
    from triage.draft import chosen_template

    due = (silence("CRPA L231-1"),)
    cases = {
        ("demarche", "urbanisme", "Bonjour", due): "accuse_acceptation",
        ("demarche", "facturation_regie", "Bonjour", (silence("CRPA L231-4 3°"),)): "accuse_rejet",
        ("demarche", "urbanisme", "Bonjour", ()): "demande",
        ("demarche", "culture_sport_asso", "Réservation de la salle", due): "pieces_manquantes",
        ("declaration", "fournisseurs_marches", "Facture n° 12", ()): "facture_chorus",
        ("pieces", "fournisseurs_marches", "Notre devis", ()): "pieces",
        ("pieces", "fournisseurs_marches", "Drones : les docs que vous vouliez", ()): "pieces",
        ("pieces", "rh_recrutement", "Réunion de vendredi", ()): "pieces",
        ("demarche", "rh_recrutement", "Locaux du syndicat", ()): "demande",
        ("demarche", "rh_recrutement", "Candidature", ()): "candidature",
        ("demarche", "rh_recrutement", "Certificat de travail", ()): "accuse_reception",
        ("contentieux", "juridique_assurances", "Mise en demeure", ()): "accuse_reception",
        ("declaration", "eau_assainissement", "Bonjour", ()): "accuse_reception",
    }
    chosen = {
        case: chosen_template(situation(case[0], case[1], case[2], body="x", deadlines=case[3])) for case in cases
    }
    assert chosen == cases
