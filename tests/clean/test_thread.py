"""Who wrote what, beyond the golden forms."""

from triage.clean import clean
from triage.types import Address

AGENT = Address("Accueil", "accueil@montreval.example.fr")
INBOX = Address("", "mairie@montreval.example.fr")
CITIZEN = Address("Lucie Petitjean", "lucie@gmail.com")
FORWARD = (
    "---------- Forwarded message ---------\nDe : {sender}\nDate: lundi\nSubject: bac\nTo: <x@exemple.org>\n\n{text}"
)
PAUL = "Paul Vidal <paul@exemple.org>"


def test_a_note_of_an_agent_of_our_own_domain_is_never_the_citizens_words(message):
    body = "J'ai vu mon voisin, je vous laisse juge.\n\n" + FORWARD.format(sender=PAUL, text="Mon bac est cassé.")
    found = clean(message(body, "Fwd: bac", sender=AGENT, to=(INBOX,)))
    assert (found.body, found.forwarded.sender.address) == ("Mon bac est cassé.", "paul@exemple.org")


def test_a_citizen_of_a_public_domain_is_never_taken_for_an_agent(message):
    body = "À traiter svp.\n\n" + FORWARD.format(sender=PAUL, text="Mon bac est cassé.")
    found = clean(message(body, "Fwd: bac", sender=CITIZEN, to=(INBOX,)))
    assert (found.body, found.forwarded) == ("À traiter svp.\nMon bac est cassé.", None)


def test_a_reply_without_own_words_falls_back_to_the_subject(message):
    body = "Le 3 mars 2026 à 10:12, Mairie <m@exemple.org> a écrit :\n> Quel jour ?"
    assert clean(message(body, "Re: rendez-vous passeport jeudi")).body == "rendez-vous passeport jeudi"


def test_a_reply_without_own_words_nor_subject_falls_back_to_the_quote(message):
    body = "Le 3 mars 2026 à 10:12, Mairie <m@exemple.org> a écrit :\n> Quel jour ?"
    assert clean(message(body, "Re: (sans objet)")).body == "Quel jour ?"


def test_a_mail_of_quote_marks_only_is_not_lost(message):
    assert clean(message("> Le bac est cassé", "")).body == "Le bac est cassé"


def test_a_mail_that_is_only_a_closing_keeps_it_where_the_subject_is_empty(message):
    assert clean(message("Cordialement", "")).body == "Cordialement"


def test_one_word_is_a_message(message):
    assert [clean(message(text, "Re: place en crèche")).body for text in ("Oui", "ok", "Non.", "Samedi 9 h")] == [
        "Oui",
        "ok",
        "Non.",
        "Samedi 9 h",
    ]


def test_fifty_forwards_end(message):
    body = "FYI\n\n" + FORWARD.format(sender=PAUL, text="FYI\n\n") * 50 + "Bonjour"
    assert clean(message(body, "Fwd: bac", sender=AGENT, to=(INBOX,))).segments


def test_who_forwards_her_own_mail_is_told_by_her_name_where_outlook_gives_no_address(message):
    note = "Bonjour, je vous renvoie mon message du 12 novembre resté sans réponse.\n\n"
    header = "-----Message d'origine-----\nDe : Lucie Petitjean\nEnvoyé : jeudi 12 novembre 2026 18:02\nÀ : mairie\nObjet : bac\n\n"
    found = clean(message(note + header + "Mon bac est cassé.", "Fwd: bac", sender=CITIZEN, to=(INBOX,)))
    assert found.forwarded is None
    assert "resté sans réponse" in found.body


def test_an_answer_below_a_long_quoted_question_is_no_rest_of_that_question(message):
    body = (
        "> Coordonnées bancaires : inchangées par rapport à l'acte d'engagement ?\nnon on a changé hier\n"
        "> Attestation de vigilance à joindre.\noui demain"
    )
    assert clean(message(body, "Re: DC4 lot 3")).body == "non on a changé hier\noui demain"
