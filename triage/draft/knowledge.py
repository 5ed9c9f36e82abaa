"""Find the passage of the administration's own texts that answers a question, or none: offline, the same every time.

Words are compared by TF-IDF over folded stems, meanings by word vectors that the caller lends (no stage imports
another). What is quoted wrongly costs an agent more than what is not quoted: the threshold is high, and a passage
must share at least two words with the question, one of them in its title; unless its author named the words to wait
for, it must rest on several: « salle » alone says nothing.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.draft.days import french_date
from triage.draft.letters import letters_of, text_folders
from triage.draft.situation import Passage
from triage.draft.texts import Text, read_text, read_texts, text_files
from triage.errors import ProfileError
from triage.profile import Profile, said
from triage.text import fold, fold_word
from triage.types import CleanText

Meanings = Callable[[Sequence[str]], NDArray[np.float32]]  # words -> one row of length 1 each, zeros where unknown

MOST_QUOTED = 1  # the second best was right once in three (benchmarks/knowledge.py)
RELEVANT = 0.47
LONGEST_QUESTION = 1_000  # characters: longer letters ask more, or something else, than a passage answers
OLD_DAYS = 2 * 365
_WORD = re.compile(r"[a-z0-9]{3,30}")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_ASKS = re.compile(r"\?|\b(?:aimerai|voudrai|souhait|cherch|désir|comment|savoir|combien)", re.IGNORECASE)
_STEM = 6  # letters
_OPENING = 2  # sentences
_UNKNOWN = 2.5  # weight of a word that no passage holds
_LIKENESS, _USUAL = 0.5, 0.6  # what meaning adds, above the likeness of any two texts of an administration
_ALONE = 0.78  # share of the likeness beyond which a passage that names no `words` rests on a single one
_TITLE = 0.25  # what a title wholly found in the question adds


class _Weighed(NamedTuple):
    """A passage ready to be compared; `weights` have length 1."""

    text: Text
    title: frozenset[str]
    awaited: tuple[str, ...]  # folded `words`
    weights: dict[str, float]
    meaning: NDArray[np.float32]


class Library:
    """Passages of some folders, indexed when a first question comes. Nothing is found in an empty one."""

    def __init__(self, texts: Iterable[Text], meanings: Meanings) -> None:
        self._meanings = meanings
        self._said = [(text, _words(f"{text.title} {text.about}"), _words(text.body)) for text in texts]

    @cached_property
    def _rarity(self) -> dict[str, float]:
        held = Counter(stem for _, title, body in self._said for stem in {_stem(word) for word in (*title, *body)})
        return {stem: math.log(1 + len(self._said) / count) for stem, count in held.items()}

    @cached_property
    def _passages(self) -> list[_Weighed]:
        return [
            _Weighed(
                text,
                frozenset(map(_stem, title)),
                tuple(map(fold, text.words)),
                self._weights([*title * 2, *body]),
                self._meaning(title + body),
            )
            for text, title, body in self._said
        ]

    def find(self, question: CleanText, service: str | None, today: date | None) -> tuple[Passage, ...]:
        """The passages to quote, best first; empty where none is clearly about the question.

        A passage of other services is left out. One over two years old on `today` is marked with its age.
        """
        if len(question.body) > LONGEST_QUESTION:
            return ()
        told = f" {' '.join(fold(_matter(question)).split())}"
        fitting = [passage for passage in self._passages if _fits(passage, service, told)]
        if not fitting:
            return ()
        words = _asked(question)
        weights, stems = self._weights(words), {_stem(word) for word in words}
        meaning = self._meaning(list(dict.fromkeys(words)))
        scores = [self._score(passage, weights, stems, meaning) for passage in fitting]
        best = sorted(range(len(fitting)), key=lambda place: -scores[place])[:MOST_QUOTED]
        return tuple(_passage(fitting[place].text, today) for place in best if scores[place] >= RELEVANT)

    def _score(
        self, passage: _Weighed, weights: dict[str, float], stems: set[str], meaning: NDArray[np.float32]
    ) -> float:
        shared = weights.keys() & passage.weights.keys()
        if len(shared) < 2 or not shared & passage.title:
            return 0.0
        parts = [weights[stem] * passage.weights[stem] for stem in sorted(shared)]
        if not passage.text.words and max(parts) > _ALONE * sum(parts):
            return 0.0
        title = sum(self._rarity[stem] for stem in passage.title & stems) / sum(
            self._rarity[stem] for stem in passage.title
        )
        likeness = float(meaning @ passage.meaning) - _USUAL
        return sum(parts) + _TITLE * title + _LIKENESS * likeness

    def _weights(self, words: Sequence[str]) -> dict[str, float]:
        counted = Counter(_stem(word) for word in words)
        found = {s: (1 + math.log(n)) * self._rarity[s] for s, n in counted.items() if s in self._rarity}
        length = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
        return {stem: weight / length for stem, weight in found.items()}

    def _meaning(self, words: Sequence[str]) -> NDArray[np.float32]:
        rarity = np.array([self._rarity.get(_stem(word), _UNKNOWN) for word in words], dtype=np.float32)
        total: NDArray[np.float32] = rarity @ self._meanings(words)
        length = float(np.linalg.norm(total))
        return total / length if length else total


def load_library(folders: Iterable[Path], meanings: Meanings) -> Library:
    """Index the texts of folders; one that does not exist holds none. Raises ProfileError naming file and key."""
    return Library((text for folder in folders for text in read_texts(folder)), meanings)


def wants_texts(mail: CleanText, nature: str | None, profile: Profile) -> bool:
    """Whether a reply may quote texts: of an information always; of natures `informed`, or unknown, where the mail asks
    to be told something (sign `asks`) and not about its own file (sign `on_file`).
    """
    if nature == "information":
        return True
    letters = letters_of(profile)
    if nature is not None and nature not in letters.informed:
        return False
    words = said(f"{mail.subject}\n\n{mail.body}")
    given = {rule.id for rule in letters.sign if rule.find(words)}
    return "asks" in given and "on_file" not in given


def broken_texts(profile: Profile) -> list[str]:
    """What is wrong with the texts a profile may quote, one line each: files that cannot be read, unknown services."""
    try:
        folders = text_folders(profile.folder)
    except ProfileError as error:
        return [str(error)]
    problems = []
    for path in (path for folder in folders for path in text_files(folder)):
        try:
            named = {service for text in read_text(path) for service in text.services}
            problems += [
                f"{path}: key 'services': {name!r} is not defined" for name in sorted(named - set(profile.services))
            ]
        except ProfileError as error:
            problems.append(str(error))
    return problems


def _fits(passage: _Weighed, service: str | None, told: str) -> bool:
    """Whether a passage is for that service and the folded question holds one of the words it waits for."""
    services = passage.text.services
    if services and service not in services:
        return False
    return not passage.awaited or any(words in told and _begins(words, told) for words in passage.awaited)


def _begins(words: str, told: str) -> bool:
    return any(f"{before}{words}" in told for before in (" ", "'", "(", '"', "-"))


def _asked(question: CleanText) -> list[str]:
    """The words of a mail, those of its subject and of its questions twice."""
    asked = [sentence for sentence in _SENTENCE.split(question.body) if "?" in sentence]
    return _words(" ".join([question.subject, question.subject, question.body, *asked]))


def _matter(question: CleanText) -> str:
    """Where a mail says what it wants to know: subject, opening sentences, questions. Words in passing are no topic."""
    sentences = [sentence for sentence in _SENTENCE.split(question.body) if sentence.strip()]
    asked = [sentence for sentence in sentences[_OPENING:] if _ASKS.search(sentence)]
    return " ".join([question.subject, *sentences[:_OPENING], *asked])


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(fold(text)) if word not in _empty()]


def _stem(word: str) -> str:
    return fold_word(word).rstrip("sx")[:_STEM]


@cache
def _empty() -> frozenset[str]:
    content = tomllib.loads(Path(__file__).with_name("knowledge.toml").read_text(encoding="utf-8"))
    return frozenset(content["empty"].split())


def _passage(text: Text, today: date | None) -> Passage:
    return Passage(text.body, text.title, text.link, _dated(text.written, today))


def _dated(written: date | None, today: date | None) -> str:
    """« 6 janvier 2026 »; an old date with its age and a doubt, an unknown one as a gap."""
    if written is None:
        return "[à compléter : date du texte]"
    days = (today - written).days if today else 0
    if days < OLD_DAYS:
        return french_date(written)
    return f"{french_date(written)} [à confirmer : texte de plus de {days // 365} ans]"
