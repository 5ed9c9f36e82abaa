from email import message_from_bytes
from email.header import Header
from email.policy import default
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.types import Address, Draft, Outcome
from triage.write import draft_bytes, put_draft

OUTCOME = Outcome("file:x", "ab" * 32)


def parsed(**changes):
    fields = {
        "to": Address("Maëlle Besnier", "maelle@example.fr"), "subject": "Re: Lampadaire éteint", "body": "Madame,\n\nMerci.\n",
        "in_reply_to": "m1@example.fr", "references": ("m0@example.fr", "m1@example.fr"), "template": "signalement", "sources": (), "missing": (),
    }  # fmt: skip
    return message_from_bytes(
        draft_bytes(Draft(**{**fields, **changes}), "mairie@montreval.example.fr", OUTCOME), policy=default
    )


def test_a_draft_is_a_threaded_unsent_message():
    found = parsed()
    assert found["To"] == "Maëlle Besnier <maelle@example.fr>"
    assert found["From"] == "mairie@montreval.example.fr"
    assert found["Subject"] == "Re: Lampadaire éteint"
    assert (found["In-Reply-To"], found["References"]) == ("<m1@example.fr>", "<m0@example.fr> <m1@example.fr>")
    assert found["X-Unsent"] == "1"
    assert found.get_content().replace("\r\n", "\n") == "Madame,\n\nMerci.\n"


def test_french_spaces_do_not_break_and_gaps_stay_searchable():
    body = "Objet : la « salle » ; [à compléter : date] ?\n"
    shown = parsed(body=body).get_content().replace("\r\n", "\n")
    assert shown == "Objet\u00a0: la «\u00a0salle\u00a0»\u00a0; [à compléter : date]\u00a0?\n"


def test_a_draft_has_the_headers_a_mail_program_needs_and_no_other():
    message = message_from_bytes(
        draft_bytes(
            Draft(
                Address("Zoé", "zoe@example.fr"),
                "Re: Été",
                "Madame,\n",
                "m1@example.fr",
                ("m1@example.fr",),
                "demande",
                (),
                (),
            ),
            "mairie@montreval.example.fr",
            OUTCOME,
        ),
        policy=default,
    )
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "X-Unsent", "X-Triage-Template", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    )  # fmt: skip
    assert (message.get_content_type(), message["Content-Type"].params["format"]) == ("text/plain", "flowed")
    assert message.defects == []
    assert [header.defects for header in message.values() if header.defects] == []


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x00", "\x0b"])
def test_no_header_can_be_injected(end):
    found = parsed(
        subject=f"Re: salle{end}Bcc: liste@courriel.test{end}{end}corps",
        to=Address(f"Zoé{end}Bcc: autre@courriel.test", f"zoe@example.fr{end}Bcc: pire@courriel.test"),
        in_reply_to=f"a@b>{end}Bcc: x@courriel.test",
        references=(f"c@d{end}Bcc: x@courriel.test",),
    )
    assert found["Bcc"] is None
    assert found.get_all("To") is not None
    assert len(found.get_all("To")) == 1
    assert found.get_content().replace("\r\n", "\n") == "Madame,\n\nMerci.\n"


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
def test_any_text_makes_a_readable_draft(name, subject, body):
    found = parsed(to=Address(name, "zoe@example.fr"), subject=subject, body=body + "\n")
    assert [address.addr_spec for address in found["To"].addresses] == ["zoe@example.fr"]
    assert found["Bcc"] is None


@given(st.text(alphabet="aé €œ?=_中😀\u0301", min_size=40, max_size=400))
def test_encoded_words_are_folded_as_the_standard_library_folds_them(subject):
    shown = " ".join(subject.split())
    draft = Draft(Address("", "zoe@example.fr"), subject, "Madame,\n", "", (), "demande", (), ())
    head = draft_bytes(draft, "mairie@montreval.example.fr", OUTCOME).decode("utf-8").partition("\r\nMessage-ID:")[0]
    expected = Header(shown, "utf-8", header_name="Subject").encode(linesep="\r\n")
    assert shown.isascii() or head.partition("Subject: ")[2] == expected


@pytest.mark.parametrize("address", ["pas une adresse", "a@b@c", "é@example.fr", "", "zoe@exämple.fr"])
def test_odd_addresses_do_not_lose_the_draft(address):
    assert parsed(to=Address("Zoé", address)).get_content().startswith("Madame,")


def test_drafts_are_private_and_leave_no_temporary_file(tmp_path):
    assert put_draft(tmp_path / "a.eml", b"x", None, fresh=True)
    assert put_draft(tmp_path / "a.eml", b"y", sha256(b"x").hexdigest(), fresh=True)
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == b"y"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("there", "content", "previous", "fresh", "left", "done"),
    [
        (None, b"new", None, False, b"new", True),
        (b"", b"new", None, False, b"new", True),  # as a power cut leaves it
        (b"new", b"new", None, False, b"new", True),
        (b"old", b"new", b"old", True, b"new", True),
        (b"hand", b"new", b"old", True, b"hand", False),
        (b"hand", b"new", None, False, b"hand", False),  # written by a killed run, then changed by an agent
        (b"unknown", b"new", None, True, b"new", True),
        (b"old", None, b"old", True, None, True),
        (b"hand", None, b"old", True, b"hand", False),
        (None, None, b"old", True, None, True),
    ],
)
def test_a_draft_changed_by_hand_stays(tmp_path, there, content, previous, fresh, left, done):
    path = tmp_path / "a.eml"
    if there is not None:
        path.write_bytes(there)
    assert put_draft(path, content, previous and sha256(previous).hexdigest(), fresh=fresh) is done
    assert (path.read_bytes() if path.exists() else None) == left
