from datetime import date

import pytest

from tests.draft.conftest import CITIZEN, PROFILE, place, silence, situation
from triage.draft import Passage, broken_templates, chosen_template, draft, draft_with, wants_texts
from triage.draft.days import french_date
from triage.errors import MessageError, ProfileError
from triage.types import Address, Attachment, CleanText, Deadline, Fact, Forwarded

AGENT = "prénom, nom et qualité de l'agent"


def dates(*days: str) -> tuple[Fact, ...]:
    return tuple(Fact("date", day, day[8:] + " mars", 0, 8, "event") for day in days)


def test_a_report_is_taken_up_with_its_place():
    found = draft(situation(facts=(place(),)))
    assert (found.to, found.subject, found.template) == (CITIZEN, "Re: Lampadaire éteint", "signalement")
    assert (found.in_reply_to, found.references) == ("m1@example.fr", ("m0@example.fr", "m1@example.fr"))
    assert found.body.startswith(
        f"Nos réf. : 3F2A91C0\nAffaire suivie par : [à compléter : {AGENT}], 01 99 00 00 01\n\nMadame,\n\n"
        "Merci pour votre signalement, reçu le 5 janvier 2026. Il concerne l'éclairage public (12 rue Neuve).\n"
    )
    assert found.missing == (AGENT, "délai ou date d'intervention")


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ((), "Il concerne l'éclairage public."),
        ((Fact("date", "2026-01-03", "samedi 3", 0, 8, "event"),), "Il concerne l'éclairage public (date citée : 3 janvier 2026)."),
        ((Fact("date", "1980-01-03", "3 janvier 1980", 0, 8, "birth"),), "Il concerne l'éclairage public."),
        ((Fact("date", "2026-01-05", "ce matin", 0, 8, "event"),), "Il concerne l'éclairage public."),
        ((place(), Fact("date", "2026-01-19", "le 19/01", 0, 8)), "Il concerne l'éclairage public (12 rue Neuve, 19 janvier 2026)."),
        (dates("2026-01-19", "2026-01-20", "2026-01-19"), "Il concerne l'éclairage public (19 et 20 janvier 2026)."),
        (dates("2026-03-01", "2026-02-28"), "Il concerne l'éclairage public (28 février et 1er mars 2026)."),
        (dates("2025-12-30", "2026-01-02"), "Il concerne l'éclairage public (dates citées : 30 décembre 2025 et 2 janvier 2026)."),
        (dates("2026-01-19", "2026-01-20", "2026-01-21", "2026-01-22"), "Il concerne l'éclairage public."),
        ((Fact("file", "x", "2 42 05 99 999 721 60", 0, 4),), "Il concerne l'éclairage public."),
        ((place("rue Neuve"), place("12 rue Neuve")), "Il concerne l'éclairage public (12 rue Neuve)."),
        ((place("PLACE DE LA GARE"),), "Il concerne l'éclairage public (place de la Gare)."),
        ((place("Rue Neuve"),), "Il concerne l'éclairage public (rue Neuve)."),
        ((place("3 rue Haute", "sender"),), "Il concerne l'éclairage public."),
        ((place("3 rue Haute, derrière le hangar vert et la grande citerne bleue"),), "Il concerne l'éclairage public."),
    ],
)  # fmt: skip
def test_what_was_asked_is_said_in_one_sentence_of_facts(facts, sentence):
    body = draft(situation(facts=facts)).body
    assert f"reçu le 5 janvier 2026. {sentence}\n" in body


def test_without_a_topic_the_subject_is_quoted():
    body = draft(situation(subject="Le lavoir", body="Il est joli.")).body
    assert "Vous nous écrivez au sujet de « Le lavoir »." in body


@pytest.mark.parametrize(
    "subject",
    [
        *("", "Bonjour", "URGENT !!", "Question ?", "(sans objet)", "Très urgent"),  # nothing
        *("Formulaire de contact - message n° 3117", "[Site] Nouveau message", "À l'attention du service scolaire"),
        *("Repas de Timéo", "le dossier d'Ysée", "RENTREE DE TIMEO"),  # may name somebody
        *("Virez mes photos", "J'ai fait une bêtise", "Réparez-moi ça"),  # no title
    ],
)
def test_a_subject_that_says_nothing_or_too_much_is_not_quoted(subject):
    assert "au sujet de" not in draft(situation(subject=subject, body="Il est joli.")).body


