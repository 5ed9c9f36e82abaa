import json

import pytest

from tests.classify.verdicts import evaluation, verdict
from triage.classify import load_model
from triage.classify.compare import Comparison, compare
from triage.corpus import load_examples
from triage.errors import CorpusError


def pair(expected, first, second, count=1, confidences=(0.8, 0.7), **example):
    return [
        tuple(verdict(expected, label, c, **example) for label, c in zip((first, second), confidences, strict=True))
        for _ in range(count)
    ]


def comparison(*pairs) -> Comparison:
    firsts, seconds = zip(*(p for group in pairs for p in group), strict=True)
    return Comparison(evaluation(*firsts), evaluation(*seconds))


def test_the_better_model_is_named_when_the_test_is_sure():
    figures = comparison(pair("a", "b", "a", 12), pair("a", "a", "b", 1), pair("b", "b", "b", 30)).figures()
    assert (figures["rows"], figures["only_first"], figures["only_second"]) == (43, 1, 12)
    assert figures["p_value"] == pytest.approx(2 * 14 / 2**13)  # sign test: 0 or 1 of 13, both sides
    assert figures["winner"] == "second"
    assert figures["accuracy"] == [31 / 43, 42 / 43]
    assert figures["accuracy_difference"] == pytest.approx(11 / 43)
    low, high = figures["accuracy_difference_interval"]
    assert 0 < low < 11 / 43 < high
    assert figures["macro_f1_difference_interval"][0] > 0
    json.dumps(figures)


def test_a_small_difference_names_nobody():
    figures = comparison(pair("a", "b", "a", 4), pair("b", "b", "b", 30)).figures()
    assert (figures["p_value"], figures["winner"]) == (0.125, None)


def test_a_model_compared_with_itself():
    figures = comparison(pair("a", "a", "a", 5), pair("b", "a", "a", 5)).figures()
    assert (figures["p_value"], figures["winner"], figures["differing"]) == (1.0, None, 0)
    assert figures["accuracy_difference_interval"] == figures["macro_f1_difference_interval"] == [0.0, 0.0]


def test_who_wins_where_is_corrected_for_the_number_of_parts():
    """Label a: 10 to 0, sure even after correction; label b: 6 to 0, p = 0.03 alone and 0.06 among two."""
    figures = comparison(
        pair("a", "a", "z", 10, traits={"quoted": "yes"}),
        pair("b", "z", "b", 6, traits={"quoted": "no"}),
        pair("b", "b", "b", 20, traits={"quoted": "no"}),
    ).figures()
    assert [(row["name"], row["rows"], row["p_value"], row["winner"]) for row in figures["labels"]] == [
        ("a", 10, pytest.approx(2 / 2**10), "first"),
        ("b", 26, 0.03125, "second"),
    ]
    assert [(row["name"], row["winner"]) for row in figures["subgroups"]] == [
        ("quoted : no", "second"),
        ("quoted : yes", "first"),
    ]
    three = comparison(
        pair("a", "a", "z", 10), pair("b", "z", "b", 6), pair("c", "z", "z", 3), pair("d", "d", "d", 3)
    ).figures()
    assert [row["winner"] for row in three["labels"]] == ["first", None, None, None]


def test_differences_show_first_where_one_is_right():
    found = comparison(
        pair("a", "b", "c", confidences=(0.99, 0.9), id="both wrong"),
        pair("a", "a", "b", confidences=(0.5, 0.6), id="less sure"),
        pair("a", "b", "a", confidences=(0.9, 0.6), id="sure"),
        pair("a", "a", "a", id="same"),
    ).differences()
    assert [a.example.id for a, _ in found] == ["sure", "less sure", "both wrong"]


def test_real_models_are_judged_on_the_same_texts(small_model, small_corpus):
    model = load_model(small_model)
    rows = load_examples([small_corpus], ["service"])[:30]
    found = compare(model, model, rows, "service")
    assert [v.example for v in found.first.verdicts] == [v.example for v in found.second.verdicts] == rows
    with pytest.raises(CorpusError, match="no axis 'humeur'"):
        compare(model, model, rows, "humeur")
