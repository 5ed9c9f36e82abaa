"""Which verdicts are learned, how much each weighs, and what is held out for ever."""

from datetime import UTC, datetime

from tests.learn.conftest import give, results, rows_of, sort_mails
from triage.classify.examples import Example
from triage.learn.corrections import opened
from triage.learn.lessons import Lesson, Rules, apart, capped, confirmed, lessons, repeated, writer_of

WORDS = "Le lampadaire numéro {} de la rue des Lilas ne marche plus depuis {} jours, merci de venir voir rue {}"
OTHERS = (
    "acte de naissance",
    "cantine de lundi",
    "facture d'eau",
    "candidature au service technique",
    "bal du village",
)


def lesson(number: int, writer: str = "", text: str = "", at: str = "2026-01-12T08:00:00+00:00") -> Lesson:
    writer = writer or f"personne{number}@courriel.test"
    text = text or f"{OTHERS[number % 5]}\n{hash_words(number)}"
    return Lesson(
        f"{number:064x}", writer, at, Example(str(number), text, {"service": "a"}, group=writer, sender=writer)
    )


def digests(found) -> set[str]:
    return {one.digest for one in found}


def hash_words(number: int) -> str:
    """A text that shares nothing with the others."""
    return " ".join(f"{number * 7919 + i:x}z{i * number:o}" for i in range(12))


def test_only_what_agents_said_is_learned_never_what_the_program_said(ran):
    digests = list(ran.truth)
    give(ran.out, {digests[0]: "urbanisme", digests[1]: ran.truth[digests[1]]["service"]})
    with opened(ran.out) as (journal, corrections):
        found = confirmed(journal, corrections)
    assert {one.digest: dict(one.example.labels) for one in found} == {
        digests[0]: {"service": "urbanisme"},
        digests[1]: {"service": ran.truth[digests[1]]["service"]},
    }
    assert all(line["service"]["ranking"] for line in results(ran.out))  # the program had something to say of each


def test_mails_of_the_control_sample_alone_tell_how_often_a_model_is_right(ran):
    digests = list(ran.truth)[:4]
    give(ran.out, dict.fromkeys(digests, "urbanisme"))
    with opened(ran.out) as (journal, corrections):
        corrections.draw(digests[:2], "2026-01-12")
        found = {one.digest: one.example.singled_out for one in confirmed(journal, corrections)}
    assert found == dict.fromkeys(digests[:2], False) | dict.fromkeys(digests[2:], True)


def test_the_text_learned_is_what_the_classifier_saw_with_the_own_words_an_agent_gave(run, ran):
    from triage.parse import parse
    from triage.pipeline import cleaned
    from triage.read import read

    raws = {parse(raw).digest: raw for raw in read(str(ran.mails))}
    digests = list(ran.truth)[:40]
    give(ran.out, dict.fromkeys(digests, "urbanisme"))
    (ran.out / "words").write_text("La grue de M. Roy, 06 39 98 12 34.", "utf-8")
    run("correct", digests[0], "--own-words", ran.out / "words", "--out", ran.out)
    with opened(ran.out) as (journal, corrections):
        found = {one.digest: one.example.text for one in confirmed(journal, corrections)}
    same = sum(found[digest] == cleaned(raws[digest]).masked for digest in digests[1:])
    assert same >= 37  # a name that only the signature gives away may stay
    assert "grue" in found[digests[0]]
    assert "Roy" not in found[digests[0]]
    assert "98" not in found[digests[0]]


def test_a_writer_is_on_one_side_whatever_the_tag_and_the_side_never_changes():
    many = [lesson(i) for i in range(300)]
    first = lessons(many, Rules())
    assert {one.writer for one in first.learned}.isdisjoint({one.writer for one in first.held_out})
    assert 0.2 < len(first.held_out) / 300 < 0.4
    later = lessons([*many, *(lesson(i) for i in range(300, 400))], Rules())
    assert digests(first.held_out) <= digests(later.held_out)
    record = {"kind": "human", "digest": "d", "sender": "Zoe+1@Exemple.org"}
    assert writer_of(record) == writer_of(record | {"sender": "zoe+2@exemple.org"}) == "zoe@exemple.org"
    assert writer_of(record | {"kind": "form"}) == "zoe+1@exemple.org".replace("+1", "")
    assert writer_of(record, frozenset({"zoe+1@exemple.org"})) == "d"
    assert writer_of(record | {"sender": None}) == "-"


def test_mails_the_present_release_learned_are_not_held_out():
    many = [lesson(i) for i in range(100)]
    held_out = lessons(many, Rules()).held_out
    known = frozenset(one.digest for one in held_out[:10])
    assert digests(lessons(many, Rules(), known).held_out) == digests(held_out[10:])


def test_one_writer_and_one_letter_count_for_a_few_mails_the_newest():
    flood = [lesson(i, "flood@exemple.org", at=f"2026-02-{1 + i % 28:02}T08:00:00+00:00") for i in range(200)]
    letter = [lesson(1000 + i, text=f"Pétition\n{WORDS.format(i, i, 'Haute')}") for i in range(100)]
    others = [lesson(2000 + i) for i in range(20)]
    found = lessons([*flood, *letter, *others], Rules(per_writer=5))
    everyone = [*found.learned, *found.held_out]
    assert sum(one.writer == "flood@exemple.org" for one in everyone) == 5
    assert {one.at[:10] for one in everyone if one.writer == "flood@exemple.org"} == {"2026-02-28"}
    assert sum(one.example.text.startswith("Pétition") for one in everyone) <= 10  # five on each side
    assert sum(one in everyone for one in others) == 20
    assert found.learned_beyond + found.held_out_beyond == 320 - len(everyone)


def test_short_texts_that_are_the_same_count_as_one_letter():
    same = [lesson(i, text="Bonjour\nmerci") for i in range(30)]
    assert len(capped(same, 5)) == 5


def test_weight_halves_with_age_and_is_one_at_least():
    now = datetime(2026, 1, 12, 8, tzinfo=UTC)
    rules = Rules(weight=4, half_life=100)
    ages = {"2026-01-12": 4, "2025-10-04": 2, "2025-06-26": 1, "2020-01-01": 1, "2027-01-01": 4}
    for day, times in ages.items():
        found = repeated([lesson(1, at=f"{day}T08:00:00+00:00")], rules, now)
        assert [example.repeat for example in found] == [False, *[True] * (times - 1)], day
        assert {example.group for example in found} == {"personne1@courriel.test"}


def test_a_held_out_mail_that_is_nearly_learned_judges_nothing():
    text = WORDS.format(12, 3, "Basse")
    learned = [Example("b", f"Lampadaire\n{text}", {"service": "a"})]
    judges = [lesson(1, text=f"Lampadaire\n{text} svp"), lesson(2), lesson(3, text="ok\nok")]
    assert apart(judges, [*learned, Example("c", "ok\nok", {"service": "a"})]) == [judges[1]]


def test_mails_of_a_web_form_are_no_flood_once_its_address_is_named(champion, tmp_path):
    rows = [{**row, "subject": f"Formulaire de contact {i}"} for i, row in enumerate(rows_of(slice(60, 64)))]
    ran = sort_mails(tmp_path / "forms", rows, lambda _: "site@exemple.org", champion)
    give(ran.out, dict.fromkeys(ran.truth, "urbanisme"))
    with opened(ran.out) as (journal, corrections):
        one = confirmed(journal, corrections)
        many = confirmed(journal, corrections, frozenset({"site@exemple.org"}))
    assert {lesson.writer for lesson in one} == {"site@exemple.org"}
    assert {lesson.writer for lesson in many} == set(ran.truth)
