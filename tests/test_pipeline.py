"""What the chain hands from one stage to the next."""

from dataclasses import dataclass

from triage.pipeline import Engine, process
from triage.profile import load_profile
from triage.types import Prediction, RawMessage

MAIL = RawMessage(
    "file:1.eml", b"From: a@example.fr\r\nSubject: salle\r\n\r\nJe voudrais la salle du lavoir.\r\n", None
)


@dataclass
class Said:
    """A model that says the same of every text."""

    urgency: dict[str, float] | None
    id: str = "m"

    def predict(self, texts):
        found = {"service": prediction({"culture_sport_asso": 0.9, "etat_civil": 0.1})}
        if self.urgency:
            found["urgency"] = prediction(self.urgency)
        return [found for _ in texts]


def prediction(ranking):
    ordered = tuple(sorted(ranking.items(), key=lambda pair: -pair[1]))
    return Prediction(ordered[0][0], ordered[0][1], ordered, (("salle", 1.0),), "m")


def decision(urgency):
    return process(Engine(load_profile(), Said(urgency)), [MAIL])[0].decision


def test_the_models_urgency_reaches_the_decision():
    found = decision({"critique": 0.95, "normale": 0.05})
    assert (found.urgency.level, found.action) == ("critique", "route")
    assert found.urgency.reasons == ("le modèle reconnaît un danger : « salle »",)


def test_a_model_without_urgency_or_nature_leaves_both_to_the_rules():
    found = decision(None)
    assert (found.urgency.level, found.nature) == ("normale", None)
