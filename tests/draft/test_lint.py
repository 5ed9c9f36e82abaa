import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.draft.conftest import PROFILE
from triage.draft import Finding, lint
from triage.draft.letters import letters_of

SILENT = PROFILE.model_copy(
    update={"administration": PROFILE.administration.model_copy(update={"algorithm_notice": ""})}
)

WHOLE = """Mairie de Saint-Exemple
Service des affaires scolaires
2 rue du Lavoir, 99100 Saint-Exemple – 01 99 00 00 12 – scolaire@exemple.org

Madame,

J'accuse réception de votre demande d'inscription à la cantine, reçue le 3 avril 2026.
À défaut de réponse, elle sera réputée acceptée le 3 juin 2026, sous réserve que votre dossier soit complet. Vous pourrez
alors obtenir une attestation.

Cordialement,
Claire Morel, responsable du service
"""


def articles(text: str, profile=SILENT, **options) -> list[str]:
    return [finding.article for finding in lint(text, profile, **options)]


def missing(text: str, profile=SILENT, **options) -> list[str]:
    return [finding.missing for finding in lint(text, profile, **options)]


def says(mention: str) -> str:
    return next(rule.says for rule in letters_of(PROFILE).mention if rule.id == mention)


def test_a_whole_letter_of_another_administration_has_no_fault():
    assert lint(WHOLE, SILENT) == []


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        (", reçue le 3 avril 2026", "", ["reception_date"]),
        ("reçue le 3 avril", "du 3 avril", ["reception_date"]),
        ("reçue le 3 avril 2026", "reçue ce jour", ["reception_date"]),
        ("reçue le 3 avril 2026", "reçue le vendredi 03/04/2026", []),
        ("Service des affaires scolaires\n", "", ["service"]),
        ("2 rue du Lavoir, 99100 Saint-Exemple – ", "", []),
        ("scolaire@exemple.org", "", []),
        ("2 rue du Lavoir, 99100 Saint-Exemple – 01 99 00 00 12 – scolaire@exemple.org", "01 99 00 00 12", ["address"]),
        ("01 99 00 00 12 – ", "", ["phone"]),
        ("le 3 juin 2026", "dans deux mois", ["effect_date"]),
        (", sous réserve que votre dossier soit complet", "", ["completeness"]),
        ("Vous pourrez\nalors obtenir une attestation.", "", ["attestation"]),
        ("acceptée le 3 juin", "rejetée le 3 juin", ["remedies", "remedy_delay"]),
        ("Claire Morel, responsable du service", "Le service", ["agent", "agent_quality"]),
        ("Claire Morel, responsable du service", "Claire Morel", ["agent_quality"]),
        ("Cordialement,\nClaire Morel, responsable du service", "Affaire suivie par : Mme Claire Morel, gestionnaire de la cantine", []),
    ],
)  # fmt: skip
def test_each_mention_that_is_lost_is_found(old, new, lost):
    assert old in WHOLE
    assert missing(WHOLE.replace(old, new)) == [says(name) for name in lost]


def test_a_letter_that_says_nothing_of_silence_lacks_the_effect_and_its_date():
    text = WHOLE.split("À défaut", maxsplit=1)[0] + "Cordialement,\nClaire Morel, responsable du service d'accueil"
    assert missing(text) == [says("effect"), says("effect_date")]


def test_a_rejection_with_its_remedies_has_no_fault():
    text = WHOLE.replace("acceptée le 3 juin", "rejetée le 3 juin").replace(
        "alors obtenir une attestation", "alors saisir le tribunal administratif dans un délai de deux mois"
    )
    assert lint(text, SILENT) == []


@pytest.mark.parametrize("kind", ["question", "demande d'information", "invitation"])
def test_mail_that_asks_for_no_decision_needs_no_effect_of_silence(kind):
    text = (
        WHOLE.split("À défaut", maxsplit=1)[0].replace("demande d'inscription à la cantine", kind)
        + "Claire Morel, responsable du service d'accueil"
    )
    assert lint(text, SILENT) == []


def test_a_letter_that_acknowledges_nothing_needs_only_its_agent():
    assert missing("La piscine ouvre lundi.") == [says("agent"), says("agent_quality")]


SIGNED = "\n\nClaire Morel, chargée d'accueil"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Votre dossier est incomplet : il manque un plan.", ["CRPA R112-11-4", "CRPA L114-5"]),
        ("Votre dossier est incomplet. Envoyez le plan avant le 3 mai 2026. Le délai est suspendu.", []),
        ("Nous vous écrirons s'il manque une pièce.", []),
        ("Votre demande ne relève pas de la commune. Adressez-vous à la préfecture.", ["CRPA L114-2"]),
        ("Votre demande ne relève pas de la commune. Nous la transmettons à la préfecture.", []),
        ("Cela ne relève pas de la mairie, mais d'un organisme privé.", []),
        ("Votre demande est rejetée.", ["CRPA L211-5", "CRPA L211-5", "CJA R421-5"]),
        ("Votre demande est rejetée car la salle est louée (article 4 du règlement). Recours : tribunal, deux mois.", []),
        ("La communication des documents n'est pas possible. Votre demande est refusée car inachevée (article L311-2). Recours sous deux mois.", ["CRPA L311-14"]),
    ],
)  # fmt: skip
def test_other_letters_are_held_to_their_own_articles(text, found):
    assert articles(text + SIGNED) == found


def test_an_article_nobody_has_verified_is_shown_so():
    (fault,) = [f for f in lint("Votre demande est rejetée." + SIGNED, SILENT) if f.article == "CJA R421-5"]
    assert str(fault) == "CJA R421-5 [à confirmer] : les voies et délais de recours contre le refus (absent du texte)"


