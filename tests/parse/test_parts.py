"""Headers, charsets, dates, addresses, file names and HTML, one by one; round trips of built mails."""

from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.parse import parse
from triage.parse.addresses import addresses
from triage.parse.attachments import bare_name
from triage.parse.charset import decode
from triage.parse.dates import parse_date, received_date
from triage.parse.markup import html_to_text
from triage.parse.words import decode_line
from triage.types import Address, RawMessage

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)
LINES = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(LINES, LINES, st.lists(LINES, min_size=1, max_size=5), st.sampled_from(["quoted-printable", "base64", "8bit"]))
def test_a_built_mail_comes_back(name: str, subject: str, lines: list[str], encoding: str):
    built = EmailMessage()
    built.set_content("\n".join(lines) + "\n", cte=encoding)
    # The library's own folding of these headers adds and loses blanks, so they are written here.
    head = (
        f"From: {Header(name, 'utf-8').encode()} <jeanne@courriel.test>\nSubject: {Header(subject, 'utf-8').encode()}\n"
    )
    message = parse(RawMessage("file:x", head.encode() + built.as_bytes()))
    assert message.subject == subject
    assert message.sender == Address(name, "jeanne@courriel.test")
    assert message.body == "\n".join(lines)
    assert message.warnings == ()


@settings(max_examples=100, deadline=None)
@given(LINES, st.binary(max_size=200))
def test_an_attachment_comes_back(name: str, data: bytes):
    built = EmailMessage()
    built.set_content("Voici la pièce demandée par courrier.")
    built.add_attachment(data, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    (attachment,) = parse(RawMessage("file:x", built.as_bytes())).attachments
    assert (attachment.name, attachment.media_type, attachment.size) == (f"{name}.pdf", "application/pdf", len(data))


@pytest.mark.parametrize(
    ("data", "label", "text", "warning"),
    [
        (b"\x92\x9c\x80", "ISO-8859-1", "’œ€", ""),
        (b"\x81caf\xe9", "us-ascii", "\x81café", ""),
        (b"\xa4", "iso-8859-15", "€", ""),
        ("é".encode(), "", "é", "charset: missing"),
        ("é".encode(), "latin1", "é", "charset: is utf-8"),
        (b"\xe9t\xe9", "utf-8", "été", "charset: not utf-8"),
        ("déjà vu, ça".encode()[:-1] + b"\xff", "utf-8", "déjà vu, ç\ufffd", "charset: not utf-8"),
        (b"\xe9", "unknown-8bit", "é", "charset: unknown-8bit"),
        (b"\xff\xfee\0\xe9\0", "utf-8", "eé", ""),
        (b"\xef\xbb\xbf\xc3\xa9", "iso-8859-1", "é", ""),
        ("é".encode("utf-16-le"), "utf-16", "é", ""),
        ("日本".encode("iso2022_jp"), "ISO-2022-JP", "日本", ""),
        ("中文".encode("gbk"), "gb2312", "中文", ""),
        (b"\xe9", "rot13", "é", "charset: rot13"),
        (b"\xe9", "\x1b[2J", "é", "charset: 2j"),
    ],
)
def test_bytes_are_read_by_the_labels_of_the_web(data: bytes, label: str, text: str, warning: str):
    assert decode(data, label) == (text, warning)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?Caf=C3=A9_cr=C3=A8me?=", "Café crème"),
        ("=?UTF-8?B?w4k=?= =?utf-8?Q?t=C3=A9?=", "Été"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("x=?utf-8?q?=C3=A9?=y", "xéy"),
        ("=?iso-8859-1?q?=93oui=94?=", "“oui”"),
        ("=?utf-8?q?Vraiment??=", "Vraiment?"),
        ("=?utf-8?q?trop long\r\n pour une ligne?=", "trop long pour une ligne"),
        ("=?x-unknown?q?=E9t=E9?=", "été"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?b?w6k?=", "é"),
        ("a\r\n\tb \x00\x1b[31m\u202ec\u200b", "a b [31mc"),
        ("d\udce9j\udce0 vu", "déjà vu"),
    ],
)
def test_a_header_reads_as_one_line(value: str, text: str):
    assert decode_line(value) == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("jeanne@courriel.test", [("", "jeanne@courriel.test")]),
        ("Jeanne <jeanne@courriel.test>", [("Jeanne", "jeanne@courriel.test")]),
        ("jeanne@courriel.test (Jeanne Martin)", [("Jeanne Martin", "jeanne@courriel.test")]),
        ('"Martin, \\"J.\\"" <j@d.test>; k@d.test', [('Martin, "J.', "j@d.test"), ("", "k@d.test")]),
        ("a@b.test,, ,c@d.test", [("", "a@b.test"), ("", "c@d.test")]),
        ("Amis: a@b.test, c@d.test;", [("", "a@b.test"), ("", "c@d.test")]),
        ("undisclosed-recipients:;", []),
        ("<@relais.test,@autre.test:j@courriel.test>", [("", "j@courriel.test")]),
        ("=?utf-8?q?Zo=C3=A9_=3Cz=40courriel=2Etest=3E?=", [("Zoé", "z@courriel.test")]),
        ("Jeanne Martin j@courriel.test", [("Jeanne Martin", "j@courriel.test")]),
        ("'Jeanne' <mailto:j@courriel.test>", [("Jeanne", "j@courriel.test")]),
        ("Jeanne Martin", []),
        ("", []),
        ("<>", []),
    ],
)  # fmt: skip
def test_addresses_are_read_whatever_their_form(value: str, found: list[tuple[str, str]]):
    assert [(one.name, one.address) for one in addresses(value)] == found


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Mon, 3 Mar 2025 10:00:00 +0100", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ("3 Mar 2025 10:00 GMT (heure de Londres)", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("Mon, 3 Mar 2025 10:00:60 -0000", datetime(2025, 3, 3, 10, 0, 59, tzinfo=UTC)),
        ("Mon, 3 Mar 2025 10:00:00 +9900", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("lun., 3 févr. 2025 10:00:00 +0100", datetime(2025, 2, 3, 9, tzinfo=UTC)),
        ("2025-03-03T10:00:00+01:00", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ("Mon Mar  3 10:00:00 2025", datetime(2025, 3, 3, 10, tzinfo=UTC)),
        ("Mon, 3 Mar 25 10:00:00 +0100", datetime(2025, 3, 3, 9, tzinfo=UTC)),
        ("31 Feb 2025 10:00:00 +0000", None),
        ("3 Mar 0150 10:00:00 +0100", None),
        ("3 Mar 99999 10:00:00 +0100", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_date_is_a_moment_in_utc_or_nothing(value: str, moment: datetime | None):
    assert parse_date(value) == moment


def test_a_trace_line_gives_its_date():
    value = "from a ([192.0.2.1]; x) by b with LMTP id 1; Mon, 3 Mar 2025 10:00:00 +0100 (CET)"
    assert received_date(value) == datetime(2025, 3, 3, 9, tzinfo=UTC)


def test_the_source_knows_better_than_the_headers_when_a_mail_arrived():
    content = b"Received: by b; Mon, 3 Mar 2025 10:00:00 +0100\nReceived: by a; Sun, 2 Mar 2025 10:00:00 +0100\n\nx"
    known = datetime(2025, 3, 4, tzinfo=UTC)
    assert parse(RawMessage("file:x", content)).received == datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert parse(RawMessage("file:x", content, known)).received == known


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.exe", "x.exe"),
        ("..", ""),
        (".htaccess", "htaccess"),
        ("a:b|c?.pdf", "a_b_c_.pdf"),
        ("x" * 300 + ".pdf", "x" * 140 + ".pdf"),
        ("pièce d’identité.pdf", "pièce d’identité.pdf"),
    ],
)
def test_a_file_name_is_a_bare_name(claimed: str, name: str):
    assert bare_name(claimed) == name


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>un</p><p>deux</p>", "un\n\ndeux"),
        ("un<br>deux<br><br>trois", "un\ndeux\n\ntrois"),
        ("<div>un</div><div><div>deux</div></div>", "un\ndeux"),
        ("un   \n deux<b> trois</b>", "un deux trois"),
        ("<ol><li>un<li>deux</ol>", "- un\n- deux"),
        ("<pre>  un\n   deux</pre>", "  un\n   deux"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A | B\n1 | 2"),
        ("<table><tr><td>Nom :</td><td>Zoé</td></tr></table>", "Nom : Zoé"),
        ("<table><tr><td><table><tr><td>un</td></tr><tr><td>deux</td></tr></table></td></tr></table>", "un\ndeux"),
        ("<blockquote>un<blockquote>deux</blockquote></blockquote>trois", "> un\n>\n>> deux\n\ntrois"),
        ("<blockquote style='margin:0 0 0 40px;border:none'>retrait</blockquote>", "retrait"),
        ("un<span style='font-size:0px'>x</span><span style='FONT-SIZE: 10px'> deux</span>", "un deux"),
        ("<div hidden>x</div><div style='mso-hide:all'>x</div><p style='visibility: hidden'>x</p>vu", "vu"),
        ("<script>x</script><style>x</style><title>x</title>vu<!-- x -->", "vu"),
        ("aper\u200b\u200ccu\u00adx", "apercux"),
        ("<a href='http://exemple.org'>le lien</a>", "le lien"),
        ("un<hr>De : x", "un\n" + "_" * 32 + "\nDe : x"),
        ("-- <br>Jeanne", "-- \nJeanne"),
        ("<?xml version='1.0' encoding='utf-16'?><p>déjà</p>", "déjà"),
        ("a &lt;b&gt; &amp; &eacute; &#8364;", "a <b> & é €"),
        ("<p>non fermé <b>gras", "non fermé gras"),
        ("", ""),
    ],
)
def test_html_reads_as_a_person_sees_it(html: str, text: str):
    assert html_to_text(html) == text


