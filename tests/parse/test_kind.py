"""Kinds of message: the rules' own examples, whole automatic mails, and human mails that resemble them."""

import re
import tomllib
from pathlib import Path

import pytest

import triage.parse
from triage.parse import parse
from triage.parse.evidence import Pattern, rules, screen, signs, words
from triage.parse.plain import Text, plain
from triage.types import KINDS, Message, RawMessage

DATA = tomllib.loads(Path(triage.parse.__file__).with_name("kind.toml").read_text("utf-8"))
ENTRIES = DATA["rule"] + DATA["sign"]
TESTS = [one.test for one in (*rules(), *signs())]
MAILS = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))["mail"]
HUMAN_BODY = "Bonjour, le lampadaire de la rue Haute est éteint depuis lundi."


def examples(key: str) -> list:
    pairs = zip(TESTS, ENTRIES, strict=True)
    return [pytest.param(test, text, id=f"{test.reason}:{text[:40]!r}") for test, entry in pairs for text in entry[key]]


def found(test: Pattern, text: str) -> bool:
    seen = Text(text if test.field == "shape" else plain(text), plain(text))
    return test.may_hold(seen) and test.holds(seen)


@pytest.mark.parametrize(("test", "text"), examples("matches"))
def test_a_pattern_is_found_in_its_matches(test: Pattern, text: str):
    assert found(test, text)


@pytest.mark.parametrize(("test", "text"), examples("matches"))
def test_the_screen_lets_pass_what_a_pattern_matches(test: Pattern, text: str):
    assert test.screened is None or test.screened in screen().held(f"objet\n{plain(text)}")


def test_the_screen_keeps_back_nearly_all_that_does_not_hold():
    assert len(screen().held(f"lampadaire\n{plain(HUMAN_BODY)}")) < 5


@pytest.mark.parametrize(("test", "text"), examples("no_matches"))
def test_a_pattern_is_not_found_in_its_no_matches(test: Pattern, text: str):
    assert not found(test, text)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["reason"])
def test_every_pattern_has_examples_and_a_reason_for_the_agent(entry: dict):
    assert entry["matches"]
    assert entry["no_matches"]
    form = r"[A-ZÉÀ].*\." if "kind" in entry else r"[a-zéà].*[^.]"
    assert re.fullmatch(form, entry["reason"])


def test_rules_and_signs_name_kinds_that_exist():
    named = [entry["kind"] for entry in DATA["rule"]]
    named += [kind for entry in DATA["sign"] for kind in (*entry["points"], *entry.get("only", ()))]
    assert set(named) <= set(KINDS)
    assert set(DATA["threshold"]) == set(DATA["title"]) == set(KINDS) - {"human", "form", "empty"}


@pytest.mark.parametrize("name", DATA["words"])
def test_word_patterns_keep_to_their_examples(name: str):
    pattern, entry = getattr(words(), name), DATA["words"][name]
    assert [text for text in entry["matches"] if not pattern.search(plain(text))] == []
    assert [text for text in entry["no_matches"] if pattern.search(plain(text))] == []


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail['kind']}:{mail['subject'][:40]}")
def test_a_mail_without_any_telling_header_is_known_by_its_words(mail: dict):
    sender = mail.get("from", "usager@courriel.test")
    assert judged(f"From: {sender}\nSubject: {mail['subject']}", mail["text"]).kind == mail["kind"]


def judged(headers: str, body: str = HUMAN_BODY) -> Message:
    lines = headers if "From:" in headers else f"From: jeanne@courriel.test\n{headers}"
    content = f"{lines}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    return parse(RawMessage("file:x", content.encode()))


