"""The mbox splitter: counts and contents of the variants that mail programs write."""

import io
import itertools
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.read import read
from triage.read.lines import MAX_KEPT
from triage.read.mbox import split

FROM = b"From jeanne@courriel.test Mon Mar  3 10:00:00 2025\n"


def mail(number: int, body: bytes = b"Bonjour\n") -> bytes:
    return b"Subject: %d\nFrom: jeanne@courriel.test\n\n%s" % (number, body)


def bodies(content: bytes) -> list[bytes]:
    return [raw.content.partition(b"\n\n")[2] for raw in split(io.BytesIO(content), "x")]


def contents(content: bytes) -> list[bytes]:
    return [raw.content for raw in split(io.BytesIO(content), "x")]


def test_messages_come_in_order_with_zero_based_origins(tmp_path: Path):
    path = tmp_path / "boîte.mbox"
    path.write_bytes(FROM + mail(0) + b"\n" + FROM + mail(1))
    assert [(raw.origin, raw.content) for raw in read(str(path))] == [
        (f"mbox:{path}#0", mail(0)),
        (f"mbox:{path}#1", mail(1)),
    ]


@pytest.mark.parametrize(
    "second",
    [
        b"From jeanne@courriel.test Mon Mar  3 10:00:00 2025",
        b"From jeanne@courriel.test  Mon, 3 Mar 2025 10:00:00 +0100",
        b"From 1789@xxx Mon Mar 03 09:00:00 +0000 2025",
        b"From - Mon Mar 03 09:00:00 2025",
        b'From "jeanne martin"@courriel.test Mon Mar 03 09:00:00 2025',
        b"From ???@??? Mon Mar 03 09:00:00 2025",
        b"From MAILER-DAEMON Mon Mar 03 09:00:00 2025 remote from mx",
        b"From jeanne@courriel.test",
        b"From MAILER-DAEMON",
        b"From -",
        b"From jeanne@courriel.test 2025-03-03T09:00:00Z",
    ],
)
def test_every_usual_separator_starts_a_message(second: bytes):
    assert contents(FROM + mail(0) + b"\n" + second + b"\n" + mail(1)) == [mail(0), mail(1)]


@pytest.mark.parametrize(
    "text",
    [
        b"From the mayor\n",
        b"\nFrom Monday on, the pool is closed.\n",
        b"\nFrom here: closed\nand from there too\n",
        b"\nFrom the desk of the mayor\nSubject: swimming pool\n",
        b"From jeanne@courriel.test Mon Mar  3 10:00:00 2025\nis how an mbox starts.\n",
        b"De :\nFrom me to you at 10:30\nNote: nothing\n",
    ],
)
def test_a_line_of_text_that_starts_with_from_starts_no_message(text: bytes):
    assert contents(FROM + mail(0, text) + b"\n" + FROM + mail(1)) == [mail(0, text), mail(1)]


def test_a_missing_blank_line_loses_no_message():
    assert contents(FROM + mail(0) + FROM + mail(1)) == [mail(0), mail(1)]


def test_crlf_bom_and_leading_blank_lines_are_accepted():
    content = b"\xef\xbb\xbf\r\n" + (FROM + mail(0) + b"\n" + FROM + mail(1)).replace(b"\n", b"\r\n")
    assert contents(content) == [mail(0).replace(b"\n", b"\r\n"), mail(1).replace(b"\n", b"\r\n")]


def test_escaped_from_lines_lose_one_bracket_and_quotes_keep_theirs():
    content = FROM + mail(0, b">From here\n>>From there\n> From a quote\n>From : header\n")
    assert bodies(content) == [b"From here\n>From there\n> From a quote\n>From : header\n"]


def test_a_mail_without_body_or_final_line_end_counts():
    content = FROM + b"Subject: 0\n\n" + FROM + b"Subject: 1\n\n\n" + FROM + b"Subject: 2"
    assert contents(content) == [b"Subject: 0\n\n", b"Subject: 1\n\n", b"Subject: 2"]


def counted(number: int, body: bytes, length: int | None = None) -> bytes:
    return b"Subject: %d\nContent-Length: %d\n\n%s" % (number, len(body) if length is None else length, body)


