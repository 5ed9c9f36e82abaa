"""spaCy's way of cutting a chunk into tokens, on spaCy's own rules, without importing spaCy (0.4 s and 100 MB).

The steps are those of `spacy/tokenizer.pyx`: whole special cases first, then prefixes and suffixes taken off one by
one, then compounds and addresses kept whole, infixes, and special cases found again among the tokens.
`tests/classify/test_french.py` compares the tokens with spaCy's.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

_ORTH = 65  # spaCy's number for the text of a token
_BRANCH = ")|(?:"
_LARGE_SET = re.compile(r"\[(?:\\.|[^\]\\]){200,}\]")
_WESTERN = frozenset(bytes(range(256)).decode("cp1252", "ignore"))
_JOINED = re.compile("[-–—‐‑'’]")  # every branch holds one of them

Cut = tuple[str, ...]


class Cutter:
    """Cuts one chunk (no white space inside) into tokens. `rules` is the `tokenizer` file of a spaCy package, read."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._prefix = re.compile(rules["prefix_search"]).search
        self._suffix = re.compile(rules["suffix_search"]).search
        self._infixes = re.compile(rules["infix_finditer"]).finditer
        self._is_address = re.compile(rules["url_match"]).match
        self._is_compound = _Compounds(rules["token_match"])
        self._special: dict[str, Cut] = {
            chunk: tuple(part[_ORTH] for part in parts) for chunk, parts in rules["exceptions"].items()
        }
        self._hidden = cache(self._hidden_as)
        within = sorted((s for s in self._special if self._is_affected(s)), key=len, reverse=True)
        self._may_hide = re.compile("|".join(map(re.escape, within))).search
        self._within = within

    def __call__(self, chunk: str) -> list[str]:
        """The tokens of a chunk; joined, they are the chunk."""
        whole = self._special.get(chunk)
        tokens = list(whole) if whole else self._cut(chunk, self._special)
        return self._restored(chunk, tokens) if self._may_hide(chunk) else tokens

    def _cut(self, chunk: str, special: dict[str, Cut]) -> list[str]:
        prefixes, middle, suffixes = self._without_affixes(chunk, special)
        return [*prefixes, *self._middle(middle, special), *reversed(suffixes)]

    def _without_affixes(self, text: str, special: dict[str, Cut]) -> tuple[list[str], str, list[str]]:
        prefixes: list[str] = []
        suffixes: list[str] = []
        size = 0
        while text and len(text) != size and not self._is_compound(text) and text not in special:
            size = len(text)
            head = _length(self._prefix(text))
            if head and text[head:] in special:
                return [*prefixes, text[:head]], text[head:], suffixes
            tail = _length(self._suffix(text[head:]))
            if tail and text[:-tail] in special:
                return prefixes, text[:-tail], [*suffixes, text[-tail:]]
            if head:
                prefixes.append(text[:head])
            if tail:
                suffixes.append(text[len(text) - tail :])
            text = text[head : len(text) - tail]
        return prefixes, text, suffixes

    def _middle(self, text: str, special: dict[str, Cut]) -> Sequence[str]:
        if not text:
            return ()
        if text in special:
            return special[text]
        if self._is_compound(text) or self._is_address(text):
            return (text,)
        found: list[str] = []
        start = 0
        for infix in self._infixes(text):
            if infix.start() > 0:
                found += [text[start : infix.start()], infix.group()]
                start = infix.end()
        return [part for part in (*found, text[start:]) if part]

    def _is_affected(self, special: str) -> bool:
        """Say whether a special case can be taken apart before it is seen, being made of affixes."""
        return bool(self._prefix(special) or self._suffix(special) or next(self._infixes(special), None))

    def _hidden_as(self, special: str) -> list[str]:
        """The tokens a special case falls into inside a longer chunk."""
        return self._cut(special, {})

    def _restored(self, chunk: str, tokens: list[str]) -> list[str]:
        """Tokens with the special cases that were taken apart put together again: the longest first, then the first."""
        spans = [
            _Span(len(parts), -i, special)
            for special in self._within
            if special in chunk
            for parts in (self._hidden(special),)
            for i in range(len(tokens) - len(parts) + 1)
            if tokens[i : i + len(parts)] == parts
        ]
        taken: set[int] = set()
        kept: dict[int, _Span] = {}
        for span in sorted(spans, reverse=True):
            places = range(span.start, span.start + span.length)
            if places[0] not in taken and places[-1] not in taken:
                kept[span.start] = span
            taken.update(places)
        return self._replaced(tokens, kept)

    def _replaced(self, tokens: list[str], spans: "dict[int, _Span]") -> list[str]:
        found: list[str] = []
        i = 0
        while i < len(tokens):
            span = spans.get(i)
            found += self._special[span.special] if span else (tokens[i],)
            i += span.length if span else 1
        return found


class _Span(NamedTuple):
    """Tokens that make a special case; `back` is minus the place of the first, so that spans sort as spaCy's do."""

    length: int
    back: int
    special: str

    @property
    def start(self) -> int:
        return -self.back


class _Compounds:
    """spaCy's French `token_match`, branch by branch. Callable: chunk -> match or None.

    It is a single pattern of 1.4 million characters (one branch per compound prefix: « anti-… », « rendez-… ») that
    takes five seconds to compile. Each branch opens with a small pattern (« ^anti », « ^r?é?entr ») before its first
    character set: the branch is compiled when a chunk begins so. Its sets hold the letters of all alphabets and take
    ten milliseconds to compile: for a chunk of windows-1252, which most are, they are cut down to what that holds.
    """

    def __init__(self, pattern: str) -> None:
        self._flags, _, rest = pattern.partition("(?:")
        branches = rest.removesuffix(")").split(_BRANCH)
        self._branches = [(branch.partition("[")[0], branch) for branch in branches]
        self._open = [(head, branch) for head, branch in self._branches if head == "^"]
        named = {head for head, _ in self._branches if head != "^"}
        self._opens = re.compile(f"{self._flags}(?:{'|'.join(sorted(named))})").match
        self._head = cache(lambda head: re.compile(self._flags + head).match)
        self._compiled: Callable[[str, bool], re.Pattern[str]] = cache(self._compile)
        self._western: Callable[[str], str] = cache(self._cut_down)

    def _compile(self, branch: str, western: bool) -> re.Pattern[str]:
        return re.compile(f"{self._flags}(?:{_LARGE_SET.sub(self._narrowed, branch) if western else branch})")

    def _narrowed(self, found: re.Match[str]) -> str:
        return self._western(found[0])

    def _cut_down(self, letters: str) -> str:
        """The set of those characters of windows-1252 that a set of letters holds, whatever their case."""
        held = re.compile(self._flags + letters).fullmatch
        return f"[{''.join(re.escape(one) for one in sorted(_WESTERN) if held(one))}]"

    def __call__(self, chunk: str) -> re.Match[str] | None:
        if not _JOINED.search(chunk):
            return None
        western = chunk.isascii() or _WESTERN.issuperset(chunk)
        for head, branch in self._branches if self._opens(chunk) else self._open:
            if self._head(head)(chunk) and (found := self._compiled(branch, western).match(chunk)):
                return found
        return None


def _length(match: re.Match[str] | None) -> int:
    return match.end() - match.start() if match else 0
