"""Champion and challenger on the same held-out mails -> whether the challenger may be released, and why, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.classify.calibrate import lower_bound
from triage.classify.compare import Comparison, compare
from triage.classify.examples import Example
from triage.classify.model import Model
from triage.classify.scores import mcnemar
from triage.classify.train import DEFAULT_BUDGET
from triage.classify.verdicts import Evaluation

# Of 23 services with a few held-out mails each, some lose mails by chance: a loss counts that chance, were both models
# as good there, brings less often than this (one-sided, McNemar 1947). Four lost and none won count, three do not.
_CHANCE = 0.1
# Agents judge doubtful mail first, so that a model is right on less of it. At a third of its usual share something else
# is wrong: verdicts that all err the same way lie on both sides, and a model that learns them looks no worse.
_BELIEVABLE = 1 / 3


@dataclass(frozen=True)
class Bar:
    """What a challenger must reach.

    `margin`: by how much one service, or an axis beside the first, may get worse, in [0, 1]; what a service loses by
    chance is no evidence of anything and is allowed. `least`: held-out mails under which nothing can be said.
    `coverage`: how much less of the mail may be routed without a human, in [0, 1], by a champion within its budget.
    `overall`: how much less often the challenger may be right on the first axis, in [0, 1].
    """

    margin: float = 0.10
    least: int = 30
    coverage: float = 0.10
    overall: float = 0.0


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
    """Judge both on every axis: on the first, the challenger may not be worse than the bar allows, nor any label.

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
        before, after = _routed(compared.first), _routed(compared.second)
        wrongly = [wrong / max(1, count) for wrong, count in (before, after)]
        figures[axis] = compared.figures() | {"routed_error": wrongly}
        reasons += _overall(f"{axis}: ", compared, bar.margin if number else bar.overall)
        if number:
            continue
        reasons += _believable(axis, compared, challenger)
        if apart and len(apart) < len(labelled):
            reasons += _overall(f"{axis}, --judge-on alone: ", _last(compared, len(apart)), bar.overall)
        reasons += [*_by_label(axis, figures[axis], bar.margin), *_coverage(axis, figures[axis], bar)]
        reasons += _budget(axis, before, after, bar.margin)
    return Judgement(figures, tuple(reasons))


def _last(compared: Comparison, count: int) -> Comparison:
    """The comparison on the last texts alone."""
    sides = (Evaluation(one.axis, one.verdicts[-count:]) for one in (compared.first, compared.second))
    return Comparison(*sides)


def _routed(judged: Evaluation) -> tuple[int, int]:
    """How many mails no human sees first, after those of them that go to a wrong service."""
    routed = judged.arrays.routed
    return int((~judged.arrays.acceptable[routed]).sum()), int(routed.sum())


def _coverage(axis: str, figures: Mapping[str, Any], bar: Bar) -> list[str]:
    """A model that routes little is no better for being right, unless the champion routed more than it should."""
    before, after = figures["coverage"]
    if before - after <= bar.coverage or figures["routed_error"][0] > DEFAULT_BUDGET:
        return []
    return [f"{axis}: routes {after:.0%} of the mail instead of {before:.0%}: {bar.coverage:.0%} allowed"]


def _budget(axis: str, before: tuple[int, int], after: tuple[int, int], margin: float) -> list[str]:
    """The challenger's errors among what it routes: more than the budget and the champion's, surely or by the margin.

    Agents judge doubtful mail first, so both shares lie above those of all mail; that is why the champion's counts.
    """
    allowed = max(before[0] / max(1, before[1]), DEFAULT_BUDGET)
    share = after[0] / max(1, after[1])
    if share <= allowed + margin and lower_bound(*after) <= allowed:
        return []
    said = (
        f"{axis}: {after[0]} of the {after[1]} held-out mails it routes go wrong ({share:.1%}), the champion's "
        f"{before[0]} of {before[1]}: its error budget of {DEFAULT_BUDGET:.0%} is broken"
    )
    return [said]


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


def _believable(axis: str, compared: Comparison, challenger: Model) -> list[str]:
    """A reason where the verdicts contradict what the challenger learned, in which the base has most of the say."""
    usual = challenger.manifest.get("metrics", {}).get(axis, {}).get("accuracy", 0.0)
    right = compared.second.arrays.right.mean()
    if right >= _BELIEVABLE * usual:
        return []
    said = (
        f"{axis}: right on {right:.1%} of the held-out mails, and on {usual:.1%} in cross-validation: the verdicts "
        "contradict the base corpus: look at who gave them (`triage corrections list`)"
    )
    return [said]


def _by_label(axis: str, figures: Mapping[str, Any], margin: float) -> list[str]:
    reasons = []
    for row in figures["labels"]:
        lost = row["only_first"] - row["only_second"]
        by_chance = row["p_value"] / 2  # one-sided, as more are lost than won
        if lost > margin * row["rows"] and by_chance < _CHANCE:
            reasons.append(
                f"{axis} {row['name']}: {lost} more of {row['rows']} held-out mails wrong than with the champion "
                f"({row['first']:.0%} -> {row['second']:.0%}), more than the margin of {margin:.0%}"
            )
    return reasons
