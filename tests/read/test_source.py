"""Sources other than mbox, and the errors a user meets."""

import io
import os
import sys
from pathlib import Path

import pytest

from triage.errors import SourceError
from triage.read import left_aside, read

MAIL = b"Subject: un\nFrom: jeanne@courriel.test\n\nBonjour\n"
FROM = b"From jeanne@courriel.test Mon Mar  3 10:00:00 2025\n"


def pairs(source) -> list[tuple[str, bytes]]:
    return [(raw.origin, raw.content) for raw in read(str(source))]


def write(path: Path, content: bytes = MAIL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [MAIL, b"\xef\xbb\xbf\r\n" + MAIL, b"Bonjour, sans en-t\xeate\n", b"From : x@courriel.test\nSubject : y\n\nz"],
)
def test_an_eml_file_is_one_message(tmp_path: Path, content: bytes):
    path = write(tmp_path / "x.eml", content)
    assert pairs(path) == [(f"file:{path}", content)]


def test_a_file_of_any_name_that_starts_like_mail_is_one_message(tmp_path: Path):
    path = write(tmp_path / "1712.txt")
    assert pairs(path) == [(f"file:{path}", MAIL)]


def test_an_mbox_is_recognised_whatever_its_name(tmp_path: Path):
    path = write(tmp_path / "Sent.eml", FROM + MAIL + b"\n" + FROM + MAIL)
    assert [origin for origin, _ in pairs(path)] == [f"mbox:{path}#0", f"mbox:{path}#1"]


def test_a_folder_gives_its_eml_files_sorted_by_path(tmp_path: Path):
    names = ["b/2.eml", "a.eml", "b/1.EML", "b/c/3.eml"]
    for name in [*names, "b/notes.txt", "image.png"]:
        write(tmp_path / name, MAIL + name.encode())
    assert pairs(tmp_path) == [(f"file:{tmp_path / name}", MAIL + name.encode()) for name in sorted(names)]


def test_a_named_pipe_among_the_files_does_not_block(tmp_path: Path):
    write(tmp_path / "a.eml")
    os.mkfifo(tmp_path / "b.eml")
    assert [content for _, content in pairs(tmp_path)] == [MAIL]


def test_a_file_that_disappears_is_named(tmp_path: Path):
    for name in "ab":
        write(tmp_path / f"{name}.eml")
    messages = read(str(tmp_path))
    next(messages)
    (tmp_path / "b.eml").unlink()
    with pytest.raises(SourceError, match=r"b\.eml: cannot be read \(No such file or directory\): check"):
        next(messages)


def maildir(root: Path) -> Path:
    for place in ("cur", "new", "tmp"):
        (root / place).mkdir(parents=True)
    return root


def test_a_maildir_gives_new_and_cur_and_nested_folders_by_key(tmp_path: Path):
    root = maildir(tmp_path / "boite")
    write(root / "cur/1700000002.b.host:2,FS", b"b")
    write(root / "new/1700000001.a.host", b"a")
    write(root / "tmp/1700000000.t.host", b"partial")
    write(root / "cur/.hidden", b"no")
    write(maildir(root / ".Archives.2024") / "cur/1600000000.c.host:2,", b"c")
    assert pairs(root) == [
        (f"maildir:{root}#1700000001.a.host", b"a"),
        (f"maildir:{root}#1700000002.b.host", b"b"),
        (f"maildir:{root}/.Archives.2024#1600000000.c.host", b"c"),
    ]


def test_maildirs_nest_below_a_root_without_messages_and_below_each_other(tmp_path: Path):
    root = tmp_path / "boite"
    write(maildir(root / ".Voirie") / "cur/2:2,RS", b"v")
    write(maildir(root / ".Voirie/.Eclairage") / "cur/3;2,S", b"e")
    write(maildir(root / "Sous dossier") / "new/4", b"s")
    write(maildir(root / ".État civil") / "cur/1!2,", b"c")
    assert pairs(root) == [
        (f"maildir:{root}/.Voirie#2", b"v"),
        (f"maildir:{root}/.Voirie/.Eclairage#3", b"e"),
        (f"maildir:{root}/.État civil#1", b"c"),
        (f"maildir:{root}/Sous dossier#4", b"s"),
    ]


