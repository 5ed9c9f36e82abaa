"""What mail programs, phones, forms and people make of replies and forwards: `clients/*.toml`.

Each case names its program; in its body ⟦…⟧ encloses the own words, as written by hand beforehand.
`own` stands for own words that are not in the body, `forwarded` for the first writer a colleague passes on.
"""

import re
import tomllib
import unicodedata
from pathlib import Path

import pytest

from triage.clean import clean
from triage.clean.headers import read_address
from triage.types import Forwarded

FILES = sorted(Path(__file__).with_name("clients").glob("*.toml"))
CASES = [
    pytest.param(case, id=f"{path.stem}.{case['name']}")
    for path in FILES
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def unmarked(marked):
    """The body without ⟦ and ⟧, and the (start, end) of what they enclose."""
    body, spans = "", []
    for at, part in enumerate(re.split("[⟦⟧]", marked)):
        if at % 2:
            spans.append((len(body), len(body) + len(part)))
        body += part
    return body, spans


def cleaned(case, body, message):
    to = read_address(case.get("to", ""))
    return clean(message(body, case["subject"], sender=read_address(case.get("from", "")), to=(to,) if to else ()))


def first_writer(case):
    told = case.get("forwarded")
    if told is None:
        return None
    return Forwarded(read_address(f"{told['name']} <{told['address']}>"), told["date"], told["subject"])


@pytest.mark.parametrize("case", CASES)
def test_own_words_stand_exactly_where_they_were_marked(case, message):
    body, spans = unmarked(case["body"])
    found = cleaned(case, body, message)
    own = [(part.start, part.end) for part in found.segments if part.kind == "own"]
    assert [body[start:end] for start, end in own] == [body[start:end] for start, end in spans]
    assert own == spans


@pytest.mark.parametrize("case", [case for case in CASES if not {"own"} & set(case.values[0])])
def test_the_text_is_the_own_words_without_quote_marks(case, message):
    body, spans = unmarked(case["body"])
    own = "\n".join(body[start:end] for start, end in spans)
    assert cleaned(case, body, message).body == re.sub(r"(?m)^> ?", "", own)


@pytest.mark.parametrize("case", [case for case in CASES if "own" in case.values[0]])
def test_the_subject_stands_in_where_nothing_was_written(case, message):
    assert cleaned(case, case["body"], message).body == case["own"]


@pytest.mark.parametrize("case", CASES)
def test_the_first_writer_is_named_where_a_colleague_forwards_and_nowhere_else(case, message):
    body, _ = unmarked(case["body"])
    assert cleaned(case, body, message).forwarded == first_writer(case)


SPELLINGS = {
    "no-break spaces": lambda text: re.sub(r" ([:!?;»])", "\u00a0\\1", text),
    "narrow no-break spaces": lambda text: re.sub(r" ([:!?;»])", "\u202f\\1", text),
    "blanks at line ends": lambda text: text.replace("\n", " \n"),
    "twice the blank lines": lambda text: re.sub(r"\n\n+", "\n\n\n\n", text),
    "curly apostrophes": lambda text: text.replace("'", "’"),
    "decomposed accents": lambda text: unicodedata.normalize("NFD", text),
    "invisible characters in blank lines": lambda text: text.replace("\n\n", "\n\u200b\n"),
    "no accents": lambda text: re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)),
    "quote marks without a blank": lambda text: re.sub(r"(?m)^> (?=[^>])", ">", text),
}


def only_words(text):
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).replace("\u200b", ""))


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_own_words_do_not_depend_on_how_a_program_spells_blanks_and_accents(spell, message):
    for case in (param.values[0] for param in CASES):
        body = spell(case["body"])
        wanted = "\n".join(re.findall("⟦(.*?)⟧", body, re.DOTALL)) or case["own"]
        found = cleaned(case, re.sub("[⟦⟧]", "", body), message)
        assert only_words(found.body) == only_words(wanted), case["name"]


def test_there_are_at_least_a_hundred_and_fifty_cases_under_different_names():
    assert len({case.values[0]["name"] for case in CASES}) == len(CASES) >= 150
