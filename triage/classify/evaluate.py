"""How good a model is: on labelled texts it never saw, or by cross-validation of its recipe."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.classify.calibrate import expected_calibration_error
from triage.classify.examples import Example, folds, with_axis
from triage.classify.features import Floats
from triage.classify.model import Model
from triage.classify.train import Settings, train
from triage.errors import CorpusError


@dataclass(frozen=True)
class Verdict:
    """One example beside what the model said; `ranking` holds (label, probability), best first."""

    example: Example
    expected: str
    predicted: str
    confidence: float
    routed: bool
    ranking: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[str, float], ...] = field(repr=False, default=())


@dataclass(frozen=True)
class Evaluation:
    """Verdicts of one axis, and the figures drawn from them."""

    axis: str
    verdicts: tuple[Verdict, ...]

    @property
    def errors(self) -> list[Verdict]:
        """Wrong verdicts, the most confident first."""
        return sorted((v for v in self.verdicts if v.predicted != v.expected), key=lambda v: -v.confidence)

    def figures(self) -> dict[str, Any]:
        """All figures as JSON-ready values; shares and scores in [0, 1]."""
        right, confidence, routed = self._arrays()
        routed_count = int(routed.sum())
        acceptable = [v.predicted == v.expected or v.predicted in v.example.acceptable for v in self.verdicts]
        top3 = [v.expected in [label for label, _ in v.ranking[:3]] for v in self.verdicts]
        classes = self._classes()
        return {
            "axis": self.axis,
            "rows": len(self.verdicts),
            "accuracy": float(right.mean()),
            "accuracy_interval": _bootstrap(right),
            "macro_f1": float(np.mean([row["f1"] for row in classes.values()])),
            "top3": float(np.mean(top3)),
            "acceptable": float(np.mean(acceptable)),
            "coverage": routed_count / len(self.verdicts),
            "routed_accuracy": float(right[routed].mean()) if routed_count else None,
            "expected_calibration_error": expected_calibration_error(confidence, right),
            "classes": classes,
            "confusions": self._confusions(),
        }

    def _arrays(self) -> tuple[NDArray[np.bool_], Floats, NDArray[np.bool_]]:
        return (
            np.array([v.predicted == v.expected for v in self.verdicts]),
            np.array([v.confidence for v in self.verdicts]),
            np.array([v.routed for v in self.verdicts]),
        )

    def _classes(self) -> dict[str, dict[str, float]]:
        expected = Counter(v.expected for v in self.verdicts)
        predicted = Counter(v.predicted for v in self.verdicts)
        hits = Counter(v.expected for v in self.verdicts if v.expected == v.predicted)
        return {
            label: {
                "precision": hits[label] / predicted[label] if predicted[label] else 0.0,
                "recall": hits[label] / expected[label] if expected[label] else 0.0,
                "f1": 2 * hits[label] / (expected[label] + predicted[label]),
                "rows": expected[label],
            }
            for label in sorted(expected | predicted)
        }

    def _confusions(self, most: int = 15) -> list[dict[str, Any]]:
        pairs = Counter((v.expected, v.predicted) for v in self.verdicts if v.expected != v.predicted)
        return [{"expected": e, "predicted": p, "rows": n} for (e, p), n in pairs.most_common(most)]


def evaluate(model: Model, examples: Sequence[Example], axis: str) -> Evaluation:
    """Judge a model on labelled texts. Raises CorpusError when the model does not know the axis."""
    if axis not in model.axes:
        raise CorpusError(f"the model has no axis {axis!r} (it has {', '.join(model.axes)}): choose another --axis")
    labelled = [example for example in examples if axis in example.labels]
    if not labelled:
        raise CorpusError(f"no row of the corpus is labelled on axis {axis!r}: choose another --axis or another corpus")
    predictions = model.predict([example.text for example in labelled])
    verdicts = [
        Verdict(
            example=example,
            expected=example.labels[axis],
            predicted=found[axis].ranking[0][0],
            confidence=found[axis].confidence,
            routed=found[axis].label is not None,
            ranking=found[axis].ranking,
            evidence=found[axis].evidence,
        )
        for example, found in zip(labelled, predictions, strict=True)
    ]
    return Evaluation(axis, tuple(verdicts))


def cross_validate(
    examples: Sequence[Example], axis: str, count: int, settings: Settings, report: Callable[[str], None]
) -> Evaluation:
    """Train on all folds but one and judge on the one, `count` times: nothing learned ever sees it."""
    labelled = with_axis(examples, axis)
    if not 2 <= count <= len(labelled):
        raise CorpusError(f"--cv {count} cannot split {len(labelled)} rows: choose between 2 and {len(labelled)}")
    fold = folds(labelled, axis, count, settings.seed)
    verdicts: list[Verdict] = []
    for part in range(count):
        report(f"fold {part + 1} of {count}")
        model = train([e for e, f in zip(labelled, fold, strict=True) if f != part], [axis], settings, lambda _: None)
        verdicts += evaluate(model, [e for e, f in zip(labelled, fold, strict=True) if f == part], axis).verdicts
    return Evaluation(axis, tuple(verdicts))


def _bootstrap(right: NDArray[np.bool_], draws: int = 1000) -> list[float]:
    """95 % percentile bootstrap interval of the accuracy (Efron, 1979), seeded."""
    generator = np.random.default_rng(0)
    means = right[generator.integers(0, len(right), (draws, len(right)))].mean(axis=1)
    return [float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))]