def test_html_without_a_declared_charset_is_read_by_its_meta_element():
    head = b'Content-Type: text/html\n\n<meta http-equiv=x content="text/html; charset=koi8-r">'
    content = head + b"<p>\xf0\xf2\xe9\xf7\xe5\xf4 tous</p>"
    assert parse(RawMessage("file:x", content)).body == "ПРИВЕТ tous"


def test_hostile_codec_names_never_reach_the_codecs(monkeypatch):
    import codecs

    asked = []
    monkeypatch.setattr(codecs, "lookup", asked.append)
    for label in ("idna", "punycode", "unicode_escape", "utf-7", "hex", "zip", "rot13", "raw_unicode_escape", "mbcs"):
        parse(
            RawMessage("file:x", f"Subject: =?{label}?q?=E9?=\nContent-Type: text/plain; charset={label}\n\né".encode())
        )
    assert asked == []


def test_an_unforeseen_error_keeps_the_message(monkeypatch):
    import triage.parse.message

    monkeypatch.setattr(triage.parse.message, "gather", lambda *_: 1 / 0)
    message = parse(RawMessage("file:x", b"Subject: Essai\n\nTexte \x1b[2J\0 brut"))
    assert message.body == "Subject: Essai\n\nTexte [2J brut"
    assert message.warnings == ("unreadable: ZeroDivisionError",)
    assert message.kind == "human"


def test_a_quoted_local_part_keeps_its_blank_but_no_control_character():
    message = parse(RawMessage("file:x", b'From: "jean\x01 \x1fmartin"@courriel.test\n\nBonjour\n'))
    assert message.sender is not None
    assert message.sender.address == '"jean martin"@courriel.test'