def test_quotation_marks_inside_a_quoted_subject_are_the_inner_ones():
    body = draft(situation(subject="Séjour « autonomie »", body="Il est joli.")).body
    assert "au sujet de « Séjour “autonomie” »." in body


def test_a_day_that_the_quoted_subject_gives_is_not_said_twice():
    found = draft(situation(subject="Fête du 23 août", body="Il est joli.", facts=dates("2026-08-23")))
    assert "au sujet de « Fête du 23 août »." in found.body


def test_a_place_of_the_mail_is_no_name():
    body = draft(situation(subject="Le lavoir place Carnot", body="Joli.", facts=(place("place Carnot"),))).body
    assert "Vous nous écrivez au sujet de « Le lavoir place Carnot »." in body


def test_without_topic_or_subject_a_place_or_a_date_to_come_is_taken_up():
    told = Fact("date", "2026-02-03", "3 février", 0, 9)
    empty = {"subject": "Bonjour", "body": "Il est joli."}
    assert "Nous avons noté ce lieu : 12 rue Neuve." in draft(situation(facts=(place(),), **empty)).body
    assert "Nous avons noté cette date : 3 février 2026." in draft(situation(facts=(told,), **empty)).body
    assert "Nous avons noté" not in draft(situation(facts=(told,), received=date(2026, 3, 1), **empty)).body


def test_of_a_reminder_the_day_of_the_first_letter_is_taken_up():
    body = "Je vous ai écrit le 3 décembre.\nMa voiture est toujours là, depuis le 12 décembre."
    facts = [
        Fact("date", f"2025-12-{day:02}", f"{day} décembre", body.index(f"{day} d"), body.index(f"{day} d") + 5)
        for day in (3, 12)
    ]
    found = draft(situation("relance", subject="Bonjour", body=body, facts=tuple(facts)))
    assert "Vous nous dites avoir écrit le 3 décembre 2025." in found.body
    assert "12 décembre" not in found.body


def test_without_a_subject_the_topic_of_the_text_is_named():
    assert "Il concerne l'éclairage public." in draft(situation(subject="Bonjour")).body


def test_template_syntax_in_a_mail_stays_text():
    written = "{{7*7}} {% for x in y %} ${7*7}"
    found = draft(situation(subject=written, body=""))
    assert f"« {written} »" in found.body
    assert found.subject == f"Re: {written}"


@pytest.mark.parametrize(
    ("subject", "masked"),
    [
        ("Mon NIR 2 42 05 99 999 721 60", "Mon NIR xxnirxx"),
        ("RIB FR76 9999 9000 0100 0000 0000 158", "RIB xxibanxx"),
        ("Plainte contre Léo Martin", "Plainte contre xxnomxx"),
        ("Mon fils allergique", "Mon fils allergique"),
        ("appelez le 06 39 98 41 27", "appelez le xxtelxx"),
        ("Salle\r\nBcc: x@example.fr", "Salle Bcc: xxemailxx"),
        ("[à compléter : RIB]", "[à compléter : RIB]"),
    ],
)
def test_a_subject_with_what_must_not_be_repeated_is_not(subject, masked):
    found = draft(situation(subject=subject, masked=masked, body="x", flags=("sante",)))
    assert found.subject == "Re: votre message du 5 janvier 2026"
    assert subject.split()[-1] not in found.body


def test_an_unconfirmed_regime_leaves_a_gap_and_no_date():
    found = draft(situation("demarche", "urbanisme", deadlines=(silence("CRPA L231-1", confirmed=False),)))
    assert found.template == "demande"
    assert "5 mars" not in found.body
    assert any("effet du silence" in gap for gap in found.missing)


def test_a_confirmed_regime_chooses_the_acknowledgement_of_acceptance():
    found = draft(situation("demarche", "urbanisme", deadlines=(silence("CRPA L231-1"),)))
    assert found.template == "accuse_acceptation"
    assert (
        "sera considérée comme acceptée le 5 mars 2026, sous réserve qu'elle soit complète (article L231-1 du"
        in found.body
    )
    assert "attestation" in found.body
    assert "à confirmer" not in " ".join(found.missing)


