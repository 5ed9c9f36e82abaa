"""`triage import`: sorted mailboxes of every kind and exports of other tools become a corpus."""

import json
import mailbox

import pytest

from tests.dovecot import PASSWORD, dovecot
from tests.learn.conftest import rows_of, write_mail

MAIL = (
    "From: {who}\nTo: mairie@exemple.org\nSubject: {subject}\nMessage-ID: <{n}@courriel.test>\n"
    "Date: Mon, 12 Jan 2026 09:00:00 +0100\nContent-Type: text/plain; charset=utf-8\n{more}\n{text}\n"
)


def mail(n, subject, text, who="a@courriel.test", more=""):
    return MAIL.format(n=n, subject=subject, text=text, who=who, more=more).encode()


def corpus(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def sorted_mail(tmp_path):
    """Maildirs, an mbox and a folder of .eml files below one folder."""
    root = tmp_path / "triees"
    root.mkdir()
    roads = mailbox.Maildir(root / "Voirie et éclairage public")
    roads.add(mail(1, "Trou", "Un trou dans la chaussée rue des Lilas."))
    roads.add(mail(2, "Trou", "Un autre trou, avenue Foch.", "b@courriel.test"))
    roads.add(mail(9, "Absence", "Je suis absent.", more="Auto-Submitted: auto-replied\n"))
    hall = mailbox.mbox(root / "piscine.mbox")
    hall.add(mail(3, "Horaires", "Quels sont les horaires de la piscine ?"))
    hall.add(mail(1, "Trou", "Un trou dans la chaussée rue des Lilas."))  # under two labels
    hall.flush()
    hall.close()
    (root / "etat_civil").mkdir()
    write_mail(root / "etat_civil", 4, {"subject": "Acte", "text": "Je voudrais un acte de naissance."})
    write_mail(root / "etat_civil", 5, {"subject": "Acte", "text": "Je voudrais un acte de naissance."})
    return root


def test_the_label_is_the_mailbox_and_what_cannot_be_learned_is_counted(run, sorted_mail, tmp_path):
    done = run("import", sorted_mail, "--out", tmp_path / "c.jsonl", "--as", "piscine=sports")
    rows = corpus(tmp_path / "c.jsonl")
    assert sorted((row["label"], row["subject"]) for row in rows) == [
        ("etat_civil", "Acte"), ("sports", "Horaires"), ("voirie_eclairage", "Trou"),
    ]  # fmt: skip
    assert "3 mails, 3 labels; left out: 1 automatic, 1 copies, 2 under two labels" in done.stdout
    assert "sports\t1\tnot a service of the profile" in done.stdout
    assert "courriel.test" not in (tmp_path / "c.jsonl").read_text("utf-8")
    assert all(row["sender"] == row["group"] and row["sender"].startswith("writer-") for row in rows)
    assert "exists: choose another" in run("import", sorted_mail, "--out", tmp_path / "c.jsonl", check=2).stderr
    run("import", sorted_mail, "--out", tmp_path / "c.jsonl", "--force")
    assert {row["label"] for row in corpus(tmp_path / "c.jsonl")} == {"etat_civil", "piscine", "voirie_eclairage"}


def test_imap_folders(run, tmp_path, monkeypatch):
    with dovecot() as server:
        server.deliver("Services/Urbanisme", [mail(1, "Permis", "Où en est mon permis de construire ?")])
        server.deliver("Services/Eau", [mail(2, "Fuite", "De l'eau coule dans la rue.")])
        monkeypatch.setenv("TRIAGE_IMAP_PASSWORD", PASSWORD)
        monkeypatch.setenv("TRIAGE_IMAP_CA", str(server.authority))
        run("import", server.uri("Services/*"), "--out", tmp_path / "c.jsonl")
    assert sorted((row["label"], row["subject"]) for row in corpus(tmp_path / "c.jsonl")) == [
        ("Eau", "Fuite"), ("urbanisme", "Permis"),
    ]  # fmt: skip


@pytest.mark.parametrize("charset", ["cp1252", "utf-8-sig", "utf-16"])
def test_an_export_as_french_spreadsheets_save_it(run, tmp_path, charset):
    path = tmp_path / "export.csv"
    path.write_bytes(
        "N°;Objet;Message;Service;Courriel\r\n"
        '17;Bruit;"Du bruit\r\nchaque nuit";Tranquillité publique et police municipale;x@courriel.test\r\n'
        "18;Vide;;;y@courriel.test\r\n"
        "19;Été;Un élan;Jeunesse;x@courriel.test\r\n".encode(charset)
    )  # fmt: skip
    done = run("import", path, "--out", tmp_path / "c.jsonl", check=1)
    first, second = corpus(tmp_path / "c.jsonl")
    assert (first["id"], first["subject"], first["text"], first["label"]) == (
        "17",
        "Bruit",
        "Du bruit\r\nchaque nuit",
        "tranquillite_securite",
    )
    assert (second["label"], second["text"], second["sender"]) == ("Jeunesse", "Un élan", first["sender"])
    assert second["subject"] == "Été"
    assert f"{path}, line 4, column 'Service': empty" in done.stderr


def test_columns_of_other_names_are_asked_for_by_name(run, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("Verbatim,Pôle\nUn arbre menace de tomber,Espaces verts\n", "utf-8")
    asked = run("import", path, "--out", tmp_path / "c.jsonl", check=2).stderr
    assert "which column holds the text? Say --column text=NAME, one of Verbatim, Pôle" in asked
    wrong = run("import", path, "--out", tmp_path / "c.jsonl", "--column", "text=Texte", check=2).stderr
    assert "has no column 'Texte': it has Verbatim, Pôle" in wrong
    run(
        "import",
        path,
        "--out",
        tmp_path / "c.jsonl",
        "--column",
        "text=verbatim",
        "--column",
        "label=Pôle",
        "--as",
        "Espaces verts=nature",
    )
    assert [row["label"] for row in corpus(tmp_path / "c.jsonl")] == ["nature"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("nowhere",), "no such folder"),
        (("c.jsonl",), "is a corpus already"),
        (("export.csv",), "cannot be read"),
        ((".", "--as", "x"), "--as x: write NAME=VALUE"),
        ((".", "--column", "words=x"), "unknown key: one of text, subject, label, sender, id"),
    ],
)
def test_a_fault_is_one_line(run, args, said):
    assert said in run("import", *args, "--out", "new.jsonl", check=2).stderr


