"""Hostile mails: kept, flagged, and read in linear work. Nothing here raises."""

import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.parse import parse
from triage.parse.evidence import rules, signs, words
from triage.parse.markup import html_to_text
from triage.types import Message, RawMessage

HEAD = b"From: jeanne@courriel.test\nSubject: Essai\n"


def parsed(content: bytes) -> Message:
    return parse(RawMessage("file:x", content))


def nested(depth: int) -> bytes:
    heads = [b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (rank, rank) for rank in range(depth)]
    return HEAD + b"".join(heads) + b"\nAu fond de tout.\n"


PARTS = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\npartie\n" * 1_200
ADDRESSES = HEAD + b"To: " + b"a@courriel.test, " * 1_500 + b"\n\nTexte utile."


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (HEAD + b"\n" + b"x" * (50 * 1024 * 1024 + 1), "limit: size"),
        (HEAD + b"\n" + b"\n" * 2_000_000, "limit: lines"),
        (HEAD + b"X-Long: " + b"x" * 300_000 + b"\n\nTexte", "limit: header block"),
        (HEAD + b"X-Many: y\n" * 1_500 + b"\nTexte", "limit: headers"),
        (nested(60), "limit: depth"),
        (nested(2_000), "limit: depth"),
        (HEAD + b"Content-Type: message/rfc822\n\n" * 5_000, "limit: depth"),
        (PARTS, "limit: parts"),
        (HEAD + b"\n" + b"mot " * 60_000, "limit: text"),
        (HEAD + b"Content-Type: text/html\n\n" + b"<p>mot</p>" * 110_000, "limit: html"),
        (b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 100_000 + b"\n\nTexte", "limit: subject"),
    ],
    ids=lambda value: value if isinstance(value, str) else "mail",
)
def test_a_mail_over_a_limit_is_kept_and_flagged(content: bytes, warning: str):
    message = parsed(content)
    assert warning in message.warnings
    assert len(message.body) <= 200_000
    assert not any(one.startswith("unreadable") for one in message.warnings)


def test_a_deep_mail_within_the_limit_is_read_to_its_bottom():
    assert (parsed(nested(40)).body, parsed(nested(40)).warnings) == ("Au fond de tout.", ())


def wrapped(content: bytes, depth: int, head: bytes) -> bytes:
    for _ in range(depth):
        content = HEAD + head + content.replace(b"=", b"=3D")
    return content


def test_encoded_mails_within_each_other_are_opened_ten_times_at_most():
    head = b"Content-Type: application/octet-stream; name=x.eml\nContent-Transfer-Encoding: quoted-printable\n\n"
    inmost = HEAD + b"\nAu fond de tout."
    assert parsed(wrapped(inmost, 10, head)).body.endswith("Au fond de tout.")
    deep = parsed(wrapped(inmost, 30, head))
    assert deep.body.count("Message transféré") == 10
    assert not any(one.startswith("unreadable") for one in deep.warnings)


def test_at_most_a_thousand_addresses_are_kept():
    assert len(parsed(ADDRESSES).to) == 1_000


def test_the_subject_keeps_two_thousand_characters():
    assert parsed(b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 12_000 + b"\n\nTexte").subject == "é" * 862


def test_many_encoded_words_need_little_memory():
    content = b"Subject: " + b"=?utf-8?q?=C3=A9?= " * 100_000 + b"\n\nTexte"
    tracemalloc.start()
    parsed(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def work(function, argument) -> int:
    """Count the lines of Python that run: a measure of work that no clock disturbs."""
    steps = 0

    def trace(_frame, _event, _argument):
        nonlocal steps
        steps += 1
        return trace

    sys.settrace(trace)
    try:
        function(argument)
    finally:
        sys.settrace(None)
    return steps


GROWING = {
    "addresses": lambda size: b"To: " + b'"a" (b) <c@d.test>, ' * size + b"\n\nx",
    "encoded words": lambda size: b"Subject: " + b"=?utf-8?q?a?= =?x?b?YQ==?= " * size + b"\n\nx",
    "headers": lambda size: b"X-A: b\n" * size + b"\nx",
    "parts": lambda size: HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * size,
    "forwards": lambda size: HEAD + b"Content-Type: message/rfc822\n\n" * (size // 10) + b"x",
    "alternatives": lambda size: (
        HEAD
        + b"".join(b"Content-Type: multipart/alternative; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size // 10))
        + b"Content-Type: text/html\n\nx"
    ),
    "tables": lambda size: HEAD + b"Content-Type: text/html\n\n" + b"<table><tr><td>x" * size,
    "quotes": lambda size: HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>x" * size,
    "flowed": lambda size: HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> a \n>> b \n" * size,
}


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_no_faster_than_the_mail(name: str):
    parsed(GROWING[name](10))
    once, twice = work(parsed, GROWING[name](200)), work(parsed, GROWING[name](400))
    assert twice <= 2.5 * once


HOSTILE = [
    "a",
    " ",
    "\n",
    ">",
    "nos ",
    "votre ",
    "virement ",
    "nouveaux ",
    "le ",
    "de : ",
    "je suis absent ",
    "'",
    ": ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_rule_chokes_on_a_long_hostile_text(piece: str):
    text = (piece * 3_000)[:3_000]
    for test in (one.test for one in (*rules(), *signs())):
        for pattern in filter(None, (test.pattern, test.also, test.unless)):
            assert pattern.sub("", text) is not None
    for pattern in (words().quote_start, words().polite, words().form_key, words().vague_subject):
        assert pattern.sub("", text) is not None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_give_a_message(content: bytes):
    message = parsed(content)
    assert not any(one.startswith("unreadable") for one in message.warnings)
    message.body.encode("utf-8")


TAGS = ["<p>", "</p>", "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<blockquote>", "</blockquote>", "<br>"]
TAGS += ["<div style='display:none'>", "</div>", "<pre>", "</pre>", "<li>", "<!--", "-->", "mot", "&nbsp;", " ", "\n"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TAGS), max_size=40))
def test_any_heap_of_tags_gives_text(tags: list[str]):
    text = html_to_text("".join(tags))
    assert "<" not in text.replace("<!--", "")
    assert "\n\n\n" not in text
