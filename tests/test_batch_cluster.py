"""`--scheduler`: the same bytes from a real Dask scheduler and two worker processes on this machine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.mails import mbox_of
from tests.test_batch_faults import Poisoned, children, left, lines
from triage.batch import Patience, Plan, Recipe, run
from triage.errors import UsageError
from triage.profile import BUILT_IN
from triage.read import read

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what Dask and its libraries warn of is theirs


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The scheduler's address, and its two `dask worker` processes, each with a nanny that replaces a dead worker."""
    folder = tmp_path_factory.mktemp("cluster")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    options = {"cwd": folder, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options["start_new_session"] = True  # a nanny and its worker end together
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    processes = [subprocess.Popen([*scheduler, "--no-dashboard", "--scheduler-file", folder / "at"], **options)]
    address = _address(folder / "at")
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    processes += [subprocess.Popen([*worker, "--local-directory", folder], **options) for _ in range(2)]
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
    yield address, processes[1:]
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _address(file: Path) -> str:
    import json

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


@pytest.fixture(scope="module")
def recipe(small_model) -> Recipe:
    return Recipe(BUILT_IN, small_model)


@pytest.fixture(scope="module")
def mails(tmp_path_factory) -> Path:
    return mbox_of(tmp_path_factory.mktemp("in") / "in.mbox", 640)


@pytest.fixture(scope="module")
def calm(recipe, mails, tmp_path_factory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("calm")
    run(recipe, read(str(mails)), out)
    return left(out)


def test_a_cluster_that_loses_a_worker_in_mid_batch_gives_the_same_bytes(recipe, mails, calm, cluster, tmp_path):
    address, workers = cluster
    killed = []

    def advance():
        if not killed and len(counted) > 100:
            killed.extend(pid for pid in children(workers[0].pid) if b"spawn_main" in _command(pid))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        counted.append(1)

    counted = []
    summary = run(recipe, read(str(mails)), tmp_path, plan=Plan(scheduler=address), advance=advance)
    assert killed
    assert (summary.messages, summary.failed) == (640, [])
    assert left(tmp_path) == calm


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_mails_that_kill_or_hold_up_a_process_are_set_aside_and_cost_no_worker(
    small_model, cluster, tmp_path, monkeypatch
):
    address, workers = cluster
    monkeypatch.setattr("triage.batch.intake.CHUNK", 4)
    mails = mbox_of(tmp_path / "in.mbox", 12)
    contents = mails.read_text("utf-8")
    mails.write_text(contents.replace("lampadaire n° 5", "zeppelin").replace("lampadaire n° 10", "yaourt"), "utf-8")
    poisoned = Poisoned(BUILT_IN, small_model, deadly=("zeppelin",), endless=("yaourt",))
    before = [children(worker.pid) for worker in workers]
    summary = run(poisoned, read(str(mails)), tmp_path / "out", plan=Plan(scheduler=address, patience=Patience(8, 8)))
    assert [origin.rpartition("#")[2] for origin in summary.failed] == ["5", "10"]
    found = lines(tmp_path / "out")
    assert [found[5]["error"]["type"], found[10]["error"]["type"]] == ["WorkerDied", "WorkerHung"]
    assert [children(worker.pid) for worker in workers] == before


def test_another_model_on_a_worker_is_refused(recipe, mails, cluster, tmp_path):
    with pytest.raises(UsageError, match="absent: "):
        run(_Elsewhere(recipe.profile, recipe.model), read(str(mails)), tmp_path, plan=Plan(scheduler=cluster[0]))


class _Elsewhere(Recipe):
    """Loads its model here, and finds none on a worker."""

    def __reduce__(self):
        return Recipe, (self.profile, self.model.parent / "absent")


def test_a_scheduler_that_does_not_answer_is_said_in_one_line(recipe, mails, tmp_path, monkeypatch):
    monkeypatch.setattr("triage.batch.cluster._CONNECT_SECONDS", 2)
    with pytest.raises(UsageError, match="no Dask scheduler answers there"):
        run(recipe, read(str(mails)), tmp_path, plan=Plan(scheduler="tcp://127.0.0.1:9"))


@pytest.mark.parametrize("address", ["foo", "tcp://", "tcp://localhost:dask", "http://127.0.0.1:8786"])
def test_what_is_no_address_is_refused_at_once(recipe, mails, tmp_path, address):
    with pytest.raises(UsageError, match="is no address of a Dask scheduler: give tcp://HOST:PORT"):
        run(recipe, read(str(mails)), tmp_path, plan=Plan(scheduler=address))


def test_without_the_extra_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'triage\[cluster\]'"):
        Plan(scheduler="tcp://127.0.0.1:8786").check()
    with pytest.raises(UsageError, match=r"pip install 'triage\[parquet\]'"):
        Plan(exports=("parquet",)).check()
