import pytest

from triage.classify.traits import traits_of
from triage.pipeline import cleaned_text

PLAIN = "Le lampadaire devant la maison de ma mère est éteint depuis trois semaines, pouvez-vous venir le réparer ?"


def test_an_ordinary_mail():
    assert traits_of(cleaned_text("Lampadaire", PLAIN)) == {
        "length": "11-30",
        "accents": "with",
        "capitals": "none",
        "spelling": "clean",
        "forwarded": "no",
        "quoted": "no",
    }


@pytest.mark.parametrize(
    ("words", "band"),
    [
        (1, "0-10"),
        (10, "0-10"),
        (11, "11-30"),
        (30, "11-30"),
        (31, "31-80"),
        (80, "31-80"),
        (81, "81-200"),
        (200, "81-200"),
        (201, "201+"),
    ],
)
def test_length_counts_the_own_words(words, band):
    text = " ".join(["trottoir"] * words)
    assert traits_of(cleaned_text("Trottoir", text))["length"] == band


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le lampadaire de la rue est encore en panne ce soir, merci de venir.", "without"),
        ("Le lampadaire est cassé", "with"),
        ("LE LAMPADAIRE EST CASSÉ", "with"),
        ("en panne", None),
        ("Un devis de 40 € pour le lampadaire de la rue en panne ce soir", "without"),
    ],
)
def test_accents(text, expected):
    assert traits_of(cleaned_text("", text)).get("accents") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LE LAMPADAIRE DE LA RUE EST EN PANNE", "all"),
        ("Le lampadaire est TOUJOURS en panne et PERSONNE ne répond", "some"),
        ("La CAF et le CCAS demandent un RIB", "none"),
        ("12 34", "none"),
    ],
)
def test_capitals(text, expected):
    assert traits_of(cleaned_text("", text))["capitals"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bjr je né pa resu la fakture de la kantine cété pour mon fis merssi", "noisy"),
        ("slt le lampadere devan ché moi marche plu depui lundi", "noisy"),
        ("bonjour je n'ai pas recu la facture de la cantine pour mon fils merci", "clean"),
        (
            "bonjour je n'ai pas reçu la facture de la cantine pour mon fils, je suis passée deux fois à l'accueil mais personne ne savait me dire quand elle devait arriver, vous pouvez me rapeller svp ? merci d'avance à vous",
            "some",
        ),
        ("trop court", None),
    ],
)
def test_spelling(text, expected):
    assert traits_of(cleaned_text("", text)).get("spelling") == expected


def test_a_forward_and_a_quoted_answer_are_seen():
    forward = (
        "Pour vous.\n\n-----Message transféré-----\nDe : Ana Roux <ana.roux@exemple.org>\nEnvoyé : lundi 3 mars 2025 10:12\n"
        "À : mairie@exemple.org\nObjet : Trottoir\n\nBonjour, le trottoir de ma rue est cassé depuis un mois.\n"
    )
    answer = "Merci, mais il est toujours cassé.\n\nLe 3 mars 2025 à 10:12, Mairie <mairie@exemple.org> a écrit :\n> Bonjour,\n> C'est noté.\n"
    assert traits_of(cleaned_text("TR: Trottoir", forward))["forwarded"] == "yes"
    found = traits_of(cleaned_text("Re: Trottoir", answer))
    assert (found["forwarded"], found["quoted"]) == ("no", "yes")


def test_hostile_text_is_read_in_time():
    assert traits_of(cleaned_text("", "l'" * 50_000))["length"] == "0-10"
