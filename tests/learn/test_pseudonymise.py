"""Nothing that names somebody leaves with a corpus; what stays is consistent, and still a corpus."""

import json
import re

import pytest
from stdnum import iban, luhn
from stdnum.fr import nir, siret

from tests.conftest import SAMPLES
from triage.learn.pseudonyms import Pseudonyms

KEY = bytes(range(32))
ROWS = [
    {
        "id": "1",
        "label": "voirie",
        "subject": "Lampadaire devant chez M. Quintefeuille",
        "text": "Bonjour, je suis Zoé Quintefeuille, 12 rue des Glycines, 06 39 98 41 41, zoe.quintefeuille@courriel.test. "
        "Mon SIRET est 732 829 320 00074, mon dossier PC 078 123 26 00045. Le 12 mai 2026, 250 € payés.",
        "own_text": "mon dossier PC 078 123 26 00045. Le 12 mai 2026, 250 € payés.",
        "sender": "zoe.quintefeuille@courriel.test",
        "spec": {"voice": "Zoé, agacée"},
        "facts": [{"type": "phone", "text": "06 39 98 41 41"}, {"type": "date", "text": "12 mai 2026"}],
    },
    {"id": "2", "label": "voirie", "text": "Mme QUINTEFEUILLE m'a dit d'appeler le 06.39.98.41.41, merci."},
]


@pytest.fixture
def written(run, tmp_path):
    def write(rows, *more):
        (tmp_path / "in.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        done = run("pseudonymise", "in.jsonl", "--out", "out.jsonl", *more)
        return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()], done

    return write


def test_no_person_address_or_number_is_left(written):
    rows, done = written(ROWS)
    text = json.dumps(rows, ensure_ascii=False).lower()
    for secret in ("quintefeuille", "zoé", "zoe", "glycines", "41 41", "41.41", "732 829", "00045", "agacée"):
        assert secret not in text, secret
    assert "12 mai 2026, 250 €" in text
    assert "fields left out: spec" in done.stderr


def test_the_same_one_is_the_same_everywhere(written):
    rows, _ = written(ROWS)
    name = re.search(r"je suis \w+ (\w+),", rows[0]["text"])[1]
    assert rows[0]["subject"].endswith(name)
    assert f"Mme {name.upper()}" in rows[1]["text"]
    phone = rows[0]["facts"][0]["text"]
    assert phone.replace(" ", ".") in rows[1]["text"]
    assert rows[0]["own_text"] in rows[0]["text"]
    assert rows[0]["label"] == "voirie"


def test_a_kept_key_gives_the_same_pseudonyms_and_another_gives_others(written, tmp_path):
    first, _ = written(ROWS, "--key", "cle")
    assert written(ROWS, "--key", "cle")[0] == first
    assert written(ROWS)[0] != first
    assert (tmp_path / "cle").stat().st_mode & 0o777 == 0o600


def test_recall_counts_what_was_missed(written):
    rows = [{"id": "1", "text": "Écrivez à bidule ou au 06 39 98 41 41.", "facts": [
        {"type": "phone", "text": "06 39 98 41 41"}, {"type": "file", "text": "au 06"}, {"type": "person", "text": "Écrivez"}]}]  # fmt: skip
    _, done = written(rows, "--json")
    found = json.loads(done.stdout)
    assert found["annotated"]["phone"] == {"found": 1, "all": 1}
    assert found["annotated"]["person"] == {"found": 0, "all": 1}
    assert found["recall"] < 1


def test_recall_on_mails_of_the_corpus(written):
    lines = (SAMPLES / "commune" / "validation.jsonl").read_text("utf-8").splitlines()[::8]
    _, done = written([json.loads(line) for line in lines], "--json")
    assert json.loads(done.stdout)["recall"] > 0.95


@pytest.mark.parametrize(
    ("kind", "number", "check"),
    [
        ("iban", "FR76 3000 6000 0112 3456 7890 189", iban.is_valid),
        ("nir", "2 95 10 99 126 111 93", nir.is_valid),
        ("siret", "732 829 320 00074", siret.is_valid),
        ("siret", "732 829 320", luhn.is_valid),
    ],
)
def test_numbers_keep_their_form_and_a_right_check_sum(kind, number, check):
    fresh = Pseudonyms(KEY).of(kind, number)
    assert fresh != number
    assert [letter.isalnum() for letter in fresh] == [letter.isalnum() for letter in number]
    assert check(re.sub(r"\s", "", fresh))


@pytest.mark.parametrize(
    ("kind", "written_as", "form"),
    [
        ("phone", "06 12 34 56 78", r"06 39 98 \d\d \d\d"),
        ("phone", "+33 (0)1.23.45.67.89", r"\+33 \(0\)1\.99\.00\.\d\d\.\d\d"),
        ("phone", "+33612345678", r"\+336?63998\d{4}|\+3363998\d{4}"),
        ("plate", "AB-123-CD", r"WW-\d{3}-[A-Z]{2}"),
        ("email", "a@b.fr", r"[a-z]+\d{3}@courriel\.test"),
        ("address", "3 bis rue du Bac", r"\d bis rue du [A-Z][a-z]+"),
        ("number", "DP 078 22 00001", r"DP \d{3} \d\d \d{5}"),
        ("name", "M. de La Tour", r"M\. de La [A-Z][a-z]+"),
    ],
)
def test_forms(kind, written_as, form):
    assert re.fullmatch(form, Pseudonyms(KEY).of(kind, written_as))


def test_the_corpus_itself_is_never_overwritten(run, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "1", "text": "a"}\n', "utf-8")
    assert "is the corpus itself" in run("pseudonymise", "in.jsonl", "--out", "in.jsonl", check=2).stderr
    (tmp_path / "bad.jsonl").write_text('{"id": "1"}\n', "utf-8")
    assert "line 1: has no `text`" in run("pseudonymise", "bad.jsonl", "--out", "o.jsonl", check=2).stderr
    assert not (tmp_path / "o.jsonl").exists()


def test_a_name_without_capitals_goes_as_a_signature_and_counts_as_missed_elsewhere(written):
    told = "et si cest le nom de jeune fille le souci (je mapelle cailleteau mais le portail a mis mon ancien nom)"
    facts = [{"type": "person", "text": "mehdi pommeret"}, {"type": "person", "text": "cailleteau"}]
    rows, done = written(
        [
            {"id": "1", "label": "a", "text": "le lampadaire est en panne\n\nmehdi pommeret", "facts": facts},
            {"id": "2", "label": "a", "text": told, "facts": facts},
            {"id": "3", "label": "a", "text": "Bonjour,\nle lampadaire est en panne\nmerci d'avance"},
        ]
    )
    assert not re.search("mehdi|pommeret", rows[0]["text"])
    assert re.search(r"person\s+1\s+2\b", done.stdout)
    assert rows[2]["text"] == "Bonjour,\nle lampadaire est en panne\nmerci d'avance"
