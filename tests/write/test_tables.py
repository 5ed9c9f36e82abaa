"""Cells a spreadsheet cannot take for formulas, files that are whole, names that stay in their folder."""

import csv
import json

import pytest

from triage.types import Outcome
from triage.write import Maildirs, Mboxes, record, sweep, whole_file, write_csv

LINE = record(Outcome("file:x", "ab" * 32), None)


@pytest.mark.parametrize(
    ("subject", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+33639980001", "'+33639980001"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("＝1", "'＝1"),
        ('a\x1b[31m;"b"', 'a [31m;"b"'),
        ("rien = rien", "rien = rien"),
        (None, ""),
    ],
)
def test_no_cell_starts_a_formula(tmp_path, subject, cell):
    write_csv(tmp_path / "a.csv", [json.dumps({**LINE, "subject": subject})])
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    assert row["subject"] == cell


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a"
    with whole_file(path) as file:
        file.write(b"before")
    with pytest.raises(TypeError), whole_file(path) as file:
        file.writelines([b"half" * 100_000, "no bytes"])
    assert path.read_bytes() == b"before"
    assert path.stat().st_mode & 0o777 == 0o600
    (tmp_path / ".b.part").write_bytes(b"left by a killed run")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../../evil", "..", "/etc/cron.d", "a/b", ""])
def test_a_service_cannot_lead_out_of_the_folder(tmp_path, name):
    root = tmp_path / "in" / "sorted"
    root.mkdir(parents=True)
    Maildirs(root).put(name, "ab" * 32, b"x")
    with Mboxes(root) as mboxes:
        mboxes.put(name, b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["sorted"]
    assert len(list(root.iterdir())) == 2


def test_an_mbox_keeps_from_lines_of_a_text_apart(tmp_path):
    from triage.read import read

    content = b"From: a@example.fr\nDate: Mon, 5 Jan 2026 09:00:00 +0100\n\nFrom zoe Mon Jan  5 09:00:00 2026\nSubject: x\n\n>From y\n"
    with Mboxes(tmp_path) as mboxes:
        mboxes.put("voirie", content)
        mboxes.put("voirie", content)
    assert [raw.content for raw in read(str(tmp_path / "voirie.mbox"))] == [content, content]