def test_a_confirmed_rejection_gives_remedies_whose_articles_are_to_be_confirmed():
    found = draft(situation("demarche", "facturation_regie", deadlines=(silence("CRPA L231-4 3°"),)))
    assert found.template == "accuse_rejet"
    assert "rejetée le 5 mars 2026, sous réserve qu'elle soit complète (article L231-4 3° du code" in found.body
    assert "articles R421-1 et R421-2 du code de justice administrative, CJA [à confirmer]" in found.body
    assert "à confirmer : articles R421-1 et R421-2 du code de justice administrative, CJA" in found.missing
    assert found.sources[:3] == ("CRPA L231-4 3°", "CJA R421-1", "CJA R421-2")


def test_a_request_that_lacks_what_its_topic_needs_is_asked_for_it():
    found = draft(situation("demarche", "culture_sport_asso", "Réservation de la salle des fêtes"))
    assert found.template == "pieces_manquantes"
    assert "- la date concernée\n" in found.body


def test_of_missing_pieces_the_effect_depends_on_the_regime():
    acceptance = draft_with("T05", situation("demarche", "urbanisme", deadlines=(silence("CRPA L231-1"),))).body
    rejection = draft_with(
        "T05", situation("demarche", "facturation_regie", deadlines=(silence("CRPA L231-4 3°"),))
    ).body
    assert "ne court qu'à compter de la réception de ces éléments (articles L114-3 et L114-5 du CRPA)" in acceptance
    assert "rejetée le 5 mars 2026" in rejection
    assert "Ce délai est suspendu" in rejection


def test_people_are_asked_to_identify_themselves_only_where_they_have_not():
    asked = "merci de nous indiquer votre adresse postale"
    assert asked in draft(situation("reclamation")).body
    assert asked not in draft(situation("reclamation", facts=(place("3 rue Haute", "sender"),))).body
    assert asked not in draft(situation("reclamation", facts=(Fact("siret", "9", "9", 0, 1),))).body
    assert asked not in draft(situation("information")).body


def test_an_appeal_says_what_it_contests_and_what_silence_means():
    body = "Je conteste votre refus du 2 décembre. J'ai payé le 1er octobre."
    refused = Fact("date", "2025-12-02", "2 décembre", 27, 37, "contested")
    paid = Fact("date", "2025-10-01", "1er octobre", 51, 62, "contested")
    service = ("recours", "juridique_assurances", "Recours", body)
    found = draft(situation(*service, facts=(refused, paid), deadlines=(silence(),)))
    assert "Décision contestée : décision du 2 décembre 2025." in found.body
    assert "décision contestée, sa date et son auteur" in draft(situation(*service, facts=(paid,))).missing
    assert "votre recours sera considéré comme rejeté le 5 mars 2026" in found.body
    assert any("recours préalable obligatoire" in what for what in found.missing)


def test_an_appeal_against_a_parking_charge_gives_no_date_of_the_ordinary_regime():
    found = draft(situation("recours", "stationnement_mobilite", "Contestation FPS", deadlines=(silence(),)))
    assert "5 mars" not in found.body
    assert "à confirmer : recours préalable obligatoire" in " ".join(found.missing)


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Carte de séjour", "nous l'avons transmise à l'administration compétente"),
        ("Une amende radar", "nous ne pouvons pas la transmettre à votre place"),
    ],
)
def test_misdirected_mail_is_transmitted_where_the_law_says_so(subject, told):
    body = draft(situation("demarche", "hors_competence", subject, body="x")).body
    assert told in body
    assert "Hors compétence" not in body


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Carte de séjour", "nous lui avons aussi transmis votre message le [à compléter : date de transmission]"),
        ("Une amende radar", "nous ne pouvons pas transmettre votre question à votre place"),
    ],
)
def test_a_question_for_another_authority_is_told_whom_to_ask_without_talk_of_silence(subject, told):
    body = draft(situation("information", "hors_competence", subject, body="x")).body
    assert told in body
    assert "adresse" in body
    assert "silence" not in body


