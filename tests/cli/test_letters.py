"""`triage draft` and `triage check-draft`, run as a user runs them."""

from tests.conftest import SAMPLES

MAIL = "From: Zoé Martin <zoe@example.fr>\nSubject: Piscine\nMessage-ID: <m@example.fr>\nDate: Mon, 5 Jan 2026 09:00:00 +0100\n\nBonjour,\nLa piscine est-elle ouverte le dimanche ?\n"


def test_a_named_template_is_written_for_a_message(run, small_model, tmp_path):
    (tmp_path / "a.eml").write_text(MAIL, "utf-8")
    done = run("draft", "a.eml", "--template", "T18", "--model", small_model)
    assert "À : zoe@example.fr" in done.stderr
    assert "Reste à faire :" in done.stderr
    assert "[à compléter : " in done.stdout


def test_an_unknown_template_or_message_is_said(run, small_model, tmp_path):
    (tmp_path / "a.eml").write_text(MAIL, "utf-8")
    assert "no template 'T99'" in run("draft", "a.eml", "--template", "T99", "--model", small_model, check=2).stderr
    assert (
        "no message number 99"
        in run("draft", SAMPLES / "mairie.mbox", "--rank", "99", "--model", small_model, check=2).stderr
    )


def test_a_poor_letter_is_told_what_it_lacks_and_the_mail_quoted_below_is_not_checked(run, tmp_path):
    (tmp_path / "a.txt").write_text("Nous avons bien reçu votre demande.\n", "utf-8")
    done = run("check-draft", "a.txt", check=1)
    assert "CRPA L111-2" in done.stdout
    below = "\nLe 5 janvier 2026 à 09:00, Zoé a écrit :\n> mon IBAN FR76 3000 6000 0112 3456 7890 189\n"
    head = "From: mairie@example.fr\nSubject: Re\nContent-Type: text/plain; charset=utf-8\n\n"
    (tmp_path / "b.eml").write_text(head + "Nous avons bien reçu votre demande.\n" + below, "utf-8")
    assert run("check-draft", "b.eml", check=1).stdout.splitlines()[1:] == done.stdout.splitlines()[1:]
    (tmp_path / "c.txt").write_text("Mon IBAN FR76 3000 6000 0112 3456 7890 189\n", "utf-8")
    assert "retirer ce IBAN" in run("check-draft", "c.txt", check=1).stdout


def test_an_empty_file_is_refused(run, tmp_path):
    (tmp_path / "a.eml").write_bytes(b"")
    assert "a.eml: is empty" in run("check-draft", "a.eml", check=2).stderr
