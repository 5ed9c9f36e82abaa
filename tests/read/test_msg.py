"""Outlook .msg files, from real OLE files: what the parser makes of the mail they stand for, and damage."""

import io
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from compressed_rtf import compress

from tests.read.outlook import compound_file, message_storage, outlook_file
from triage.errors import SourceError
from triage.parse import parse
from triage.read import read
from triage.read.mapi import NotAMessageError, Pid
from triage.read.msg import convert
from triage.read.rtf import read_rtf
from triage.types import Address, Message, RawMessage

SENT, DELIVERED = datetime(2025, 3, 3, 9, 0, tzinfo=UTC), datetime(2025, 3, 3, 9, 1, 30, tzinfo=UTC)
TEXT = "Bonjour,\r\nLe lampadaire de la rue des Lilas n’éclaire plus.\r\n"
JEANNE = {Pid.SENDER_NAME: "Martin, Jeanne", Pid.SENDER_SMTP_ADDRESS: "jeanne@courriel.test"}
PLAIN = {Pid.SUBJECT: "Éclairage – rue des Lilas", Pid.BODY: TEXT, Pid.CLIENT_SUBMIT_TIME: SENT, **JEANNE}
HEADERS = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from mx.exemple.org by exemple.org;\r\n\tMon, 3 Mar 2025 10:00:00 +0100\r\n"
    "From: =?utf-8?q?H=C3=A9l=C3=A8ne?= <helene@courriel.test>\r\nDate: Mon, 3 Mar 2025 10:00:00 +0100\r\n"
    'Message-ID: <1@courriel.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n\tboundary="x"\r\n'
    "Auto-Submitted: auto-replied\r\n\r\n--x\r\nContent-Type: text/plain\r\n"
)


def parsed(data: bytes) -> Message:
    content, received = convert(data)
    assert content == convert(data)[0]
    return parse(RawMessage("x", content, received))


def recipient(name: str, address: str, kind: int = 1) -> dict[int, str | int]:
    return {Pid.DISPLAY_NAME: name, Pid.SMTP_ADDRESS: address, Pid.RECIPIENT_TYPE: kind}


@pytest.mark.parametrize("encoding", ["", "cp1252", "utf-8"])
def test_a_plain_message_is_read_whole_in_unicode_and_in_eight_bits(encoding: str):
    values = {**PLAIN, Pid.MESSAGE_DELIVERY_TIME: DELIVERED, Pid.IN_REPLY_TO_ID: "<0@exemple.org>"}
    to = [recipient("Mairie", "mairie@exemple.org"), recipient("", "b@exemple.org", 2), recipient("x", "c@x.fr", 3)]
    message = parsed(outlook_file(values, to, encoding=encoding))
    assert (message.subject, message.body) == (PLAIN[Pid.SUBJECT], TEXT.replace("\r\n", "\n").rstrip("\n"))
    assert message.sender == Address("Martin, Jeanne", "jeanne@courriel.test")
    assert message.to == (Address("Mairie", "mairie@exemple.org"),)
    assert message.cc == (Address("", "b@exemple.org"),)
    assert (message.date, message.received) == (SENT, DELIVERED)
    assert message.references == ("0@exemple.org",)
    assert message.warnings == ()


def test_transport_headers_are_kept_without_those_of_the_lost_form():
    message = parsed(outlook_file({**PLAIN, Pid.TRANSPORT_MESSAGE_HEADERS: HEADERS}))
    assert message.sender == Address("Hélène", "helene@courriel.test")
    assert (message.id, message.kind, message.date) == ("1@courriel.test", "auto_reply", SENT)
    assert message.subject == PLAIN[Pid.SUBJECT]
    assert message.body.startswith("Bonjour,\nLe lampadaire")


def test_no_value_can_add_a_header_or_leave_its_part():
    values = {**PLAIN, Pid.SUBJECT: "a\r\nBcc: x@x.fr\r\n\r\ncorps", Pid.SENDER_NAME: 'x" <y@y.fr>\r\nTo: z@z.fr'}
    attached = {
        Pid.ATTACH_LONG_FILENAME: 'a"\r\nX: y',
        Pid.ATTACH_MIME_TAG: "text/x\r\nY: z",
        Pid.ATTACH_DATA_BINARY: b"",
    }
    content, _ = convert(outlook_file(values, attachments=[attached]))
    names = {line.partition(b":")[0] for line in content.split(b"\n") if line[:1].isalpha() and b":" in line}
    assert names == {
        b"From", b"Subject", b"Date", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition"
    }  # fmt: skip
    message = parse(RawMessage("x", content))
    assert (message.subject, message.sender) == (
        "a Bcc: x@x.fr corps",
        Address("x' <y@y.fr> To: z@z.fr", "jeanne@courriel.test"),
    )


