"""A reminder is counted from the first mail of its sender, as the references show it, whatever interrupts a run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triage.batch.threads import linked
from triage.journal import Journal
from triage.types import RawMessage

MARCH = datetime(2026, 3, 3, 9, tzinfo=UTC)


def mail(own, answers="", sender="Zoé <zoe@courriel.test>", day=0, received=None, field="References"):
    moment = MARCH + timedelta(day)
    lines = [f"Message-ID: <{own}@courriel.test>", f"From: {sender}", f"Date: {moment:%d %b %Y %H:%M:%S} +0000"]
    lines += [f"{field}: {' '.join(f'<{one}@courriel.test>' for one in answers.split())}"] if answers else []
    return RawMessage(f"file:{own}", "\r\n".join([*lines, "", "Bonjour"]).encode(), received)


@pytest.fixture
def journal(tmp_path: Path):
    found = Journal(tmp_path / "journal.sqlite")
    yield found
    found.close()


def firsts(journal, *mails, start=1):
    return [raw.first for raw in linked(mails, journal, start)]


def test_a_mail_that_answers_an_earlier_one_of_its_sender_is_linked_to_it(journal):
    assert firsts(journal, mail("a"), mail("b"), mail("c", "a", day=40)) == [None, None, MARCH]
    assert firsts(journal, mail("d", "b", day=50, field="In-Reply-To"), start=4) == [MARCH]


def test_of_several_the_first_counts(journal):
    firsts(journal, mail("a"), mail("b", "a", day=20))
    assert firsts(journal, mail("c", "a x b", day=40), start=3) == [MARCH]


def test_the_moment_of_reception_goes_before_the_date_it_bears(journal):
    arrived = MARCH + timedelta(1)
    assert firsts(journal, mail("a", received=arrived), mail("b", "a", day=30)) == [None, arrived]


def test_what_somebody_else_wrote_is_not_the_senders_request(journal):
    town = mail("answer", sender="Mairie <mairie@exemple.org>")
    assert firsts(journal, town, mail("b", "answer", day=30)) == [None, None]


def test_case_and_name_do_not_part_a_sender_from_himself(journal):
    assert firsts(journal, mail("a"), mail("b", "a", sender="ZOE@Courriel.test", day=9)) == [None, MARCH]


def test_what_stands_later_in_the_same_input_is_not_known_yet_even_when_the_run_begins_again(journal):
    later = (mail("b", "a", day=40), mail("a"))
    assert firsts(journal, *later) == [None, None]
    assert firsts(journal, *later) == [None, None]  # interrupted, begun again
    journal.finish()
    assert firsts(journal, *later) == [MARCH, None]


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n\r\n", b"References: <a@courriel.test>\n\nx", b"From: nobody\nReferences: <a@b.test>\n\n", b"\xff" * 1000,
     b"From: z@courriel.test\nDate: never\nReferences: " + b"<a@b.test>\n " * 5000],
)  # fmt: skip
def test_odd_headers_link_nothing(journal, content):
    assert firsts(journal, mail("a"), RawMessage("file:x", content)) == [None, None]


def test_keys_hold_no_address(journal, tmp_path):
    firsts(journal, mail("a"))
    journal.close()
    assert all(b"courriel" not in path.read_bytes() for path in tmp_path.iterdir())