def test_file_names_that_are_no_utf_8_give_origins_that_can_be_written(tmp_path: Path):
    eml = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.eml")
    Path(eml).write_bytes(MAIL)
    key = os.fsdecode(os.fsencode(maildir(tmp_path / "boite")) + b"/cur/1.h\xf4te:2,S")
    Path(key).write_bytes(MAIL)
    mbox = os.fsdecode(os.fsencode(tmp_path) + b"/bo\xeete")
    Path(mbox).write_bytes(FROM + MAIL)
    assert pairs(eml)[0][0] == f"file:{tmp_path}/caf\\xe9.eml"
    assert pairs(tmp_path / "boite")[0][0] == f"maildir:{tmp_path}/boite#1.h\\xf4te"
    assert pairs(mbox)[0][0] == f"mbox:{tmp_path}/bo\\xeete#0"


def test_origins_and_order_survive_a_change_of_flags(tmp_path: Path):
    root = maildir(tmp_path / "boite")
    for key in ("1", "2", "3"):
        write(root / "new" / key, key.encode())
    before = pairs(root)
    (root / "new/2").rename(root / "cur/2:2,S")
    assert pairs(root) == before


def test_a_message_marked_as_read_while_the_maildir_is_read_is_found(tmp_path: Path):
    root = maildir(tmp_path / "boite")
    for key in ("1", "2"):
        write(root / "new" / key, key.encode())
    messages = read(str(root))
    next(messages)
    (root / "new/2").rename(root / "cur/2:2,S")
    assert [raw.content for raw in messages] == [b"2"]


def standard_input(monkeypatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_standard_input_may_be_one_mail(monkeypatch):
    long = MAIL + b"x" * 20_000
    standard_input(monkeypatch, long)
    assert pairs("-") == [("file:-", long)]


def test_standard_input_may_be_an_mbox(monkeypatch):
    first = MAIL + b"x\n" * 9_000
    standard_input(monkeypatch, FROM + first + b"\n" + FROM + MAIL)
    assert pairs("-") == [("mbox:-#0", first), ("mbox:-#1", MAIL)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.zip", b"PK\x03\x04 docx", "is a zip archive or an Office document, not mail: unzip it and give the folder"),
        ("x.eml", b"%PDF-1.7", "is a PDF document, not mail: give the mail it came with"),
        (
            "x.msg",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "cannot be read as an Outlook message (its structure is damaged): open",
        ),
        ("x.gz", b"\x1f\x8b\x08", "is a gzip archive, not mail: decompress it first"),
        ("x.eml", b"\xff\xfeS\0u\0", "is UTF-16 text, not mail: save the mail as .eml"),
        ("x.bin", b"abc\0def", "is a binary file, not mail: give an .eml, an mbox"),
        ("x.eml", b" \r\n\r\n", "holds no message: give an .eml, a .msg, an mbox"),
        ("x.csv", b"Date;From\n1;2\n", "holds no mail header, so it is no mail: give an .eml"),
    ],
)
def test_a_file_that_is_no_mail_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, message: str):
    path = write(tmp_path / name, content)
    with pytest.raises(SourceError) as caught:
        read(str(path))
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (str, "no such file or folder: check the path"),
        (lambda path: path.mkdir(), "this folder holds no .eml or .msg file and is no Maildir: give an .eml"),
        (maildir, "this Maildir holds no message: check the path"),
        (os.mkfifo, "is neither a file nor a folder: give an .eml"),
    ],
)
def test_a_source_without_mail_is_refused_at_once(tmp_path: Path, make, message: str):
    path = tmp_path / "x"
    make(path)
    with pytest.raises(SourceError) as caught:
        read(str(path))
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_rights_is_refused(tmp_path: Path):
    path = write(tmp_path / "x.eml")
    path.chmod(0)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\): check its rights"):
        read(str(path))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"Bonjour\n"])
def test_standard_input_that_is_no_mail_is_refused(monkeypatch, content: bytes):
    standard_input(monkeypatch, content)
    with pytest.raises(SourceError, match=r"^standard input: "):
        read("-")


def test_mail_under_another_name_in_a_folder_is_counted(tmp_path: Path):
    for name in ("a.eml", "archive.mbox", "Inbox/cur/1.M1.host:2,S", "b.eml~"):
        write(tmp_path / name)
    write(tmp_path / "notes.txt", b"liste de courses\n")
    write(tmp_path / "scan.pdf", b"%PDF-1.4\n")
    assert [origin for origin, _ in pairs(tmp_path)] == [f"file:{tmp_path / 'a.eml'}"]
    assert left_aside(str(tmp_path)) == 3
    assert left_aside(str(tmp_path / "a.eml")) == 0


def test_a_folder_that_may_not_be_entered_is_named(tmp_path: Path, monkeypatch):
    def refuse(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_dir", refuse)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\): check its rights"):
        read(str(tmp_path))