def test_who_wrote_is_the_person_in_whose_name_it_was_sent():
    values = {
        **PLAIN, Pid.SENT_REPRESENTING_NAME: "Le maire", Pid.SENT_REPRESENTING_SMTP_ADDRESS: "maire@exemple.org"
    }  # fmt: skip
    content, _ = convert(outlook_file(values))
    assert b'From: "Le maire" <maire@exemple.org>\nSender: "Martin, Jeanne" <jeanne@courriel.test>\n' in content


def test_a_directory_path_of_exchange_is_no_address():
    path = {Pid.SENDER_NAME: "Martin Jeanne", Pid.SENDER_EMAIL_ADDRESS: "/O=MAIRIE/CN=RECIPIENTS/CN=JMARTIN"}
    assert parsed(outlook_file({Pid.BODY: TEXT, **path})).sender is None
    named = {**path, Pid.SENDER_EMAIL_ADDRESS: "jeanne@courriel.test"}
    assert parsed(outlook_file({Pid.BODY: TEXT, **named})).sender == Address("Martin Jeanne", "jeanne@courriel.test")


@pytest.mark.parametrize(
    ("html", "page"),
    [
        ("<p>Le lampadaire est cassé’</p>".encode("cp1252"), 1252),
        ("<p>Le lampadaire est cassé’</p>".encode(), 65001),
        ("<p>Le lampadaire est cassé’</p>".encode("cp1252"), 28591),
        ('<meta charset="utf-8"><p>Le lampadaire est cassé’</p>'.encode(), 0),
        ('<meta charset="utf-8"><p>Le lampadaire est cassé’</p>'.encode(), 99_999),
        ("<p>Le lampadaire est cassé’</p>", 1252),
    ],
)
def test_an_html_body_is_read_in_its_code_page(html: bytes | str, page: int):
    message = parsed(outlook_file({**JEANNE, Pid.HTML: html, Pid.INTERNET_CODEPAGE: page}))
    assert (message.body, message.html_only) == ("Le lampadaire est cassé’", True)


def test_text_and_html_are_alternatives():
    content, _ = convert(outlook_file({**PLAIN, Pid.HTML: b"<p>Autre</p>"}))
    assert b"multipart/alternative" in content
    message = parse(RawMessage("x", content))
    assert "Autre" not in message.body
    assert message.html_only is False


HTML_IN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Arial;}}"
    rb"{\colortbl\red0;}\uc1\pard{\*\htmltag19 <html>}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
    rb"Le lampadaire est cass\'e9, c\rquote est g\u234?nant {\*\htmltag84 &amp;}\htmlrtf \'26\htmlrtf0  dangereux."
    rb"{\*\mhtmltag64 <p class=x>}\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}{\f1 \'cf\'f0}{\*\htmltag27 </html>}}"
)
PLAIN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\generator Riched20;}{\info{\author Jeanne}}\pard "
    rb"Bonjour,\par Le lampadaire \b est\b0  cass\'e9 {\field{\*\fldinst{HYPERLINK x}}{\fldrslt ici}}\{1\}"
    rb"{\pict\bin3 }}{}x\u-10179?\u-8704?\par}"
)


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    ("rtf", "body", "html_only"),
    [
        (HTML_IN_RTF, "Le lampadaire est cassé, c’est gênant & dangereux.\n\nПр", True),
        (PLAIN_RTF, "Bonjour,\nLe lampadaire est cassé ici{1}x😀", False),
    ],
)
def test_a_body_in_rtf_only_is_read(rtf: bytes, body: str, html_only: bool, compressed: bool):
    message = parsed(outlook_file({**JEANNE, Pid.RTF_COMPRESSED: compress(rtf, compressed)}))
    assert (message.body, message.html_only) == (body, html_only)


@pytest.mark.parametrize("data", [b"", b"abc", compress(b"{\\rtf1 x}")[:-3], bytes(300_000)])
def test_rtf_that_cannot_be_read_leaves_the_rest(data: bytes):
    message = parsed(outlook_file({Pid.SUBJECT: "Objet", Pid.RTF_COMPRESSED: data}))
    assert (message.subject, message.body) == ("Objet", "")


