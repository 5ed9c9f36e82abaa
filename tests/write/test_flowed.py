from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.parse import parse
from triage.types import RawMessage
from triage.write.flowed import flowed

LONG = "Votre demande est bien arrivée et nous vous remercions de nous avoir écrit aussi vite pour le signaler."


def test_long_lines_are_folded_after_a_space_and_short_ones_left():
    assert flowed(f"Madame,\n\n{LONG}\n") == (
        "Madame,\n\nVotre demande est bien arrivée et nous vous remercions de nous avoir \nécrit aussi vite pour le signaler.\n"
    )


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("fin   ", "fin"),
        ("From ici", " From ici"),
        (" retrait", "  retrait"),
        ("> mot", "> mot"),
        (">", ">"),
        ("-- ", "-- "),
        ("x" * 90, "x" * 90),
    ],
)
def test_no_line_is_taken_for_another_kind(line, written):
    assert flowed(f"{line}\n") == f"{written}\n"


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r>", exclude_categories=["Cc"]), max_size=300))
)
def test_our_own_parser_reads_the_lines_again(lines):
    kept = [line.strip() for line in lines if line.strip() and not line.strip().startswith("--")]
    text = "".join(f"{line}\n" for line in kept)
    head = b"From: a@example.fr\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n"
    mail = head + flowed(text).encode()
    assert message_from_bytes(mail, policy=default).get_content_type() == "text/plain"
    read = parse(RawMessage("file:x", mail)).body
    assert [" ".join(line.split()) for line in read.split("\n") if line.strip()] == [
        " ".join(line.split()) for line in kept
    ]
