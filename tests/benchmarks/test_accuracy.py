"""The comparison runs on any pair of corpora and says what is not installed."""

import importlib.util
import json
from collections import Counter

import pytest

from tests.conftest import ROOT
from triage.classify.examples import Example


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("accuracy", ROOT / "benchmarks" / "accuracy.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def pair(tmp_path):
    words = {"ecole": "cantine école enfant classe goûter", "voirie": "trottoir rue trou lampadaire chaussée"}
    rows = [
        (label, " ".join(w.split()[k % 5] for k in (i, i + 1, i + 3))) for label, w in words.items() for i in range(20)
    ]
    for name, part in (("t.train.jsonl", rows[::2]), ("t.test.jsonl", rows[1::2])):
        lines = (json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n" for label, text in part)
        (tmp_path / name).write_text("".join(lines), "utf-8")
    return [str(tmp_path / "t.train.jsonl"), str(tmp_path / "t.test.jsonl")]


def rows_of(out: str) -> dict[str, list[str]]:
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines() if line.startswith("| ")
    ]
    return {name: cells for name, *cells in lines}


def test_methods_are_measured_beside_triage(benchmark, pair, capsys):
    names = ["triage", "word + char TF-IDF, balanced LinearSVC", "counts + MLP (paperless-ngx)"]
    benchmark.main([*pair, "--only", *names])
    out = capsys.readouterr().out
    assert "**t**: 20 train, 20 test, 2 labels" in out
    rows = rows_of(out)
    assert list(rows) == ["method", *names]
    assert rows["triage"][:2] == ["1.000", "1.000"]
    assert rows["triage"][4:] == ["× 1.00", "× 1.00"]


def test_small_draws_are_unbalanced_and_tested_on_their_own_labels(benchmark):
    rows = [Example(f"{label}-{i}", "\nmot", {"service": label}) for label in "abcdefghij" for i in range(50)]
    parts = benchmark.small_parts(rows, rows, "service")
    assert len(parts) == benchmark.DRAWS
    for train, test in parts:
        counts = Counter(e.labels["service"] for e in train)
        assert sorted(counts.values(), reverse=True) == list(benchmark.SMALL)
        assert len({e.id for e in train}) == sum(benchmark.SMALL) == 150
        assert {e.labels["service"] for e in test} == set(counts)
    assert {tuple(e.id for e in train) for train, _ in parts} != {tuple(e.id for e in parts[0][0])}
    assert benchmark.small_parts(rows[:100], rows, "service") == []


def test_fasttext_and_spacy_learn_the_pair_where_they_are_installed(benchmark, pair, capsys):
    pytest.importorskip("fasttext")
    benchmark.main([*pair, "--only", "fastText", "spaCy textcat BOW"])
    rows = rows_of(capsys.readouterr().out)
    for name in ("fastText", "spaCy textcat BOW"):
        assert float(rows[name][0]) > 0.8
        assert rows[name][4:] == ["–", "–"]


def test_a_missing_library_is_said_and_the_rest_goes_on(benchmark, pair, capsys, monkeypatch):
    def learn(_rows, _axis):
        raise ModuleNotFoundError(name="fasttext")

    monkeypatch.setitem(benchmark.METHODS, "fastText", learn)
    benchmark.main([*pair, "--only", "fastText", "word TF-IDF, complement naive Bayes"])
    rows = rows_of(capsys.readouterr().out)
    assert rows["fastText"][0] == "not installed (fasttext)"
    assert float(rows["word TF-IDF, complement naive Bayes"][0]) > 0.8


def test_corpora_come_in_pairs(benchmark, pair, capsys):
    with pytest.raises(SystemExit):
        benchmark.main(pair[:1])
    assert "corpora come in pairs" in capsys.readouterr().err


def test_every_benchmark_has_its_section_in_the_readme():
    readme = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    for script in (ROOT / "benchmarks").glob("*.py"):
        assert f"## `{script.name}`" in readme, script.name
        assert f"python benchmarks/{script.name}" in readme, script.name
