"""A danger told in the sender's own mail that a short reminder quotes, from the mail file to the decision."""

from datetime import date

import pytest

from triage.clean import clean
from triage.decide import decide
from triage.pipeline import text_message
from triage.profile import load_profile
from triage.types import Address, Decision, Prediction

ANNE = Address("Anne Roux", "anne.roux@courriel.test")
QUOTE = "Le lun. 5 janv. 2026 à 10:12, {writer} a écrit :\n{text}"
CABLE = "> Bonjour,\n> Un câble électrique dénudé pend devant l'école.\n> Cordialement,\n> Anne Roux"
REMINDER = "Bonjour, avez-vous lu mon mail ci-dessous ?"
HERSELF = "Anne Roux <anne.roux@courriel.test>"
TOWN = "Mairie <mairie@exemple.org>"


def decided(body: str, sender: Address | None = ANNE, **likely: float) -> Decision:
    message = text_message("Re: votre accueil", body)
    message = type(message)(**{name: getattr(message, name) for name in message.__slots__} | {"sender": sender})
    predictions = {
        "service": Prediction("voirie_eclairage", 0.9, (("voirie_eclairage", 0.9),), (), "m"),
        "nature": Prediction("relance", 0.9, (("relance", 0.9),), (), "m"),
    }
    if likely:
        ranking = tuple(sorted(likely.items(), key=lambda pair: -pair[1]))
        predictions["urgency"] = Prediction(ranking[0][0], ranking[0][1], ranking, (), "m")
    return decide(load_profile(), message, clean(message), predictions, (), date(2026, 1, 9))


def below(own: str, writer: str = HERSELF, text: str = CABLE) -> str:
    return f"{own}\n\n{QUOTE.format(writer=writer, text=text)}"


def test_the_danger_of_the_own_mail_below_counts_and_says_where_it_stands():
    found = decided(below(REMINDER), normale=0.98, critique=0.01)
    assert (found.urgency.level, found.action) == ("critique", "route")
    assert found.urgency.reasons[0].startswith("dans le message cité, ")
    assert "cable electrique denude" in found.urgency.reasons[0]


def test_the_same_reminder_alone_is_no_danger():
    assert decided(REMINDER).urgency.level == "normale"


@pytest.mark.parametrize(("writer", "sender"), [(TOWN, ANNE), (HERSELF, None)])
def test_what_somebody_else_wrote_below_does_not_count(writer, sender):
    assert decided(below(REMINDER, writer), sender).urgency.level == "normale"


def test_under_longer_own_words_the_mail_below_does_not_count():
    own = "Bonjour, je vous écris pour tout autre chose. " + "Je voudrais une place au marché de Noël. " * 4
    assert decided(below(own)).urgency.level == "normale"


def test_a_reminder_that_says_it_is_over_takes_the_danger_away():
    assert decided(below("Plus de danger, c'est réparé, merci.")).urgency.level == "normale"


def test_what_she_quotes_in_turn_does_not_count():
    text = "> Merci de votre réponse.\n>\n> " + QUOTE.format(writer=TOWN, text=CABLE).replace("\n", "\n> ")
    assert decided(below(REMINDER, text=text)).urgency.level == "normale"


def test_a_flag_of_the_own_mail_below_holds():
    found = decided(below("Est-ce fait ?", text="> Merci de noter notre nouveau RIB pour vos prochains règlements."))
    assert ("fovi" in found.flags, found.action) == (True, "review")
