"""How good a model is: on labelled texts it never saw, or by cross-validation of its recipe."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from triage.classify.examples import Example, folds, with_axis
from triage.classify.model import Model
from triage.classify.scores import macro_f1
from triage.classify.train import Settings, train
from triage.classify.verdicts import Evaluation, Verdict
from triage.errors import CorpusError

__all__ = ["Evaluation", "Verdict", "cross_validate", "evaluate", "learning_curve"]

LEARNING_SHARES = (0.125, 0.25, 0.5)


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
            abstention=found[axis].abstention,
        )
        for example, found in zip(labelled, predictions, strict=True)
    ]
    return Evaluation(axis, tuple(verdicts))


def cross_validate(
    examples: Sequence[Example],
    axis: str,
    count: int,
    settings: Settings,
    report: Callable[[str], None],
    share: float = 1.0,
) -> Evaluation:
    """Train on all folds but one and judge on the one, `count` times: nothing learned ever sees it.

    With a `share` under 1, only that part of each label's training texts is learned (see learning_curve).
    """
    labelled = with_axis(examples, axis)
    if not 2 <= count <= len(labelled):
        raise CorpusError(f"--cv {count} cannot split {len(labelled)} rows: choose between 2 and {len(labelled)}")
    fold = folds(labelled, axis, count, settings.seed)
    verdicts: list[Verdict] = []
    for part in range(count):
        report(f"fold {part + 1} of {count}")
        learned = _part([e for e, f in zip(labelled, fold, strict=True) if f != part], axis, share, settings.seed)
        model = train(learned, [axis], settings, lambda _: None)
        verdicts += evaluate(model, [e for e, f in zip(labelled, fold, strict=True) if f == part], axis).verdicts
    return Evaluation(axis, tuple(verdicts))


def learning_curve(
    examples: Sequence[Example],
    whole: Evaluation,
    count: int,
    settings: Settings,
    report: Callable[[str], None],
) -> list[dict[str, float]]:
    """Figures against the texts learned from; `whole` is the cross-validation with all of them, the last point."""
    found = []
    for share in (*LEARNING_SHARES, 1.0):
        report(f"learning curve: {share:.1%} of the training texts")
        judged = whole if share == 1 else cross_validate(examples, whole.axis, count, settings, lambda _: None, share)
        a = judged.arrays
        rows = len(whole.verdicts) * (count - 1) / count * share
        point = {"share": share, "rows": round(rows), "accuracy": a.right.mean(), "acceptable": a.acceptable.mean()}
        found.append({k: float(v) for k, v in point.items()} | {"macro_f1": macro_f1(a.expected, a.predicted)})
    return found


def _part(examples: Sequence[Example], axis: str, share: float, seed: int) -> list[Example]:
    """A share of each label's examples, at least one, drawn at random; a smaller share is part of a larger one."""
    if share >= 1:
        return list(examples)
    drawn = np.random.default_rng(seed).permutation(len(examples))
    wanted = {label: max(1, round(share * n)) for label, n in Counter(e.labels[axis] for e in examples).items()}
    taken: Counter[str] = Counter()
    kept = []
    for i in drawn:
        label = examples[i].labels[axis]
        taken[label] += 1
        if taken[label] <= wanted[label]:
            kept.append(int(i))
    return [examples[i] for i in sorted(kept)]
