import pytest

from triage.clean.subject import says_forward, says_nothing, says_reply, strip_prefixes


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [
        ("Re: acte", "acte"),
        ("RE : TR: Fwd: acte", "acte"),
        ("[EXTERNE] Re: acte", "acte"),
        ("Re[3]: acte", "acte"),
        ("TR\u00a0: acte", "acte"),
        ("  acte  de\n naissance ", "acte de naissance"),
        ("Rentrée : listes", "Rentrée : listes"),
        ("Réf. 2026/41", "Réf. 2026/41"),
        ("Re:", ""),
        ("[Permis] PC 12", "[Permis] PC 12"),
    ],
)
def test_the_subject_without_what_mail_programs_add(subject, wanted):
    assert strip_prefixes(subject) == wanted


def test_a_thousand_prefixes_end():
    assert strip_prefixes("Re: " * 1_000 + "acte").startswith("Re: Re: ")


def test_the_outermost_prefix_decides_between_reply_and_forward():
    assert [(says_forward(text), says_reply(text)) for text in ("TR: Re: a", "Re: TR: a", "a", "[EXT] Fwd: a")] == [
        (True, False),
        (False, True),
        (False, False),
        (True, False),
    ]


def test_a_subject_that_says_nothing():
    assert [says_nothing(text) for text in ("", "(sans objet)", "Bonjour", "acte de naissance")] == [
        True,
        True,
        True,
        False,
    ]
