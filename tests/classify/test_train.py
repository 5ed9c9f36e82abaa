from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage.classify import load_model
from triage.classify.calibrate import upper_bound
from triage.classify.evaluate import cross_validate
from triage.classify.examples import Example, folds
from triage.classify.heldout import Features, Truth
from triage.classify.linear import Learner, fit, ridge
from triage.classify.train import Settings, train
from triage.corpus import load_examples
from triage.errors import CorpusError

QUICK = Settings(encoder=False, noisy_copies=0)
NOISY = Settings(encoder=False, noisy_copies=1)


def silent(_message: str) -> None:
    pass


@pytest.fixture(scope="module")
def learned(small_corpus, small_model):
    """The small model's features, and what it learned from: texts, rows, numbers of the labels."""
    examples = load_examples([small_corpus], ["service"])
    model = load_model(small_model)
    texts = [example.text for example in examples]
    features = Features.of(texts, model.featurizer, NOISY.noisy_copies, NOISY.seed)
    truth = np.array([model.axes["service"].labels.index(example.labels["service"]) for example in examples])
    return texts, features, *features.learned(np.ones(len(texts), dtype=bool), truth)


def test_applying_gives_the_probabilities_of_scikit_learn(small_corpus, learned):
    from sklearn.svm import LinearSVC

    texts, features, rows, truth = learned
    settings = replace(NOISY, learner=Learner("svm", 0.3))
    model = train(load_examples([small_corpus], ["service"]), ["service"], settings, silent)
    axis = model.axes["service"]
    reference = LinearSVC(C=0.3, class_weight="balanced", random_state=NOISY.seed, max_iter=2000).fit(rows, truth)
    scores = axis.temperature.scaled(reference.decision_function(features.clean))
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.probabilities(texts)["service"], expected, atol=1e-6)


def test_least_squares_are_those_of_scikit_learn(learned):
    from sklearn.linear_model import RidgeClassifier

    _, features, rows, truth = learned
    rows.sort_indices()
    reference = RidgeClassifier(alpha=2.0, class_weight="balanced", solver="sparse_cg", tol=1e-12).fit(rows, truth)
    ours = ridge(rows, truth, 2.0, tolerance=1e-9)
    np.testing.assert_allclose(ours.scores(features.clean), reference.decision_function(features.clean), atol=1e-6)


def test_training_twice_gives_the_same_bytes(small_corpus, small_model, tmp_path):
    from triage.classify.store import save

    axes = ["service", "nature"]
    save(train(load_examples([small_corpus], axes), axes, NOISY, silent), tmp_path / "small")
    for name in ("weights.safetensors", "vocabulary.txt"):
        assert (tmp_path / "small" / name).read_bytes() == (small_model / name).read_bytes()


def test_two_labels_are_enough():
    texts = [("La cantine est froide", "ecole"), ("Le trottoir est cassé", "voirie")] * 15
    examples = [Example(str(i), f"\n{text} {i}", {"service": label}) for i, (text, label) in enumerate(texts)]
    model = train(examples, ["service"], Settings(threshold=0.5, encoder=False), silent)
    found = model.predict(["\nla cantine", "\nle trottoir"])
    assert [f["service"].ranking[0][0] for f in found] == ["ecole", "voirie"]


def test_one_label_is_refused():
    with pytest.raises(CorpusError, match="at least two labels, the corpus has only 'a'"):
        train([Example("1", "\nx", {"service": "a"})] * 3, ["service"], QUICK, silent)


def test_a_label_with_one_text_does_not_stop_training():
    examples = [Example(str(i), f"\nmot{i % 2} texte {i}", {"service": "ab"[i % 2]}) for i in range(20)]
    examples.append(Example("seul", "\nseul au monde", {"service": "c"}))
    assert train(examples, ["service"], QUICK, silent).axes["service"].labels == ("a", "b", "c")