def test_what_was_imported_trains(run, tmp_path):
    root = tmp_path / "mails"
    for number, row in enumerate(rows_of(slice(0, 8))):
        (root / row["labels"]["service"]).mkdir(parents=True, exist_ok=True)
        write_mail(root / row["labels"]["service"], number, row)
    run("import", root, "--out", tmp_path / "c.jsonl")
    from triage.corpus import load_examples

    examples = load_examples([tmp_path / "c.jsonl"], ["service"])
    assert len(examples) == 40
    assert {example.labels["service"] for example in examples} == {path.name for path in root.iterdir()}


def test_an_mbox_without_a_suffix_is_a_mailbox_as_thunderbird_names_it(run, tmp_path):
    root = tmp_path / "Local Folders"
    root.mkdir()
    for number, name in enumerate(("Urbanisme", "Piscine")):
        box = mailbox.mbox(root / name)
        box.add(mail(number, "Question", f"Où en est ma demande numéro {number} ?"))
        box.close()
    (root / "Urbanisme.msf").write_text('// <!-- <mdb:mork:z v="1.4"/> -->\n')  # fmt: skip
    (root / "notes").write_text("Ceci n'est pas du courrier.\n")
    run("import", root, "--out", tmp_path / "c.jsonl")
    assert sorted(row["label"] for row in corpus(tmp_path / "c.jsonl")) == ["Piscine", "urbanisme"]
