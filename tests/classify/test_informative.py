"""Which text to label next: the same least squares as training, texts that stand for many, an honest estimate."""

import json

import numpy as np
import pytest

from tests.conftest import SERVICES
from triage.classify.examples import Example
from triage.classify.informative import Pool
from triage.classify.linear import ridge
from triage.corpus import load_examples


@pytest.fixture(scope="module")
def examples(small_corpus) -> list[Example]:
    return load_examples([small_corpus], ["service"])[::2]


@pytest.fixture(scope="module")
def pool(examples) -> Pool:
    return Pool(examples, 1)


def test_scores_are_those_of_the_least_squares_a_model_is_trained_with(pool, examples):
    from triage.classify.features import Featurizer
    from triage.classify.linear import fit
    from triage.classify.train import DEFAULT_LEARNER, least_texts

    rows = Featurizer.learn([e.text for e in examples], None, least_texts(examples)).transform(
        [e.text for e in examples]
    )
    learned = np.arange(0, len(examples), 3)
    truth = np.array([SERVICES.index(examples[i].labels["service"]) for i in learned])
    wanted = ridge(rows[learned], truth, 1 / DEFAULT_LEARNER.cost, tolerance=1e-8).scores(rows)
    found = pool._scores(learned, truth, len(SERVICES), np.arange(len(examples)))
    assert np.abs(found - wanted).max() < 1e-4
    usual = fit(rows[learned], truth, len(SERVICES), DEFAULT_LEARNER, 1).scores(rows)
    assert (found.argmax(axis=1) == usual.argmax(axis=1)).mean() > 0.97


def test_the_first_texts_stand_for_many_and_for_different_ones(examples):
    letter = [
        Example(f"l{i}", f"Lampadaire\nLe lampadaire de la rue est en panne depuis {i} jours.", {}) for i in range(6)
    ]
    bins = [
        Example(f"b{i}", f"Poubelle\nMa poubelle n'a pas été ramassée {i} fois cette semaine.", {}) for i in range(5)
    ]
    alone = [Example("a", "Zythum\nQuetsche abricotier funiculaire.", {})]
    chosen = Pool([*letter, *bins, *alone], 1).choose({}, [], 2)
    assert {("l" if i < 6 else "b" if i < 11 else "a") for i in chosen} == {"l", "b"}
    assert Pool(alone, 1).choose({0: "x"}, [], 3) == []


def test_then_those_the_model_is_unsure_of(pool, examples):
    answers = {i: examples[i].labels["service"] for i in range(0, len(examples), 2)}
    chosen = pool.choose(answers, [1], 5)
    assert len(set(chosen)) == 5
    assert not set(chosen) & {*answers, 1}
    unsure = pool._uncertainty(answers)
    rest = [i for i in range(len(examples)) if i not in answers]
    assert unsure[chosen].mean() > unsure[rest].mean() + 0.05


def test_accuracy_is_told_of_random_texts_alone_and_changes_of_unlabelled_ones(pool, examples):
    truth = {i: example.labels["service"] for i, example in enumerate(examples)}
    first = {i: truth[i] for i in range(0, 150, 5)}
    more = {i: truth[i] for i in range(0, 150, 2)}
    point = pool.judge(more, set(range(0, 150, 6)), first)
    assert (point.labelled, point.judged) == (75, 25)
    assert 0.5 < point.accuracy < 0.9
    low, high = point.interval
    assert low < point.accuracy < high
    before, after = pool.predicted(first), pool.predicted(more)
    rest = [i for i in range(150) if i not in more]
    assert point.changed == pytest.approx(sum(before[i] != after[i] for i in rest) / len(rest))
    wrong = pool.judge({i: SERVICES[i % 5] for i in range(0, 150, 2)}, set(range(0, 150, 6)))
    assert wrong.accuracy < 0.45
    assert pool.judge({0: "a", 1: "a"}, {0}).accuracy is None
    assert set(pool.predicted({0: "a"})) == {"a"}
    assert pool.likely(more, 1, 3)[0] in SERVICES
    assert pool.likely({0: "a"}, 1, 3) == []


def test_choosing_is_the_same_at_every_start(examples):
    answers = {0: "a", 40: "b", 80: "c"}
    assert Pool(examples, 1).choose(answers, [], 8) == Pool(examples, 1).choose(answers, [], 8)
    assert json.dumps(Pool(examples, 1).choose(answers, [], 2))  # plain integers
