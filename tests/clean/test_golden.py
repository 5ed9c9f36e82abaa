"""Forms in which French mail programs quote, forward and sign: `x.txt` is the body, `x.json` what must come out.

The expected values were written by hand. `segments` lists (kind, text) of every segment in order.
"""

import json
from pathlib import Path

import pytest

from triage.clean import clean
from triage.clean.headers import read_address
from triage.types import Forwarded

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.txt"))


def expected_forward(wanted):
    if not wanted:
        return None
    sender = read_address(f"{wanted['name']} <{wanted['address']}>")
    assert sender is not None
    return Forwarded(sender, wanted["date"], wanted["subject"])


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_own_words_segments_and_first_writer_of_a_known_form(path, message):
    body = path.read_bytes().decode()
    case = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    to = read_address(case.get("to", ""))
    mail = message(
        body, case["subject"], kind=case["kind"], sender=read_address(case.get("from", "")), to=(to,) if to else ()
    )
    found = clean(mail)
    shown = [[part.kind, body[part.start : part.end]] for part in found.segments]
    assert (found.body, found.forwarded, shown) == (case["body"], expected_forward(case["forwarded"]), case["segments"])


def test_there_are_at_least_fifty_forms():
    assert len(GOLDEN) >= 50
