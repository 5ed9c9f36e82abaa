"""Two models on the same labelled texts -> which is right more often, how sure that is, and who wins where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from triage.classify.curves import Bools
from triage.classify.evaluate import evaluate
from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.scores import holm, macro_f1, mcnemar, percentile_interval, resamples
from triage.classify.verdicts import Arrays, Evaluation, Verdict

LEVEL = 0.05  # under this p-value a difference is called one


@dataclass(frozen=True)
class Comparison:
    """The verdicts of two models, A first, on the same examples in the same order."""

    first: Evaluation
    second: Evaluation

    def figures(self) -> dict[str, Any]:
        """All figures as JSON-ready values; differences are B minus A, in [-1, 1]."""
        a, b = self._arrays()
        tested = _tested("all texts", a.right, b.right)
        return {
            "axis": self.first.axis,
            "rows": len(a.right),
            "accuracy": [float(a.right.mean()), float(b.right.mean())],
            "macro_f1": [macro_f1(a.expected, a.predicted), macro_f1(b.expected, b.predicted)],
            "acceptable": [float(a.acceptable.mean()), float(b.acceptable.mean())],
            "coverage": [float(a.routed.mean()), float(b.routed.mean())],
            **self._intervals(),
            "only_first": tested["only_first"],
            "only_second": tested["only_second"],
            "p_value": tested["p_value"],
            "winner": _winner(tested, tested["p_value"]),
            "labels": self._labels(),
            "subgroups": self._subgroups(),
            "differing": len(self.differences()),
        }

    def differences(self) -> list[tuple[Verdict, Verdict]]:
        """Verdicts with different first labels: where one model alone is right come first, then the most confident."""
        pairs = zip(self.first.verdicts, self.second.verdicts, strict=True)
        return sorted(
            ((a, b) for a, b in pairs if a.predicted != b.predicted),
            key=lambda pair: (pair[0].right == pair[1].right, -max(v.confidence for v in pair)),
        )

    def _arrays(self) -> tuple[Arrays, Arrays]:
        return self.first.arrays, self.second.arrays

    def _intervals(self) -> dict[str, Any]:
        """Paired bootstrap: both models are judged on the same resampled texts."""
        a, b = self._arrays()
        samples = list(resamples(len(a.right)))
        gain = b.right.astype(int) - a.right
        return {
            "accuracy_difference": float(gain.mean()),
            "accuracy_difference_interval": percentile_interval([float(gain[s].mean()) for s in samples]),
            "macro_f1_difference_interval": percentile_interval(
                [macro_f1(b.expected[s], b.predicted[s]) - macro_f1(a.expected[s], a.predicted[s]) for s in samples]
            ),
        }

    def _labels(self) -> list[dict[str, Any]]:
        members: dict[str, list[int]] = {}
        for i, verdict in enumerate(self.first.verdicts):
            members.setdefault(verdict.expected, []).append(i)
        return self._compared({(label,): members[label] for label in sorted(members)})

    def _subgroups(self) -> list[dict[str, Any]]:
        return self._compared(self.first.groups())

    def _compared(self, members: dict[Any, list[int]]) -> list[dict[str, Any]]:
        """One row for each part; winners are named on p-values corrected for the number of parts."""
        a, b = self._arrays()
        rows = [_tested(" : ".join(name), a.right[part], b.right[part]) for name, part in members.items()]
        corrected = holm([row["p_value"] for row in rows])
        return [row | {"winner": _winner(row, p)} for row, p in zip(rows, corrected, strict=True)]


def compare(first: Model, second: Model, examples: Sequence[Example], axis: str) -> Comparison:
    """Judge both models on the same texts. Raises CorpusError when one does not know the axis."""
    return Comparison(evaluate(first, examples, axis), evaluate(second, examples, axis))


def _tested(name: str, first: Bools, second: Bools) -> dict[str, Any]:
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    return {
        "name": name,
        "rows": len(first),
        "first": float(first.mean()),
        "second": float(second.mean()),
        "only_first": only_first,
        "only_second": only_second,
        "p_value": mcnemar(only_first, only_second),
    }


def _winner(row: dict[str, Any], p_value: float) -> str | None:
    """`first` or `second` where the difference is established, else None."""
    if p_value >= LEVEL:
        return None
    return "first" if row["only_first"] > row["only_second"] else "second"
