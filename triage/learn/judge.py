"""Champion and challenger on the same held-out mails -> whether the challenger may be released, and why, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.classify.compare import Comparison, compare
from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.scores import mcnemar
from triage.classify.train import DEFAULT_BUDGET
from triage.classify.verdicts import Evaluation

# Among 23 services as good as before, with ten mails each, one easily loses two mails by chance.
_NO_EVIDENCE = 2


@dataclass(frozen=True)
class Bar:
    """What a challenger must reach.

    `margin`: by how much one service, or an axis beside the first, may get worse, in [0, 1]; two mails more wrong
    than before are no evidence of anything and are allowed. `least`: held-out mails under which nothing can be said.
    `coverage`: how much less of the mail may be routed without a human, in [0, 1].
    """

    margin: float = 0.10
    least: int = 30
    coverage: float = 0.10


@dataclass(frozen=True)
class Judgement:
    """`figures` of each axis (see classify.compare), `reasons` against the challenger: none, it may be released."""

    figures: Mapping[str, Any] = field(repr=False)
    reasons: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether the challenger may be released."""
        return not self.reasons


def judge(
    champion: Model,
    challenger: Model,
    held_out: Sequence[Example],
    axes: Sequence[str],
    bar: Bar,
    trusted: Sequence[Example] = (),
) -> Judgement:
    """Judge both on every axis: on the first, the challenger must not be worse, nor any label beyond the margin.

    Nor may it be worse on the `trusted` texts alone: agents' verdicts, held out or not, may be wrong or malicious.
    """
    figures: dict[str, Any] = {}
    reasons: list[str] = []
    for number, axis in enumerate(axes):
        apart = [example for example in trusted if axis in example.labels]
        labelled = [example for example in held_out if axis in example.labels] + apart
        if not labelled:
            continue
        compared = compare(champion, challenger, labelled, axis)
        figures[axis] = compared.figures() | {
            "routed_error": [_routed_error(compared.first), _routed_error(compared.second)]
        }
        reasons += _overall(f"{axis}: ", compared, bar.margin if number else 0.0)
        if number:
            continue
        if apart and len(apart) < len(labelled):
            reasons += _overall(f"{axis}, --judge-on alone: ", _last(compared, len(apart)), 0.0)
        reasons += [*_by_label(axis, figures[axis], bar.margin), *_routing(axis, figures[axis], bar)]
    return Judgement(figures, tuple(reasons))


def _last(compared: Comparison, count: int) -> Comparison:
    """The comparison on the last texts alone."""
    sides = (Evaluation(one.axis, one.verdicts[-count:]) for one in (compared.first, compared.second))
    return Comparison(*sides)


def _routed_error(judged: Evaluation) -> float:
    """Share of wrong services among the mail that no human sees first; 0 where nothing is routed."""
    routed = judged.arrays.routed
    return float((~judged.arrays.acceptable[routed]).mean()) if routed.any() else 0.0


def _routing(axis: str, figures: Mapping[str, Any], bar: Bar) -> list[str]:
    """What the thresholds do: a model that routes nothing, or far more wrongly, is no better for being right."""
    reasons = []
    before, after = figures["coverage"]
    if before - after > bar.coverage:
        reasons.append(f"{axis}: routes {after:.0%} of the mail instead of {before:.0%}: {bar.coverage:.0%} allowed")
    wrong_before, wrong_after = figures["routed_error"]
    if wrong_after > max(wrong_before, DEFAULT_BUDGET) + bar.margin:
        reasons.append(
            f"{axis}: {wrong_after:.1%} of what it routes is wrong instead of {wrong_before:.1%}: at most "
            f"{max(wrong_before, DEFAULT_BUDGET) + bar.margin:.1%} are allowed"
        )
    return reasons


def _overall(name: str, compared: Comparison, margin: float) -> list[str]:
    before, after = compared.first.arrays.right, compared.second.arrays.right
    only_first, only_second = int((before & ~after).sum()), int((after & ~before).sum())
    if only_first - only_second <= margin * len(before) + 1e-9:
        return []
    allowed = f"more than the {margin:.0%} allowed" if margin else "and it may not be worse"
    said = (
        f"{name}right on {after.mean():.1%} of {len(before)} held-out mails where the champion is on "
        f"{before.mean():.1%} (only the champion right {only_first}, only the challenger {only_second}, "
        f"p = {mcnemar(only_first, only_second):.2g}), {allowed}"
    )
    return [said]


def _by_label(axis: str, figures: Mapping[str, Any], margin: float) -> list[str]:
    reasons = []
    for row in figures["labels"]:
        lost = row["only_first"] - row["only_second"]
        if lost > max(_NO_EVIDENCE, int(margin * row["rows"])):
            reasons.append(
                f"{axis} {row['name']}: {lost} more of {row['rows']} held-out mails wrong than with the champion "
                f"({row['first']:.0%} -> {row['second']:.0%}), more than the margin of {margin:.0%}"
            )
    return reasons
