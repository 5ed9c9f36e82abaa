import json

import pytest

from tests.classify.verdicts import evaluation, verdict

EIGHT = (
    verdict("a", "a", 0.9),
    verdict("a", "a", 0.8),
    verdict("a", "b", 0.7, acceptable=("b",)),
    verdict("a", "b", 0.4, routed=False),
    verdict("b", "b", 0.95),
    verdict("b", "b", 0.6),
    verdict("b", "c", 0.55, secondary=("c",)),
    verdict("c", "c", 0.3, routed=False, secondary=("a",)),
)


def test_scores_of_eight_verdicts():
    figures = evaluation(*EIGHT).figures()
    assert (figures["axis"], figures["rows"]) == ("service", 8)
    assert figures["accuracy"] == 5 / 8
    assert figures["acceptable"] == 6 / 8
    assert figures["top3"] == 1.0
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 4 / 7 + 2 / 3) / 3)
    assert figures["classes"] == {
        "a": {"precision": 1.0, "recall": 0.5, "f1": 2 / 3, "rows": 4},
        "b": {"precision": 0.5, "recall": 2 / 3, "f1": 4 / 7, "rows": 3},
        "c": {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "rows": 1},
    }
    assert figures["confusions"] == [
        {"expected": "a", "predicted": "b", "rows": 2},
        {"expected": "b", "predicted": "c", "rows": 1},
    ]
    json.dumps(figures)


def test_what_the_threshold_does():
    figures = evaluation(*EIGHT).figures()
    assert figures["coverage"] == 6 / 8
    assert figures["routed_accuracy"] == 4 / 6
    assert figures["abstention"] == {
        "routed": 6,
        "routed_acceptable": 5 / 6,
        "routed_error_bound": pytest.approx(0.5818, abs=1e-4),  # Clopper-Pearson, 1 of 6, one-sided 95 %
        "abstained": 2,
        "abstained_accuracy": 0.5,
        "abstained_top3": 1.0,
    }


def test_a_model_that_routes_nothing_has_no_routed_accuracy():
    figures = evaluation(verdict("a", "a", 0.4, routed=False), verdict("b", "a", 0.4, routed=False)).figures()
    assert (figures["coverage"], figures["routed_accuracy"]) == (0, None)
    assert figures["abstention"]["routed_error_bound"] == 1.0


def test_the_second_request_counts_apart():
    figures = evaluation(*EIGHT).figures()
    assert figures["first_or_second"] == {"share": 6 / 8, "double_rows": 2, "double_share": 1.0}
    assert evaluation(*EIGHT[:4]).figures()["first_or_second"] is None


def test_intervals_hold_the_figure_and_are_seeded():
    figures = evaluation(*EIGHT * 10).figures()
    for name in ("accuracy", "macro_f1"):
        low, high = figures[f"{name}_interval"]
        assert low < figures[name] < high
    assert figures == evaluation(*EIGHT * 10).figures()


def test_subgroups_are_ordered_and_leave_out_what_all_share():
    rows = [
        verdict("a", "a", 0.9, traits={"length": "101+", "quoted": "no", "spelling": "noisy"}),
        verdict("a", "a", 0.9, traits={"length": "11-30", "quoted": "no", "spelling": "clean"}),
        verdict("a", "b", 0.9, traits={"length": "11-30", "quoted": "no", "spelling": "some"}),
        verdict("a", "b", 0.4, routed=False, traits={"length": "0-10", "quoted": "no"}),
    ]
    found = evaluation(*rows).figures()["subgroups"]
    names = [(g["trait"], g["value"]) for g in found]
    assert names == [
        ("length", "0-10"), ("length", "11-30"), ("length", "101+"), ("spelling", "clean"), ("spelling", "some"), ("spelling", "noisy"),
    ]  # fmt: skip
    assert found[1] == {
        "trait": "length",
        "value": "11-30",
        "rows": 2,
        "accuracy": 0.5,
        "accuracy_interval": [pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4)],
        "acceptable": 0.5,
        "coverage": 1.0,
        "routed_accuracy": 0.5,
    }
    assert found[0]["routed_accuracy"] is None


def test_errors_come_most_confident_first():
    assert [v.confidence for v in evaluation(*EIGHT).errors] == [0.7, 0.55, 0.4]


def test_a_label_the_model_does_not_know_has_no_rank():
    strange = verdict("a", "b", 0.5)
    assert strange.rank == 2
    unknown = type(strange)(strange.example, "inconnu", "b", 0.5, True, strange.ranking)
    assert unknown.rank is None
    assert evaluation(unknown).figures()["top3"] == 0