AUTOMATIC = [
    ("auto_reply", "Subject: Réponse automatique : Convocation", "Je suis absente jusqu'au 12 mai."),
    ("auto_reply", "Subject: Automatic reply: meeting", "I am out of the office."),
    ("auto_reply", "Subject: Absence", "Je suis en congés du 3 au 12 mai. En mon absence, contactez l'accueil."),
    ("auto_reply", "Subject: Re: Devis\nAuto-Submitted: auto-replied", "Merci pour votre message."),
    ("auto_reply", "Subject: Re: Devis\nX-Autoreply: yes", "Merci pour votre message."),
    ("auto_reply", "Subject: Re: Devis\nPrecedence: auto_reply", "Merci pour votre message."),
    ("auto_reply", "Subject: Out of office\nReturn-Path: <>", "I will be back on Monday."),
    ("auto_reply", "Subject: Re: Devis\nReturn-Path: <>", "Je reviens lundi."),
    ("auto_reply",
     "Subject: RE: Convocation",
     "Bonjour,\n\nJe suis actuellement absent du bureau et je répondrai à votre message à mon retour.\n\nCordialement"),
    ("auto_reply",
     "Subject: RE: Convocation",
     "Notre étude est fermée du 1er au 15 août. Vos messages seront traités à la réouverture."),
    ("auto_reply",
     "Subject: RE: Convocation",
     "Bonjour, je suis en congé maternité. En cas d'urgence, contactez Paul Durand au 06 39 98 00 00."),
    ("auto_reply", "Subject: Votre demande n° 123 a bien été enregistrée", "Un conseiller va l'étudier."),
    ("auto_reply",
     "Subject: [Support] Ticket",
     "Nous avons bien reçu votre demande. Ceci est une réponse automatique, ne pas répondre."),
    ("auto_reply", "Subject: Accusé de réception de votre message", "Merci de votre confiance."),
    ("bounce", "From: Mail Delivery System <MAILER-DAEMON@exemple.org>\nSubject: Undelivered Mail", "x"),
    ("bounce",
     "From: postmaster@exemple.org\nSubject: Non remis : Convocation",
     "Échec de la remise pour ces destinataires"),
    ("bounce",
     "From: postmaster@exemple.org\nSubject: Delivery Status Notification (Failure)",
     "The following message was undeliverable."),
    ("bounce",
     "From: postmaster@exemple.org\nSubject: Convocation\nX-Failed-Recipients: x@courriel.test",
     "Erreur 550."),
    ("bounce",
     "From: serveur@exemple.org\nSubject: Convocation",
     "Votre message n'a pas pu être remis à x@courriel.test."),
    ("bounce",
     "Subject: Mail delivery failed: returning message to sender",
     "A message that you sent could not be delivered."),
    ("receipt",
     "Subject: Lu : Convocation",
     "Votre message\n À : Mairie\n Objet : Convocation\na été lu le lundi 3 mars 2025."),
    ("receipt", "Subject: Accusé de lecture : Convocation", "Le message a été affiché."),
    ("receipt", "Subject: Read: Meeting", "Your message was read on Monday."),
    ("newsletter", "Subject: La lettre de mars\nList-Unsubscribe: <mailto:x@exemple.org>", HUMAN_BODY),
    ("newsletter", "Subject: [liste] Réunion\nList-Id: <liste.exemple.org>", HUMAN_BODY),
    ("newsletter", "Subject: Promotions\nPrecedence: bulk", HUMAN_BODY),
    ("newsletter", "From: newsletter@exemple.org\nSubject: Mars", HUMAN_BODY),
    ("newsletter", "Subject: Nos offres", "Profitez-en !\nSi vous ne souhaitez plus recevoir nos offres, cliquez ici."),
    ("newsletter", "Subject: Our offers", "Best prices!\nTo unsubscribe, click here."),
    ("machine", "From: no-reply@exemple.org\nSubject: Facture disponible", "Votre facture est disponible."),
    ("machine", "From: ne-pas-repondre@exemple.org\nSubject: Alerte", "Seuil dépassé sur le serveur principal."),
    ("machine", "Subject: Sauvegarde\nAuto-Submitted: auto-generated", "Sauvegarde terminée sans erreur."),
    ("machine",
     "From: root@serveur.exemple.org\nSubject: Cron <root@serveur>\nX-Cron-Env: <SHELL=/bin/sh>",
     "tâche terminée ce soir"),
    ("machine",
     "From: copieur2@exemple.org\nSubject: Numérisation du 3 mars",
     "Document numérisé depuis le copieur du deuxième étage."),
    ("machine",
     "Subject: Suivi",
     "Votre colis est en route.\nCeci est un message automatique, merci de ne pas y répondre."),
    ("machine", "Subject: Notice", "Your parcel is on its way. This is an automated message, please do not reply."),
    ("suspect",
     "Subject: Facture 12",
     "Nos coordonnées bancaires ont changé, merci de procéder au virement sur le compte ci-joint."),
    ("suspect",
     "Subject: Messagerie",
     "Votre boîte de messagerie est saturée. Cliquez ici pour vérifier votre compte : http://exemple.org"),
    ("suspect",
     "Subject: Urgent",
     "Je vous demande un virement urgent de 30 000 €. Restez discret, c'est confidentiel."),
    ("empty", "Subject: ", "Bonjour"),
    ("empty", "Subject: (sans objet)", "\n\nEnvoyé de mon iPhone"),
    ("empty", "Subject: Re:", "Cordialement,\nJeanne Martin\nTél. 06 39 98 00 00"),
    ("form",
     "From: noreply@exemple.org\nSubject: Contact",
     "Nom : Martin\nPrénom : Jeanne\nCourriel : j@courriel.test\nMessage : Le banc est cassé."),
    ("form", "From: noreply@exemple.org\nReply-To: j@courriel.test\nSubject: Contact", "Le banc du square est cassé."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "headers", "body"), AUTOMATIC)
def test_mail_that_no_person_wrote_to_be_answered_is_recognised(kind: str, headers: str, body: str):
    message = judged(headers, body)
    assert (message.kind, bool(message.kind_reason)) == (kind, True)


