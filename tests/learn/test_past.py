"""A message decided earlier is explained by the release that decided it."""

import shutil

import pytest

from tests.learn.conftest import results, rows_of, write_mail
from tests.learn.test_folders import other_model
from triage.learn.releases import add, find


@pytest.fixture
def models(champion, tmp_path):
    """A first release that sorted the mail, and a second one that sorts all mail elsewhere."""
    add(tmp_path / "mairie", champion, by="Anne", why="premier", facts={})
    return tmp_path / "mairie"


def test_an_old_message_is_explained_by_the_release_that_decided_it(run, models, champion, tmp_path):
    (tmp_path / "boite").mkdir()
    for number, row in enumerate(rows_of(slice(60, 61))):
        write_mail(tmp_path / "boite", number, row)
    run("apply", tmp_path / "boite", "--out", tmp_path / "o", "--model", models)
    before = run("explain", tmp_path / "boite" / "0002.eml", "--model", models).stdout
    add(models, other_model(champion, tmp_path / "other"), by="Anne", why="second", facts={})
    assert run("explain", tmp_path / "boite" / "0002.eml", "--model", models).stdout != before
    done = run("explain", results(tmp_path / "o")[2]["id"], "--out", tmp_path / "o", "--models", models)
    assert done.stdout == before
    assert f"by {find(models, 1).id}" in done.stderr


def test_what_cannot_be_explained_is_said_with_its_remedy(run, ran, models, champion, tmp_path):
    digest = results(ran.out)[0]["digest"]
    with_release = ("explain", digest, "--out", ran.out, "--models")
    run(*with_release, models)  # decided by the same weights before they were a release
    run(*with_release, tmp_path / "none", "--model", champion)
    other = other_model(champion, tmp_path / "other")
    manifest = (other / "manifest.json").read_text("utf-8")
    (other / "manifest.json").write_text(manifest.replace('"id": "champion-', '"id": "autre-'), "utf-8")
    said = run(*with_release, tmp_path / "none", "--model", other, check=2).stderr
    assert "was decided by champion-" in said
    assert "--models or --model" in said
    assert "no such message" in run("explain", "nobody@courriel.test", "--out", ran.out, check=2).stderr
    place = results(ran.out)[0]["origin"].removeprefix("file:")
    shutil.move(place, f"{place}.away")
    try:
        assert "no longer lies where it was read" in run(*with_release, models, check=2).stderr
    finally:
        shutil.move(f"{place}.away", place)