def test_folds_keep_groups_whole_and_labels_spread():
    examples = [Example(str(i), "", {"service": "abc"[i % 3]}, group=f"g{i // 4}") for i in range(120)]
    fold = folds(examples, "service", 5, seed=1)
    groups = {}
    for example, part in zip(examples, fold, strict=True):
        assert groups.setdefault(example.group, part) == part
    assert set(fold) == set(range(5))
    assert (fold == folds(examples, "service", 5, seed=1)).all()


def test_an_unknown_language_abstains(small_model):
    model = load_model(small_model)
    found = model.predict(["Hallo\nIch möchte bitte wissen, wann Ihr Schwimmbad geöffnet hat und wieviel es kostet."])
    assert found[0]["service"].label is None
    assert found[0]["service"].abstention
    assert len(found[0]["service"].ranking) == 5


@pytest.mark.parametrize("text", ["", "h\n", "\n" + "l'" * 5000, "?\n!!! 😳", "\nqsdkjh mlkjqsd wxcvpoi"])
def test_texts_that_say_nothing_abstain(small_model, text):
    assert load_model(small_model).predict([text])[0]["service"].label is None


def test_predictions_explain_themselves_with_words_of_the_mail(small_model):
    prediction = load_model(small_model).predict(
        ["Lampadaire\nLe lampadaire de la rue est éteint, le trottoir est noir."]
    )[0]["service"]
    assert prediction.ranking[0][0] == "voirie_eclairage"
    assert sum(share for _, share in prediction.ranking) == pytest.approx(1)
    assert prediction.evidence[0][0] in {"lampadaire", "trottoir", "éteint", "rue"}


def test_cross_validation_judges_every_text_once(small_corpus):
    examples = load_examples([small_corpus], ["service"])
    evaluation = cross_validate(examples, "service", 3, QUICK, silent)
    assert sorted(v.example.id for v in evaluation.verdicts) == sorted(e.id for e in examples)
    assert evaluation.figures()["accuracy"] > 0.6


def test_planted_personal_data_does_not_enter_the_model(tmp_path):
    """Fifty invented names, addresses and numbers, each repeated by its own sender, must not be found in the artefact."""
    from triage.classify.nearest import remember
    from triage.classify.store import save
    from triage.pipeline import cleaned_text

    canaries = [f"zq{chr(97 + i // 26)}{chr(97 + i % 26)}vexil" for i in range(50)]
    examples = []
    for canary in canaries:
        for k in range(6):
            text = f"Bonjour, {canary} habite 12 rue {canary}, tél 06 39 98 12 4{k}, le lampadaire est éteint ou la cantine {k}."
            example = Example(f"{canary}{k}", cleaned_text("", text).masked, {"service": "ab"[k % 2]}, sender=canary)
            examples.append(example)
    model = train(examples, ["service"], QUICK, silent)
    save(model, tmp_path / "canaries", remember(model, examples, seed=1))
    content = b"".join(path.read_bytes() for path in Path(tmp_path / "canaries").iterdir())
    assert [canary for canary in canaries if canary.encode() in content] == []
    assert b"lampadaire" in content


@pytest.mark.parametrize("kind", ["ridge", "svm"])
def test_a_fold_without_a_label_scores_it_last(kind):
    from scipy import sparse

    fitted = fit(sparse.csr_matrix(np.eye(4)), np.array([0, 0, 1, 1]), 3, Learner(kind, 0.3), 1)
    assert (fitted.scores(sparse.csr_matrix(np.eye(4))).argmin(axis=1) == 2).all()


def test_rows_without_a_label_are_left_out(small_corpus):
    said = []
    examples = [Example(str(i), f"\nmot{i % 2} texte", {"service": "ab"[i % 2]} if i else {}) for i in range(30)]
    model = train(examples, ["service"], QUICK, said.append)
    assert model.manifest["data"]["rows"] == 29
    assert said[0] == "1 rows without a label on service are left out"


