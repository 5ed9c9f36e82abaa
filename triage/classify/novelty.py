"""Text -> why it is unlike anything learned, in French: another language, gibberish, another subject.

Two shares, because two things go wrong. Few words known at all: another language, gibberish, code. Few known among
the words that are French: another subject. Counting only French words there leaves typing errors and SMS spelling out,
which are no new subject. A short text says little, so its share is drawn to the usual one (a beta prior).

The least shares accepted are those of nearly all training texts, each judged by the words of the other folds.
"""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classify.french import chunks, word_vectors
from triage.classify.vocabulary import surfaces_of
from triage.text import fold_word

_TELLING = 3  # letters: shorter words say nothing of how new a text is
_PRIOR = 5.0  # words that the usual share weighs
_STRANGEST = 0.01  # share of the training texts that are less familiar than what is accepted
_FEW = 2.0  # words: with one alone (« merci ») a text decides nothing, unless training texts are as short
_MARGIN = 0.5  # of that, for known words: spelling may be much worse than in the training texts


class Counts(NamedTuple):
    """Words of three letters or more of a text: already met, French but never met, neither."""

    known: int
    french: int
    odd: int

    @property
    def known_share(self) -> float:
        """Share of known words, in [0, 1]; 0 without any word."""
        return self.known / (sum(self) or 1)

    def familiar_share(self, usual: float) -> float:
        """Share of known words among those that are French, drawn to the usual share."""
        return (self.known + _PRIOR * usual) / (self.known + self.french + _PRIOR)


@dataclass(frozen=True)
class Bounds:
    """Least shares accepted, and the usual share of known words among French ones, all in [0, 1]; least words."""

    least_words: float
    least_known: float
    least_familiar: float
    usual: float


def reason(counts: Counts, bounds: Bounds) -> str:
    """Why a text is too new to be judged, in French; empty where it is not."""
    if not sum(counts):
        return "aucun mot à lire"
    if sum(counts) < bounds.least_words:
        return "un seul mot à lire : trop peu pour décider"
    if not counts.known or counts.known_share < bounds.least_known:
        return f"texte trop éloigné des exemples appris ({_percent(counts.known_share)} de mots connus)"
    if counts.familiar_share(bounds.usual) < bounds.least_familiar:
        share = _percent(counts.known / (counts.known + counts.french))
        usual = f"contre {_percent(bounds.usual)} d'habitude"
        return f"sujet trop éloigné des exemples appris ({share} de mots déjà rencontrés, {usual})"
    return ""


def counted(chunk: str, known: Container[str]) -> Counts:
    """Words of a chunk by how new they are."""
    return _judged(telling_words(chunk), known)


def telling_words(chunk: str) -> dict[str, bool]:
    """Folded words of a chunk, and whether French has them."""
    surfaces = surfaces_of(chunk)
    return {
        word: word_vectors().row(surface) >= 0 for surface in surfaces if len(word := fold_word(surface)) >= _TELLING
    }


def learn_bounds(texts: Sequence[str], fold: NDArray[np.int64], least: int) -> Bounds:
    """Bounds that nearly all training texts respect when judged by the words of the other folds.

    `fold` (texts,) keeps siblings together; a word is known when at least `least` texts hold it.
    """
    remembered: dict[str, dict[str, bool]] = {}
    told = [_words_of(text, remembered) for text in texts]
    everywhere = Counter(word for words in told for word in words)
    counts: list[Counts] = []
    for part in np.unique(fold):
        inside = [told[i] for i in np.flatnonzero(fold == part)]
        own = Counter(word for words in inside for word in words)
        known = {word for word in own if everywhere[word] - own[word] >= least}
        counts += [_judged(words, known) for words in inside]
    met = [(c.known, c.known + c.french) for c in counts]
    usual = sum(known for known, _ in met) / max(1, sum(total for _, total in met))
    return Bounds(
        least_words=min(_FEW, float(np.quantile([sum(c) for c in counts], _STRANGEST))),
        least_known=round(_MARGIN * float(np.quantile([c.known_share for c in counts], _STRANGEST)), 3),
        least_familiar=round(float(np.quantile([c.familiar_share(usual) for c in counts], _STRANGEST)), 3),
        usual=round(usual, 3),
    )


def _words_of(text: str, remembered: dict[str, dict[str, bool]]) -> dict[str, bool]:
    words: dict[str, bool] = {}
    for chunk in chunks(text):
        if chunk not in remembered:
            remembered[chunk] = telling_words(chunk)
        words |= remembered[chunk]
    return words


def _judged(words: dict[str, bool], known: Container[str]) -> Counts:
    french = sum(is_french for word, is_french in words.items() if word not in known)
    met = sum(word in known for word in words)
    return Counts(met, french, len(words) - met - french)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