def test_the_algorithmic_mention_is_asked_only_where_the_profile_prints_one():
    assert articles(WHOLE, PROFILE) == ["CRPA L311-3-1"]
    assert articles(WHOLE + "\nMessage orienté par un traitement automatisé.", PROFILE) == []


def test_words_to_avoid_are_found_with_their_line():
    text = "Madame,\n\nJ'ai l'honneur\nde vous écrire. Votre demande susvisée\nsera diligentée." + SIGNED
    assert lint(text, SILENT) == [
        Finding("conventions de rédaction", "éviter « l'honneur de » : dire le fait directement", "ligne 3", 3),
        Finding("conventions de rédaction", "éviter « susvisee » : « votre demande du … »", "ligne 4", 4),
        Finding("conventions de rédaction", "éviter « diligentee » : « mener », « demander », « faire »", "ligne 5", 5),
    ]


def test_secrets_and_names_are_found_with_their_line():
    text = "Bonjour,\nvotre NIR 1 74 10 99 999 522 82\net Mme Estève, votre voisine." + SIGNED
    assert lint(text, SILENT, names=["Mme Estève"]) == [
        Finding("discrétion", "retirer ce NIR", "ligne 2", 2),
        Finding("discrétion", "retirer le nom d'une personne : « Estève »", "ligne 3", 3),
    ]


def test_health_is_pointed_at():
    (fault,) = lint("Votre maladie chronique est notée." + SIGNED, SILENT)
    assert (fault.article, fault.line) == ("discrétion", 1)


def test_gaps_left_are_found_and_stand_for_their_mention():
    text = WHOLE.replace("le 3 avril 2026", "le [à compléter : date de réception]")
    assert lint(text, SILENT) == [Finding("brouillon", "[à compléter : date de réception]", "ligne 7", 7)]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    assert all(isinstance(finding, Finding) and finding.line >= 0 for finding in lint(text, SILENT))


def test_a_very_long_text_is_read_up_to_a_limit():
    assert articles("a " * 200_000 + "Mademoiselle") == ["CRPA L111-2", "CRPA L111-2"]


def test_quotations_do_not_say_what_a_letter_does():
    text = "Votre message a pour objet « Dossier incomplet, j'ai l'honneur »." + SIGNED
    assert lint(text, SILENT) == []


# Letters as other administrations write them, and the articles each offends.
OTHERS = {
    "a whole prefecture letter, in the old style": (
        """Direction de la citoyenneté – Bureau des étrangers
Dossier suivi par : Nadège KERVELLA
Tél. : 01 99 00 00 44 – Courriel : etrangers@exemple.org

Monsieur,

J'ai l'honneur d'accuser réception de votre demande de titre, enregistrée par mes services le 2 avril 2026.
En l'absence de réponse au terme d'un délai de quatre mois, soit le 2 août 2026, votre demande sera réputée rejetée, sous
réserve que le dossier soit complet. Cette décision implicite pourra être contestée devant le tribunal administratif, dans le
délai de deux mois.

Je vous prie d'agréer, Monsieur, l'expression de ma considération distinguée.

Pour le préfet, la cheffe de bureau,
Nadège KERVELLA
""",
        ["conventions de rédaction"],
    ),
    "a short answer that forgets everything": (
        """Bonjour Madame Petit,

Nous accusons bonne réception de votre mail. Votre dossier de subvention sera étudié dans les meilleurs délais.

Bien à vous,
L'équipe du service Vie associative
01 99 00 00 45
""",
        ["CRPA R112-11-1"] * 4 + ["CRPA L111-2"] * 2 + ["conventions de rédaction"],
    ),
    "a refusal without reasons": (
        """Monsieur le Président,

Suite à votre courrier susvisé, je suis au regret de vous informer que votre demande de salle n'a pu être retenue.

Veuillez agréer, Monsieur le Président, mes salutations distinguées.

Le Maire,
Jean-Pierre ROUSSET
""",
        ["CRPA L211-5", "CRPA L211-5", "CJA R421-5", "conventions de rédaction", "conventions de rédaction"],
    ),
    "a redirection that transmits nothing": (
        """Madame,

Votre courriel du 4 mars concernant votre carte grise ne relève pas de la compétence de la commune. Nous vous invitons à vous
rapprocher de l'agence nationale.

Cordialement
Amandine Roy
Agent d'accueil
""",
        ["CRPA L114-2"],
    ),
    "an incomplete file": (
        """Madame,
Nous avons bien reçu le 12/03/2026 votre dossier d'inscription. Il manque le justificatif de domicile. Merci de le faire
parvenir sous 15 jours.
Service scolaire - 12 rue des Écoles 99100 Colmont - 01 99 00 11 22
Affaire suivie par M. Luc Ferrand, gestionnaire des inscriptions
""",
        ["CRPA R112-11-1", "CRPA R112-11-1", "CRPA L114-5"],
    ),
    "a refused document": (
        """Madame, Monsieur,
Votre demande de communication du rapport d'audit est rejetée, le document étant préparatoire (article L311-2 du CRPA).
Vous disposez d'un délai de deux mois pour saisir le tribunal administratif.
Sophie Nguyen, directrice générale des services
""",
        ["CRPA L311-14"],
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_letters_of_others_are_read(name):
    text, offended = OTHERS[name]
    assert articles(text) == offended


def test_the_name_of_a_public_body_is_no_health_fact_and_hides_none():
    body = "Nous avons transmis votre demande à la maison départementale\ndes personnes handicapées (MDPH)."
    assert not [found for found in lint(body, PROFILE) if found.article == "discrétion"]
    told = [
        found for found in lint(f"{body}\nVotre maladie chronique est notée.", PROFILE) if found.article == "discrétion"
    ]
    assert [(found.line, "maladie chronique" in found.missing) for found in told] == [(3, True)]
