"""Numbered releases: immutable, switched at once, taken up again, and found for an old message."""

import json
import shutil
import subprocess
import sys
import threading

import pytest

from tests.learn.conftest import results
from triage.errors import ModelError, UsageError
from triage.learn.releases import CARD, CURRENT, add, current, deciding, earlier, find, releases, resolve, use


@pytest.fixture
def models(champion, tmp_path):
    """Two releases."""
    for why in ("premier", "second"):
        add(tmp_path / "mairie", champion, by="Anne", why=why, facts={})
    return tmp_path / "mairie"


def test_a_release_is_a_copy_that_names_itself_and_says_who_and_why(run, champion, tmp_path):
    identity = json.loads((champion / "manifest.json").read_text("utf-8"))["id"].rpartition("-")[2]
    said = run(
        "models", "release", champion, "--models", tmp_path / "mairie", "--note", "premier", "--by", "Anne"
    ).stdout
    assert said.startswith(f"released mairie-0001-{identity}")
    (row,) = [
        json.loads(line)
        for line in run("models", "list", "--models", tmp_path / "mairie", "--json").stdout.splitlines()
    ]
    assert (row["number"], row["id"], row["by"], row["why"], row["in_use"]) == (
        1,
        f"mairie-0001-{identity}",
        "Anne",
        "premier",
        True,
    )
    shown = run("models", "show", "--models", tmp_path / "mairie").stdout
    assert f"release 0001 (in use), mairie-0001-{identity}, every file intact" in shown
    assert f"# Modèle `mairie-0001-{identity}`" in shown
    assert (tmp_path / "mairie" / "0001" / "weights.safetensors").stat().st_mode & 0o777 == 0o444


def test_results_name_the_release_in_use_and_a_switch_changes_it(run, ran, models, tmp_path):
    args = ("apply", ran.mails, "--model", models, "--out")
    run(*args, tmp_path / "a")
    run("models", "rollback", "--models", models)
    run(*args, tmp_path / "b")
    named = [json.loads((tmp_path / out / "run.json").read_text("utf-8"))["model"] for out in ("a", "b")]
    assert named == [find(models, 2).id, find(models, 1).id]


def test_rollback_goes_back_and_forth_and_is_noted(run, models):
    assert (
        run("models", "rollback", "--models", models, "--note", "plaintes").stdout == f"in use: {find(models, 1).id}\n"
    )
    assert (
        "release 1 is the first: nothing to go back to" in run("models", "rollback", "--models", models, check=2).stderr
    )
    run("models", "rollback", "2", "--models", models)
    assert "has no release 7: it has 1, 2" in run("models", "rollback", "7", "--models", models, check=2).stderr
    rows = [
        json.loads(line)
        for line in run("models", "list", "--history", "--json", "--models", models).stdout.splitlines()
    ]
    assert [(row["action"], row["number"]) for row in rows] == [
        ("release", 1),
        ("release", 2),
        ("rollback", 1),
        ("rollback", 2),
    ]
    assert rows[2]["why"] == "plaintes"


def test_after_a_rollback_the_next_release_takes_a_new_number_and_goes_back_to_what_it_replaced(models, champion):
    use(models, 1, by="Anne", why="")
    third = add(models, champion, by="Anne", why="troisième", facts={})
    assert (third.number, third.before, earlier(models)) == (3, 1, 1)


def test_a_release_that_must_go_goes_however_new_unless_it_is_in_use(run, models):
    args = ("models", "prune", "--models", models, "--release")
    assert "release 2 is in use: make or take up another one first" in run(*args, "2", check=2).stderr
    assert "has no release 9" in run(*args, "9", check=2).stderr
    first = find(models, 1).id
    assert run(*args, "1", "--dry-run").stdout == f"would remove {first}\n"
    assert run(*args, "1").stdout == f"removed {first}\n"
    assert [one.number for one in releases(models)] == [2]
    assert "has no release 1: it has 2" in run("models", "rollback", "--models", models, check=2).stderr


