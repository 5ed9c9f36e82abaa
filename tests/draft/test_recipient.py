import pytest

from tests.draft.conftest import CITIZEN, message
from triage.draft.recipient import answerable, opening, recipient
from triage.types import Address, CleanText, Fact, Forwarded, Segment

HOME = "mairie@montreval.example.fr"
TYPED = Fact("email", "gael@courriel.test", "gael@courriel.test", 0, 1)


def text(body="", forwarded=None, segments=()):
    return CleanText("Objet", body, segments, "Objet\n" + body, forwarded)


def answered(facts=(), forwarded=None, **changes):
    return recipient(message(**changes), text(forwarded=forwarded), facts, HOME)


@pytest.mark.parametrize(
    "address",
    [
        "noreply@example.fr", "no-reply@example.fr", "ne-pas-repondre@example.fr", "MAILER-DAEMON@example.fr",
        "app.donotreply@example.fr", "a@b.fr, c@d.fr", "a@b.fr\r\nBcc: c@d.fr", "<a@b.fr>", "pas une adresse", "",
    ],
)  # fmt: skip
def test_these_are_not_one_mailbox_that_a_person_reads(address):
    assert not answerable(Address("", address))
    assert answered(sender=Address("", address)) == (None, "")


@pytest.mark.parametrize("address", ["noemie.reply@example.fr", "nora@example.fr", "bernard.noreplyon@example.fr"])
def test_people_with_such_names_are_answered(address):
    assert answerable(Address("", address))


def test_reply_to_wins_over_from():
    other = Address("", "autre@example.fr")
    assert answered() == (CITIZEN, "")
    assert answered(reply_to=other) == (other, "")


def test_a_reply_to_of_another_domain_is_doubted():
    to, doubt = answered(reply_to=Address("", "maelle@exemple.org"))
    assert to.address == "maelle@exemple.org"
    assert doubt == "la réponse part vers exemple.org, le message vient de example.fr : est-ce bien la même personne ?"


def test_a_forward_is_answered_to_its_first_writer():
    first = Address("Zoé", "zoe@courriel.test")
    assert answered(forwarded=Forwarded(first, "", "")) == (first, "le destinataire est l'auteur du message transféré")
    assert answered(forwarded=Forwarded(None, "", "")) == (None, "")


@pytest.mark.parametrize("sender", ["site@montreval.example.fr", "noreply@www.example.fr"])
def test_a_web_form_is_answered_to_the_address_typed_in_it(sender):
    to, doubt = answered((TYPED,), kind="form", sender=Address("", sender))
    assert (to, doubt) == (
        Address("", "gael@courriel.test"),
        "l'adresse du destinataire est celle saisie dans le formulaire",
    )
    assert answered((), kind="form", sender=Address("", sender)) == (None, "")


def test_a_web_form_with_a_reply_to_is_answered_there():
    other = Address("", "autre@example.fr")
    assert answered((TYPED,), kind="form", sender=Address("", HOME), reply_to=other) == (other, "")


@pytest.mark.parametrize(
    ("signature", "greeting"),
    [
        ("Mme Besnier", "Madame,"),
        ("Mme Besnier Maëlle 01 99 00 43 21", "Madame,"),
        ("Madame Maëlle Besnier", "Madame,"),
        ("M. Besnier", "Monsieur,"),
        ("Monsieur Besnier", "Monsieur,"),
        ("Mlle Besnier", "Madame,"),
        ("Me Besnier", "Maître,"),
        ("M. et Mme Besnier", "Madame, Monsieur,"),
        ("Maëlle Besnier", "Madame, Monsieur,"),
        ("Monsieur le maire est un bavard", "Madame, Monsieur,"),
        ("Mme Besnier\nM. Roux", "Madame, Monsieur,"),
    ],
)
def test_civility_is_only_what_the_person_wrote(signature, greeting):
    found = message(body=signature)
    assert opening(found, text(segments=(Segment("signature", 0, len(signature)),))) == greeting
    assert opening(found, text(body=f"Le lampadaire est éteint.\n\n{signature}")) == greeting


def test_civility_of_the_sender_name_counts_except_on_a_forward():
    found = message(sender=Address("Mme Besnier", "m@example.fr"), body="")
    assert opening(found, text()) == "Madame,"
    assert opening(found, text(forwarded=Forwarded(None, "", ""))) == "Madame, Monsieur,"


def test_a_neighbour_named_in_the_text_is_not_the_writer():
    assert (
        opening(message(body=""), text(body="Mme Roux habite en face.\nElle dort.\nMerci.\nZ")) == "Madame, Monsieur,"
    )


@pytest.mark.parametrize("line", ["M. Hakim Roux, 3 rue des Saules, 01340 Montreval", "M. Roux 3 bis rue des Saules"])
def test_the_address_beside_a_signature_does_not_hide_its_civility(line):
    assert opening(message(body=line), text(body=f"Le lampadaire est éteint.\n\n{line}")) == "Monsieur,"
