import shutil
from datetime import date

import pytest

from tests.draft.conftest import PROFILE, situation
from triage import pipeline
from triage.classify.meaning import word_meanings
from triage.draft import draft, load_library, texts_digest
from triage.draft.letters import load_letters
from triage.draft.texts import LONGEST_PASSAGE, read_texts
from triage.errors import ProfileError
from triage.pipeline import load_engine
from triage.types import CleanText

TODAY = date(2026, 2, 1)


@pytest.fixture(scope="module")
def library():
    return load_library([PROFILE.folder / "knowledge"], word_meanings)


def asked(subject, body):
    return CleanText(subject, body, (), "")


@pytest.mark.parametrize(
    ("service", "subject", "body", "title"),
    [
        ("culture_sport_asso", "piscine", "La piscine est-elle ouverte le dimanche, et l'eau du bassin chauffée ?", "Piscine : horaires des bassins"),
        ("petite_enfance", "Crèche", "Quand se réunit la commission qui donne les places en crèche ?", "Place en crèche : préinscription et commission"),
        ("elections_citoyennete", "PROCURATION", "mon frere peut il voter a ma place par procuration", "Voter par procuration"),
        ("etat_civil", "Passeport", "Quelles pièces et quelle photo d'identité pour un passeport ?", "Carte d'identité et passeport : prendre rendez-vous"),
    ],
)  # fmt: skip
def test_a_question_finds_the_passage_that_answers_it(library, service, subject, body, title):
    (found,) = library.find(asked(subject, body), service, TODAY)
    assert found.title == title
    assert found.link.startswith("https://www.montreval.example.fr/")


@pytest.mark.parametrize(
    ("service", "subject", "body"),
    [
        ("rh_recrutement", "Mes congés", "Pourquoi m'a-t-on retiré cinq jours ?"),
        ("culture_sport_asso", "Audition", "L'audition de piano de lundi est-elle maintenue dans la salle ?"),
        ("urbanisme", "piscine", "La piscine est-elle ouverte le dimanche, et l'eau du bassin chauffée ?"),
        ("culture_sport_asso", "", ""),
        ("culture_sport_asso", "piscine", "La piscine est-elle ouverte le dimanche, l'eau du bassin chauffée ? " * 30),
    ],
)
def test_nothing_is_quoted_where_no_passage_is_clearly_about_it(library, service, subject, body):
    assert library.find(asked(subject, body), service, TODAY) == ()


def test_the_reply_quotes_the_passage_and_lists_its_source(library):
    question = asked("Commission crèche", "Quand se réunit la commission qui donne les places en crèche ?")
    passages = library.find(question, "petite_enfance", TODAY)
    made = situation("information", "petite_enfance", question.subject, question.body, passages=passages)
    found = draft(made)
    assert "« La préinscription en crèche se fait en ligne" in found.body
    source = "Place en crèche : préinscription et commission, 24 novembre 2025, https://www.montreval.example.fr/enfance/creche"
    assert source in found.sources


def test_old_and_undated_passages_say_so(tmp_path):
    (tmp_path / "a.md").write_text(
        "---\ntitle: Lavoir\ndate: 2021-01-31\n---\nLe lavoir communal ferme en hiver.\n", "utf-8"
    )
    (tmp_path / "b.txt").write_text("Le kiosque à musique accueille les orchestres.", "utf-8")
    found = load_library([tmp_path], word_meanings)
    (old,) = found.find(asked("lavoir", "Le lavoir ferme-t-il en hiver ?"), None, TODAY)
    assert old.date == "31 janvier 2021 [à confirmer : texte de plus de 5 ans]"
    made = situation("information", "petite_enfance", "lavoir", "?", passages=(old,))
    assert "à confirmer : texte de plus de 5 ans" in draft(made).missing
    assert [text.written for text in read_texts(tmp_path)] == [date(2021, 1, 31), None]


def test_replies_an_agent_confirmed_are_found_by_their_question(tmp_path):
    line = '{"question": "Où garer mon vélo cargo ?", "reply": "Un abri à vélos cargo se trouve derrière la gare.", "date": "2026-01-02"}\n'
    (tmp_path / "past.jsonl").write_text(line, "utf-8")
    (found,) = load_library([tmp_path], word_meanings).find(
        asked("vélo cargo", "Où garer un vélo cargo ?"), None, TODAY
    )
    assert (found.text, found.title, found.date) == (
        "Un abri à vélos cargo se trouve derrière la gare.",
        "Réponse déjà donnée par nos services",
        "2 janvier 2026",
    )


