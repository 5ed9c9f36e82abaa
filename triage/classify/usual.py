"""What is usual of each label's training texts, told without any text: what later mail is compared with.

Of a label it keeps how confident the model was of texts it had not learned, which words several writers use there more
than elsewhere, and how typical such words made each text. Numbers and common words: nothing tells what one mail said.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from triage.classify.french import chunks
from triage.classify.novelty import telling_words

MOST = 200  # texts of a label kept, drawn at random, as two numbers each
_DECIMALS = 3
Words = frozenset[str]


@dataclass(frozen=True)
class Usual:
    """Of the texts a label was proposed for: how confidently, in [0, 1], and how typical of it each text is.

    A text is as typical as the mean weight of its words; texts of the label have 1 on average. `weights` holds words
    with the logarithm of how much more often they occur in texts of the label, scaled so; other words weigh nothing.
    """

    confidences: tuple[float, ...]
    typical: tuple[float, ...]
    weights: Mapping[str, float] = field(repr=False)

    def typicality(self, words: Words) -> float:
        """How typical a text with these words is; 0 of one without any."""
        return sum(self.weights.get(word, 0.0) for word in words) / max(1, len(words))


def words_of(text: str) -> Words:
    """Distinct folded words of a masked text, of three letters or more, without what stands for masked ones."""
    return frozenset(word for chunk in chunks(text) for word in telling_words(chunk) if not word.startswith("xx"))


@dataclass(frozen=True)
class Told:
    """One training text: its words and writer, and what a model that had not learned it proposed."""

    words: Words = field(repr=False)
    writer: str = field(repr=False)
    label: str
    confidence: float


def usual_of(texts: Sequence[Told], least: int, seed: int) -> dict[str, Usual]:
    """What is usual of each label; a word must be used by `least` writers in a label's texts."""
    generator = np.random.default_rng(seed)
    everywhere = Counter(word for text in texts for word in text.words)
    inside: dict[str, list[Told]] = defaultdict(list)
    for text in texts:
        inside[text.label].append(text)
    return {
        label: _Label(own, everywhere, len(texts), least).usual(generator)
        for label, own in sorted(inside.items())
        if len(own) < len(texts)
    }


class _Label:
    """The texts of one label among all."""

    def __init__(self, own: Sequence[Told], everywhere: Mapping[str, int], rows: int, least: int) -> None:
        self._own, self._everywhere, self._rows, self._least = own, everywhere, rows, least
        self._texts = Counter(word for text in own for word in text.words)
        self._writers: dict[str, set[str]] = defaultdict(set)
        for text in own:
            for word in text.words:
                self._writers[word].add(text.writer)

    def usual(self, generator: np.random.Generator) -> Usual:
        drawn = [self._own[i] for i in generator.permutation(len(self._own))[:MOST]]
        typical = [self._typicality(text) for text in drawn]
        scale = float(np.mean(typical)) or 1.0
        weights = {word: self._weight(word) / scale for word in sorted(self._texts)}
        return Usual(
            confidences=tuple(sorted(round(text.confidence, _DECIMALS) for text in drawn)),
            typical=tuple(sorted(round(one / scale, _DECIMALS) for one in typical)),
            weights={word: round(weight, _DECIMALS) for word, weight in weights.items() if weight > 0},
        )

    def _typicality(self, text: Told) -> float:
        """By the words of the other texts, as of a mail that comes later."""
        return sum(self._weight(word, text.writer) for word in text.words) / max(1, len(text.words))

    def _weight(self, word: str, without: str | None = None) -> float:
        """Log of how much more often the label's texts hold a word than all do, one text of a writer left out."""
        left = without is not None
        if len(self._writers[word] - {without}) < self._least:
            return 0.0
        here = (self._texts[word] - left) / (len(self._own) - left)
        return max(0.0, math.log(here / ((self._everywhere[word] - left) / (self._rows - left))))
