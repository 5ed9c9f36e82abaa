"""Examples -> Model: a balanced linear classifier for each axis, calibrated out of fold, and a second stage above."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from triage.classify import encoder
from triage.classify.calibrate import (
    Promise,
    describe,
    expected_calibration_error,
    keep_budget,
    observed_within,
    promises_by_label,
)
from triage.classify.examples import Example, with_axis
from triage.classify.features import Featurizer
from triage.classify.fit_flags import Learned, learn_flags
from triage.classify.flags import FLAGS
from triage.classify.heldout import Features, Truth, calibrated, held_out_scores, noisy_texts
from triage.classify.linear import Fitted, Learner, Numbers, fit
from triage.classify.model import Axis, Model, Second, Temperature
from triage.classify.novelty import learn_bounds
from triage.classify.second import Reread, Stacked, reread, stack
from triage.classify.usual import Told, Usual, usual_of, words_of
from triage.classify.vocabulary import Floats
from triage.errors import CorpusError

# Under this many rows a term needs three texts of distinct senders, else five: no model holds personal data.
SMALL_CORPUS = 5_000
DEFAULT_BUDGET = 0.10
# The first axis routes. The others help an agent who reads the mail anyway, and even readers differ (16 % on natures).
HINT_BUDGET = 0.25
DEFAULT_LEARNER = Learner("ridge", 1.0)
# Share of the mail the second stage reads again, chosen from the curve that benchmarks/cascade.py prints.
DEFAULT_REREAD = 0.3
# With fewer texts nothing can be said of the second stage.
_LEAST_FOR_SECOND = 100

Report = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How to train. `budget` is the promised error among routed mail (None: no promise asked, `default_budget`
    is tried); it holds for the first axis, the others being hints.

    `noisy_copies` of each text, with typing errors or in SMS spelling, are learned beside it. `encoder` adds the second
    stage (None: where the extra is installed), which reads the share `reread` of the mail again. `flags` learns those
    that examples say, too.
    """

    folds: int = 5
    seed: int = 20_260_101
    budget: float | None = None
    default_budget: float = DEFAULT_BUDGET
    threshold: float | None = None
    noisy_copies: int = 2
    learner: Learner = DEFAULT_LEARNER
    encoder: bool | None = None
    reread: float = DEFAULT_REREAD
    flags: bool = False

    @property
    def with_encoder(self) -> bool:
        """Whether to train a second stage."""
        return encoder.installed() if self.encoder is None else self.encoder


@dataclass(frozen=True)
class _First:
    """The first stage of one axis: `numbers` are its examples' places among all, `scores` its held-out ones."""

    truth: Truth
    numbers: Numbers
    fitted: Fitted
    scores: Floats
    temperature: Temperature
    probabilities: Floats


class _Finished(NamedTuple):
    """An axis, its figures, and the held-out probabilities of all stages, shape (its examples, labels)."""

    axis: Axis
    metrics: dict[str, Any]
    probabilities: Floats


def train(examples: Sequence[Example], axes: Sequence[str], settings: Settings, report: Report) -> Model:
    """Fit one model for all axes. Raises CorpusError when an axis cannot be learned."""
    if settings.flags and FLAGS in axes:
        raise CorpusError(f"axis {FLAGS!r} would be taken for the flags: rename it, or leave --flags out")
    examples = _usable(examples, axes, report)
    texts = [example.text for example in examples]
    report(f"vocabulary: terms found in at least {least_texts(examples)} texts of distinct senders")
    featurizer = learn_features(examples, settings)
    features = Features.of(texts, featurizer, settings.noisy_copies, settings.seed)
    firsts = {axis: _first_stage(examples, axis, features, settings, report) for axis in axes}
    main = firsts[axes[0]]
    twice = settings.with_encoder and len(texts) >= _LEAST_FOR_SECOND
    again = _reread(texts, main, settings, report) if twice else None
    hints = replace(settings, budget=None, default_budget=HINT_BUDGET)
    fitted = {
        axis: _finished(axis, first, again, settings if axis == axes[0] else hints, report)
        for axis, first in firsts.items()
    }
    flagged = _flagged(examples, features, settings, report) if settings.flags else None
    return Model(
        id="",
        vocabulary=featurizer.vocabulary,
        axes={axis: found.axis for axis, found in fitted.items()},
        bounds=learn_bounds([texts[i] for i in main.numbers], main.truth.fold, least_texts(examples)),
        reread_below=again.below if again else 0.0,
        usual=_usual(examples, main, fitted[axes[0]].probabilities, settings.seed),
        manifest={
            **_described(examples, axes, settings),
            **({"encoder": {**encoder.identity(), "reread": settings.reread}} if again else {}),
            "metrics": {axis: found.metrics for axis, found in fitted.items()},
            **({"flag_metrics": flagged.metrics} if flagged else {}),
        },
        flags=flagged.flags if flagged else None,
    )


