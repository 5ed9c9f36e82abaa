"""Mails that agents moved: Maildirs, mbox files, a real IMAP server."""

import json
import shutil

import pytest

from tests.dovecot import PASSWORD, dovecot
from tests.learn.conftest import results


@pytest.fixture
def sorted_mail(run, ran, champion, tmp_path):
    """The run's mails copied into one Maildir per service."""
    run("apply", ran.mails, "--out", ran.out, "--sort-into", tmp_path / "triees", "--model", champion)
    return tmp_path / "triees"


def place(root, digest):
    return next(path for path in root.rglob(f"{digest[:40]}.triage*"))


def routed(out):
    return [line for line in results(out) if line["decision"]["service"]]


def stands(run, out):
    rows = [json.loads(line) for line in run("corrections", "list", out, "--json").stdout.splitlines()]
    return {row["digest"]: row["service"] for row in rows}


def move(root, digest, service):
    """As a mail program does: read, then moved."""
    (root / service / "cur").mkdir(parents=True, exist_ok=True)
    here = place(root, digest)
    here.rename(root / service / "cur" / f"{here.name.split(':')[0]}:2,S")


def test_only_a_mail_that_was_moved_is_a_verdict_and_each_move_once(run, ran, sorted_mail):
    one, two = (line["digest"] for line in routed(ran.out)[:2])
    done = run("corrections", "folders", sorted_mail, "--out", ran.out)
    assert "0 avis enregistrés" in done.stdout
    assert stands(run, ran.out) == {}
    move(sorted_mail, one, "urbanisme")
    move(sorted_mail, two, "a-relire")  # says that the service is wrong, not which is right
    assert "1 avis enregistrés" in run("corrections", "folders", sorted_mail, "--out", ran.out, "--by", "Anne").stdout
    again = run("corrections", "folders", sorted_mail, "--out", ran.out)
    assert "0 avis enregistrés" in again.stdout
    assert "1 mails moved earlier and recorded then" in again.stderr
    assert stands(run, ran.out) == {one: "urbanisme"}


def test_a_later_verdict_is_not_undone_by_the_folder_and_moving_back_is_a_verdict(run, ran, sorted_mail):
    line = routed(ran.out)[0]
    digest, first = line["digest"], line["decision"]["service"]
    move(sorted_mail, digest, "urbanisme")
    run("corrections", "folders", sorted_mail, "--out", ran.out)
    run("correct", digest, "--service", "etat_civil", "--out", ran.out)
    run("corrections", "folders", sorted_mail, "--out", ran.out)
    assert stands(run, ran.out) == {digest: "etat_civil"}
    move(sorted_mail, digest, first)
    run("corrections", "folders", sorted_mail / first, "--out", ran.out)  # the other mailbox is not looked at
    assert stands(run, ran.out) == {digest: "etat_civil"}
    run("corrections", "folders", sorted_mail, "--out", ran.out)
    assert stands(run, ran.out) == {digest: first}