def test_an_information_reply_quotes_the_passages_it_is_given():
    passage = Passage("Le guichet ouvre à 9 h.", "Horaires", "https://exemple.org/horaires", "3 mars 2025")
    found = draft(situation("information", passages=(passage,)))
    assert "« Le guichet ouvre à 9 h. »\nHoraires, 3 mars 2025, https://exemple.org/horaires\n" in found.body
    assert found.sources == ("Horaires, 3 mars 2025, https://exemple.org/horaires",)


def test_distress_is_given_the_numbers_its_words_call_for():
    made = situation(
        "demarche", "social_ccas", "aide", "il m'a frappée devant les enfants", flags=("violences",), action="route"
    )
    assert draft(made) is None
    body = draft_with(None, made).body
    assert [line for line in ("le 17", "le 3919", "le 119", "le 3114", "le 115") if f"- {line} :" in body] == [
        "le 17", "le 3919", "le 119",
    ]  # fmt: skip


def test_danger_is_answered_with_the_emergency_numbers_when_an_agent_asks():
    made = situation(urgency="critique", action="route")
    assert draft(made) is None
    found = draft_with(None, made)
    assert found.template == "danger"
    assert "le 112, depuis tout téléphone" in found.body
    assert "à vérifier : prévenir d'abord" in " ".join(found.missing)


@pytest.mark.parametrize("flag", ["fovi", "menace_agent", "lanceur_alerte", "injonction_machine"])
def test_alarming_mail_is_answered_only_by_a_template_an_agent_names(flag):
    made = situation(flags=(flag,), action="review")
    assert chosen_template(made) is None
    with pytest.raises(MessageError, match="no rule chooses"):
        draft_with(None, made)
    assert any(what.startswith(f"à vérifier : {flag} : ") for what in draft_with("T02", made).missing)


def test_an_agent_names_a_template_by_its_number_or_its_name():
    made = situation()
    assert draft_with("t18", made) == draft_with("decision_defavorable", made)
    with pytest.raises(ProfileError, match="no template 'T99': choose one of T01 accuse_enregistrement, T02"):
        draft_with("T99", made)


def test_a_reply_without_a_known_service_is_signed_by_the_administration():
    found = draft_with("T02", situation(service=None, action="review"))
    assert draft(situation(service=None)) is None
    assert "Le service compétent s'en occupe" in found.body
    assert "Bien cordialement,\n\nMairie de Montreval, 1 place" in found.body


def test_unknown_dates_and_numbers_are_gaps():
    found = draft_with("T02", situation(received=None, digest="", date=None, subject="Bonjour"))
    assert found.subject == "Re: Bonjour"
    assert found.missing[:2] == ("numéro d'enregistrement", AGENT)
    assert "date de réception" in found.missing


def test_pieces_without_an_attachment_are_asked_again():
    with_one = (Attachment("a.pdf", "application/pdf", 3, "d"),)
    assert "(1 pièce jointe)" in draft(situation("pieces", attachments=with_one)).body
    assert "Votre message ne contenait aucune pièce jointe." in draft(situation("pieces")).body


@pytest.mark.parametrize("kind", ["auto_reply", "bounce", "newsletter", "machine", "receipt", "suspect", "empty"])
def test_automatic_mail_is_never_answered(kind):
    assert draft(situation(kind=kind)) is None
    with pytest.raises(MessageError, match="is never answered"):
        draft_with("T02", situation(kind=kind))


def test_nobody_is_answered_where_nobody_reads():
    assert draft(situation(sender=Address("", "noreply@example.fr"))) is None
    with pytest.raises(MessageError, match="nobody to answer"):
        draft_with("T02", situation(forwarded=Forwarded(None, "", "")))


def test_other_peoples_names_in_a_letter_are_reported():
    named = Fact("person", "Mme Estève", "Mme Estève", 0, 1)
    templates = {**PROFILE.templates, "signalement": PROFILE.templates["signalement"] + "\nSignalé par Mme Estève"}
    found = draft(situation(facts=(named,), profile=PROFILE.model_copy(update={"templates": templates})))
    assert any("retirer le nom d'une personne : « Estève »" in what for what in found.missing)


