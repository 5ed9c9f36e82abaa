"""Flags: learned beside the axes, from the rows that say theirs, and stored with the model."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from triage.classify import load_model
from triage.classify.fit_flags import LEAST_TEXTS
from triage.classify.flags import FLAGS, Flags
from triage.classify.linear import Learner, fit_flags
from triage.classify.store import save
from triage.classify.train import Settings, train
from triage.corpus import load_examples
from triage.errors import CorpusError, ModelError

SETTINGS = Settings(encoder=False, noisy_copies=0, flags=True)
CHILD = "Cantine\nMa fille Lina est en CM1, son inscription à la cantine n'est pas prise en compte."
LAMP = "Lampadaire\nLe lampadaire de la rue Neuve est éteint depuis une semaine."


def silent(_message: str) -> None:
    pass


@pytest.fixture(scope="module")
def examples(small_corpus):
    return load_examples([small_corpus], ["service"])


@pytest.fixture(scope="module")
def model(examples):
    return train(examples, ["service"], SETTINGS, silent)


@pytest.fixture
def folder(model, tmp_path):
    save(model, tmp_path / "flagged")
    return tmp_path / "flagged"


def likely(model, text):
    return dict(model.predict([text])[0][FLAGS].ranking)


def test_a_flag_is_likely_where_the_text_says_so(model):
    assert likely(model, CHILD)["mineur"] > 0.7
    assert likely(model, LAMP)["mineur"] < 0.1


def test_only_flags_of_enough_texts_are_learned_likeliest_first(model, examples):
    counts = {name: sum(name in e.flags for e in examples) for name in ("mineur", "fovi")}
    assert counts["fovi"] < LEAST_TEXTS <= counts["mineur"]
    assert "mineur" in model.flags.names
    assert "fovi" not in model.flags.names
    probabilities = [p for _, p in model.predict([CHILD])[0][FLAGS].ranking]
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_text_of_which_nobody_said_the_flags_teaches_nothing(examples, model):
    hidden = [replace(e, flags=None) if "mineur" in e.flags and i % 2 else e for i, e in enumerate(examples)]
    told = sum("mineur" in (e.flags or ()) for e in hidden)
    again = train(hidden, ["service"], SETTINGS, silent)
    assert again.manifest["flag_metrics"]["mineur"]["texts"] == told < model.manifest["flag_metrics"]["mineur"]["texts"]
    # Had silence counted as « no », half of all minors would teach the contrary.
    assert likely(again, CHILD)["mineur"] > 0.6


def test_held_out_probabilities_are_those_of_the_flags_that_are_there(examples, model):
    probabilities = model.flags.probabilities(model.featurizer.transform([e.text for e in examples]))
    share = np.mean(["mineur" in e.flags for e in examples])
    assert abs(probabilities[:, model.flags.names.index("mineur")].mean() - share) < 0.05


def test_a_corpus_without_flags_cannot_teach_any(examples):
    with pytest.raises(CorpusError, match="--flags"):
        train([replace(e, flags=None) for e in examples], ["service"], SETTINGS, silent)


def test_an_axis_may_not_bear_the_name_of_the_flags(examples):
    renamed = [replace(e, labels={FLAGS: e.labels["service"]}) for e in examples]
    with pytest.raises(CorpusError, match="axis 'flags'"):
        train(renamed, [FLAGS], SETTINGS, silent)


def test_flags_are_fitted_as_scikit_learn_fits_them():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    rows, held = rng.normal(size=(80, 12)), rng.random((80, 3)) < 0.2
    ours = fit_flags(rows, held, Learner("ridge", 0.5))
    reference = Ridge(alpha=2.0).fit(rows, np.where(held, 1.0, -1.0))
    np.testing.assert_allclose(ours.scores(rows), reference.predict(rows), atol=0.02)


def test_a_stored_model_says_the_same_flags(model, folder):
    assert likely(load_model(folder), CHILD) == likely(model, CHILD)
    assert "mineur" in (folder / "MODELE.md").read_text("utf-8")


def test_a_model_without_flags_says_none(small_model):
    loaded = load_model(small_model)
    assert loaded.flags is None
    assert FLAGS not in loaded.predict([CHILD])[0]


@pytest.mark.parametrize("part", ["coefficients", "intercepts"])
def test_flags_that_do_not_fit_the_vocabulary_are_refused(folder, part):
    import hashlib

    path = folder / "weights.safetensors"
    tensors = load_file(path)
    tensors[f"flags.{part}"] = tensors[f"flags.{part}"][..., :-1].copy()
    save_file(tensors, path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["weights.safetensors"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ModelError, match="inconsistent"):
        load_model(folder)


def test_probabilities_stay_finite_for_any_score():
    from scipy import sparse

    flags = Flags(("a",), np.full((1, 2), 1e6, np.float32), np.zeros(1, np.float32), (1e3,), (0.0,))
    found = flags.probabilities(sparse.csr_matrix(np.array([[1.0, 1.0], [-1.0, -1.0]])))
    assert found.tolist() == [[1.0], [pytest.approx(0.0)]]


def test_the_command_says_that_flags_are_missing(run, small_corpus, tmp_path):
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()]
    bare = tmp_path / "bare.jsonl"
    bare.write_text("".join(json.dumps({k: v for k, v in r.items() if k != "flags"}) + "\n" for r in rows), "utf-8")
    done = run("train", bare, "--model", tmp_path / "m", "--no-encoder", "--flags", check=2)
    assert "no flag is said" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "m").exists()