def test_rtf_is_unpacked_up_to_a_limit_for_the_whole_file():
    packed = compress(b"{\\rtf1 lu}" + b" " * 200_000, False)
    inner = message_storage({Pid.SUBJECT: "dedans", Pid.RTF_COMPRESSED: packed})
    attached = [({Pid.ATTACH_METHOD: 5}, inner)]
    assert parsed(outlook_file({Pid.BODY: "x"}, attachments=attached)).body.endswith("\n\nlu")
    assert parsed(outlook_file({Pid.RTF_COMPRESSED: packed}, attachments=attached)).body.count("lu") == 1


@pytest.mark.parametrize(
    "piece", ["{", "{}", "\\u1?", "\\'e9", "\\*", '{\\field{\\*\\fldinst{HYPERLINK "', "\\bin-9", "{\\pict"]
)
def test_hostile_rtf_is_read_in_one_pass(piece: str):
    assert read_rtf("{\\rtf1 a" + piece * 20_000)[0].startswith("a")


def test_attachments_keep_name_type_and_bytes():
    files = [
        {Pid.ATTACH_METHOD: 1, Pid.ATTACH_LONG_FILENAME: "reçu n°1.pdf", Pid.ATTACH_MIME_TAG: "application/pdf",
         Pid.ATTACH_DATA_BINARY: b"%PDF" + bytes(9_000)},
        {Pid.ATTACH_METHOD: 1, Pid.ATTACH_FILENAME: "NOTE~1.TXT", Pid.ATTACH_MIME_TAG: "text/plain",
         Pid.ATTACH_DATA_BINARY: b"Ce texte n'est pas le corps."},
        {Pid.ATTACH_METHOD: 7, Pid.DISPLAY_NAME: "sur le nuage.docx"},
    ]  # fmt: skip
    message = parsed(outlook_file(PLAIN, attachments=files))
    assert [(one.name, one.media_type, one.size) for one in message.attachments] == [
        ("reçu n°1.pdf", "application/pdf", 9_004),
        ("NOTE~1.TXT", "text/plain", 28),
        ("sur le nuage.docx", "application/octet-stream", 0),
    ]
    assert "Ce texte" not in message.body


def test_an_embedded_message_is_a_forwarded_mail():
    inner = message_storage({**PLAIN, Pid.SUBJECT: "Le premier"})
    message = parsed(outlook_file({Pid.BODY: "Pour vous."}, attachments=[({Pid.ATTACH_METHOD: 5}, inner)]))
    assert message.body == (
        'Pour vous.\n\n---------- Message transféré ----------\nDe: "Martin, Jeanne" <jeanne@courriel.test>\n'
        "Date: Mon, 03 Mar 2025 09:00:00 +0000\nObjet: Le premier\nÀ: \n\n"
        "Bonjour,\nLe lampadaire de la rue des Lilas n’éclaire plus."
    )


def test_messages_within_messages_end():
    storage = message_storage({Pid.BODY: "fond"})
    for _ in range(60):
        storage = message_storage({Pid.BODY: "x"}, attachments=[({Pid.ATTACH_METHOD: 5}, storage)])
    message = parsed(outlook_file({Pid.SUBJECT: "dehors"}, attachments=[({Pid.ATTACH_METHOD: 5}, storage)]))
    assert message.subject == "dehors"
    assert "fond" not in message.body


SIGNED = (
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: text/plain\r\n\r\nTexte sign\xc3\xa9\r\n--b\r\n"
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--b--\r\n"
)


def test_the_text_of_a_signed_message_is_read_and_an_encrypted_one_flagged():
    signed = {Pid.MESSAGE_CLASS: "IPM.Note.SMIME.MultipartSigned", Pid.SUBJECT: "signé"}
    message = parsed(outlook_file(signed, attachments=[{Pid.ATTACH_DATA_BINARY: SIGNED}]))
    assert (message.subject, message.body) == ("signé", "Texte signé")
    opaque = parsed(
        outlook_file({Pid.MESSAGE_CLASS: "IPM.Note.SMIME"}, attachments=[{Pid.ATTACH_DATA_BINARY: b"0\x80"}])
    )
    assert "encrypted" in opaque.warnings


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("REPORT.IPM.Note.NDR", "bounce"),
        ("REPORT.IPM.Note.DR", "receipt"),
        ("REPORT.IPM.Note.IPNRN", "receipt"),
        ("IPM.Note.Rules.OofTemplate.Microsoft", "auto_reply"),
        ("IPM.Note", "human"),
    ],
)
def test_reports_and_automatic_replies_are_known_by_their_class(kind: str, expected: str):
    values = {**PLAIN, Pid.MESSAGE_CLASS: kind}
    assert parsed(outlook_file(values, [recipient("Mairie", "mairie@exemple.org")])).kind == expected


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["mail.msg", "MAIL.MSG", "sans-suffixe"])
def test_a_file_is_recognised_by_its_first_bytes(tmp_path: Path, name: str):
    path = write(tmp_path / name, outlook_file({**PLAIN, Pid.MESSAGE_DELIVERY_TIME: DELIVERED}))
    (raw,) = read(str(path))
    assert (raw.origin, raw.received) == (f"file:{path}", DELIVERED)
    assert parse(raw).subject == PLAIN[Pid.SUBJECT]


