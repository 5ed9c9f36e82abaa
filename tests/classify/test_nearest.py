import numpy as np
import pytest

from triage.classify import load_model
from triage.classify.nearest import nearest, reference, remember, reread
from triage.classify.store import load_remembered, save
from triage.corpus import load_examples
from triage.errors import ModelError

TEXT = "\nLe lampadaire devant mon garage est éteint depuis lundi."


@pytest.fixture(scope="module")
def model(small_model):
    return load_model(small_model)


@pytest.fixture(scope="module")
def examples(small_corpus):
    return load_examples([small_corpus], ["service", "nature"])


def test_a_training_text_is_its_own_nearest_example(small_model, model, examples):
    remembered = load_remembered(small_model, model)
    for example in examples[::40]:
        first = nearest(model, remembered, example.text)[0]
        assert first.reference == reference(example.id)
        assert dict(first.labels) == {a: label for a, label in example.labels.items() if a in model.axes}
        assert first.similarity == pytest.approx(1, abs=0.01)


def test_the_nearest_examples_bear_the_label_of_the_text(small_model, model):
    near = nearest(model, load_remembered(small_model, model), TEXT, most=5)
    assert [one.labels["service"] for one in near] == ["voirie_eclairage"] * 5
    assert near == sorted(near, key=lambda one: -one.similarity)


def test_with_the_corpus_at_hand_shared_words_decide(small_model, model, examples):
    known = {reference(e.id): e for e in examples}
    near = nearest(model, load_remembered(small_model, model), TEXT)
    found = reread(model, TEXT, [(one, known[one.reference]) for one in near])
    assert "lampadaire" in found[0].shared
    assert all(word in found[0].text.lower() for word in ("lampadaire", "depuis") if word in found[0].shared)
    assert {one.reference for one in found} == {one.reference for one in near}


def test_a_text_without_a_known_word_is_near_nothing(small_model, model):
    assert nearest(model, load_remembered(small_model, model), "\nzzzz") == []


def test_no_id_reaches_the_model(small_model, examples):
    content = (small_model / "examples.safetensors").read_bytes()
    assert not [e.id for e in examples if e.id.encode() in content]


def test_many_examples_are_thinned(model, examples, monkeypatch):
    monkeypatch.setattr("triage.classify.nearest.MOST", 10)
    kept = remember(model, examples, seed=1)
    assert len(kept.references) == len(kept.vectors) == len(kept.labels["nature"]) == 10
    assert np.array_equal(kept.vectors, remember(model, examples, seed=1).vectors)


def test_a_model_without_examples_still_works(model, tmp_path):
    save(model, tmp_path / "bare")
    bare = load_model(tmp_path / "bare")
    assert load_remembered(tmp_path / "bare", bare) is None


def test_damaged_examples_are_refused(model, examples, tmp_path):
    save(model, tmp_path / "hurt", remember(model, examples, seed=1))
    path = tmp_path / "hurt" / "examples.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="altered or truncated"):
        load_remembered(tmp_path / "hurt", load_model(tmp_path / "hurt"))