def _flagged(examples: Sequence[Example], features: Features, settings: Settings, report: Report) -> Learned:
    found = learn_flags(examples, features, settings.learner, settings.folds, settings.seed)
    for name, figures in found.metrics.items():
        report(
            f"flag {name}: {figures['texts']} texts, cross-validated precision {figures['precision']:.2f}, "
            f"recall {figures['recall']:.2f}"
        )
    return found


def _described(examples: Sequence[Example], axes: Sequence[str], settings: Settings) -> dict[str, Any]:
    """When, from what and how a model was trained, for its manifest; a text that counts twice is one text."""
    once = [example for example in examples if not example.repeat]
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "rows": len(once),
            "origins": dict(Counter(example.origin for example in once)),
            "counts": {
                axis: dict(Counter(e.labels[axis] for e in once if axis in e.labels).most_common()) for axis in axes
            },
            "least_texts_per_term": least_texts(examples),
            "seed": settings.seed,
        },
        "settings": {
            "method": settings.learner.kind,
            "cost": settings.learner.cost,
            "noisy_copies": settings.noisy_copies,
            "folds": settings.folds,
        },
    }


def _usable(examples: Sequence[Example], axes: Sequence[str], report: Report) -> list[Example]:
    """The examples labelled on one of the axes."""
    kept = [example for example in examples if any(axis in example.labels for axis in axes)]
    if not kept:
        raise CorpusError(f"the corpus holds no row labelled on {', '.join(axes)}: nothing to train on")
    if len(kept) < len(examples):
        report(f"{len(examples) - len(kept)} rows without a label on {', '.join(axes)} are left out")
    return kept


def least_texts(examples: Sequence[Example]) -> int:
    """In how many texts of distinct senders a term must occur."""
    return 3 if len(examples) < SMALL_CORPUS else 5


def learn_features(examples: Sequence[Example], settings: Settings) -> Featurizer:
    """The features of a corpus and its noisy copies; a text without a sender counts as a sender of its own."""
    senders = [example.sender or f"\0{i}" for i, example in enumerate(examples)]
    texts = [example.text for example in examples]
    copies = noisy_texts(texts, settings.noisy_copies, settings.seed)
    return Featurizer.learn([*texts, *copies], senders * (1 + settings.noisy_copies), least_texts(examples))


def _first_stage(
    examples: Sequence[Example], axis: str, features: Features, settings: Settings, report: Report
) -> _First:
    labelled = with_axis(examples, axis)
    counts = Counter(example.labels[axis] for example in labelled if not example.repeat)
    report(f"{axis}: {counts.total()} texts, {len(counts)} labels")
    if small := sorted(label for label, count in counts.items() if count < settings.folds):
        report(f"{axis}: labels with fewer than {settings.folds} texts are hardly learned: {', '.join(small)}")
    numbers = np.array([i for i, example in enumerate(examples) if axis in example.labels])
    own = features.chosen(numbers)
    truth = Truth.of(labelled, axis, settings.folds, settings.seed)
    scores = held_out_scores(own, truth, settings.learner, settings.seed)
    learned = own.learned(np.ones(len(labelled), dtype=bool), truth.numbers)
    fitted = fit(*learned, len(truth.labels), settings.learner, settings.seed, own.repeated)
    return _First(truth, numbers, fitted, scores, *calibrated(scores, truth))


def _reread(texts: Sequence[str], main: _First, settings: Settings, report: Report) -> Reread:
    """Confidence of the first axis decides what is read again; texts it has no label for count as sure."""
    report(f"second stage: reading texts again with {encoder.PACKAGE}")
    confidence = np.ones(len(texts))
    confidence[main.numbers] = main.probabilities.max(axis=1)

    def step(done: int) -> None:
        if done % 512 == 0:
            report(f"second stage: {done} texts read")

    return reread(texts, confidence, settings.reread, settings.seed, step)


def _finished(axis: str, first: _First, again: Reread | None, settings: Settings, report: Report) -> _Finished:
    """The axis as the model keeps it, and what its held-out predictions say."""
    both = None
    if again and again.unsure[first.numbers].sum() >= _LEAST_FOR_SECOND // 5:
        both = stack(
            first.temperature.scaled(first.scores),
            first.probabilities,
            first.truth,
            again,
            first.numbers,
            settings.seed,
        )
    counted = first.truth.counted
    truth, before = first.truth.chosen(counted), first.probabilities[counted]
    probabilities = both.probabilities[counted] if both else before
    alone = _promise(truth, before, settings)
    promise = _promise(truth, probabilities, settings)
    own = _labels_promised(truth, probabilities, promise, settings)
    stricter = {label: found.threshold for label, found in own.items() if found.threshold > promise.threshold}
    metrics = _metrics(truth, probabilities, promise, settings, stricter)
    if both:
        metrics["first_stage"] = _metrics(truth, before, alone, settings)
    report(_sentence(axis, metrics))
    found = Axis(
        labels=first.truth.labels,
        coefficients=first.fitted.coefficients.astype(np.float32),
        intercepts=first.fitted.intercepts.astype(np.float32),
        temperature=first.temperature,
        threshold=alone.threshold,
        stricter=stricter,
        second=_second(both, promise.threshold) if both else None,
    )
    metrics["labels"] = {label: _shown(one) for label, one in own.items()}
    return _Finished(found, metrics, both.probabilities if both else first.probabilities)


