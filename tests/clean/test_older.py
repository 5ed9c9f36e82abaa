import pytest

from triage.clean.lines import split_lines
from triage.clean.older import find_older

NEWER = ["Le tarif de 2025 ?", "Cordialement,", "Carla Ortiz"]
OLDER = ["Bonjour Madame,", "Le tarif dépend du quotient."]


def older(parts, *, answers):
    lines = split_lines("\n\n".join(parts))
    return [line.text for line in lines[find_older(lines, answers=answers) :]]


def test_a_second_greeting_under_a_closed_answer_begins_the_older_mail():
    assert older(NEWER + OLDER, answers=True) == OLDER


def test_where_nothing_is_answered_the_second_letter_is_the_writers_own():
    assert older(NEWER + OLDER, answers=False) == []


@pytest.mark.parametrize("rule", ["-----------", "____________", "***"])
def test_a_rule_parts_two_mails_whatever_the_subject_says(rule):
    assert older([*NEWER, rule, *OLDER], answers=False) == [rule, *OLDER]


def test_a_mail_that_is_not_closed_goes_on():
    assert older(["Le tarif de 2025 ?", *OLDER], answers=True) == []
