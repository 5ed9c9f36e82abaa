"""Flags from words and from the model: what the words need of it, and what it says by itself."""

from datetime import date

import pytest

from triage.decide import decide
from triage.profile import Profile, load_profile
from triage.types import CleanText, Decision, Message, Prediction, Urgency

THREAT = "Je sais où elle habite."
ORDINARY = "Je voudrais une place au marché de Noël."


def profile(flag: str, **limits: float) -> Profile:
    """The built-in profile in which one flag has these limits and the others none."""
    shipped = load_profile()
    free = {"needs": 0.0, "model": 1.0}
    flags = tuple(r.model_copy(update=free | limits if r.id == flag else free) for r in shipped.flags)
    return shipped.model_copy(update={"flags": flags})


def decided(rules: Profile, body: str, **likely: float) -> Decision:
    message = Message(
        id="1@example.fr", digest="d", origin="file:x", kind="human", kind_reason="", sender=None, reply_to=None, to=(), cc=(),
        subject="", date=None, received=None, body="", html_only=False, references=(), attachments=(), warnings=(),
    )  # fmt: skip
    predictions = {
        "service": Prediction("commerce_domaine_public", 0.9, (("commerce_domaine_public", 0.9),), (), "m"),
        "nature": Prediction("demarche", 0.9, (("demarche", 0.9),), (), "m"),
    }
    if likely:
        ranking = tuple(sorted(likely.items(), key=lambda pair: -pair[1]))
        predictions["flags"] = Prediction(None, ranking[0][1], ranking, (), "m")
    return decide(rules, message, CleanText("", body, (), "\n" + body), predictions, (), date(2026, 1, 5))


@pytest.mark.parametrize(("probability", "found"), [(0.29, False), (0.3, True)])
def test_words_count_where_the_model_allows_them(probability, found):
    rules = profile("menace_agent", needs=0.3)
    assert ("menace_agent" in decided(rules, THREAT, menace_agent=probability).flags) is found


def test_words_stand_alone_beside_a_model_that_did_not_learn_the_flag():
    rules = profile("menace_agent", needs=0.3)
    assert "menace_agent" in decided(rules, THREAT).flags
    assert "menace_agent" in decided(rules, THREAT, mineur=0.01).flags


@pytest.mark.parametrize(("probability", "found"), [(0.79, False), (0.8, True)])
def test_the_model_raises_a_flag_without_words_from_its_limit_on(probability, found):
    decision = decided(profile("fovi", model=0.8), ORDINARY, fovi=probability)
    assert ("fovi" in decision.flags) is found
    assert (decision.action == "review") is found  # a bank detail that changes never gets an ordinary draft


def test_a_flag_without_a_limit_needs_words():
    assert decided(profile("fovi"), ORDINARY, fovi=1.0).flags == ()


def test_a_flag_the_model_is_sure_of_can_make_a_mail_critical():
    limits = load_profile().urgency.model.flags
    assert decided(profile("menace_agent"), ORDINARY, menace_agent=limits["menace_agent"]).urgency == Urgency(
        "critique", ("selon le modèle, menace envers un agent : alerter la hiérarchie",)
    )
    assert (
        decided(profile("menace_agent"), ORDINARY, menace_agent=limits["menace_agent"] - 0.01).urgency.level
        == "normale"
    )


def test_no_flag_comes_twice():
    flags = decided(profile("menace_agent", model=0.5), THREAT, menace_agent=0.9).flags
    assert flags.count("menace_agent") == 1


def test_a_limit_outside_probabilities_is_refused_with_its_key(tmp_path, run):
    run("init", tmp_path / "p")
    path = tmp_path / "p" / "rules.toml"
    text = path.read_text("utf-8").replace('[[flag]]\nid = "autorite"\n', '[[flag]]\nid = "autorite"\nneeds = 1.5\n')
    path.write_text(text, "utf-8")
    done = run("check", tmp_path / "p", check=2)
    assert "needs" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_flag_that_no_rule_describes_is_refused(tmp_path, run):
    run("init", tmp_path / "p")
    path = tmp_path / "p" / "urgency.toml"
    path.write_text(path.read_text("utf-8").replace("{ menace_agent = 0.5,", "{ menaces = 0.5,"), "utf-8")
    done = run("check", tmp_path / "p", check=2)
    assert "'menaces' is not defined" in done.stderr
    assert "urgency.toml" in done.stderr