def _usual(examples: Sequence[Example], main: _First, probabilities: Floats, seed: int) -> dict[str, Usual]:
    """What later mail is compared with: the texts of the first axis that figures count."""
    told = []
    for i in np.flatnonzero(main.truth.counted):
        example = examples[main.numbers[i]]
        label = main.truth.labels[probabilities[i].argmax()]
        told.append(Told(words_of(example.text), example.sender or example.id, label, float(probabilities[i].max())))
    return usual_of(told, least_texts(examples), seed)


def _second(both: Stacked, threshold: float) -> Second:
    return Second(
        coefficients=both.fitted.coefficients.astype(np.float32),
        intercepts=both.fitted.intercepts.astype(np.float32),
        weights=both.weights,
        threshold=threshold,
    )


def _promise(truth: Truth, probabilities: Floats, settings: Settings) -> Promise:
    confidence, right = truth.judged(probabilities)
    budget = settings.default_budget if settings.budget is None else settings.budget
    if settings.threshold is not None:
        return describe(confidence, right, settings.threshold, budget)
    promise = keep_budget(confidence, right, budget)
    if settings.budget is None and not promise.kept:
        observed = observed_within(confidence, right, budget)
        return describe(confidence, right, observed, budget)._replace(kept=False)
    return promise


def _labels_promised(truth: Truth, probabilities: Floats, promise: Promise, settings: Settings) -> dict[str, Promise]:
    """What may be promised of each label; nothing where nothing is promised of all texts."""
    if not promise.kept or settings.threshold is not None:
        return {}
    confidence, right = truth.judged(probabilities)
    asked, budget = settings.budget is not None, settings.budget or settings.default_budget
    given = probabilities.argmax(axis=1)
    found = promises_by_label(confidence, right, given, promise.threshold, budget, asked=asked)
    return {truth.labels[number]: own for number, own in found.items()}


def _shown(promise: Promise) -> dict[str, Any]:
    return {key: round(value, 4) for key, value in promise._asdict().items()} | {"kept": bool(promise.kept)}


def _metrics(
    truth: Truth,
    probabilities: Floats,
    promise: Promise,
    settings: Settings,
    stricter: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Figures of held-out predictions; what is routed is what both thresholds let through."""
    from sklearn.metrics import f1_score

    confidence, right = truth.judged(probabilities)
    predicted = probabilities.argmax(axis=1)
    top3 = np.argsort(-probabilities, axis=1)[:, :3]
    budget = settings.budget or settings.default_budget
    if stricter:
        least = np.array([stricter.get(label, promise.threshold) for label in truth.labels])
        promise = describe(confidence, right, least[predicted], budget)
    return {
        "accuracy": round(float((predicted == truth.numbers).mean()), 4),
        "acceptable": round(float(right.mean()), 4),
        "macro_f1": round(float(f1_score(truth.numbers, predicted, average="macro")), 4),
        "top3": round(float((top3 == truth.numbers[:, None]).any(axis=1).mean()), 4),
        "expected_calibration_error": round(expected_calibration_error(confidence, predicted == truth.numbers), 4),
        "budget": budget,
        "budget_kept": bool(promise.kept),
        "coverage": round(promise.coverage, 4),
        "routed_error": round(promise.error, 4),
        "routed_error_bound": round(promise.bound, 4),
    }


def _sentence(axis: str, metrics: Mapping[str, Any]) -> str:
    judged = f"{axis}: cross-validated accuracy {metrics['accuracy']:.3f}, macro-F1 {metrics['macro_f1']:.3f}; "
    if metrics["budget_kept"]:
        return judged + (
            f"routes {metrics['coverage']:.0%} with at most {metrics['budget']:.0%} wrong "
            f"(95 % bound {metrics['routed_error_bound']:.1%})"
        )
    return judged + (
        f"too few or too hard texts to promise at most {metrics['budget']:.0%} wrong; "
        f"routes {metrics['coverage']:.0%} with {metrics['routed_error']:.1%} wrong in cross-validation"
    )
