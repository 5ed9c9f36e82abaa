"""What a model remembers of its training texts: common words and numbers, enough to see another topic."""

import json
from dataclasses import replace

import pytest

from triage.classify import load_model
from triage.classify.store import USUAL_FILE, load_usual, save
from triage.classify.usual import Told, usual_of
from triage.errors import ModelError

COMMON = frozenset({"bonjour", "merci"})


def told(label, count, *words, writer=""):
    own = [COMMON | set(words) | {f"propre{writer}{label}{i}"} for i in range(count)]
    return [Told(frozenset(one), writer or f"{label}{i}", label, 0.5 + i / 1_000) for i, one in enumerate(own)]


def test_words_of_several_writers_that_a_label_has_more_of_make_a_text_typical():
    found = usual_of([*told("a", 30, "lampadaire"), *told("b", 30, "cantine")], least=3, seed=1)
    assert set(found["a"].weights) == {"lampadaire"}
    assert set(found["b"].weights) == {"cantine"}
    assert sum(found["a"].typical) / 30 == pytest.approx(1, abs=1e-3)
    assert found["a"].confidences == tuple(round(0.5 + i / 1_000, 3) for i in range(30))
    assert found["a"].typicality(frozenset({"lampadaire", "cassé"})) > found["a"].typicality(COMMON) == 0
    assert found["a"].typicality(frozenset()) == 0


def test_what_one_writer_says_however_often_is_not_kept():
    texts = [*told("a", 30, "lampadaire"), *told("a", 9, "bouquetin", writer="zoe"), *told("b", 30)]
    assert set(usual_of(texts, least=3, seed=1)["a"].weights) == {"lampadaire"}
    two = [*texts, *told("a", 9, "bouquetin", writer="paul"), *told("a", 9, "bouquetin", writer="anne")]
    assert set(usual_of(two, least=3, seed=1)["a"].weights) == {"lampadaire", "bouquetin"}


def test_a_model_folder_keeps_it_and_holds_no_text(small_model, small_corpus):
    model = load_model(small_model)
    found = load_usual(small_model, model)
    assert set(found) == set(model.axes["service"].labels)
    assert all(one.weights and len(one.confidences) == len(one.typical) for one in found.values())
    assert (small_model / USUAL_FILE).stat().st_size < 60_000
    kept = json.loads((small_model / USUAL_FILE).read_text("utf-8"))
    assert set(kept["etat_civil"]) == {"confidences", "typical", "weights"}
    assert not [word for one in kept.values() for word in one["weights"] if " " in word]


def test_a_model_without_it_is_read_all_the_same_and_an_altered_one_is_refused(small_model, tmp_path):
    older = save(replace(load_model(small_model), usual={}), tmp_path / "older")
    assert not (tmp_path / "older" / USUAL_FILE).exists()
    assert load_usual(tmp_path / "older", load_model(tmp_path / "older")) == {}
    assert older.id != load_model(small_model).id
    newer = tmp_path / "newer"
    save(replace(load_model(small_model), usual=load_usual(small_model, load_model(small_model))), newer)
    (newer / USUAL_FILE).write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="altered or truncated"):
        load_usual(newer, load_model(newer))