HUMAN = [
    ("Subject: RE: Réponse automatique : Convocation", "Merci, mais qui peut me répondre pendant vos congés ?"),
    ("Subject: Lampadaire\nX-Auto-Response-Suppress: All", HUMAN_BODY),
    ("Subject: Lampadaire\nAuto-Submitted: no", HUMAN_BODY),
    ("Subject: Lampadaire\nPrecedence: normal", HUMAN_BODY),
    ("Subject: Mes données\nFeedback-ID: 31447120:user:exemple", HUMAN_BODY),
    ("Subject: Procuration", "Je suis absente du 3 au 12 mai, puis-je donner procuration à mon frère ?"),
    ("Subject: Passeport", "Je serai en déplacement jusqu'au 12 mai. Pouvez-vous garder mon passeport à mon retour ?"),
    ("Subject: Absence de mon fils", "Zoé ne mangera pas à la cantine lundi et mardi."),
    ("Subject: Courrier non distribué", "Le facteur ne passe plus rue Haute depuis trois semaines."),
    ("Subject: Accusé de réception", "Je n'ai jamais reçu d'accusé de réception de ma demande du 3 mars."),
    ("Subject: RIB", "J'ai changé de banque, voici mon nouveau RIB pour le remboursement de la cantine."),
    ("Subject: RIB", "Nous avons changé de banque, voici notre nouveau RIB pour le prélèvement de la crèche."),
    ("Subject: Facture 12", "Vous trouverez notre facture et notre RIB. Merci de procéder au virement sous 30 jours."),
    ("Subject: Arnaque ?", "J'ai reçu un mail : « votre compte sera suspendu, cliquez ici ». Est-ce bien vous ?"),
    ("Subject: Lettre d'information", "Comment faire pour ne plus recevoir votre lettre d'information ?"),
    ("Subject: RE: Demande", "Je relance.\n\n> Ceci est un message automatique, merci de ne pas y répondre."),
    ("Subject: TR: Facture",
     "Pour vous.\n\n---------- Forwarded message ---------\nDe : x@exemple.org\nCeci est un message automatique."),
    ("Subject: RE: Votre signalement",
     "C'était un chien.\n\nDe : Mairie\nEnvoyé : lundi\nObjet : x\n\nVotre demande a été transmise sous le numéro 12."),
    ("Subject: Acte", "Bonjour, je m'appelle Jeanne.\nNom : Martin\nNée le : 3 mars 1980"),
    ("Subject: Horaires de la piscine", ""),
    ("Subject: ", "Quand ouvrez-vous ?"),
    ("Subject: Bonjour", "Le portail automatique du gymnase ne ferme plus."),
    ("From: alertenuisances@exemple.org\nSubject: Bruit", "Le chantier commence à 5 heures du matin."),
    ("From: Marie Robot <marie.robot@courriel.test>\nSubject: Bruit", HUMAN_BODY),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "body"), HUMAN)
def test_mail_from_a_person_is_not_stopped(headers: str, body: str):
    message = judged(headers, body)
    assert (message.kind, message.kind_reason) == ("human", "Aucun signe d'envoi automatique.")


LIST = "List-Id: <parents.exemple.org>\nList-Post: <mailto:parents@exemple.org>\nPrecedence: list"
QUESTION = "Bonjour Madame, pouvez-vous nous confirmer la réunion du 12 ? Anne Roux, parent d'élève"


def test_what_a_person_asks_on_a_discussion_list_is_a_persons_mail():
    message = judged(f"Subject: [parents] Re: cantine\n{LIST}", QUESTION)
    assert (message.kind, message.kind_reason) == (
        "human",
        "Demande d'une personne, reçue par une liste de discussion.",
    )


@pytest.mark.parametrize(
    ("headers", "body"),
    [(LIST, "Au sommaire : les marchés publics."), (f"{LIST}\nFeedback-ID: 12:exemple", QUESTION)],
    ids=["nothing asked", "campaign"],
)
def test_what_a_list_only_announces_is_a_newsletter(headers: str, body: str):
    assert judged(f"Subject: [parents] mars\n{headers}", body).kind == "newsletter"


def report(action: str) -> bytes:
    return (
        b"From: postmaster@exemple.org\nSubject: Convocation\n"
        b"Content-Type: multipart/report; boundary=b\n\n--b\n\nAvis.\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; x@courriel.test\nAction: %s\n--b--\n" % action.encode()
    )


@pytest.mark.parametrize(
    ("action", "kind"), [("failed", "bounce"), ("delayed", "bounce"), ("delivered", "receipt"), ("relayed", "receipt")]
)
def test_a_delivery_report_is_a_bounce_only_where_delivery_failed(action: str, kind: str):
    assert parse(RawMessage("file:x", report(action))).kind == kind


def test_a_dangerous_attachment_makes_a_mail_suspect():
    content = (
        b"From: jeanne@courriel.test\nSubject: Facture\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        b"Voici la facture du mois de mars.\n--b\nContent-Type: application/pdf; name=facture.pdf.exe\n\nMZ\n--b--\n"
    )
    assert parse(RawMessage("file:x", content)).kind == "suspect"
