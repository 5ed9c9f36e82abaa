"""French as it comes from hurried or unpractised hands: seeded, for training and for measuring robustness.

Placeholders of masked text (`xxdatexx`) are left alone: they stand for what no noise would change.
"""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from triage.text import fold

_WORD = re.compile(r"(?!xx[a-z]+xx)\b[^\W\d_][\w-]*")
_PLACEHOLDER = re.compile(r"\bxx[a-z]+xx\b")
# Neighbours of each key on the French keyboard.
_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_TYPO_RATE = 0.15  # of the words with four letters or more

Noise = Callable[[str, np.random.Generator], str]


def without_accents(text: str, _generator: np.random.Generator) -> str:
    """« Déjà payé » -> « Deja paye »: capitals stay."""
    folded = [(fold(c) if c.islower() else fold(c).upper()) if not c.isascii() else c for c in text]
    return "".join(folded)


def capitals(text: str, _generator: np.random.Generator) -> str:
    """Everything in capitals but the placeholders."""
    return _WORD.sub(lambda found: found.group().upper(), text)


def typing_errors(text: str, generator: np.random.Generator) -> str:
    """One error in about one word of seven: a letter doubled, dropped, swapped with the next, or its neighbour's."""

    def mistyped(found: re.Match[str]) -> str:
        word = found.group()
        return _mistype(word, generator) if len(word) >= 4 and generator.random() < _TYPO_RATE else word

    return _WORD.sub(mistyped, text)


def sms_spelling(text: str, generator: np.random.Generator) -> str:
    """Small letters without accents nor punctuation, abbreviated and spelled by ear (three words of four)."""
    bare = re.sub(r"[’'](?=\w)|[,;:!?.]+(?=\s|$)", " ", _PLACEHOLDER.sub(lambda m: f" {m.group()} ", text))

    def spelled(found: re.Match[str]) -> str:
        return _by_ear(fold(found.group())) if generator.random() < 0.75 else fold(found.group())

    return re.sub(r"[ \t]+", " ", _WORD.sub(spelled, bare))


NOISES: dict[str, Noise] = {
    "without_accents": without_accents,
    "capitals": capitals,
    "typing_errors": typing_errors,
    "sms_spelling": sms_spelling,
}


def noisy(text: str, generator: np.random.Generator) -> str:
    """A text with typing errors or in SMS spelling, one or the other at random."""
    return (typing_errors, sms_spelling)[int(generator.integers(2))](text, generator)


def _mistype(word: str, generator: np.random.Generator) -> str:
    at = int(generator.integers(0, len(word) - 1))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    kind = int(generator.integers(4))
    if kind == 0:
        return before + after
    if kind == 1:
        return before + letter + letter + after
    if kind == 2:
        return before + after[0] + letter + after[1:]
    return before + _neighbour(letter, generator) + after


def _neighbour(letter: str, generator: np.random.Generator) -> str:
    row = next((row for row in _ROWS if fold(letter) in row), "")
    place = row.find(fold(letter))
    beside = [row[k] for k in (place - 1, place + 1) if row and 0 <= k < len(row)]
    return beside[int(generator.integers(len(beside)))] if beside else letter


@cache
def _spelling() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    rules = tomllib.loads((Path(__file__).parent / "noise.toml").read_text(encoding="utf-8"))
    return rules["words"], [(re.compile(rule["find"]), rule["put"]) for rule in rules["sounds"]]


def _by_ear(word: str) -> str:
    words, sounds = _spelling()
    if word in words:
        return words[word]
    for sound, spelled in sounds:
        word = sound.sub(spelled, word)
    return word