def test_noisy_copies_stay_in_the_fold_of_their_text():
    from scipy import sparse

    features = Features(sparse.csr_matrix(np.arange(4.0)[:, None]), sparse.csr_matrix(np.arange(4.0, 12)[:, None]))
    rows, labels = features.learned(np.array([True, False, True, False]), np.array([7, 8, 9, 8]))
    assert rows.toarray().ravel().tolist() == [0, 2, 4, 6, 8, 10]
    assert labels.tolist() == [7, 9, 7, 9, 7, 9]
    assert features.chosen(np.array([1])).copies.toarray().ravel().tolist() == [5, 9]


def test_acceptable_labels_are_allowed():
    labelled = [("1", "a", ("b",)), ("2", "c", ()), ("3", "b", ("z",))]
    examples = [Example(name, "", {"service": label}, acceptable=also) for name, label, also in labelled]
    truth = Truth.of(examples, "service", 3, 1)
    confidence, right = truth.judged(np.array([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1]]))
    assert confidence.tolist() == [0.7, 0.5, 0.8]
    assert right.tolist() == [True, False, True]


def test_choosing_prefers_what_learns_best_and_says_what_it_tried(small_corpus):
    from triage.classify.choose import USUAL, choose

    said = []
    examples = load_examples([small_corpus], ["service"])
    chosen = choose(examples, "service", QUICK, wide=False, report=said.append)
    scores = [float(line.rsplit(": ", 1)[1]) for line in said[:-1]]
    assert len(scores) == len(USUAL)
    assert (chosen.learner, chosen.noisy_copies) in USUAL
    assert scores[USUAL.index((chosen.learner, chosen.noisy_copies))] >= max(scores) - 0.006


def test_what_weighs_more_promises_no_more(small_corpus):
    examples = load_examples([small_corpus], ["service"])
    three = [replace(example, group=example.id, repeat=i > 0) for example in examples for i in range(3)]
    said: list[str] = []
    model = train(three, ["service"], QUICK, said.append)
    assert f"service: {len(examples)} texts, 5 labels" in said
    data, found = (model.manifest[key] for key in ("data", "metrics"))
    assert (data["rows"], sum(data["counts"]["service"].values())) == (len(examples), len(examples))
    routed = round(found["service"]["coverage"] * len(examples))
    wrong = round(found["service"]["routed_error"] * routed)
    assert found["service"]["routed_error_bound"] == pytest.approx(upper_bound(wrong, routed), abs=1e-4)


def test_what_was_singled_out_is_learned_and_promises_nothing(small_corpus):
    examples = load_examples([small_corpus], ["service"])
    drawn = [replace(example, singled_out=i % 2 == 0) for i, example in enumerate(examples)]
    model = train(drawn, ["service"], QUICK, silent)
    assert model.manifest["data"]["rows"] == len(examples)
    found = model.manifest["metrics"]["service"]
    routed = round(found["coverage"] * (len(examples) // 2))
    wrong = round(found["routed_error"] * routed)
    assert found["routed_error_bound"] == pytest.approx(upper_bound(wrong, routed), abs=1e-4)
    few = [replace(example, singled_out=i >= 29) for i, example in enumerate(examples)]  # too few to tell anything
    assert (
        train(few, ["service"], QUICK, silent).manifest["metrics"]
        == (train(examples, ["service"], QUICK, silent).manifest["metrics"])
    )


def test_where_nothing_can_be_proven_what_is_routed_kept_the_budget_as_observed():
    """Two of five labels are at random: half of the mail can be told, none surely enough for a promise."""
    generator = np.random.default_rng(4)
    examples = []
    for i in range(90):
        told = i % 2 == 0
        label = "ab"[i // 2 % 2] if told else str(generator.choice(["a", "b"]))
        words = f"lampe{label} poteau" if told else "chose quelconque"
        examples.append(Example(str(i), f"\n{words} mot{i % 7}", {"service": label}))
    found = train(examples, ["service"], QUICK, silent).manifest["metrics"]["service"]
    assert not found["budget_kept"]
    assert 0.3 < found["coverage"] < 0.8
    assert found["routed_error"] <= found["budget"]