def test_prune_keeps_the_newest_the_one_in_use_and_what_decided_messages(run, ran, models, champion, tmp_path):
    run("apply", ran.mails, "--model", models / "0002", "--out", tmp_path / "second")
    for _ in range(4):
        add(models, champion, by="Anne", why="", facts={})
    args = ("models", "prune", "--keep", "1", "--models", models)
    assert run(*args, "--used-by", tmp_path / "second", "--dry-run").stdout.count("would remove") == 3
    run(*args, "--used-by", tmp_path / "second")
    assert [one.number for one in releases(models)] == [2, 5, 6]
    run(*args)
    assert [one.number for one in releases(models)] == [5, 6]
    use(models, 5, by="Anne", why="")
    assert run(*args).stdout == "nothing to remove\n"
    assert add(models, champion, by="Anne", why="", facts={}).number == 7


def test_a_release_that_was_altered_is_refused(run, models, ran, tmp_path):
    for path, said in (
        (models / "0002" / "weights.safetensors", "altered or truncated"),
        (models / "0002" / "manifest.json", "was altered after its release"),
    ):
        whole = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(whole.replace(b'"created"', b'"createD"') if path.suffix == ".json" else whole[:-1])
        assert said in run("models", "show", "--models", models, check=2).stderr
        assert said in run("apply", ran.mails, "--model", models, "--out", tmp_path / "out", check=2).stderr
        path.write_bytes(whole)
    run("models", "show", "--models", models)


def test_training_never_writes_over_a_release(run, models, small_corpus):
    before = {path.name: path.read_bytes() for path in (models / "0002").iterdir()}
    for folder in (models / "0002", models):
        assert "choose" in run("train", small_corpus, "--model", folder, "--no-encoder", check=2).stderr
    assert {path.name: path.read_bytes() for path in (models / "0002").iterdir()} == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda models: (models / CURRENT).write_text("0009\n"), "names no release of"),
        (lambda models: (models / CURRENT).write_text("../../etc\n"), "names no release of"),
        (lambda models: (models / "0002" / CARD).unlink(), "is no card of a release"),
    ],
)
def test_a_damaged_folder_is_said_in_one_line(models, change, said):
    (models / "0002" / CARD).chmod(0o644)
    change(models)
    with pytest.raises(ModelError, match=said):
        resolve(models)


def test_an_old_message_finds_the_release_that_decided_it(models, champion):
    second = find(models, 2)
    assert deciding(models, second.id) == second
    shipped = json.loads((champion / "manifest.json").read_text("utf-8"))["id"]
    assert deciding(models, shipped) == find(models, 1)  # the same weights
    assert deciding(models, "autre-0123456789ab") is None


def test_whoever_reads_while_releases_change_always_finds_a_whole_model(models, champion):
    stop, seen, faults = threading.Event(), set(), []

    def look():
        while not stop.is_set():
            try:
                seen.add(current(models).number)
                (resolve(models) / "manifest.json").read_bytes()
            except Exception as error:  # noqa: BLE001
                faults.append(error)

    reader = threading.Thread(target=look)
    reader.start()
    for number in [1, 2] * 20:
        use(models, number, by="Anne", why="")
    add(models, champion, by="Anne", why="", facts={})
    stop.set()
    reader.join()
    assert faults == []
    assert seen >= {1, 2}


def test_two_programs_that_release_at_once_get_two_numbers(models, champion):
    code = (
        "import sys; from pathlib import Path; from triage.learn.releases import add\n"
        "for _ in range(3): add(Path(sys.argv[1]), Path(sys.argv[2]), by='x', why='', facts={})"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, models, champion]) for _ in range(2)]
    assert [process.wait(120) for process in running] == [0, 0]
    assert [one.number for one in releases(models)] == list(range(1, 9))
    assert current(models).number == 8


def test_what_is_no_model_or_no_releases_folder_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    said = run("models", "release", tmp_path / "empty", "--models", tmp_path / "m", "--note", "x", check=2).stderr
    assert "no model here" in said
    assert not (tmp_path / "m" / "0001").exists()
    assert "holds no release" in run("models", "list", "--models", tmp_path / "m", check=2).stderr
    with pytest.raises(UsageError, match="holds no release"):
        earlier(tmp_path / "m")


def test_a_releases_folder_may_be_moved(run, models, ran, tmp_path):
    shutil.move(models, tmp_path / "ailleurs")
    run("apply", ran.mails, "--model", tmp_path / "ailleurs", "--out", tmp_path / "neuf")
    assert len(results(tmp_path / "neuf")) == len(ran.truth)