def test_markdown_is_cut_at_headings_and_after_600_characters(tmp_path):
    content = (
        "# Guide\n\nDébut **net**.\n\n## Bacs\n\n- Voir [la page](https://example.fr).\n\n"
        + "Une phrase assez longue. " * 60
    )
    (tmp_path / "guide.md").write_text(content, "utf-8")
    found = read_texts(tmp_path)
    assert [(text.title, text.body[:20]) for text in found[:2]] == [
        ("Guide", "Début net."),
        ("Guide – Bacs", "Voir la page. Une ph"),
    ]
    assert len(found) == 4
    assert all(len(text.body) <= LONGEST_PASSAGE for text in found)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.md", "---\ndate: hier\n---\nTexte", "key 'date': 'hier'"),
        ("a.md", "---\nauteur: x\n---\nTexte", "key 'auteur'"),
        ("a.jsonl", '{"question": "x"}\n', "line 1: needs a JSON object"),
        ("a.jsonl", "[" * 100_000, "line 1: needs a JSON object"),
        ("a.txt", "NIR 2 42 05 99 999 721 60", "looks like a NIR"),
        ("a.xml", "<Publication ID='F1'", "is no XML"),
        ("a.xml", "<html/>", "is no sheet of service-public"),
        ("a.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><Publication/>", "declares entities"),
    ],
)
def test_a_faulty_text_is_named(tmp_path, name, content, said):
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(ProfileError, match=said) as error:
        read_texts(tmp_path)
    assert str(tmp_path / name) in str(error.value)


def test_the_digest_changes_with_any_text(tmp_path):
    (tmp_path / "a.md").write_text("un", "utf-8")
    before = texts_digest([tmp_path])
    (tmp_path / "a.md").write_text("deux", "utf-8")
    assert texts_digest([tmp_path]) != before


def test_every_built_in_text_is_dated_linked_and_of_known_services():
    for text in read_texts(PROFILE.folder / "knowledge"):
        assert text.written, text.title
        assert text.link.startswith("https://www.montreval.example.fr/"), text.title
        assert set(text.services) <= set(PROFILE.services), text.title


SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="F99999" type="Fiche d'information">
  <dc:title>Lavoirs et fontaines</dc:title><dc:date>modified 2025-11-03</dc:date>
  <FilDAriane><Niveau ID="N1">Accueil</Niveau></FilDAriane>
  <Introduction><Texte><Paragraphe>Un lavoir <MiseEnEvidence>communal</MiseEnEvidence> se visite.</Paragraphe></Texte></Introduction>
  <Texte><Chapitre><Titre><Paragraphe>Horaires</Paragraphe></Titre><Liste><Item><Paragraphe>Le lavoir ouvre à 9 h.</Paragraphe></Item></Liste></Chapitre></Texte>
  <OuSAdresser><Titre>Mairie</Titre></OuSAdresser>
</Publication>
"""


def test_a_sheet_of_service_public_is_read_with_its_date_and_link(tmp_path):
    (tmp_path / "F99999.xml").write_text(SHEET, "utf-8")
    link = "https://www.service-public.gouv.fr/particuliers/vosdroits/F99999"
    assert [(text.title, text.body, text.link, text.written) for text in read_texts(tmp_path)] == [
        ("Lavoirs et fontaines", "Un lavoir communal se visite.", link, date(2025, 11, 3)),
        ("Lavoirs et fontaines – Horaires", "Le lavoir ouvre à 9 h.", link, date(2025, 11, 3)),
    ]


def test_texts_of_other_folders_are_quoted_and_change_the_recipe(tmp_path, small_model):
    folder, texts = tmp_path / "profil", tmp_path / "textes"
    shutil.copytree(PROFILE.folder, folder)
    letters = folder / "letters.toml"
    letters.write_text(letters.read_text("utf-8").replace("texts = []", 'texts = ["../textes"]'), "utf-8")
    with pytest.raises(ProfileError, match=r"letters\.toml: key 'texts': .*textes is no folder"):
        load_engine(folder, small_model, False)
    load_letters.cache_clear()
    texts.mkdir()
    (texts / "lavoir.md").write_text(
        "---\ndate: 2026-01-02\n---\n# Lavoir\n\nLe lavoir communal ferme en hiver.\n", "utf-8"
    )
    first = load_engine(folder, small_model, False).recipe
    (found,) = pipeline.library(folder).find(asked("lavoir", "Le lavoir ferme-t-il en hiver ?"), None, TODAY)
    assert (found.title, found.date) == ("Lavoir", "2 janvier 2026")
    (texts / "lavoir.md").write_text("Le lavoir communal ouvre.", "utf-8")
    pipeline._outer_texts.cache_clear()
    assert load_engine(folder, small_model, False).recipe != first


def test_a_word_said_in_passing_quotes_nothing(library):
    body = (
        "J'ai reçu une lettre de tirage au sort. Je dois être juré en mars. Mon voisin parle de procuration et de voter. "
        "Est-ce obligatoire ?"
    )
    assert library.find(asked("Question", body), "elections_citoyennete", TODAY) == ()


def test_check_names_every_faulty_text(run, tmp_path):
    folder = tmp_path / "profil"
    shutil.copytree(PROFILE.folder, folder)
    (folder / "knowledge" / "a.md").write_text("---\nservices: etat_civil, lavoir\n---\nTexte", "utf-8")
    (folder / "knowledge" / "b.md").write_text("---\ndate: hier\n---\nTexte", "utf-8")
    said = run("check", folder, check=2).stderr
    assert "a.md: key 'services': 'lavoir' is not defined" in said
    assert "b.md: key 'date': 'hier'" in said
