"""`triage evaluate` and `triage compare`, run as a user runs them."""

import json

import pytest

KEYS = {
    "axis", "rows", "accuracy", "accuracy_interval", "macro_f1", "macro_f1_interval", "top3", "acceptable", "first_or_second",
    "coverage", "routed_accuracy", "abstention", "expected_calibration_error", "reliability", "risk_coverage", "budgets",
    "classes", "confusions", "subgroups", "errors",
}  # fmt: skip


@pytest.fixture
def two_labels(tmp_path):
    words = {"École & cantine": "cantine école enfant classe goûter", "voirie": "trottoir rue trou lampadaire chaussée"}
    rows = [
        {"id": f"{label}{i}", "text": " ".join(w.split()[k % 5] for k in (i, i + 1, i + 3)), "label": label}
        for label, w in words.items()
        for i in range(20)
    ]
    path = tmp_path / "deux.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_evaluate_prints_figures_as_json_and_writes_the_report(run, small_model, small_corpus, tmp_path):
    done = run("evaluate", small_corpus, "--model", small_model, "--json", "--report", "rapport")
    figures = json.loads(done.stdout)
    assert set(figures) == KEYS
    assert figures["rows"] == 300
    assert [path.name for path in sorted((tmp_path / "rapport").iterdir())] == ["erreurs.jsonl", "rapport.html"]
    wrong = (tmp_path / "rapport" / "erreurs.jsonl").read_text("utf-8").splitlines()
    assert len(wrong) == 300 - round(figures["accuracy"] * 300)
    assert all("text" not in error for error in figures["errors"])
    assert done.stderr == "report: rapport/rapport.html; all errors: rapport/erreurs.jsonl\n"


def test_evaluate_prints_tables_of_budgets_and_subgroups(run, small_model, small_corpus):
    lines = run("evaluate", small_corpus, "--model", small_model, "--axis", "nature").stdout.splitlines()
    heads = ["measure\tvalue", "error budget\tcoverage in hindsight\tproven with 95 % confidence",
             "label\ttexts\tprecision\trecall\tF1", "expected\tpredicted\ttexts",
             "subgroup\ttexts\taccuracy\t95 % interval\tcoverage"]  # fmt: skip
    assert [line for line in lines if line in heads] == heads
    assert any(line.startswith("length: 31-80\t") for line in lines)


@pytest.mark.parametrize("asked", [["evaluate"], ["compare", "MODEL"]])
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_judged(run, small_model, small_corpus, tmp_path, asked):
    rows = small_corpus.read_text("utf-8").splitlines()[:20]
    (tmp_path / "c.jsonl").write_text("\n".join(["{", *rows]) + "\n", "utf-8")
    first = [small_model if word == "MODEL" else word for word in asked]
    args = [*first, small_model, "c.jsonl"] if "compare" in asked else [*first, "c.jsonl", "--model", small_model]
    done = run(*args, "--json", check=1)
    assert json.loads(done.stdout)["rows"] == 20
    assert "c.jsonl, line 1: not JSON" in done.stderr


def test_a_learning_curve_comes_with_cross_validation_only(run, two_labels, tmp_path):
    figures = json.loads(run("evaluate", two_labels, "--cv", "2", "--learning-curve", "--json", "--report", "r").stdout)
    assert [point["rows"] for point in figures["learning_curve"]] == [2, 5, 10, 20]
    assert "Courbe d'apprentissage" in (tmp_path / "r" / "rapport.html").read_text("utf-8")
    assert (
        "--learning-curve trains models"
        in run("evaluate", two_labels, "--model", "m", "--learning-curve", check=2).stderr
    )


def test_compare_says_what_is_established_and_where(run, small_model, small_corpus, two_labels):
    run("train", two_labels, "--model", "autre")
    done = run("compare", "autre", small_model, small_corpus)
    assert "B is right more often on 300 texts (only A right 0, only B right " in done.stdout
    assert "\nlabels\ttexts\tA\tB\tonly A right\tonly B right\tp\tbetter\n" in done.stdout
    assert "texts sorted differently, 10 shown:" in done.stdout
    assert done.stderr.startswith("autre: does not know these labels, counted as errors: etat_civil, ")
    same = run("compare", small_model, small_model, small_corpus, "--differences", "3")
    assert (
        "No difference is established between A and B on 300 texts (only A right 0, only B right 0, p = 1)."
        in same.stdout
    )
    assert "sorted differently" not in same.stdout


def test_compare_prints_json(run, small_model, small_corpus, two_labels):
    run("train", two_labels, "--model", "autre")
    figures = json.loads(run("compare", small_model, "autre", small_corpus, "--json", "--differences", "2").stdout)
    assert (figures["winner"], figures["rows"]) == ("first", 300)
    assert figures["first"].startswith("small-")
    assert figures["second"].startswith("autre-")
    assert len(figures["differences"]) == 2
    assert set(figures["differences"][0]) == {"id", "expected", "first", "second", "text"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere", "nowhere", "c.jsonl"], "no model here"),
        (["nowhere"], "Missing argument"),
    ],
)
def test_compare_refuses_in_one_line(run, args, said):
    assert said in run("compare", *args, check=2).stderr
