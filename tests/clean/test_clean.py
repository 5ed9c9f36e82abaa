"""What holds for any body, however odd or hostile."""

import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.clean.conftest import make_message
from triage.clean import clean

LINES = st.sampled_from(
    [
        "Bonjour,",
        "Bonjour, le bac est cassé",
        "Bonjour, le bac est cassé. Merci. Cordialement, Anne",
        "Bonjour Madame, merci beaucoup.",
        "le bac est cassé.",
        "Cordialement",
        "Merci d'avance",
        "Anne Roux",
        "06 39 98 12 40",
        "",
        "> cité",
        ">",
        ">> plus loin",
        "Le 3 mars 2026 à 10:12, Anne <a@exemple.org> a écrit :",
        "De : Anne <a@exemple.org>",
        "Envoyé : lundi",
        "Objet : bac",
        "---------- Message transféré ----------",
        "-- ",
        "________________",
        "Message : bonjour",
        "Nom : Roux",
        "E-mail : a@exemple.org",
        "Envoyé de mon iPhone",
        "PS : le voisin aussi",
        "Ce message est confidentiel",
        "e\u0301tat\u00a0\u200b",
        "| marge",
        ">>> Anne <a@exemple.org> 03/02/2026 10:12 >>>",
        "Voir mes réponses en rouge.",
        "=> oui",
        "Quand ?",
        "De :",
        "[image: plan.png]",
        "Ce message provient de l'extérieur.",
    ]
)
BODIES = st.one_of(st.text(max_size=200), st.lists(LINES, max_size=14).map("\n".join))
SUBJECTS = st.sampled_from(["", "TR: bac", "Re: bac", "bac cassé devant chez moi", "(sans objet)"])


@settings(max_examples=300, deadline=None)
@given(BODIES, SUBJECTS, st.sampled_from(["human", "form"]))
@example("\u200b", "", "human")
@example("a\u0301", "", "human")
@example("\u0130" * 3 + " Mme A", "", "human")
def test_segments_cover_the_text_in_order_and_nothing_is_lost(body, subject, kind):
    found = clean(make_message(body, subject, kind=kind))
    covered = set()
    last = 0
    for part in found.segments:
        assert last <= part.start < part.end <= len(body)
        last = part.end
        covered.update(range(part.start, part.end))
    missed = [letter for at, letter in enumerate(body) if at not in covered and letter.isalnum()]
    assert missed == []
    assert bool(found.body) >= any(letter.isalnum() for letter in body)
    assert found.masked.split("\n")[0].count("\n") == 0


def work(body):
    """Calls made while cleaning: what a quadratic loop multiplies by four when the text doubles."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    mail = make_message(body, "TR: bac")
    sys.setprofile(count)
    try:
        clean(mail)
    finally:
        sys.setprofile(None)
    return calls


HOSTILE = {
    "objects": "Objet : x\n",
    "marks": ">",
    "quotes": "> a\n",
    "one line": "a",
    "words": "bonjour ",
    "senders": "De : a\n",
    "blocks": "De : a\nEnvoyé : b\n",
    "attributions": "Le 3 mars 2026 \n",
    "digits": "1 ",
    "at": "a@",
    "closings": "Cordialement\n",
    "civilities": "Mme ",
    "streets": "12 rue de la ",
    "fields": "Nom : x\n",
    "messages": "Message : \n",
    "combining": "\u0301\u0323",
    "separators": "---------- Message transféré ----------\nDe : a <a@b.fr>\n",
    "delimiters": "-- \n",
    "alternating": "> a\nb\n",
    "margins": "| a\nb\n",
    "greetings": "Bonjour,\n",
    "letters": "Bonjour,\noui\nMerci\n\n-----\n",
    "keys above values": "De :\na\nEnvoyé :\nb\n",
    "one-line blocks": "De : a Envoyé : b À : c Objet : d ",
    "enclosed": ">>> a <a@b.fr> 03/02/2026 10:12 >>>\noui\n",
    "notices": "Ce message est confidentiel\nCordialement\n",
    "banners": "Ce message provient de l'extérieur.\n",
    "pictures": "[image: a.png]\n",
    "wrapped attributions": "Le 3 mars 2026 à 10:12,\nAnne <a@b.fr>\n",
    "questions": "Voir mes réponses en rouge\nDe : a@b.fr\nDate : 3 mars 2026\nObjet : x\nQui ?\nMoi\n",
    "form keys": "Nom ; Roux\nMessage ; oui\n",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_no_faster_than_the_text(unit):
    clean(make_message(unit * 9))  # compile the patterns first
    small, large = (unit * (size // len(unit)) for size in (5_000, 20_000))
    assert work(large) <= 4.6 * work(small) + 2_000
