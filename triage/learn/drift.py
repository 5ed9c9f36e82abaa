"""Is recent mail still like the mail of reference? Tests that hold for small counts, corrected for many services.

The reference is what the model remembers of its training texts, or other mail, read word by word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import norm

from triage.classify.scores import holm
from triage.classify.usual import Usual

Table = NDArray[np.float64]
Numbers = Sequence[float]
LEAST_RECENT, LEAST_REFERENCE = 8, 20  # mails of a service under which nothing can be said
_MOST = 400  # mails of a side that are compared: more would only find ever smaller differences
_SHUFFLES = 999
_SIGNIFICANT = 0.01  # after correction
# Differences that matter: below, drift may be real and yet call for nothing.
_LOWER_CONFIDENCE = 0.05
_OTHER_WORDS = 0.2
_LESS_TYPICAL = 0.2


@dataclass(frozen=True)
class Sample:
    """Mails of one service: confidence of each in [0, 1], and its distinct words."""

    confidences: Sequence[float]
    words: Sequence[frozenset[str]]


@dataclass(frozen=True)
class Shift:
    """One test of one service. `change`: how much; `p`: corrected for the number of services tested (Holm).

    Of confidence, the change is the difference of means (negative: less sure), tested by Mann and Whitney's U; so it
    is of how typical the words are (1 is usual), where vocabulary is compared with training texts. Where it is compared
    with other mail, the change is how far apart the mails of both sides lie (maximum mean discrepancy, Gretton et al.,
    2012, of their words, in units of the likeness of two mails of reference: about 0 for the same words, 2 for none),
    tested by shuffling the mails between the sides.
    """

    service: str
    recent: int
    reference: int
    change: float
    p: float
    alert: bool


@dataclass(frozen=True)
class Drift:
    """Both tests of all services with enough mail on both sides; `against` says what mail was compared with."""

    against: Literal["training", "mail"]
    confidence: Sequence[Shift]
    vocabulary: Sequence[Shift]


def from_training(recent: Mapping[str, Sample], usual: Mapping[str, Usual]) -> Drift:
    """Compare recent mail with what is usual of each service's training texts."""
    kept = {service: inside for service, inside in recent.items() if service in usual}
    typical = {s: [usual[s].typicality(words) for words in inside.words] for s, inside in kept.items()}
    return Drift(
        "training",
        confidence_shifts(
            {service: inside.confidences for service, inside in kept.items()},
            {service: one.confidences for service, one in usual.items()},
        ),
        _falls(typical, {service: one.typical for service, one in usual.items()}, _LESS_TYPICAL),
    )


def from_mail(recent: Mapping[str, Sample], reference: Mapping[str, Sample], seed: int) -> Drift:
    """Compare recent mail with other mail."""
    both = ({service: inside.confidences for service, inside in side.items()} for side in (recent, reference))
    return Drift("mail", confidence_shifts(*both), vocabulary_shifts(recent, reference, seed))


def confidence_shifts(recent: Mapping[str, Numbers], reference: Mapping[str, Numbers]) -> list[Shift]:
    """Of each service with enough mail on both sides, whether the model is as sure as it was."""
    return _falls(recent, reference, _LOWER_CONFIDENCE)


def _falls(recent: Mapping[str, Numbers], reference: Mapping[str, Numbers], least: float) -> list[Shift]:
    """Of each service, whether a number that each mail has is lower than it was, by `least` or more."""
    from scipy.stats import mannwhitneyu

    found = []
    for service in _comparable(recent, reference):
        new, old = recent[service], reference[service]
        p = float(mannwhitneyu(new, old, alternative="two-sided").pvalue)
        found.append((service, len(new), len(old), float(np.mean(new) - np.mean(old)), p))
    return _corrected(found, lambda change: change <= -least)


def vocabulary_shifts(recent: Mapping[str, Sample], reference: Mapping[str, Sample], seed: int) -> list[Shift]:
    """Of each service with enough mail on both sides, whether people write with other words."""
    found = []
    both = ({service: inside.words for service, inside in side.items()} for side in (recent, reference))
    for service in _comparable(*both):
        generator = np.random.default_rng(seed)
        new = _drawn(recent[service].words, generator)
        old = _drawn(reference[service].words, generator)
        found.append((service, len(new), len(old), *_distance(new, old, generator)))
    return _corrected(found, lambda change: change >= _OTHER_WORDS)


def _comparable(recent: Mapping[str, Sequence[Any]], reference: Mapping[str, Sequence[Any]]) -> list[str]:
    return [
        service
        for service in sorted(recent.keys() & reference.keys())
        if len(recent[service]) >= LEAST_RECENT and len(reference[service]) >= LEAST_REFERENCE
    ]


def _corrected(found: Sequence[tuple[str, int, int, float, float]], matters: Callable[[float], bool]) -> list[Shift]:
    corrected = holm([one[4] for one in found])
    return [
        Shift(*one[:4], p=p, alert=p < _SIGNIFICANT and matters(one[3]))
        for one, p in zip(found, corrected, strict=True)
    ]


def _drawn(words: Sequence[frozenset[str]], generator: np.random.Generator) -> list[frozenset[str]]:
    if len(words) <= _MOST:
        return list(words)
    return [words[i] for i in generator.choice(len(words), _MOST, replace=False)]


def _distance(
    new: Sequence[frozenset[str]], old: Sequence[frozenset[str]], generator: np.random.Generator
) -> tuple[float, float]:
    """How far apart the two sides lie, and the share of shuffles that set them as far apart."""
    likeness = _likeness([*new, *old])
    likeness /= max(float(np.mean(likeness[len(new) :, len(new) :])), 1e-9)
    sides = np.zeros((_SHUFFLES + 1, len(likeness)))
    sides[0, : len(new)] = 1
    for row in sides[1:]:
        row[generator.permutation(len(row))[: len(new)]] = 1
    found = _apart(likeness, sides) + _apart(likeness, 1 - sides) - 2 * _between(likeness, sides)
    return float(found[0]), (1 + int((found[1:] >= found[0]).sum())) / (_SHUFFLES + 1)


def _likeness(mails: Sequence[frozenset[str]]) -> Table:
    """Cosines between mails as sets of words, rare words weighing more; the diagonal is zero. Shape (mails, mails)."""
    number: dict[str, int] = {}
    pairs = [(i, number.setdefault(word, len(number))) for i, words in enumerate(mails) for word in sorted(words)]
    rows, columns = np.array(pairs or [(0, 0)]).T
    table = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(mails), max(1, len(number))))
    weighted = table @ sparse.diags(np.log(len(mails) / np.bincount(columns, minlength=table.shape[1])))
    lengths = norm(weighted, axis=1)
    unit = sparse.diags(1 / np.maximum(lengths, 1e-9)) @ weighted
    found = np.asarray((unit @ unit.T).todense())
    np.fill_diagonal(found, 0)
    return found


def _apart(likeness: Table, sides: Table) -> Table:
    """Mean likeness of two mails of one side, for each row of sides."""
    count = sides.sum(axis=1)
    return np.asarray(((sides @ likeness) * sides).sum(axis=1) / (count * (count - 1)))


def _between(likeness: Table, sides: Table) -> Table:
    """Mean likeness of a mail of one side and one of the other."""
    count = sides.sum(axis=1)
    return np.asarray(((sides @ likeness) * (1 - sides)).sum(axis=1) / (count * (sides.shape[1] - count)))
