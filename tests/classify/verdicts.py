"""Verdicts made by hand, for tests whose figures can be checked with a pencil."""

from triage.classify.examples import Example
from triage.classify.verdicts import Evaluation, Verdict


def verdict(expected, predicted, confidence, routed=True, text="Objet\nTexte", **example) -> Verdict:
    """A verdict whose ranking holds the prediction, then the expected label, then « z »."""
    rest = [label for label in dict.fromkeys((predicted, expected, "z")) if label != predicted]
    shares = [confidence, *((1 - confidence) / len(rest) for _ in rest)]
    example.setdefault("id", f"{expected}-{predicted}-{confidence}")
    return Verdict(
        Example(text=text, labels={"service": expected}, **example),
        expected,
        predicted,
        confidence,
        routed,
        tuple(zip([predicted, *rest], shares, strict=True)),
        (("lampadaire", 1.25), ("bonjour", -0.5)),
        "" if routed else f"confiance {confidence:.2f} sous le seuil 0.50",
    )


def evaluation(*verdicts) -> Evaluation:
    return Evaluation("service", verdicts)