def test_consistent_content_lengths_protect_unescaped_separators():
    first = counted(0, b"Voici :\n\n" + FROM + b"Subject: x\n\n>From y\n")
    content = FROM + first + b"\n" + FROM + counted(1, b"Bonjour\n")
    assert contents(content) == [first, counted(1, b"Bonjour\n")]


@pytest.mark.parametrize("length", [0, 3, 10, 400, 99_999_999])
def test_a_wrong_content_length_is_ignored(length: int):
    mails = [counted(0, b"Bonjour\n", length), counted(1, b"Bonsoir\n", length)]
    assert contents(FROM + mails[0] + b"\n" + FROM + mails[1]) == mails


def test_content_lengths_are_believed_with_crlf_too():
    separator, body = FROM.replace(b"\n", b"\r\n"), b"Voici :\r\n\r\n" + FROM + b"Subject: x\r\n"
    first, second = (b"Content-Length: %d\r\n\r\n%s" % (len(text), text) for text in (body, b"Bonjour\r\n"))
    assert contents(separator + first + b"\r\n" + separator + second) == [first, second]


def test_mboxcl_unescapes_and_mboxcl2_does_not():
    escaped = counted(0, b">From here\n>>From there\n")
    assert bodies(FROM + escaped + b"\n" + FROM + counted(1, b"x\n"))[0] == b"From here\n>From there\n"
    bare = counted(0, b"From here\n>From there\n")
    assert bodies(FROM + bare + b"\n" + FROM + counted(1, b"x\n"))[0] == b"From here\n>From there\n"


def test_mboxo_escapes_one_level_only():
    # What was `>From ` before mboxo wrote it cannot be told from an escaped `From `.
    assert bodies(FROM + mail(0, b">From Jeanne\n") + b"\n" + FROM + mail(1)) == [b"From Jeanne\n", b"Bonjour\n"]


def test_a_content_length_cannot_hide_mails_where_others_have_none():
    hiding = counted(1, b"x\n", len(b"x\n\n" + FROM + mail(2)))
    content = b"\n".join([FROM + mail(0), FROM + hiding, FROM + mail(2), FROM + mail(3)])
    assert contents(content) == [mail(0), hiding, mail(2), mail(3)]


@given(
    st.lists(st.lists(st.sampled_from([b"", b"a", b"From x", b">From y", b"Cc: z", b"\xe9"])), min_size=1, max_size=6)
)
def test_any_text_escaped_as_mboxrd_comes_back(texts: list[list[bytes]]):
    mails = [mail(number, b"".join(line + b"\n" for line in lines)) for number, lines in enumerate(texts)]
    escaped = [one.replace(b"\n>From ", b"\n>>From ").replace(b"\nFrom x", b"\n>From x") for one in mails]
    assert contents(b"".join(FROM + one + b"\n" for one in escaped)) == mails


class Endless(io.RawIOBase):
    """An mbox as long as one reads it."""

    def __init__(self, message: bytes) -> None:
        self.message = message
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        piece = (self.message * (len(buffer) // len(self.message) + 2))[self.given % len(self.message) :][: len(buffer)]
        buffer[:] = piece
        self.given += len(piece)
        return len(piece)


def test_the_first_message_comes_before_the_rest_is_read():
    source = Endless(FROM + mail(0) + b"\n")
    first = next(split(io.BufferedReader(source), "x"))
    assert first.content == mail(0)
    assert source.given < 100_000


def test_memory_does_not_grow_with_the_mailbox():
    messages = split(io.BufferedReader(Endless(FROM + mail(0, b"ligne\n" * 100) + b"\n")), "x")
    tracemalloc.start()
    for _ in itertools.islice(messages, 5_000):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_message_over_the_limit_is_cut_and_the_next_one_is_found():
    content = FROM + mail(0, b"x" * 79 + b"\n") + b"y" * MAX_KEPT + b"\n\n" + FROM + mail(1)
    first, second = contents(content)
    assert len(first) == MAX_KEPT
    assert second == mail(1)


def test_the_mailbox_is_left_as_it_was(tmp_path: Path):
    path = tmp_path / "x.mbox"
    path.write_bytes(FROM + mail(0))
    path.chmod(0o444)
    before = path.stat()
    list(read(str(path)))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (FROM + mail(0), before.st_mtime_ns)
    assert list(tmp_path.iterdir()) == [path]