def other_model(champion, folder):
    """A model that sorts all mail elsewhere."""
    shutil.copytree(champion, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    labels = manifest["axes"]["service"]["labels"]
    manifest["axes"]["service"]["labels"] = labels[1:] + labels[:1]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def test_a_copy_the_program_left_in_an_earlier_place_is_no_verdict(run, ran, sorted_mail, champion, tmp_path):
    for path in sorted_mail.rglob("*.triage"):  # agents have opened everything
        path.rename(path.parent.parent / "cur" / f"{path.name}:2,S")
    before = {line["digest"]: line["decision"]["service"] for line in results(ran.out)}
    run(
        "apply",
        ran.mails,
        "--out",
        ran.out,
        "--sort-into",
        sorted_mail,
        "--model",
        other_model(champion, tmp_path / "other"),
        "--again",
    )
    after = {line["digest"]: line["decision"]["service"] for line in results(ran.out)}
    assert any(before[digest] and after[digest] not in (None, before[digest]) for digest in before)
    assert "0 avis enregistrés" in run("corrections", "folders", sorted_mail, "--out", ran.out).stdout
    assert stands(run, ran.out) == {}


def test_mailboxes_of_other_names_are_said_to_be_whose(run, ran, sorted_mail):
    one = routed(ran.out)[0]["digest"]
    move(sorted_mail, one, "Service de Mme Roy")
    said = run("corrections", "folders", sorted_mail, "--out", ran.out).stderr
    assert "1 mails lie in 'Service de Mme Roy', which is no service's name" in said
    given = ("--folder", "Service de Mme Roy=Urbanisme")
    run("corrections", "folders", sorted_mail, "--out", ran.out, *given)
    assert stands(run, ran.out) == {one: "urbanisme"}


def test_mbox_files_by_service_where_the_mail_program_added_headers(run, ran, tmp_path):
    lines = results(ran.out)[:2]
    contents = [ran.mails.joinpath(f"{number:04d}.eml").read_bytes() for number in (0, 1)]
    (tmp_path / "boites").mkdir()
    mbox = tmp_path / "boites" / "Urbanisme.mbox"
    mbox.write_bytes(b"".join(b"From x@y Mon Jan 12 09:00:00 2026\nStatus: RO\n" + c + b"\n\n" for c in contents))
    stranger = tmp_path / "boites" / "etat_civil"
    stranger.mkdir()
    (stranger / "a.eml").write_text("Message-ID: <autre@courriel.test>\nSubject: Acte\n\nBonjour, un acte svp\n")
    done = run("corrections", "folders", tmp_path / "boites", "--out", ran.out)
    assert "3 mails lus, 2 avis enregistrés" in done.stdout
    assert "1 mails are not in this journal" in done.stderr
    assert stands(run, ran.out) == {line["digest"]: "urbanisme" for line in lines}


def test_mail_a_script_filed_where_the_program_said_is_no_verdict_when_asked(run, ran, tmp_path):
    line, other = routed(ran.out)[:2]
    services = (line["decision"]["service"], "urbanisme")
    for number, service in zip((line, other), services, strict=True):
        folder = tmp_path / "boites" / service
        folder.mkdir(parents=True)
        shutil.copy(number["origin"].removeprefix("file:"), folder)
    args = ("corrections", "folders", tmp_path / "boites", "--out", ran.out)
    run(*args, "--changed-only")
    assert stands(run, ran.out) == {other["digest"]: "urbanisme"}
    run(*args)
    assert stands(run, ran.out) == {other["digest"]: "urbanisme", line["digest"]: services[0]}


def test_folders_of_a_real_imap_server_are_read_and_left_as_they_are(run, ran, monkeypatch):
    lines = results(ran.out)[:3]
    contents = [ran.mails.joinpath(f"{number:04d}.eml").read_bytes() for number in range(3)]
    with dovecot() as server:
        monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)
        monkeypatch.setenv("TRIAGE_IMAP_CA", str(server.authority))
        server.deliver("Services/Urbanisme", contents[:2])
        server.deliver("Services/État civil", contents[2:])
        before = server.names("Services/Urbanisme")
        uris = [server.uri("Services/Urbanisme"), server.uri("Services/%C3%89tat%20civil")]
        done = run("corrections", "folders", *uris, "--out", ran.out)
        again = run("corrections", "folders", server.uri("Services/*"), "--out", ran.out)
        every = run("corrections", "folders", server.uri("*"), "--out", ran.out)
        assert server.names("Services/Urbanisme") == before
    assert "3 avis enregistrés" in done.stdout
    assert all("3 mails moved earlier and recorded then" in one.stderr for one in (again, every))
    assert stands(run, ran.out) == dict(
        zip((line["digest"] for line in lines), ("urbanisme", "urbanisme", "etat_civil"), strict=True)
    )
