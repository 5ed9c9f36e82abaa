"""Retraining on real outcomes: what is released, what is refused and why, and poisoned verdicts."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import SERVICES
from tests.learn.conftest import JUDGED, RUN, give, rows_of, sort_mails
from triage.classify import load_model
from triage.classify.evaluate import evaluate
from triage.classify.scores import mcnemar
from triage.classify.store import save
from triage.classify.train import Settings, train
from triage.corpus import load_examples
from triage.errors import UsageError
from triage.learn.judge import Bar, Judgement, _by_label, judge
from triage.learn.releases import add, current
from triage.learn.retrain import Job, Trial, adopt, attempt, publish


def truth(ran) -> dict[str, str]:
    return {digest: labels["service"] for digest, labels in ran.truth.items()}


def right(folder: Path, corpus: Path) -> float:
    """Share of right answers on mails that nothing has learned and no agent has seen."""
    return float(evaluate(load_model(folder), load_examples([corpus], ["service"]), "service").arrays.right.mean())


def job(out: Path, small_corpus: Path, champion: Path, models: Path, **more) -> Job:
    return Job((out,), (small_corpus,), models, champion, bar=Bar(least=10), **more)


@pytest.fixture
def retrain(run, tiny_corpus, beginner, tmp_path):
    """Retrain a beginner, which agents can only make better, or another model."""

    def call(*args, out, base=tiny_corpus, start=beginner, check=0):
        models = ("--models", tmp_path / "mairie", "--model", start, "--by", "Anne")
        return run("retrain", out, "--base", base, *models, "--least", "10", *args, check=check)

    return call


def test_a_challenger_that_is_not_worse_is_released_and_the_first_look_writes_nothing(
    run, ran, retrain, judging_corpus, tmp_path
):
    give(ran.out, truth(ran))
    look = retrain("--dry-run", "--judge-on", judging_corpus, out=ran.out)
    assert "would be released: nothing was written" in look.stdout
    assert not (tmp_path / "mairie").exists()
    done = json.loads(retrain("--judge-on", judging_corpus, "--json", out=ran.out).stdout)
    assert done["accepted"]
    assert done["released"]
    rows = [
        json.loads(line)
        for line in run("models", "list", "--models", tmp_path / "mairie", "--json").stdout.splitlines()
    ]
    assert [(row["number"], row["in_use"], row["by"]) for row in rows] == [(1, False, "Anne"), (2, True, "Anne")]
    judged = rows[1]["judged"]["axes"]["service"]
    assert judged["accuracy"][1] >= judged["accuracy"][0]
    assert judged["rows"] == rows[1]["data"]["held_out"] + len(rows_of(JUDGED))
    release = current(tmp_path / "mairie")
    with_verdict = set(truth(ran))
    assert len(release.trained_on()) == rows[1]["data"]["learned"]
    assert release.trained_on() < with_verdict
    assert "nothing new to learn since release 2" in retrain("--judge-on", judging_corpus, out=ran.out).stdout
    every = b"".join(path.read_bytes() for path in (tmp_path / "mairie").rglob("*") if path.is_file())
    assert b"@courriel.test" not in every


def test_without_enough_held_out_mails_nothing_is_trained_and_the_count_is_said(ran, retrain, tmp_path):
    give(ran.out, dict(list(truth(ran).items())[:15]))
    said = retrain(out=ran.out).stdout
    assert "held-out mails bear a service, 10 are needed to judge: collect more verdicts" in said
    assert "stays in use" in said
    assert current(tmp_path / "mairie").number == 1  # the model it started from


def test_without_a_verdict_there_is_nothing_to_learn(ran, retrain):
    assert "no verdict of an agent to learn from" in retrain(out=ran.out).stdout


def test_a_worse_challenger_is_refused_in_numbers_and_the_champion_stays(
    ran, retrain, judging_corpus, small_corpus, champion, tmp_path
):
    """Every verdict is one service for another: the mails nobody touched show it."""
    swapped = dict(zip(SERVICES, (*SERVICES[1:], SERVICES[0]), strict=True))
    give(ran.out, {digest: swapped[service] for digest, service in truth(ran).items()})
    args = ("--judge-on", judging_corpus, "--weight", "20")
    done = retrain(*args, out=ran.out, base=small_corpus, start=champion, check=1)
    assert "held-out mails where the champion is on" in done.stdout
    assert "and it may not be worse" in done.stdout
    assert "not released: mairie-0001-" in done.stdout
    assert right(current(tmp_path / "mairie").folder, judging_corpus) == right(champion, judging_corpus)


def test_five_per_cent_flipped_labels_cost_less_than_a_point(ran, small_corpus, champion, judging_corpus, tmp_path):
    drawn = random.Random(1)
    given = {
        digest: drawn.choice([s for s in SERVICES if s != service]) if drawn.random() < 0.05 else service
        for digest, service in truth(ran).items()
    }
    give(ran.out, given)
    assert sum(given[digest] != service for digest, service in truth(ran).items()) >= 3
    asked = job(ran.out, small_corpus, champion, tmp_path / "m", judges=(judging_corpus,))
    assert in_use_after(asked, judging_corpus) >= right(champion, judging_corpus) - 0.01


def test_a_flood_from_one_sender_costs_less_than_a_point(small_corpus, champion, judging_corpus, tmp_path):
    """As many mails of one sender as of all others, about everything, all said to be for one service."""
    honest, flood = rows_of(RUN), rows_of(slice(60, 80))
    rows = [*honest, *({**row, "subject": f"{row['subject']} ({i})"} for i, row in enumerate(flood))]
    ran = sort_mails(tmp_path / "r", rows, lambda i: "" if i < len(honest) else f"flood+{i}@courriel.test", champion)
    services = truth(ran)
    poisoned = list(services)[len(honest) :]
    give(ran.out, services | dict.fromkeys(poisoned, "facturation_regie"))
    asked = job(ran.out, small_corpus, champion, tmp_path / "m", judges=(judging_corpus,))
    trial = attempt(asked, lambda _: None)
    assert len(trial.trained_on & set(poisoned)) <= 5
    assert in_use_after(asked, judging_corpus, trial) >= right(champion, judging_corpus) - 0.01


def test_a_challenger_judged_beside_another_champion_is_not_released(champion, tmp_path):
    first = add(tmp_path / "m", champion, by="Anne", why="", facts={})
    model = load_model(first.folder)
    asked = job(tmp_path, tmp_path, champion, tmp_path / "m")
    trial = Trial(model, model, Judgement({}, ()), {}, frozenset())
    add(tmp_path / "m", champion, by="Paul", why="", facts={})
    with pytest.raises(UsageError, match="came into use while the challenger was trained: retrain again"):
        publish(asked, trial, by="Anne", why="")
    with pytest.raises(UsageError, match="was not accepted"):
        publish(asked, Trial(model, model, Judgement({}, ("pire",)), {}, frozenset()), by="Anne", why="")
    assert current(tmp_path / "m").number == 2


def in_use_after(job: Job, corpus: Path, trial: Trial | None = None) -> float:
    """How right the model in use is once retraining has decided."""
    trial = trial or attempt(job, lambda _: None)
    release = publish(job, trial, by="Anne", why="") if trial.accepted else adopt(job, by="Anne")
    return right(release.folder, corpus)


def test_a_service_may_not_get_worse_by_more_than_the_margin_chance_aside(champion, judging_corpus, tmp_path):
    """A model that confuses two services, though better elsewhere, is refused for them."""
    examples = load_examples([judging_corpus], ["service"])
    model = load_model(champion)
    same = judge(model, model, examples, ["service"], Bar())
    assert same.accepted
    worse = lamed(champion, tmp_path / "lame", "rh_recrutement")
    found = judge(model, worse, examples, ["service"], Bar())
    assert not found.accepted
    assert any("rh_recrutement" in reason and "more than the margin of 10%" in reason for reason in found.reasons)


@pytest.mark.parametrize(("lost", "won", "refused"), [(3, 0, False), (4, 0, True), (5, 1, False), (6, 1, True)])
def test_what_a_service_loses_by_chance_is_no_reason(lost, won, refused):
    """Twenty mails of one service, beside others that make up for it."""
    rows = [{"name": "voirie", "rows": 20, "first": 0.5, "second": 0.3, "only_first": lost, "only_second": won}]
    rows[0]["p_value"] = mcnemar(lost, won)
    assert bool(_by_label("service", {"labels": rows}, 0.10)) == refused


def test_verdicts_that_all_err_the_same_way_release_nothing(champion, judging_corpus):
    """Both models are as wrong on them, so that no comparison tells."""
    model = load_model(champion)
    examples = load_examples([judging_corpus], ["service"])
    other = dict(zip(SERVICES, [*SERVICES[1:], SERVICES[0]], strict=True))
    wrong = [replace(one, labels={"service": other[one.labels["service"]]}, acceptable=()) for one in examples]
    assert judge(model, model, examples, ["service"], Bar()).accepted
    (reason,) = judge(model, model, wrong, ["service"], Bar()).reasons
    assert "the verdicts contradict the base corpus" in reason


def test_a_challenger_that_routes_more_by_breaking_its_budget_is_refused(beginner, judging_corpus):
    """And where the champion broke it, one that routes less is no worse for that."""
    examples = load_examples([judging_corpus], ["service"])
    careful, bold = (asking(load_model(beginner), threshold) for threshold in (0.9, 0.0))
    found = judge(careful, bold, examples, ["service"], Bar())
    assert any("its error budget of 10% is broken" in reason for reason in found.reasons)
    assert judge(bold, careful, examples, ["service"], Bar()).accepted


def asking(model, threshold: float):
    """The model with another threshold."""
    return replace(model, axes={"service": replace(model.axes["service"], threshold=threshold, stricter={})})


def lamed(champion: Path, folder: Path, service: str):
    """The champion without the ability to give one service."""
    model = load_model(champion)
    axis = model.axes["service"]
    intercepts = axis.intercepts.copy()
    intercepts[axis.labels.index(service)] = -9.0
    return replace(model, axes={"service": replace(axis, intercepts=intercepts)})


@pytest.fixture(scope="module")
def flagged(small_corpus, tmp_path_factory) -> Path:
    """A champion that learned flags beside the services."""
    folder = tmp_path_factory.mktemp("models") / "flagged"
    settings = Settings(encoder=False, noisy_copies=0, flags=True)
    save(train(load_examples([small_corpus], ["service"]), ["service"], settings, lambda _: None), folder)
    return folder


def test_a_challenger_learns_flags_as_its_champion_did(ran, small_corpus, flagged, tmp_path):
    give(ran.out, truth(ran))
    challenger = attempt(job(ran.out, small_corpus, flagged, tmp_path / "models"), lambda _: None).challenger
    assert challenger.flags.names == load_model(flagged).flags.names


def test_a_base_that_says_no_flags_costs_the_flags_and_is_told(ran, small_corpus, flagged, tmp_path):
    give(ran.out, truth(ran))
    bare = tmp_path / "bare.jsonl"
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()]
    bare.write_text("".join(json.dumps({k: v for k, v in r.items() if k != "flags"}) + "\n" for r in rows), "utf-8")
    told = []
    challenger = attempt(job(ran.out, bare, flagged, tmp_path / "models"), told.append).challenger
    assert challenger.flags is None
    assert any("say their flags" in line for line in told)
