from datetime import date

import pytest

from tests.extract.test_facts import message
from triage.clean import clean
from triage.extract import extract
from triage.types import Address

RECEIVED = date(2026, 5, 5)
SENDER = Address("Zoé Verdonck", "zoe@courriel.test")


def requests(body, sender=SENDER):
    mail = message("Re: lampadaire", body)
    mail = type(mail)(**{name: getattr(mail, name) for name in mail.__slots__} | {"sender": sender})
    found = extract(mail, clean(mail), RECEIVED)
    assert all(fact.start < 0 or mail.body[fact.start : fact.end] == fact.text for fact in found)
    return [fact.value for fact in found if fact.role == "request"]


@pytest.mark.parametrize(
    "header",
    [
        "Le mar. 3 mars 2026 à 10:12, Zoé Verdonck <zoe@courriel.test> a écrit :",
        "Le 03/03/2026 à 10:12, zoe@courriel.test a écrit :",
        "Le mar. 3 mars 2026 à 10:12, Zoé Verdonck\n<zoe@courriel.test> a écrit :",
        "On Tue, Mar 3, 2026 at 10:12 AM Zoé Verdonck <zoe@courriel.test> wrote:",
    ],
)
def test_the_day_of_the_senders_quoted_mail_is_read_from_its_attribution(header):
    assert requests(f"Toujours rien ?\n\n{header}\n> Le lampadaire est éteint.\n") == ["2026-03-03"]


@pytest.mark.parametrize("sent", ["Envoyé : mardi 3 mars 2026 10:12", "Date: Tue, 3 Mar 2026 10:12:00 +0100"])
def test_and_from_a_block(sent):
    block = f"-----Message d'origine-----\nDe : Zoé Verdonck <zoe@courriel.test>\n{sent}\nÀ : mairie@exemple.org\nObjet : lampe\n"
    assert requests(f"Toujours rien ?\n\n{block}\nLe lampadaire est éteint.\n") == ["2026-03-03"]


def test_the_administrations_own_answer_is_no_request():
    header = "Le mar. 3 mars 2026 à 10:12, Mairie <mairie@exemple.org> a écrit :"
    assert requests(f"Toujours rien ?\n\n{header}\n> Madame, votre message est transmis à Zoé Verdonck.\n") == []


def test_a_thread_gives_each_of_them():
    body = (
        "Toujours rien ?\n\nLe 20 avril 2026 à 09:00, Mairie <mairie@exemple.org> a écrit :\n> Bien reçu.\n>\n"
        "> Le 3 mars 2026 à 10:12, Zoé <zoe@courriel.test> a écrit :\n>> Le lampadaire est éteint.\n"
    )
    assert requests(body) == ["2026-03-03"]


@pytest.mark.parametrize("when", ["3 juin 2026", "32 mars 2026", "bientôt"])
def test_a_date_to_come_or_none_counts_for_nothing(when):
    assert requests(f"Rien ?\n\nLe {when} à 10:12, Zoé <zoe@courriel.test> a écrit :\n> Éteint.\n") == []


def test_without_a_sender_no_header_is_his():
    assert requests("Rien ?\n\nLe 3 mars 2026 à 10:12, Zoé <zoe@courriel.test> a écrit :\n> Éteint.\n", None) == []


def test_a_hostile_quote_ends():
    requests("Rien ?\n\n" + "> Le 3 mars 2026 zoe@courriel.test\n" * 4000)
