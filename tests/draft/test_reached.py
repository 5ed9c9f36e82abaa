"""Each situation is reached by a mail a citizen could have written, read by the real chain, and takes up what it says.

Service and nature are given, as the classifier would; facts, flags, urgency, deadlines and the choice are the program's.
T03, T04 and T07 need what only an administration can say: a confirmed regime, an online service reserved for a request.
"""

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.draft.conftest import PROFILE
from triage.clean import clean
from triage.decide import decide
from triage.draft import Situation, draft_with
from triage.draft.letters import letters_of
from triage.extract import extract
from triage.parse import parse
from triage.profile import BUILT_IN, Profile, load_profile
from triage.types import Draft, Prediction, RawMessage

# template, service, nature, subject, text, what the letter says of it
MAILS = [
    ("accuse_enregistrement", "dechets_proprete", None, "poubelle verte", "La roue est cassée, 4 rue du Four, et le couvercle aussi.",
     "Votre message est enregistré : nous l'avons reçu le 5 janvier 2026. Vous nous écrivez au sujet de « poubelle verte » (4 rue du Four)."),
    ("accuse_reception", "scolaire_periscolaire", "declaration", "cantine", "Ma fille ne mangera pas à la cantine lundi 19 ni mardi 20 janvier.",
     "Il concerne la restauration scolaire (19 et 20 janvier 2026)."),
    ("demande", "culture_sport_asso", "demarche", "Salle Prévert le 30 mai", "Nous voudrions réserver la salle Prévert le samedi 30 mai pour notre loto.",
     "Elle concerne la réservation d'une salle (salle Prévert, 30 mai 2026)."),
    ("pieces", "urbanisme", "pieces", "DP 099 123 25 R0087", "Voici le plan de masse demandé pour la déclaration préalable DP 099 123 25 R0087.",
     "Votre message ne contenait aucune pièce jointe."),
    ("accuse_acceptation", "culture_sport_asso", "demarche", "Cours au conservatoire", "Je voudrais inscrire mon fils au conservatoire en septembre.",
     "sera considérée comme acceptée le 5 mars 2026, sous réserve qu'elle soit complète"),
    ("accuse_rejet", "facturation_regie", "demarche", "Payer en trois fois", "Puis-je échelonner la facture n° 2025-12-01466 en trois fois ?",
     "sera considérée comme rejetée le 5 mars 2026, sous réserve qu'elle soit complète"),
    ("pieces_manquantes", "culture_sport_asso", "demarche", "Réservation de la salle des fêtes", "Notre club voudrait réserver la salle des fêtes pour son bal.",
     "- la date concernée"),
    ("transmission", "hors_competence", "demarche", "carte de séjour", "Où en est ma carte de séjour ? Je l'ai demandée en octobre.",
     "- la préfecture, [à compléter : adresse de cette administration]"),
    ("transmission_question", "hors_competence", "information", "carte de séjour", "Quels papiers faut-il pour renouveler une carte de séjour ?",
     "adressez-vous à : la préfecture, [à compléter : adresse, téléphone ou site de cette administration]."),
    ("teleservice", "elections_citoyennete", "demarche", "Inscription sur les listes électorales", "Je viens d'emménager et je veux m'inscrire sur les listes électorales.",
     "Cette démarche se fait en ligne : Inscription électorale, https://exemple.org/inscription."),
    ("information", "urbanisme", "information", "clôture et portail", "Faut-il un papier pour changer mon portail au 8 impasse du Lavoir ?",
     "Vous nous écrivez au sujet de « clôture et portail » (8 impasse du Lavoir)."),
    ("signalement", "voirie_eclairage", "signalement", "Lampadaire éteint", "Le lampadaire devant le 27 rue Gambetta ne s'allume plus depuis le 2 janvier.",
     "Il concerne l'éclairage public (27 rue Gambetta, date citée : 2 janvier 2026)."),
    ("reclamation", "facturation_regie", "reclamation", "Cantine payée deux fois", "La cantine a été débitée deux fois le 8 décembre, facture 2025-11-00873.",
     "votre réclamation sera considérée comme rejetée le 5 mars 2026"),
    ("recours", "juridique_assurances", "recours", "Recours gracieux", "Je forme un recours gracieux contre votre décision du 2 décembre 2025.",
     "Décision contestée : décision du 2 décembre 2025."),
    ("document_administratif", "cada_rgpd", "document_admin", "Rapport d'analyse", "Je demande la copie du rapport d'analyse de l'eau de novembre.",
     "sera considérée comme refusée le 5 février 2026"),
    ("droits_rgpd", "cada_rgpd", "droits_rgpd", "Mes données", "Au titre de l'article 15 du RGPD, je demande la copie de mes données.",
     "Nous vous répondrons au plus tard le 5 février 2026"),
    ("facture_chorus", "fournisseurs_marches", "pieces", "Facture n° 2026-0011", "Vous trouverez ci-joint notre facture n° 2026-0011 pour le gymnase.",
     "Merci d'y déposer la vôtre (n° 2026-0011)"),
    ("candidature", "rh_recrutement", "demarche", "Candidature ATSEM", "Je postule à l'offre d'ATSEM, disponible dès le 2 mars.",
     "Nous avons bien reçu votre candidature le 5 janvier 2026. Nous avons noté cette date : 2 mars 2026."),
    ("remerciement", "espaces_verts_animaux", "suggestion_remerciement", "Merci", "Merci pour le parc et les nouvelles balançoires, les enfants adorent.",
     "Nous le transmettons au service « Espaces verts et animaux en ville »"),
    ("relance", "logement_habitat", "relance", "Logement", "Je vous ai écrit le 8 décembre au sujet de ma demande de logement social. Toujours rien.",
     "Vous nous dites avoir écrit le 8 décembre 2025."),
    ("rendez_vous", "etat_civil", "rendez_vous", "Rendez-vous carte d'identité", "Je dois déplacer mon rendez-vous du jeudi 22 janvier pour ma carte d'identité.",
     "Il concerne une carte d'identité (22 janvier 2026)."),
    ("danger", "voirie_eclairage", "signalement", "Câble", "Un câble électrique pend au sol chemin de la Garenne et fait des étincelles, des enfants passent.",
     "le 112, depuis tout téléphone"),
    ("detresse", "social_ccas", "demarche", "aide", "Mon mari m'a encore frappée hier soir devant les enfants, je ne sais plus où aller.",
     "- le 3919 : "),
]  # fmt: skip
ANY_TIME = ("accuse_acceptation", "accuse_rejet", "teleservice")


