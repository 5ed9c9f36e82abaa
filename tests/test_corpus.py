import json

import pytest

from triage.corpus import load_examples, read_rows

ROW = {
    "id": "1", "subject": "Lampadaire", "text": "Le lampadaire de ma rue est éteint, merci de venir.", "labels": {"service": "voirie"},
    "secondary": ["ecole"], "origin": "invented", "spec": {"voice": "élu", "form": "message simple", "twist": "secret"},
}  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    def write(**changes):
        path = tmp_path / "c.jsonl"
        path.write_text(json.dumps(ROW | changes, ensure_ascii=False) + "\n", "utf-8")
        return path

    return write


def test_an_example_carries_its_second_request_its_origin_and_its_traits(corpus):
    (example,) = load_examples([corpus()], ["service"], traits=True)
    assert (example.secondary, example.origin) == (("ecole",), "invented")
    assert example.traits == {
        "length": "0-10", "accents": "with", "capitals": "none", "spelling": "clean", "forwarded": "no", "quoted": "no",
        "voice": "élu", "form": "message simple", "second_request": "yes",
    }  # fmt: skip


def test_training_computes_no_traits(corpus):
    (example,) = load_examples([corpus()], ["service"])
    assert example.traits == {}


@pytest.mark.parametrize(
    "changes", [{"spec": None}, {"spec": "x"}, {"spec": {"voice": 3}}, {"secondary": None, "origin": 4}]
)
def test_odd_extras_do_not_stop_a_corpus(corpus, changes):
    (row,) = read_rows(corpus(**changes), ["service"])
    assert "voice" not in row.traits or row.traits["voice"] == "élu"
    assert row.text == ROW["text"]


def test_a_plain_corpus_has_the_traits_of_its_texts_only(tmp_path):
    (tmp_path / "c.csv").write_text("text,label\nLe lampadaire est éteint.,voirie\n", "utf-8")
    (example,) = load_examples([tmp_path / "c.csv"], ["service"], traits=True)
    assert set(example.traits) == {"length", "accents", "capitals", "forwarded", "quoted"}
    assert (example.secondary, example.origin) == ((), "")


def test_labels_beside_the_main_one_may_be_a_list_or_a_csv_cell(corpus, tmp_path):
    (row,) = read_rows(corpus(acceptable="voirie", secondary=["ecole", "eau"], id=None), ["service"])
    assert (row.acceptable, row.secondary, row.id) == (("voirie",), ("ecole", "eau"), "1")
    (tmp_path / "c.csv").write_text("text;label;acceptable\nUn lampadaire éteint;voirie;eau | espaces verts\n", "utf-8")
    (row,) = read_rows(tmp_path / "c.csv", ["service"])
    assert row.acceptable == ("eau", "espaces verts")


@pytest.mark.parametrize("changes", [{"acceptable": 3}, {"secondary": ["ecole", 3]}, {"secondary": {"service": "eau"}}])
def test_labels_beside_the_main_one_that_are_no_labels_are_refused_by_line_and_key(corpus, changes):
    refused = []
    assert not list(read_rows(corpus(**changes), ["service"], refused.append))
    assert f"c.jsonl, line 1, key '{next(iter(changes))}': must be a list of labels" in str(refused[0])
