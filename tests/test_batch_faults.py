"""What must hold when processes are killed, disks fill up, and workers die or hang: real processes, really killed."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.mails import mbox_of
from triage.batch import Patience, Plan, Recipe, run
from triage.errors import UsageError
from triage.pipeline import Engine
from triage.profile import BUILT_IN
from triage.read import read

MAILS = 48


@pytest.fixture(scope="module")
def recipe(small_model) -> Recipe:
    recipe = Recipe(BUILT_IN, small_model)
    recipe.engine()
    return recipe


@pytest.fixture(scope="module")
def mails(tmp_path_factory) -> Path:
    """A mailbox whose last mail is an exact copy of the first."""
    path = mbox_of(tmp_path_factory.mktemp("in") / "in.mbox", MAILS)
    first = path.read_text("utf-8").split("From zoe@example.fr Mon")[1]
    path.write_text(path.read_text("utf-8") + "From zoe@example.fr Mon" + first, "utf-8")
    return path


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr("triage.batch.intake.CHUNK", 4)
    monkeypatch.setattr("triage.batch.settle._CHUNKS", 2)


@pytest.fixture(scope="module")
def calm(recipe, mails, tmp_path_factory) -> dict[str, bytes]:
    """What an uninterrupted run leaves."""
    out = tmp_path_factory.mktemp("calm")
    run(recipe, read(str(mails)), out)
    return left(out)


def left(out: Path) -> dict[str, bytes]:
    """Results and drafts, and anything half written."""
    kept = {"journal.sqlite", "run.json", ".lock"}
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file() and p.name not in kept}


def in_child(work) -> int:
    """Run `work` in a child process of this one; returns its wait status. Nothing of pytest runs there."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except UsageError:
            os._exit(2)
        finally:
            os._exit(3)
    return os.waitpid(pid, 0)[1]