def test_the_built_in_templates_are_whole():
    assert broken_templates(PROFILE) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ inconnu }}", "templates/demande.txt: 'inconnu' is undefined"),
        ("{{ cite('CRPA L999') }}", "templates/demande.txt: cites 'CRPA L999', which letters.toml does not list"),
        ("{{ cite('CRPA L111-2', 'RGPD 12.3') }}", "several codes at once"),
        ("{{ silence.shown }}", "templates/demande.txt: "),
    ],
)
def test_a_broken_template_is_named(source, said):
    profile = PROFILE.model_copy(update={"templates": {**PROFILE.templates, "demande": source}})
    (fault,) = broken_templates(profile)
    assert said in fault


def test_deadlines_whose_article_is_unlisted_are_shown_as_the_profile_writes_them():
    due = silence("décret 2016-677", effect="acceptation")
    found = draft(situation("demarche", "urbanisme", deadlines=(due,)))
    assert "sous réserve qu'elle soit complète (décret 2016-677)." in found.body


def test_french_dates():
    assert (french_date(date(2026, 3, 1)), french_date(date(2026, 8, 12))) == ("1er mars 2026", "12 août 2026")


def test_the_thread_of_a_message_without_id_is_not_invented():
    found = draft(situation(id="sha256:0123", references=()))
    assert (found.in_reply_to, found.references) == ("", ())


def test_a_login_is_no_reference():
    body = "Mon identifiant : roux21. Compte bloqué."
    login = Fact("file", "ROUX21", "roux21", body.index("roux21"), body.index("roux21") + 6)
    assert "roux21" not in draft(situation("demarche", "support_numerique", "Accès", body, facts=(login,))).body


@pytest.mark.parametrize("service", ["rh_recrutement", "support_numerique"])
def test_who_writes_as_an_agent_or_for_help_with_a_screen_is_not_asked_to_identify(service):
    assert "R112-9-1" not in draft(situation("demarche", service, "Mot de passe", "Perdu.")).body


def test_water_disputes_are_not_sent_to_the_administrative_court():
    found = draft(
        situation("reclamation", "eau_assainissement", "Facture d'eau", "Trop chère.", deadlines=(silence(),))
    )
    assert "tribunal administratif territorialement compétent" not in found.body
    assert "délai et juge" in found.missing
    appeal = draft(situation("recours", "eau_assainissement", "Facture d'eau", "Trop chère.", deadlines=(silence(),)))
    assert "tribunal administratif territorialement compétent" not in appeal.body
    assert "délai et juge" in appeal.missing


def test_a_loss_and_haste_are_answered_first():
    mourning = draft(situation(None, "etat_civil", "Obsèques", "Mon père est décédé samedi.", urgency="haute")).body
    assert "Madame,\n\nNous vous présentons nos sincères condoléances.\n\nMerci de nous avoir écrit." in mourning
    assert "Nous avons compris que le temps presse : [à compléter :" in mourning
    assert "condoléances" not in draft(situation(None, "etat_civil", "Obsèques", "Mon père est décédé en 2012.")).body
    assert "le temps presse" not in draft(situation(None, "etat_civil", "Acte", "Il me faut un acte.")).body


def test_a_registration_notice_takes_up_what_the_mail_holds_and_says_what_comes_next():
    due = (Deadline("acknowledgement", date(2026, 1, 19), "CRPA R112-11-2", confirmed=True),)
    body = draft(situation(None, subject="Lampadaire", body="Il est éteint.", deadlines=due)).body
    assert "Il concerne l'éclairage public." in body
    assert "Vous recevrez au plus tard le 19 janvier 2026 une réponse, ou un accusé de réception" in body
    assert "vous pouvez déjà nous indiquer :\n- l'adresse exacte (numéro et rue) ou un repère visible\n" in body
    placed = draft(situation(None, subject="Lampadaire", body="Il est éteint.", facts=(place(),), deadlines=due)).body
    assert "(12 rue Neuve)" in placed
    assert "vous pouvez déjà" not in placed


def test_a_pressing_mail_is_promised_no_notice_in_ten_days():
    due = (Deadline("acknowledgement", date(2026, 1, 19), "CRPA R112-11-2", confirmed=True),)
    assert "19 janvier" not in draft(situation(None, subject="Acte", body="x", urgency="haute", deadlines=due)).body