def test_standard_input_may_be_an_outlook_file(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(outlook_file(PLAIN))))
    assert [parse(raw).subject for raw in read("-")] == [PLAIN[Pid.SUBJECT]]


def test_an_rfc_5322_mail_named_msg_is_one(tmp_path: Path):
    path = write(tmp_path / "x.msg", b"Subject: un\n\nBonjour\n")
    assert [raw.content for raw in read(str(path))] == [b"Subject: un\n\nBonjour\n"]


def test_folders_may_mix_eml_and_msg_and_a_damaged_one_is_kept(tmp_path: Path):
    (tmp_path / "sous").mkdir()
    eml = b"Subject: un\n\nBonjour\n"
    damaged = outlook_file(PLAIN)[:2_000]
    write(tmp_path / "a.eml", eml)
    write(tmp_path / "sous" / "b.MSG", outlook_file(PLAIN))
    write(tmp_path / "sous" / "c.msg", damaged)
    write(tmp_path / "notes.doc", compound_file({"WordDocument": b"x"}))
    messages = [parse(raw) for raw in read(str(tmp_path))]
    assert [message.origin for message in messages] == [
        f"file:{tmp_path}/{n}" for n in ("a.eml", "sous/b.MSG", "sous/c.msg")
    ]
    assert [message.subject for message in messages] == ["un", PLAIN[Pid.SUBJECT], "c.msg"]
    assert (messages[2].kind, messages[2].body) == ("empty", "")
    assert [(one.name, one.size) for one in messages[2].attachments] == [("c.msg", len(damaged))]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (outlook_file(PLAIN)[:700], "its structure is damaged"),
        (compound_file({"WordDocument": b"x" * 5_000}), "it holds no Outlook message"),
        (outlook_file({**PLAIN, Pid.HTML: b"x" * 90_000})[:-60_000], "its structure is damaged"),
    ],
)
def test_a_lone_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, data: bytes, why: str):
    path = write(tmp_path / "x.msg", data)
    with pytest.raises(SourceError) as caught:
        read(str(path))
    assert str(caught.value) == (
        f"{path}: cannot be read as an Outlook message ({why}): open it in Outlook and save it again, or as .eml"
    )


def test_a_file_over_the_limit_is_kept_for_a_human(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("triage.read.files.MAX_KEPT", 2_000)
    path = write(tmp_path / "x.msg", outlook_file(PLAIN))
    (raw,) = read(str(path))
    assert len(raw.content) == 2_000
    assert parse(raw).subject == "x.msg"


def test_a_file_that_declares_more_than_it_holds_is_refused():
    data = bytearray(outlook_file({**PLAIN, **{0x6000 + n: b"x" * 4_096 for n in range(20)}}))
    for at in range(512, len(data) - 128, 128):  # every directory entry of a long stream now claims the whole file
        if data[at + 66 : at + 68] == b"\x02\x01" and data[at + 120 : at + 124] == (4_096).to_bytes(4, "little"):
            data[at + 120 : at + 124] = (80_000).to_bytes(4, "little")
    with pytest.raises(NotAMessageError, match="declares more than it holds"):
        convert(bytes(data))


def test_no_damage_raises_anything_but_that_the_file_cannot_be_read():
    whole = outlook_file(
        {**PLAIN, Pid.RTF_COMPRESSED: compress(HTML_IN_RTF), Pid.MESSAGE_CODEPAGE: 1252},
        [recipient("Mairie", "mairie@exemple.org")],
        [{Pid.ATTACH_DATA_BINARY: b"x" * 5_000}, ({Pid.ATTACH_METHOD: 5}, message_storage(PLAIN))],
    )
    draw, refused = random.Random(4), 0
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(draw.choice([1, 3, 30])):
            data[draw.randrange(len(data))] = draw.randrange(256)
        try:
            assert parse(RawMessage("x", convert(bytes(data[: draw.choice([None, -1, 5_000])]))[0])).digest
        except NotAMessageError:
            refused += 1
    assert 0 < refused < 400
