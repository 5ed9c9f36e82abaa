from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.clean import clean
from triage.extract import extract, find_facts
from triage.extract.facts import _TOKEN, _triggers
from triage.types import Message

RECEIVED = date(2026, 1, 5)  # a Monday
MAIL = """Bonjour Mme Abgrall,

Le lampadaire du 12 rue Neuve est éteint depuis le 28 décembre. Merci d'intervenir avant le 9 janvier à 18 h.

Cordialement,
Mme Zoé Verdonck
3 place du Marché
06 39 98 12 40

Le 2 janvier 2026 à 09:12, Mairie <mairie@exemple.org> a écrit :
> Votre dossier 2026-118 est complet, facture F-3318, M. Roux, 45 €.
"""


def message(subject, body):
    return Message(
        id="", digest="", origin="", kind="human", kind_reason="", sender=None, reply_to=None, to=(), cc=(),
        subject=subject, date=None, received=None, body=body, html_only=False, references=(), attachments=(), warnings=(),
    )  # fmt: skip


def extracted(subject, body):
    mail = message(subject, body)
    return mail, extract(mail, clean(mail), RECEIVED)


def test_a_mail_yields_the_facts_of_its_own_words_with_roles_from_where_they_stand():
    _, facts = extracted("Re: lampadaire, dossier 2026-7", MAIL)
    assert [(fact.type, fact.value, fact.role) for fact in facts] == [
        ("file", "2026-7", ""),
        ("person", "Mme Abgrall", "addressee"),
        ("address", "12 rue Neuve", "place"),
        ("date", "2025-12-28", ""),
        ("date", "2026-01-09", "deadline"),
        ("hour", "18:00", ""),
        ("person", "Mme Zoé Verdonck", "sender"),
        ("address", "3 place du Marché", "sender"),
        ("phone", "+33639981240", "sender"),
    ]


def test_offsets_count_in_the_body_and_are_minus_one_in_the_subject():
    mail, facts = extracted("dossier 2026-7", MAIL)
    assert (facts[0].start, facts[0].end, facts[0].text) == (-1, -1, "2026-7")
    assert all(mail.body[fact.start : fact.end] == fact.text for fact in facts[1:])


def test_the_header_of_a_forward_gives_the_senders_address_and_nothing_else():
    body = (
        "Pour toi. Karine\n\n---------- Message transféré ----------\nDe : Zoé <zoe@courriel.test>\n"
        "Date : lun. 5 janv. 2026 à 09:12\nObjet : facture F-3318\nÀ : <mairie@exemple.org>\n\n"
        "Bonjour, un lampadaire est éteint au 12 rue Neuve.\n"
    )
    _, facts = extracted("TR: lampadaire", body)
    assert [(fact.type, fact.value) for fact in facts] == [("email", "zoe@courriel.test"), ("address", "12 rue Neuve")]


@pytest.mark.parametrize("fields", [True, False])
def test_every_word_that_calls_a_reader_is_a_token(fields):
    assert [word for word in _triggers(fields) if not _TOKEN.fullmatch(word)] == []


def test_facts_never_overlap():
    text = "facture 2026-118 du 12/03/2026 de 1 146,20 € au 12 rue du 11-Novembre, parcelle AB 12, tél. 01 99 00 12 13"
    facts = find_facts(text, RECEIVED)
    assert all(a.end <= b.start for a, b in zip(facts, facts[1:], strict=False))
    assert [f.type for f in facts] == ["invoice", "date", "amount", "address", "cadastre", "phone"]


def test_capitals_and_missing_accents_change_nothing():
    text = "né le 3 février 1984, école Jules-Ferry, à midi, 45 €, dossier 2026-118"
    wanted = [(f.type, f.value.upper()) for f in find_facts(text, RECEIVED)]
    assert [(f.type, f.value.upper()) for f in find_facts(text.upper(), RECEIVED)] == wanted


VOCABULARY = (
    "le du au 3 12 31 mars mai sept 2026 26 lundi jeudi prochain dernier fin mi demain hier dans 15 jours sous "
    "h 9h 9h40 midi minuit vingt et un sept heures demie rue place de la Neuve neuve 12/03 1/2 2026-03-12 € "
    "euros 1 250,40 k€ n° facture dossier F-3318 2026-118 PC 021 231 R0045 section AB parcelle FR76 06 39 98 "
    "W442017833 ZZ-123-AB Mme M. Me Roux école CE2 6e semaine prochaine mois ici d'ici en huit quinzaine "
    "printemps au cet né née décision refus avant : Adresse Téléphone naissance - , . ; ( ) ' @ a@b.fr ² ½ İ ﬁ "
    "\u0661\u0662 ou et "
)
WORDS = st.sampled_from([*VOCABULARY.split(), "\n", "\u00a0"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(WORDS, max_size=40).map(" ".join), st.sampled_from([None, RECEIVED, date(2024, 2, 29), date(2026, 12, 31)])
)
def test_no_text_raises_and_every_fact_stands_where_it_says(text, received):
    for fact in find_facts(text, received):
        assert text[fact.start : fact.end] == fact.text
        assert fact.value
        if fact.type == "date":
            date.fromisoformat(fact.value)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(max_size=80))
def test_no_characters_raise(text):
    find_facts(text, RECEIVED)


HOSTILE = (
    "0", "1 ", "12 rue ", "a", "M. A ", "1 000 ", "facture ", "facture a ", "dossier n° ", "le 12 ", "12 mars ", "3, 4 et 5, ",
    "lundi ", "lundi et mardi ", "du 3 au ", "@", "a@", "a@a.", "06 39 ", "fr76 ", "ref-1/", "A-1/", "rue de la ", "Mme A-",
    "section ab 1, ", "12h", "12:30 ", "de 9 a ", "telephone : ", "adresse : 1 ", "école de la ", "nee le ", "refus du ",
    "votre decision du ", "1-", "1/", "1.", "1,", "fin mars ", "12 mars\n", "'", "é", "2a ", "12€50 ", "n°1 ", "avant le 3 ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "M. AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
)  # fmt: skip


@pytest.mark.parametrize("run", HOSTILE)
def test_hostile_runs_end(run):
    find_facts(run * (40_000 // len(run)), RECEIVED)


def test_what_lies_beyond_the_limit_of_a_table_is_left_out():
    facts = find_facts("1 " * 50_000 + "tél. 06 39 98 12 40", RECEIVED)
    assert facts == []
