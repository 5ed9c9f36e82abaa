"""Drift is found where mail changes, and only there, whatever the number of mails and services."""

import numpy as np
import pytest

from triage.classify.usual import Told, usual_of
from triage.learn.drift import Sample, from_mail, from_training, vocabulary_shifts

COMMON = [f"mot{i}" for i in range(60)]
TOPIC = {"a": [f"voirie{i}" for i in range(30)], "b": [f"cantine{i}" for i in range(30)]}


def sample(generator, topic, count, confidence=0.8):
    words = [
        frozenset(generator.choice(COMMON, 15, replace=False))
        | frozenset(generator.choice(TOPIC[topic], 6, replace=False))
        for _ in range(count)
    ]
    return Sample(list(np.clip(generator.normal(confidence, 0.1, count), 0, 1)), words)


def test_the_same_mail_gives_no_alert_for_many_services():
    generator = np.random.default_rng(3)
    services = [f"s{i}" for i in range(30)]
    recent = {service: sample(generator, "a", 12) for service in services}
    reference = {service: sample(generator, "a", 60) for service in services}
    assert not [one for one in vocabulary_shifts(recent, reference, 1) if one.alert]
    assert not [one for one in from_mail(recent, reference, 1).confidence if one.alert]


@pytest.mark.parametrize("count", [10, 40, 600])
def test_another_topic_under_an_old_label_is_an_alert(count):
    generator = np.random.default_rng(4)
    recent = {"changed": sample(generator, "b", count), "steady": sample(generator, "a", count)}
    reference = {"changed": sample(generator, "a", 60), "steady": sample(generator, "a", 60)}
    assert [one.service for one in vocabulary_shifts(recent, reference, 1) if one.alert] == ["changed"]


def test_falling_confidence_is_an_alert_rising_one_is_not():
    generator = np.random.default_rng(5)
    recent = {"falls": sample(generator, "a", 40, 0.6), "rises": sample(generator, "a", 40, 0.95)}
    reference = {"falls": sample(generator, "a", 60), "rises": sample(generator, "a", 60)}
    found = {one.service: one for one in from_mail(recent, reference, 1).confidence}
    assert found["falls"].alert
    assert found["falls"].change == pytest.approx(-0.2, abs=0.05)
    assert not found["rises"].alert
    assert found["rises"].p < 0.01


def test_another_topic_is_an_alert_beside_what_the_model_remembers_of_its_texts():
    generator = np.random.default_rng(7)
    texts = [(label, sample(generator, topic, 60).words) for label, topic in (("streets", "a"), ("meals", "b"))]
    told = [Told(words, f"{label}{i}", label, 0.8) for label, every in texts for i, words in enumerate(every)]
    usual = usual_of(told, least=3, seed=1)
    recent = {
        "streets": sample(generator, "b", 20),
        "meals": sample(generator, "b", 20),
        "new": sample(generator, "a", 9),
    }
    found = from_training(recent, usual)
    assert [one.service for one in found.vocabulary if one.alert] == ["streets"]
    assert {one.service for one in found.vocabulary} == {"streets", "meals"}
    assert not from_training({"streets": sample(generator, "a", 20)}, usual).vocabulary[0].alert


def test_a_handful_of_mails_says_nothing():
    generator = np.random.default_rng(6)
    few, many = sample(generator, "b", 7), sample(generator, "a", 60)
    assert vocabulary_shifts({"a": few}, {"a": many}, 1) == []
    assert from_mail({"a": many}, {"a": few}, 1).confidence == []
