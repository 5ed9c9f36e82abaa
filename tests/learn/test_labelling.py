"""Labelling sessions: through a pipe, through a real pseudo-terminal, killed and taken up again."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import SERVICES
from triage.errors import CorpusError, UsageError
from triage.learn.labelling import LEAST_JUDGED, STEP, Session, asked

LABELS = "voirie_eclairage ; Voirie\nscolaire_periscolaire ; École\netat_civil ; État civil\nfacturation_regie ; Factures\nrh_recrutement ; Emploi\n"
KEYS = {
    "voirie_eclairage": "v",
    "scolaire_periscolaire": "e",
    "etat_civil": "c",
    "facturation_regie": "f",
    "rh_recrutement": "m",
}


@pytest.fixture
def truth(small_corpus):
    rows = [json.loads(line) for line in small_corpus.read_text("utf-8").splitlines()][::4]
    return {f"m{i}": row | {"id": f"m{i}"} for i, row in enumerate(rows)}


@pytest.fixture
def unlabelled(truth, tmp_path):
    """Mails without labels, and the labels they may have."""
    (tmp_path / "labels.txt").write_text(LABELS, "utf-8")
    path = tmp_path / "pool.jsonl"
    rows = [{"id": row["id"], "subject": f"n° {row['id']}", "text": row["text"]} for row in truth.values()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def corpus(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def session_on(unlabelled, out, seed=1):
    said: list[str] = []
    return Session(asked([str(unlabelled)], SERVICES, "service", 2_000, seed, said.append, out), out, "service", seed)


def label(run, unlabelled, out, *args, stdin="", check=0):
    return run(
        "label",
        unlabelled,
        "--labels",
        unlabelled.with_name("labels.txt"),
        "--out",
        out,
        *args,
        stdin=stdin,
        check=check,
    )


def test_a_line_a_text_through_a_pipe(run, unlabelled, tmp_path):
    out = tmp_path / "c.jsonl"
    done = label(
        run,
        unlabelled,
        out,
        stdin="voirie_eclairage\nÉtat civil\nrevenir\ne + Factures\nlampadaire\npasser\nc\ntexte\nquitter\nv\n",
    )
    rows = corpus(out)
    assert [row["labels"] for row in rows] == [
        {"service": s} for s in ("voirie_eclairage", "scolaire_periscolaire", "etat_civil")
    ]
    assert rows[1]["secondary"] == ["facturation_regie"]
    assert "label 'lampadaire' is unknown" in done.stderr
    assert "3 textes étiquetés, 71 restants" in done.stdout
    assert "Moins de cinq exemples : Voirie" in done.stdout
    again = label(run, unlabelled, out, stdin="v\n")
    assert "3 textes déjà étiquetés : on continue." in again.stdout
    assert "4 textes étiquetés, 70 restants" in again.stdout
    assert len({row["id"] for row in corpus(out)}) == 4
    from triage.corpus import load_examples

    assert len(load_examples([out], ["service"])) == 4


def test_accuracy_rises_and_the_session_says_when_more_bring_little(unlabelled, truth, tmp_path):
    session = session_on(unlabelled, tmp_path / "c.jsonl")
    points, right = [], []
    while (one := session.current()) is not None:
        if point := session.answer(truth[one.content["id"]]["labels"]["service"]):
            points.append(point)
            (question,) = session.questions
            said = session.pool(question).predicted(question.answers)
            ids = [one.content["id"] for one in question.asked]
            right.append(sum(truth[name]["labels"]["service"] == s for name, s in zip(ids, said, strict=True)))
    (question,) = session.questions
    session.close()
    assert [point.labelled for point in points] == list(range(STEP, len(truth) + 1, STEP))
    assert [point.judged for point in points] == sorted(point.judged for point in points)
    assert points[2].judged >= 30 // 4
    assert right[0] < right[2] < right[-1]
    assert points[-1].accuracy > 0.6
    assert points[0].changed is None
    assert points[-1].interval[0] < points[-1].accuracy < points[-1].interval[1]
    question.points = [point for point in points if point.changed is not None][:2]
    assert not question.steady
    from dataclasses import replace

    question.points = [replace(points[-1], changed=share) for share in (0.2, 0.01, 0.015, 0.0)]
    assert question.steady
    assert points[-1].judged >= LEAST_JUDGED


def test_the_session_stops_where_the_last_labels_changed_nothing(run, tmp_path):
    """Two kinds of letters that a few labels tell apart."""
    rows = [{"id": f"{kind}{i}", "text": text.format(i)} for i in range(60) for kind, text in (
        ("a", "Le lampadaire numéro {} de la rue est en panne depuis hier soir."),
        ("b", "Je souhaite inscrire mes {} enfants à la cantine scolaire du quartier."))]  # fmt: skip
    path, out = tmp_path / "pool.jsonl", tmp_path / "c.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "labels.txt").write_text("a\nb\n", "utf-8")
    session = session_on_labels(path, out, ("a", "b"))
    for _ in range(40):
        one = session.current()
        session.answer(one.content["id"][0])
    session.close()
    done = label(run, path, out, stdin="a\n" * 200)
    assert "De nouveaux libellés apporteraient peu" in done.stdout
    assert len(corpus(out)) == 40
    assert len(corpus(out)) + 80 == 120
    label(run, path, out, "--go-on", stdin="a\n")
    assert len(corpus(out)) == 41


def session_on_labels(path, out, labels):
    return Session(
        asked([str(path)], labels, "service", 2_000, 20_260_101, lambda _: None, out), out, "service", 20_260_101
    )


def test_back_takes_an_answer_off_the_disk_and_passed_texts_stay_passed(unlabelled, tmp_path):
    out = tmp_path / "c.jsonl"
    session = session_on(unlabelled, out)
    assert not session.back()
    first = session.current().content["id"]
    session.answer("etat_civil")
    passed = session.current().content["id"]
    session.pass_over()
    assert session.back()
    assert session.current().content["id"] == passed
    assert session.back()
    assert session.current().content["id"] == first
    assert out.read_bytes() == b""
    session.pass_over()
    session.answer("etat_civil")
    session.close()
    again = session_on(unlabelled, out)
    assert (again.resumed, again.questions[0].open) == (1, 73)
    assert first not in {again.questions[0].asked[i].content["id"] for i in again._plan(again.questions[0])}
    again.close()


def test_a_kill_in_the_middle_of_a_line_costs_that_line_alone(unlabelled, tmp_path):
    out = tmp_path / "c.jsonl"
    session = session_on(unlabelled, out)
    for _ in range(STEP + 2):
        session.current()
        session.answer("etat_civil" if _ % 2 else "voirie_eclairage")
    points = session.questions[0].points
    session.close()
    with out.open("ab") as file:
        file.write(b'{"id": "half", "te')
    again = session_on(unlabelled, out)
    assert again.resumed == STEP + 2
    assert again.questions[0].points == points
    again.close()
    assert len(corpus(out)) == STEP + 2
    out.write_text("un fichier à moi\n", "utf-8")
    with pytest.raises(CorpusError, match="choose another --out"):
        session_on(unlabelled, out)
    assert out.read_text("utf-8") == "un fichier à moi\n"


def test_two_sessions_do_not_write_one_corpus(unlabelled, tmp_path):
    session = session_on(unlabelled, tmp_path / "c.jsonl")
    with pytest.raises(UsageError, match="another session is using it"):
        session_on(unlabelled, tmp_path / "c.jsonl")
    session.close()


def test_what_a_split_left_open_is_asked_between_its_new_labels(run, unlabelled, truth, tmp_path):
    mapping = tmp_path / "map.toml"
    mapping.write_text('[[split]]\nfrom = "etat_civil"\nto = ["etat_civil", "urbanisme"]\n', "utf-8")
    old = tmp_path / "old.jsonl"
    old.write_text("".join(json.dumps(row) + "\n" for row in truth.values()), "utf-8")
    run("reorganise", mapping, old)
    new, out = tmp_path / "old.map.jsonl", tmp_path / "split.jsonl"
    count = sum(row["labels"]["service"] == "etat_civil" for row in truth.values())
    done = run("label", new, "--out", out, stdin="urbanisme\nvoirie_eclairage\netat_civil\n")
    assert "label 'voirie_eclairage' is unknown: one of etat_civil, urbanisme" in done.stderr
    assert f"2 textes étiquetés, {count - 2} restants" in done.stdout
    rows = corpus(out)
    assert [truth[row["id"]]["labels"]["service"] for row in rows] == ["etat_civil", "etat_civil"]
    assert [row["labels"]["service"] for row in rows] == ["urbanisme", "etat_civil"]
    assert [row["labels"]["nature"] for row in rows] == [truth[row["id"]]["labels"]["nature"] for row in rows]


def test_what_a_split_left_open_comes_before_what_has_lost_its_label(tmp_path):
    path = tmp_path / "new.jsonl"
    lost = {"id": "lost", "text": "Poste à pourvoir"}
    halves = {"id": "open", "text": "Acte de naissance", "candidates": {"service": ["etat_civil", "urbanisme"]}}
    path.write_text(json.dumps(lost) + "\n" + json.dumps(halves) + "\n", "utf-8")
    session = session_on(path, tmp_path / "c.jsonl")
    assert [one.choices for one in session.questions] == [("etat_civil", "urbanisme"), tuple(SERVICES)]
    session.close()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("none.jsonl", "--out", "c.jsonl"), "no such corpus"),
        (("none", "--out", "c.jsonl"), "none"),
        (("labelled.jsonl", "--out", "c.jsonl"), "holds no text without a label"),
        (("labelled.jsonl", "--out", "no/c.jsonl", "--axis", "couleur"), "names no labels of axis 'couleur'"),
        (("labelled.jsonl", "--out", "c.jsonl", "--most", "3001"), "3001 texts to choose among: from 2 to 3000 can be"),
    ],
)
def test_a_fault_is_one_line(run, tmp_path, args, said):
    (tmp_path / "labelled.jsonl").write_text('{"id": "1", "text": "x", "label": "a"}\n', "utf-8")
    err = run("label", *args, check=2).stderr
    assert said in err
    assert "Traceback" not in err


class Terminal:
    """`triage label` in a real pseudo-terminal, as a person sees it."""

    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"], os.environ["COLUMNS"] = "xterm", "100"
            os.execv(sys.executable, [sys.executable, "-m", "triage", *map(str, args)])
        self.seen = ""

    def until(self, wanted, start=0):
        """Read until the screen has shown a pattern after `start`; return where it ends."""
        limit = time.monotonic() + 120
        while not (found := re.compile(wanted).search(self.seen, start)):
            assert time.monotonic() < limit, self.seen[-3000:]
            if select.select([self.fd], [], [], 1)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode("utf-8", "replace")
                except OSError:  # the other end is gone
                    pytest.fail(f"ended before {wanted!r}: {self.seen[-3000:]}")
        return found.end()

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        """Wait for the process; its exit code, or minus the signal that ended it."""
        while True:
            try:
                chunk = os.read(self.fd, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.seen += chunk.decode("utf-8", "replace")
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_one_key_a_label_in_a_terminal(unlabelled, truth, tmp_path):
    out = tmp_path / "c.jsonl"
    screen = Terminal("label", unlabelled, "--labels", tmp_path / "labels.txt", "--out", out)
    at, answered = 0, []
    for count in range(STEP):
        at = screen.until(rf"{count} étiquetés", at)
        at = screen.until(r"n° ([\w-]+).*\n", at)
        name = re.findall(r"n° ([\w-]+)", screen.seen[:at])[-1]
        at = screen.until("Q : quitter", at)
        answered.append((name, truth[name]["labels"]["service"]))
        screen.type(KEYS[answered[-1][1]])
    at = screen.until(r"10 étiquetés, 65 restants", at)
    at = screen.until(r"après 10 libellés : justesse encore inconnue", at)
    at = screen.until("Q : quitter", at)
    assert "•" in screen.seen[-2000:]  # the likeliest are marked
    screen.type("\x1b[A")  # an arrow does nothing
    screen.type("Pvf\n")  # several requests, all keys typed ahead
    at = screen.until("11 étiquetés", at)
    screen.type("Cetat")
    at = screen.until("Chercher : etat   → État civil", at)
    screen.type("\n")
    at = screen.until("12 étiquetés", at)
    screen.type("\x7f ")  # back, then pass over
    at = screen.until("11 étiquetés, 63 restants", at)
    screen.type("Q")
    assert screen.end() == 0
    assert "11 textes étiquetés, 63 restants" in screen.seen
    rows = corpus(out)
    assert [(row["id"], row["labels"]["service"]) for row in rows[:STEP]] == answered
    assert (rows[STEP]["labels"], rows[STEP]["secondary"]) == ({"service": "voirie_eclairage"}, ["facturation_regie"])
    assert len(rows) == 11


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_session_loses_nothing(unlabelled, tmp_path, number):
    out = tmp_path / "c.jsonl"
    screen = Terminal("label", unlabelled, "--labels", tmp_path / "labels.txt", "--out", out)
    at = screen.until("Q : quitter")
    screen.type("vcv")
    screen.until("3 étiquetés", at)
    os.kill(screen.pid, number)
    assert screen.end() == (-9 if number == signal.SIGKILL else 0)
    assert [row["labels"]["service"] for row in corpus(out)] == ["voirie_eclairage", "etat_civil", "voirie_eclairage"]
    done = subprocess.run(
        [sys.executable, "-m", "triage", "label", unlabelled, "--labels", tmp_path / "labels.txt", "--out", out],
        input="v\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "4 textes étiquetés" in done.stdout


@pytest.mark.parametrize("charset", ["cp1252", "utf-8-sig"])
def test_an_export_is_asked_with_the_columns_that_import_knows(run, unlabelled, tmp_path, charset):
    path, out = tmp_path / "export.csv", tmp_path / "c.jsonl"
    head, empty = "Numéro;Objet;Message;Courriel\r\n", "".join(f"V{i};;;x@courriel.test\r\n" for i in range(7))
    rows = '17;Bruit;"Du bruit\r\nchaque été";x@courriel.test\r\n18;;Un lampadaire éteint;y@courriel.test\r\n'
    path.write_bytes((head + rows + empty).encode(charset))
    labels = ("--labels", unlabelled.with_name("labels.txt"), "--out", out)
    said = run("label", path, *labels, stdin="voirie_eclairage\n" * 9).stderr
    assert "2 texts to choose among" in said
    assert "7 lines in all cannot be used" in said
    found = {row["id"]: row["text"] for row in corpus(out)}
    assert found == {"17": "Du bruit\r\nchaque été", "18": "Un lampadaire éteint"}
    assert not any("courriel" in json.dumps(row) for row in corpus(out))
    named = tmp_path / "autre.csv"
    named.write_text("Verbatim;Mél\nUn arbre tombé;a\nUne rue sale;b\n", "utf-8")
    assert "which column holds the text" in run("label", named, *labels, check=2).stderr
    run("label", named, *labels, "--column", "text=Verbatim", stdin="voirie_eclairage\n")
    assert len(corpus(out)) == 3


def test_one_label_that_has_most_of_the_mail_is_no_reason_to_stop(unlabelled, tmp_path):
    """Where little changes because one label alone is predicted, the others are not learned yet."""
    from triage.classify.informative import Point

    question = session_on(unlabelled, tmp_path / "c.jsonl").question
    question.points = [Point(count, 9, 9, 0.0) for count in (20, 30, 40)]
    question.answers = dict.fromkeys(range(36), "etat_civil") | dict.fromkeys(range(36, 40), "facturation_regie")
    assert not question.steady
    question.answers |= {40: "facturation_regie"}
    assert question.steady
    question.answers |= dict.fromkeys(range(41, 99), "etat_civil") | {99: "rh_recrutement"}
    assert question.steady, "a label that almost no mail has may stay unknown"
