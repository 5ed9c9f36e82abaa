"""Mails written by hand beside what must be read from them: `golden/x.eml`, `golden/x.json`.

A .json file may leave out what its mail says nothing about.
"""

import hashlib
import json
from pathlib import Path

import pytest

from triage.parse import parse
from triage.types import Address, Message, RawMessage

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.eml"))


def pair(address: Address | None) -> list[str] | None:
    return [address.name, address.address] if address else None


def shown(message: Message) -> dict:
    return {
        "subject": message.subject,
        "sender": pair(message.sender),
        "to": [pair(one) for one in message.to],
        "date": message.date.isoformat() if message.date else None,
        "kind": message.kind,
        "html_only": message.html_only,
        "body": message.body,
        "references": list(message.references),
        "attachments": [[one.name, one.media_type, one.size] for one in message.attachments],
        "warnings": list(message.warnings),
    }


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_nasty_mail_reads_as_written_beside_it(path):
    content = path.read_bytes()
    message = parse(RawMessage(f"file:{path.name}", content))
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    found = shown(message)
    assert expected.keys() >= {"subject", "sender", "body"}
    assert {key: found[key] for key in expected} == expected
    assert message.digest == hashlib.sha256(content).hexdigest()
    assert message.origin == f"file:{path.name}"


def test_there_are_golden_mails():
    assert len(GOLDEN) >= 300
