import pytest

from triage.clean.answers import find_answers
from triage.clean.lines import split_lines

QUESTIONS = "Combien êtes-vous ?\nQuatre\nDepuis quand ?\nMars"


def answers(text, note):
    return [(piece.kind, text[piece.start : piece.end]) for piece in find_answers(split_lines(text), note)]


def test_announced_answers_stand_under_the_questions():
    assert answers(QUESTIONS, "Voir mes réponses en rouge.") == [("own", "Quatre"), ("own", "Mars")]


def test_nothing_is_an_answer_where_none_is_announced():
    assert answers(QUESTIONS, "Suite à votre réponse, je maintiens ma demande.") == []
    assert answers(QUESTIONS, "") == []


@pytest.mark.parametrize("note", ["", "Mes réponses dans votre message :"])
@pytest.mark.parametrize("mark", ["=> ", "→ ", "[Anne Roux] ", "Réponse : ", "*** "])
def test_marked_answers_need_no_announcement_where_nothing_else_was_written(mark, note):
    text = f"Combien êtes-vous ?\n{mark}Quatre"
    assert answers(text, note) == [("quoted", mark.rstrip()), ("own", "Quatre")]


def test_older_mails_further_down_hold_no_answers():
    older = "De : a@exemple.org\nEnvoyé : lundi\nObjet : x\n\nQui ?\nMoi"
    assert answers(f"{QUESTIONS}\n{older}", "Mes réponses en bleu") == [("own", "Quatre"), ("own", "Mars")]


def test_lines_with_quote_marks_are_nobodys_answers():
    assert answers("Combien ?\n> Quatre", "Mes réponses en bleu") == []