def test_a_reminder_that_tells_of_no_earlier_writing_gets_no_excuse():
    told = draft(situation("relance", subject="Lampadaire", body="Je vous ai écrit en mars, toujours rien."))
    assert (told.template, "Nous vous prions d'excuser" in told.body) == ("relance", True)
    untold = draft(situation("relance", subject="Lampadaire", body="Il est éteint."))
    assert (untold.template, "Nous vous prions d'excuser" in untold.body) == ("accuse_enregistrement", False)


def test_the_senders_own_address_is_the_place_only_where_they_say_so():
    own = (Fact("address", "4 rue Basse", "4 rue Basse", 0, 11, "sender"),)
    there = draft(situation("signalement", subject="Lampadaire", body="Éteint devant chez moi.", facts=own)).body
    assert "(4 rue Basse)" in there
    elsewhere = draft(situation("signalement", subject="Lampadaire", body="Éteint rue Haute.", facts=own)).body
    assert "rue Basse" not in elsewhere


def test_a_bin_is_looked_for_at_the_address_the_person_signs_with():
    own = (Fact("address", "4 rue Basse", "4 rue Basse", 0, 11, "sender"),)
    asked = {"nature": "reclamation", "service": "dechets_proprete", "subject": "Bac jaune non vidé", "body": "Encore."}
    assert "l'adresse concernée" in draft(situation(**asked)).body
    assert "l'adresse concernée" not in draft(situation(**asked, facts=own)).body


@pytest.mark.parametrize("nature", [None, "demarche"])
def test_a_question_inside_another_mail_gets_the_passage(nature):
    passage = Passage("La salle se réserve un mois avant.", "Salles", "https://exemple.org/salles", "3 mars 2025")
    asked = {"nature": nature, "service": "culture_sport_asso", "subject": "Salle", "passages": (passage,)}
    found = draft(situation(**asked, body="Comment réserver la salle des fêtes le 3 mai ?"))
    assert "« La salle se réserve un mois avant. »\nSalles, 3 mars 2025, https://exemple.org/salles\n" in found.body
    assert "à vérifier : le texte cité répond-il à ce qui est demandé, et est-il à jour ?" in found.missing
    mourning = draft(situation(**asked, body="Mon père est décédé samedi. Comment réserver la salle ?")).body
    assert "Salles, 3 mars 2025" not in mourning


@pytest.mark.parametrize(
    ("nature", "body", "wanted"),
    [
        ("information", "Vos horaires.", True),
        ("demarche", "Comment réserver la salle des fêtes ?", True),
        (None, "Quelles pièces faut-il pour un passeport ?", True),
        ("demarche", "Je souhaite réserver la salle des fêtes.", False),
        (None, "Comment savoir où en est ma demande de salle ?", False),
        ("reclamation", "Comment osez-vous ?", False),
    ],
)
def test_texts_are_looked_for_where_a_mail_asks_to_be_told_something(nature, body, wanted):
    assert wants_texts(CleanText("Salle", body, (), ""), nature, PROFILE) is wanted


def test_a_decision_known_by_the_day_it_came_is_said_so():
    came = (Fact("date", "2025-12-19", "19 décembre", 27, 38, "contested"),)
    body = draft(
        situation("recours", "stationnement_mobilite", "FPS", "Je conteste l'avis reçu le 19 décembre.", facts=came)
    ).body
    assert "Décision contestée : décision reçue le 19 décembre 2025." in body


def test_a_broad_topic_leaves_the_word_to_the_subject():
    found = draft(situation(None, "juridique_assurances", "Dommage : pneu et jante", "Mon pneu a éclaté.")).body
    assert "Vous nous écrivez au sujet de « Dommage : pneu et jante »" in found


@pytest.mark.parametrize("subject", ["voisin travaux illégaux", "Maire incapable", "Garagiste escroc"])
def test_a_subject_that_accuses_is_not_quoted(subject):
    assert "au sujet de" not in draft(situation(subject=subject, body="Il est joli.")).body


def test_nobody_is_thanked_for_a_question_that_presses():
    asked = {"nature": "information", "service": "logement_habitat", "subject": "Expulsion", "body": "On nous expulse."}
    assert "Merci pour votre question" in draft(situation(**asked)).body
    pressing = draft(situation(urgency="haute", **asked)).body
    assert "Merci pour votre question" not in pressing
    assert "Nous avons bien lu votre message, reçu le 5 janvier 2026. Il concerne" in pressing