def dies_at(event: int):
    """Make this process kill itself, as `kill -9` would, at its n-th file operation."""
    seen = 0

    def hook(name, args):
        nonlocal seen
        if name in ("open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "os.listdir", "os.scandir"):
            seen += 1
            if seen == event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


@pytest.mark.parametrize("event", [1, 2, 5, 8, 13, 21, 30, 38, 45, 52, 60, 68, 76, 85, 95, 105, 120])
def test_a_run_killed_at_a_file_operation_ends_like_an_uninterrupted_one(
    recipe, mails, calm, small_chunks, tmp_path, event
):
    status = in_child(lambda: (dies_at(event), run(recipe, read(str(mails)), tmp_path)))
    assert os.WIFSIGNALED(status)
    run(recipe, read(str(mails)), tmp_path)
    assert left(tmp_path) == calm


def test_a_run_killed_over_and_over_at_random_moments_ends_like_an_uninterrupted_one(
    recipe, mails, calm, small_chunks, tmp_path
):
    draw = random.Random(20_260_101)
    killed = 0
    while killed < 12:
        pid = os.fork()
        if pid == 0:
            run(recipe, read(str(mails)), tmp_path, again=killed > 6)
            os._exit(0)
        time.sleep(draw.uniform(0.005, 0.4))
        os.kill(pid, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    run(recipe, read(str(mails)), tmp_path, again=True)
    assert left(tmp_path) == calm


def test_a_killed_command_leaves_no_worker_behind_and_no_lock(recipe, mails, calm, small_model, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "triage", "apply", mails, "--out", out, "--model", small_model, "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while len(workers := [pid for nursery in children(process.pid) for pid in children(nursery)]) < 2:
        time.sleep(0.02)
    workers += children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    run(recipe, read(str(mails)), out)
    assert left(out) == calm
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def children(parent: int) -> list[int]:
    return [
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[1] == str(parent)
    ]


@pytest.mark.parametrize("limit", [2_000, 40_000, 100_000, 150_000])
def test_a_full_disk_stops_the_run_with_a_line_and_it_goes_on_later(recipe, mails, calm, small_chunks, tmp_path, limit):
    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        run(recipe, read(str(mails)), tmp_path)

    assert os.waitstatus_to_exitcode(in_child(work)) == 2
    assert not (tmp_path / "results.jsonl").exists()
    assert not list(tmp_path.rglob("*.part"))
    assert all(calm[f"drafts/{p.name}"] == p.read_bytes() for p in (tmp_path / "drafts").glob("*"))
    run(recipe, read(str(mails)), tmp_path)
    assert left(tmp_path) == calm


def test_of_two_runs_at_once_one_does_the_work_and_the_other_says_so(recipe, mails, calm, tmp_path):
    pids = []
    for _ in range(2):
        if (pid := os.fork()) == 0:
            try:
                run(recipe, read(str(mails)), tmp_path)
            except UsageError as error:
                os._exit(2 if "another run is using this folder" in str(error) else 3)
            os._exit(0)
        pids.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert sorted(codes) in ([0, 2], [0, 0])  # [0, 0]: one had ended before the other began
    assert left(tmp_path) == calm


@dataclass(frozen=True)
class Poisoned(Recipe):
    """A recipe whose model kills, or holds up, the process that shows it certain mails."""

    deadly: tuple[str, ...] = ()
    endless: tuple[str, ...] = ()
    gripping: tuple[str, ...] = ()

    def engine(self) -> Engine:
        genuine = super().engine()
        return replace(genuine, model=_Poison(genuine.model, self.deadly, self.endless, self.gripping))


class _Poison:
    def __init__(self, model, deadly, endless, gripping):
        self._model, self._deadly, self._endless, self._gripping = model, deadly, endless, gripping
        self.id, self.axes, self.note, self.has_second_stage = model.id, model.axes, "", False

    def predict(self, texts):
        if any(word in text for text in texts for word in self._deadly):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(word in text for text in texts for word in self._endless):
            time.sleep(3600)
        if any(word in text for text in texts for word in self._gripping):
            re.fullmatch("(a|a)*b", "a" * 60)  # takes ages, in which no other thread of the process runs
        return self._model.predict(texts)


def test_mails_that_kill_or_hold_up_a_worker_are_set_aside_and_the_rest_goes_on(
    recipe, mails, tmp_path, small_model, monkeypatch
):
    monkeypatch.setattr("triage.batch.intake.CHUNK", 8)
    contents = (
        mails.read_text("utf-8")
        .replace("le lampadaire n° 21", "le zeppelin")
        .replace("le lampadaire n° 37", "le yaourt")
    )
    (tmp_path / "in.mbox").write_text(contents, "utf-8")
    poisoned = Poisoned(BUILT_IN, small_model, deadly=("zeppelin",), endless=("yaourt",))
    found = run(poisoned, read(str(tmp_path / "in.mbox")), tmp_path / "out", plan=Plan(jobs=2, patience=Patience(5, 5)))
    run(recipe, read(str(tmp_path / "in.mbox")), tmp_path / "calm")
    assert [origin.rpartition("#")[2] for origin in found.failed] == ["21", "37"]
    got, wanted = (lines(tmp_path / name) for name in ("out", "calm"))
    assert [got[21]["error"]["type"], got[37]["error"]["type"]] == ["WorkerDied", "WorkerHung"]
    assert got[21]["decision"]["action"] == got[37]["decision"]["action"] == "review"
    assert [a for i, a in enumerate(got) if i not in (21, 37)] == [a for i, a in enumerate(wanted) if i not in (21, 37)]


def test_a_worker_held_up_is_noticed_though_it_takes_no_more_mail(recipe, tmp_path, small_model, monkeypatch):
    """Its next chunk is larger than a pipe holds, and comes when the worker no longer takes anything."""
    monkeypatch.setattr("triage.batch.intake.CHUNK", 2)
    source, out = tmp_path / "in.mbox", tmp_path / "out"
    source.write_text("".join(_with_attachment(i, "zeppelin" if i == 9 else "lampadaire") for i in range(24)), "utf-8")
    gripped = Poisoned(BUILT_IN, small_model, gripping=("zeppelin",))

    def work():
        signal.alarm(200)  # ends a run that waits for ever
        plan = Plan(jobs=2, patience=Patience(6, 4))
        run(gripped, read(str(source)), out, plan=plan, advance=lambda: time.sleep(0.25))  # as where disks are slow

    assert os.waitstatus_to_exitcode(in_child(work)) == 0
    assert [(i, line["error"]["type"]) for i, line in enumerate(lines(out)) if line["error"]] == [(9, "WorkerHung")]


def _with_attachment(rank: int, word: str) -> str:
    return (
        f"From zoe@example.fr Mon Jan  5 09:00:00 2026\nFrom: zoe@example.fr\nSubject: Rue {rank}\n"
        "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n--b\nContent-Type: text/plain\n\n"
        f"Le {word} {rank} de ma rue est eteint.\n--b\nContent-Type: application/pdf; name=a.pdf\n"
        f"Content-Transfer-Encoding: base64\n\n{(76 * 'A' + chr(10)) * 8_000}\n--b--\n\n"
    )


def lines(out: Path) -> list[dict]:
    import json

    return [json.loads(line) for line in (out / "results.jsonl").read_text("utf-8").splitlines()]


def test_workers_that_cannot_start_end_the_run_with_a_line(mails, small_model, tmp_path):
    broken = Poisoned(BUILT_IN, small_model)
    object.__setattr__(broken, "endless", _Unreadable())
    with pytest.raises(UsageError, match="a worker process cannot start"):
        run(broken, read(str(mails)), tmp_path, plan=Plan(jobs=2))


class _Unreadable(tuple):
    """Kills the process that unpickles it."""

    __slots__ = ()

    def __reduce__(self):
        return os._exit, (7,)
