"""Unlabelled texts -> which to label next, how good the labels so far are, and whether more bring much.

A text is worth its label when the model is unsure of it and it stands for many others that are unsure and like none
labelled yet: uncertainty sampling (Lewis and Gale 1994) spread by facility location (Wei, Iyer and Bilmes 2015).
Everything is computed from the similarities of the texts, so that an answer is learned in milliseconds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.classify.examples import Example, folds
from triage.classify.features import WEIGHTS, Featurizer
from triage.classify.model import softmax
from triage.classify.scores import wilson_interval
from triage.classify.train import DEFAULT_LEARNER, least_texts
from triage.classify.vocabulary import Floats

# How much a text's own uncertainty counts beside that of the texts it stands for: benchmarks/labelling.py.
_OWN = 2
_SHARPNESS = 4.0  # turns scores, which lie between -1 and 1, into shares; only their order matters much
_FOLDS = 10

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Point:
    """What `labelled` texts are worth: of `judged` ones drawn at random, `right` are predicted right by the others.

    `changed`: share of the texts not labelled whose predicted label differs from what it was with fewer answers; None
    at first.
    """

    labelled: int
    judged: int
    right: int
    changed: float | None

    @property
    def accuracy(self) -> float | None:
        """Share of right ones, in [0, 1]."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> list[float]:
        """Its 95 % interval."""
        return wilson_interval(self.right, self.judged) if self.judged else [0.0, 1.0]


class Pool:
    """Texts to label, known by their numbers. An answer maps a number to a label.

    The similarities of all pairs are kept: 36 MB for 3,000 texts.
    """

    def __init__(self, examples: Sequence[Example], seed: int) -> None:
        texts = [example.text for example in examples]
        featurizer = Featurizer.learn(texts, None, least_texts(examples))
        rows = featurizer.transform(texts)
        scale = sum(weight**2 for weight in WEIGHTS.values())
        self.similarity: NDArray[np.float32] = ((rows @ rows.T).toarray() / scale).astype(np.float32)
        self._examples = examples
        self._penalty = 1 / DEFAULT_LEARNER.cost / scale
        self._seed = seed

    def choose(self, answers: Mapping[int, str], left_out: Sequence[int], count: int) -> list[int]:
        """The `count` texts to label next, the most informative first; fewer when there are no more."""
        closed = {*answers, *left_out}
        open_ones = np.array([i for i in range(len(self._examples)) if i not in closed], dtype=np.int64)
        unsure = self._uncertainty(answers)[open_ones]
        near = self.similarity[np.ix_(open_ones, open_ones)]
        covered = self.similarity[np.ix_(open_ones, np.array(list(answers), dtype=np.int64))].max(axis=1, initial=0.0)
        chosen: list[int] = []
        for _ in range(min(count, len(open_ones))):
            gain = (unsure[:, None] * np.maximum(near - covered[:, None], 0.0)).sum(axis=0) * unsure**_OWN
            gain[chosen] = -1.0
            best = int(gain.argmax())
            chosen.append(best)
            covered = np.maximum(covered, near[:, best])
        return [int(open_ones[place]) for place in chosen]

    def likely(self, answers: Mapping[int, str], number: int, count: int) -> list[str]:
        """The labels likeliest for a text, the first first; none while fewer than two labels are known."""
        names, learned, truth = _read(answers)
        if len(names) < 2:
            return []
        scores = self._scores(learned, truth, len(names), np.array([number]))[0]
        return [names[k] for k in np.argsort(-scores)[:count]]

    def predicted(self, answers: Mapping[int, str]) -> list[str]:
        """The label of every text as the answers have it."""
        names, learned, truth = _read(answers)
        if len(names) < 2:
            return [names[0] if names else ""] * len(self._examples)
        found = self._scores(learned, truth, len(names), np.arange(len(self._examples))).argmax(axis=1)
        return [names[k] for k in found]

    def judge(
        self, answers: Mapping[int, str], drawn: Collection[int], before: Mapping[int, str] | None = None
    ) -> Point:
        """Cross-validate the answers on the texts `drawn` at random; compare what they say of the rest with `before`.

        The others were chosen because they are hard: what they say of accuracy is far too low.
        """
        names, learned, truth = _read(answers)
        judged = np.array([int(i) in drawn for i in learned], dtype=bool)
        changed = self._changed(before, answers) if before else None
        if len(names) < 2 or not judged.any():
            return Point(len(answers), 0, 0, changed)
        examples = [Example("", "", {"": answers[int(i)]}, group=self._examples[i].group) for i in learned]
        fold = folds(examples, "", min(_FOLDS, len(examples)), self._seed)
        right = 0
        for part in set(fold[judged].tolist()):
            kept, asked = fold != part, (fold == part) & judged
            if kept.any():
                scores = self._scores(learned[kept], truth[kept], len(names), learned[asked])
                right += int((scores.argmax(axis=1) == truth[asked]).sum())
        return Point(len(answers), int(judged.sum()), right, changed)

    def _changed(self, before: Mapping[int, str], answers: Mapping[int, str]) -> float:
        pairs = zip(self.predicted(before), self.predicted(answers), strict=True)
        differ = [a != b for i, (a, b) in enumerate(pairs) if i not in answers]
        return sum(differ) / max(1, len(differ))

    def _uncertainty(self, answers: Mapping[int, str]) -> Floats:
        """One less the gap between the two likeliest labels, shape (texts,); 1 while fewer than two are known."""
        names, learned, truth = _read(answers)
        if len(names) < 2:
            return np.ones(len(self._examples))
        shares = np.sort(softmax(_SHARPNESS * self._scores(learned, truth, len(names), slice(None))), axis=1)
        return np.asarray(1.0 - (shares[:, -1] - shares[:, -2]))

    def _scores(self, learned: Numbers, truth: Numbers, labels: int, wanted: Numbers | slice) -> Floats:
        """Scores of some texts, shape (texts, labels): the balanced least squares of `linear.ridge`, in dual form."""
        present, numbers = np.unique(truth, return_inverse=True)
        weight = (len(truth) / (len(present) * np.bincount(numbers)))[numbers]
        targets = np.where(numbers[:, None] == np.arange(len(present)), 1.0, -1.0)
        inner = self.similarity[np.ix_(learned, learned)].astype(np.float64)
        size = len(learned)
        system = np.zeros((size + 1, size + 1))
        system[:size, :size] = inner + np.diag(self._penalty / weight)
        system[:size, size] = system[size, :size] = 1.0
        solved = np.linalg.solve(system, np.vstack([targets, np.zeros(len(present))]))
        found = np.full((len(self.similarity[wanted]), labels), -np.inf)
        found[:, present] = self.similarity[wanted][:, learned] @ solved[:size] + solved[size]
        return found


def _read(answers: Mapping[int, str]) -> tuple[list[str], Numbers, Numbers]:
    """Names of the labels, numbers of the labelled texts, number of each one's label."""
    names = sorted(set(answers.values()))
    place = {name: k for k, name in enumerate(names)}
    return names, np.array(list(answers), dtype=np.int64), np.array([place[label] for label in answers.values()])