@pytest.fixture(scope="module")
def settled(tmp_path_factory) -> Profile:
    """The profile of an administration whose lawyer has confirmed the regimes, and which has one reserved service."""
    folder = Path(shutil.copytree(BUILT_IN, tmp_path_factory.mktemp("profil") / "mairie"))
    regimes, topics = folder / "regimes.toml", folder / "topics.toml"
    regimes.write_text(regimes.read_text("utf-8").replace("confirmed = false", "confirmed = true"), "utf-8")
    says = 'says = "l\'inscription sur les listes électorales"\n'
    online = 'online = "Inscription électorale, https://exemple.org/inscription"\n'
    topics.write_text(topics.read_text("utf-8").replace(says, says + online), "utf-8")
    return load_profile(folder)


def answered(profile: Profile, service: str, nature: str | None, subject: str, text: str) -> Draft:
    mail = parse(
        RawMessage(
            "mbox:x#1",
            f"From: Zoé Tixier <zoe@example.fr>\nSubject: {subject}\nDate: Mon, 05 Jan 2026 10:00:00 +0100\nMessage-ID: <a@example.fr>\n"
            f"Content-Type: text/plain; charset=utf-8\n\nBonjour,\n{text}\nZoé Tixier\n".encode(),
        )
    )
    words, received = clean(mail), date(2026, 1, 5)
    facts = extract(mail, words, received)
    given = {"service": service, "nature": nature}
    judged = {axis: Prediction(name, 0.9, ((name or "x", 0.9),), (), "m") for axis, name in given.items()}
    decision = decide(profile, mail, words, judged, facts, received)
    return draft_with(None, Situation(profile, mail, words, decision, facts, received))


def test_all_situations_are_tried_but_those_a_human_decides():
    by_agent = {letter.template for letter in letters_of(PROFILE).letter if letter.by_agent}
    assert by_agent == {"decision_defavorable", "envoi_abusif"}
    assert {template for template, *_ in MAILS} | by_agent == {letter.template for letter in letters_of(PROFILE).letter}


@pytest.mark.parametrize(
    ("template", "service", "nature", "subject", "text", "says"), MAILS, ids=[mail[0] for mail in MAILS]
)
def test_a_mail_reaches_its_situation(template, service, nature, subject, text, says, settled):
    found = answered(settled if template in ANY_TIME else PROFILE, service, nature, subject, text)
    assert found.template == template
    assert says in found.body
    assert not any(what.startswith("à corriger") for what in found.missing)


def test_out_of_the_box_no_regime_is_taken_for_confirmed():
    for template, service, nature, subject, text, _ in MAILS:
        if template in ANY_TIME:
            assert answered(PROFILE, service, nature, subject, text).template == "demande"
