from collections import Counter

import pytest

from triage.classify import load_model
from triage.classify.evaluate import cross_validate, evaluate, learning_curve
from triage.classify.examples import Example
from triage.classify.train import Settings
from triage.corpus import load_examples
from triage.errors import CorpusError

WORDS = {"ecole": "cantine école enfant classe maîtresse", "voirie": "trottoir rue trou lampadaire chaussée"}


def silent(_message: str) -> None:
    pass


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Sixty short texts of two labels, each with three of its label's five words."""
    return [
        Example(f"{label}{i}", "\n" + " ".join(words.split()[k % 5] for k in (i, i + 1, i + 3)), {"service": label})
        for label, words in WORDS.items()
        for i in range(30)
    ]


def test_every_text_is_judged_once_by_a_model_that_never_saw_it(examples):
    judged = cross_validate(examples, "service", 3, Settings(), silent)
    assert sorted(v.example.id for v in judged.verdicts) == sorted(e.id for e in examples)
    assert judged.figures()["accuracy"] > 0.9


def test_a_learning_curve_ends_at_the_whole_cross_validation(examples):
    settings = Settings(noisy_copies=0)
    whole = cross_validate(examples, "service", 2, settings, silent)
    said = []
    points = learning_curve(examples, whole, 2, settings, said.append)
    assert [(p["share"], p["rows"]) for p in points] == [(0.125, 4), (0.25, 8), (0.5, 15), (1.0, 30)]
    figures = whole.figures()
    assert {key: points[-1][key] for key in ("accuracy", "acceptable", "macro_f1")} == {
        key: pytest.approx(figures[key]) for key in ("accuracy", "acceptable", "macro_f1")
    }
    assert points[0]["accuracy"] <= points[-1]["accuracy"]
    assert len(said) == 4


def test_smaller_parts_are_parts_of_larger_ones_and_keep_every_label():
    from triage.classify.evaluate import _part

    rows = [Example(str(i), "", {"service": "rare" if i == 7 else "ab"[i % 2]}) for i in range(41)]
    parts = [{e.id for e in _part(rows, "service", share, seed=5)} for share in (0.125, 0.25, 0.5, 1.0)]
    assert all(small < large for small, large in zip(parts, parts[1:], strict=False))
    assert len(parts[-1]) == 41
    counts = Counter(row.labels["service"] for row in rows if row.id in parts[0])
    assert counts == {"a": 3, "b": 2, "rare": 1}


def test_too_many_folds_are_refused(examples):
    with pytest.raises(CorpusError, match="--cv 61 cannot split 60 rows"):
        cross_validate(examples, "service", 61, Settings(), silent)


def test_an_unknown_axis_and_an_unlabelled_corpus_are_refused(small_model):
    model = load_model(small_model)
    with pytest.raises(CorpusError, match="no axis 'humeur'"):
        evaluate(model, [Example("1", "\nx", {"humeur": "a"})], "humeur")
    with pytest.raises(CorpusError, match="no row of the corpus is labelled on axis 'service'"):
        evaluate(model, [Example("1", "\nx", {"nature": "a"})], "service")


def test_a_real_corpus_is_judged_by_subgroup(small_model, small_corpus):
    rows = load_examples([small_corpus], ["service"], traits=True)[:80]
    judged = evaluate(load_model(small_model), rows, "service")
    figures = judged.figures()
    assert {"length", "accents", "voice", "form"} <= {group["trait"] for group in figures["subgroups"]}
    for trait in ("length", "voice", "form"):
        assert sum(g["rows"] for g in figures["subgroups"] if g["trait"] == trait) == 80
    assert [v.abstention != "" for v in judged.verdicts] == [not v.routed for v in judged.verdicts]
