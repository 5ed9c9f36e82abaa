"""What a model said of labelled texts, and every figure drawn from it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from triage.classify.calibrate import expected_calibration_error, upper_bound
from triage.classify.curves import Bools, Floats, budget_coverage, reliability, risk_coverage
from triage.classify.examples import Example
from triage.classify.scores import Labels, macro_f1, percentile_interval, resamples, wilson_interval

_SCALE = ("none", "clean", "some", "noisy", "all")


@dataclass(frozen=True)
class Verdict:
    """One example beside what the model said; `ranking` holds (label, probability), best first.

    `abstention` says in French why nothing was `routed`.
    """

    example: Example
    expected: str
    predicted: str
    confidence: float
    routed: bool
    ranking: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[str, float], ...] = field(repr=False, default=())
    abstention: str = ""

    @property
    def right(self) -> bool:
        """Whether the first label is the expected one."""
        return self.predicted == self.expected

    @property
    def acceptable(self) -> bool:
        """Whether the first label is the expected one, or one a competent colleague would accept."""
        return self.right or self.predicted in self.example.acceptable

    @property
    def rank(self) -> int | None:
        """Place of the expected label in the ranking, from 1; None for a label the model does not know."""
        return next((place for place, (label, _) in enumerate(self.ranking, 1) if label == self.expected), None)


class Arrays(NamedTuple):
    """The verdicts as arrays of shape (texts,)."""

    right: Bools
    acceptable: Bools
    top3: Bools
    routed: Bools
    confidence: Floats
    expected: Labels
    predicted: Labels


@dataclass(frozen=True)
class Evaluation:
    """Verdicts of one axis, and the figures drawn from them."""

    axis: str
    verdicts: tuple[Verdict, ...]

    @property
    def errors(self) -> list[Verdict]:
        """Wrong verdicts, the most confident first."""
        return sorted((v for v in self.verdicts if not v.right), key=lambda v: -v.confidence)

    @cached_property
    def arrays(self) -> Arrays:
        """The verdicts as arrays; a label's number is its place in the sorted list of all labels met."""
        names = sorted({name for v in self.verdicts for name in (v.expected, v.predicted)})
        number = {name: i for i, name in enumerate(names)}
        return Arrays(
            right=np.array([v.right for v in self.verdicts]),
            acceptable=np.array([v.acceptable for v in self.verdicts]),
            top3=np.array([v.rank is not None and v.rank <= 3 for v in self.verdicts]),
            routed=np.array([v.routed for v in self.verdicts]),
            confidence=np.array([v.confidence for v in self.verdicts]),
            expected=np.array([number[v.expected] for v in self.verdicts]),
            predicted=np.array([number[v.predicted] for v in self.verdicts]),
        )

    def figures(self) -> dict[str, Any]:
        """All figures as JSON-ready values; shares and scores in [0, 1]."""
        a = self.arrays
        return {
            "axis": self.axis,
            "rows": len(self.verdicts),
            "accuracy": float(a.right.mean()),
            "macro_f1": macro_f1(a.expected, a.predicted),
            **self._intervals(),
            "top3": float(a.top3.mean()),
            "acceptable": float(a.acceptable.mean()),
            "first_or_second": self._first_or_second(),
            "coverage": float(a.routed.mean()),
            "routed_accuracy": _mean(a.right[a.routed]),
            "abstention": self._abstention(),
            "expected_calibration_error": expected_calibration_error(a.confidence, a.right),
            "reliability": reliability(a.confidence, a.right),
            "risk_coverage": risk_coverage(a.confidence, a.acceptable),
            "budgets": budget_coverage(a.confidence, a.acceptable),
            "classes": self._classes(),
            "confusions": self._confusions(),
            "subgroups": self.subgroups(),
        }

    def _intervals(self) -> dict[str, Any]:
        a = self.arrays
        samples = list(resamples(len(self.verdicts)))
        return {
            "accuracy_interval": percentile_interval([float(a.right[s].mean()) for s in samples]),
            "macro_f1_interval": percentile_interval([macro_f1(a.expected[s], a.predicted[s]) for s in samples]),
        }

    def _first_or_second(self) -> dict[str, Any] | None:
        """A mail with two requests is also served by the service of the second one."""
        double = [v for v in self.verdicts if v.example.secondary]
        if not double:
            return None
        served = [v.right or v.predicted in v.example.secondary for v in self.verdicts]
        of_double = [v.right or v.predicted in v.example.secondary for v in double]
        return {
            "share": _mean(np.array(served)),
            "double_rows": len(double),
            "double_share": _mean(np.array(of_double)),
        }

    def _abstention(self) -> dict[str, Any]:
        """What the model's own threshold does: errors let through, and what the mail desk is left with."""
        a = self.arrays
        routed, wrong = int(a.routed.sum()), int((a.routed & ~a.acceptable).sum())
        return {
            "routed": routed,
            "routed_acceptable": _mean(a.acceptable[a.routed]),
            "routed_error_bound": upper_bound(wrong, routed),
            "abstained": int((~a.routed).sum()),
            "abstained_accuracy": _mean(a.right[~a.routed]),
            "abstained_top3": _mean(a.top3[~a.routed]),
        }

    def _classes(self) -> dict[str, dict[str, float]]:
        expected = Counter(v.expected for v in self.verdicts)
        predicted = Counter(v.predicted for v in self.verdicts)
        hits = Counter(v.expected for v in self.verdicts if v.right)
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
        pairs = Counter((v.expected, v.predicted) for v in self.verdicts if not v.right)
        return [{"expected": e, "predicted": p, "rows": n} for (e, p), n in pairs.most_common(most)]

    def groups(self) -> dict[tuple[str, str], list[int]]:
        """Places in `verdicts` of each subgroup (trait, value), in order; a trait all texts share is left out."""
        found: dict[tuple[str, str], list[int]] = {}
        for i, verdict in enumerate(self.verdicts):
            for key in verdict.example.traits.items():
                found.setdefault(key, []).append(i)
        values = Counter(trait for trait, _ in found)
        traits = list(values)
        kept = [key for key in found if values[key[0]] > 1]
        return {key: found[key] for key in sorted(kept, key=lambda key: (traits.index(key[0]), _in_order(key[1])))}

    def subgroups(self) -> list[dict[str, Any]]:
        """The figures of every subgroup."""
        a = self.arrays
        return [
            {
                "trait": trait,
                "value": value,
                "rows": len(rows),
                "accuracy": float(a.right[rows].mean()),
                "accuracy_interval": wilson_interval(int(a.right[rows].sum()), len(rows)),
                "acceptable": float(a.acceptable[rows].mean()),
                "coverage": float(a.routed[rows].mean()),
                "routed_accuracy": _mean(a.right[rows][a.routed[rows]]),
            }
            for (trait, value), rows in self.groups().items()
        ]


def _in_order(value: str) -> tuple[int, int, str]:
    """Sort key of a trait's values: none, some, all; « 11-30 » before « 101+ »; else by name."""
    digits = value[: len(value) - len(value.lstrip("0123456789"))]
    return (_SCALE.index(value) if value in _SCALE else -1, int(digits) if digits else -1, value)


def _mean(values: Bools) -> float | None:
    return float(values.mean()) if len(values) else None
