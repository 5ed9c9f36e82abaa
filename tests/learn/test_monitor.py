"""`triage monitor`: what it says of a run, when it warns, and that no mail shows through."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from tests.learn.conftest import give, results
from tests.learn.test_folders import other_model
from triage.classify import load_model
from triage.classify.scores import clopper_pearson
from triage.classify.store import save
from triage.learn.corrections import opened
from triage.learn.drift import Drift
from triage.learn.monitor import Limits, mails, monitored, probability

TODAY = "2026-01-20"


def monitor(run, ran, champion, *more, code=0):
    asked = ("monitor", ran.out, "--model", champion, "--today", TODAY)
    return json.loads(run(*asked, "--json", *more, check=code).stdout)


def draw_all(out):
    with opened(out) as (journal, corrections):
        corrections.draw([entry.digest for entry in journal.entries()], "2026-01-13T09:00:00+00:00")


def routed(out):
    return [line for line in results(out) if line["decision"]["service"]]


def test_figures_are_those_of_the_results(run, ran, champion):
    lines = results(ran.out)
    found = monitor(run, ran, champion, "--budget", "0.5")
    assert found["volumes"]["mails"] == len(lines)
    assert sum(sum(week.values()) for week in found["volumes"]["weeks"].values()) == len(lines)
    assert found["coverage"]["routed"] == sum(line["service"]["label"] is not None for line in lines)
    assert sum(found["abstentions"].values()) == len(lines) - found["coverage"]["routed"]
    assert found["errors"]["state"] == "open"
    late = [line for line in lines if any(d["due"] < TODAY and d["name"] != "registration" for d in line["deadlines"])]
    assert found["overdue"]["mails"] == len(late)


def test_the_control_sample_alone_judges_the_budget(run, ran, champion):
    lines = routed(ran.out)
    give(ran.out, {line["digest"]: line["decision"]["service"] for line in lines[:40]})
    assert monitor(run, ran, champion)["errors"]["routed"] == 0
    draw_all(ran.out)
    found = monitor(run, ran, champion, "--budget", "0.1")["errors"]
    assert (found["routed"], found["wrong"], found["state"]) == (40, 0, "kept")
    give(ran.out, {line["digest"]: "urbanisme" for line in lines[:12]})
    found = monitor(run, ran, champion, "--budget", "0.1", code=1)
    assert (found["errors"]["wrong"], found["errors"]["state"]) == (12, "broken")
    assert found["errors"]["interval"] == clopper_pearson(12, 40)
    assert any(one.startswith("Budget d'erreurs dépassé") for one in found["alerts"])


def test_few_errors_among_few_mails_prove_nothing(run, ran, champion):
    lines = routed(ran.out)[:4]
    draw_all(ran.out)
    give(ran.out, {line["digest"]: "urbanisme" for line in lines[:1]})
    give(ran.out, {line["digest"]: line["decision"]["service"] for line in lines[1:]})
    assert monitor(run, ran, champion, "--budget", "0.1")["errors"]["state"] == "open"


def test_late_mail_warns_where_a_number_was_set_and_a_reply_ends_it(run, ran, champion):
    late = monitor(run, ran, champion)["overdue"]["mails"]
    assert late
    assert monitor(run, ran, champion, "--max-overdue", str(late))["alerts"] == []
    assert monitor(run, ran, champion, "--max-overdue", str(late - 1), code=1)["alerts"]
    one = next(line for line in results(ran.out) if line["deadlines"] and line["decision"]["action"] != "ignore")
    run("correct", one["digest"], "--reply", "used", "--out", ran.out)
    assert monitor(run, ran, champion)["overdue"]["mails"] == late - 1


def test_mail_left_to_people_more_often_than_promised_is_an_alert(ran):
    with opened(ran.out) as (journal, corrections):
        every = list(mails(journal))
        figures = monitored(
            every, corrections, Drift("mail", [], []), {"coverage": 0.9999}, Limits(0.1), date(2026, 1, 20)
        )
    routed_share = figures["coverage"]["routed"] / figures["coverage"]["read"]
    assert routed_share < 0.95
    assert figures["coverage"]["lower"]
    assert any(one.startswith("Couverture en baisse") for one in figures["alerts"])


def test_the_page_asks_nothing_of_anyone_and_shows_no_mail(run, ran, champion, judging_corpus, tmp_path):
    draw_all(ran.out)
    give(ran.out, {line["digest"]: "<script>alert(1)</script>" for line in routed(ran.out)[:3]})
    page = tmp_path / "watch" / "page.html"
    done = run(
        "monitor", ran.out, "--model", champion, "--today", TODAY, "--reference", judging_corpus, "--report", page,
        "--budget", "0.99",
    )  # fmt: skip
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert not re.search(r"""(src|href)=|url\(|https?://|@import|\bon\w+=""", html)
    assert "default-src 'none'" in html
    assert html.count("<svg") == 2
    for line in results(ran.out):
        for secret in (line["sender"], line["id"], line["digest"], f">{line['subject']}<"):
            assert secret not in html + done.stdout + done.stderr
        assert line["text"][:40] not in html + done.stdout


def test_earlier_mail_is_the_reference_of_the_last_days(run, ran, champion):
    empty = run("monitor", ran.out, "--model", champion, "--days", "2", "--today", "2026-06-01", check=2).stderr
    assert "no mail in these 2 days" in empty
    earlier = monitor(run, ran, champion, "--days", "30", "--from-earlier")["drift"]
    assert earlier == {"against": "mail", "confidence": [], "vocabulary": []}
    assert "needs --days" in run("monitor", ran.out, "--model", champion, "--from-earlier", check=2).stderr


def test_what_the_model_remembers_is_the_reference_unless_another_is_named(run, ran, champion, tmp_path):
    found = monitor(run, ran, champion)["drift"]
    assert found["against"] == "training"
    assert {one["service"] for one in found["vocabulary"]} >= {"etat_civil", "voirie_eclairage"}
    assert {one["service"] for one in found["confidence"]} == {one["service"] for one in found["vocabulary"]}
    save(replace(load_model(champion), usual={}), tmp_path / "older")
    assert monitor(run, ran, tmp_path / "older")["drift"] == {"against": "training", "confidence": [], "vocabulary": []}


@pytest.mark.parametrize(
    ("hits", "rows", "expected"), [(0, 10, (0, 0.3085)), (3, 20, (0.0321, 0.3789)), (5, 5, (0.4782, 1))]
)
def test_exact_intervals_are_those_of_the_tables(hits, rows, expected):
    assert clopper_pearson(hits, rows) == pytest.approx(expected, abs=1e-4)


def test_mail_that_another_model_decided_is_said_to_be(run, ran, champion, tmp_path):
    manifest = other_model(champion, tmp_path / "other") / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"id": "champion-', '"id": "autre-'), "utf-8")
    asked = ("monitor", ran.out, "--today", TODAY, "--budget", "1", "--model")
    assert "decided by another model" not in run(*asked, champion).stderr
    done = run(*asked, tmp_path / "other", check=0)
    assert f"{len(results(ran.out))} of {len(results(ran.out))} mails were decided by another model" in done.stderr


@pytest.mark.parametrize(("p", "said"), [(0.0001, "< 0,001"), (0.0123, "= 0,012")])
def test_no_p_value_is_zero(p, said):
    assert probability(p) == said
