"""Language patterns as data: every rule of a TOML file beside this module, compiled when first used.

A rule is `[name]` with `pattern` and the examples `matches` and `no_matches` that a test runs; patterns see folded
text (`triage.text.fold`) unless `case = true`. `<word>` stands for the alternatives listed under `[words]`. A pattern
is used with `match` at the place where it may begin, unless `search = true`; one that looks back ends with `$` and
sees a short window. `[lists]` holds plain words and `[tables]` words by the value they stand for.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from triage.patterns import Sieve


class Rule(NamedTuple):
    """A pattern with the examples that prove it."""

    source: str
    folded: bool
    search: bool
    matches: tuple[str, ...]
    no_matches: tuple[str, ...]


@cache
def rules(name: str) -> dict[str, Rule]:
    """Every rule of `name`.toml by its own name."""
    data = _content(name)
    words = {word: "(?:" + "|".join(forms) + ")" for word, forms in data.get("words", {}).items()}
    return {key: _rule(entry, words) for key, entry in data.items() if "pattern" in entry}


class _Compiled(dict[str, re.Pattern[str]]):
    """Patterns by name; one mail needs few of them, and compiling them all takes longer than reading it."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def __missing__(self, name: str) -> re.Pattern[str]:
        self[name] = found = re.compile(rules(self._file)[name].source)
        return found


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """The patterns of `name`.toml, compiled."""
    return _Compiled(name)


@cache
def _sieve(name: str, keys: tuple[str, ...]) -> tuple[Sieve, dict[str, re.Pattern[str]]]:
    """The rules tried at once, and those of them that must be tried again: RE2 has no look-arounds."""
    sources = {key: rules(name)[key].source for key in keys}
    again = {key: patterns(name)[key] for key, source in sources.items() if "(?!" in source or "(?<" in source}
    return Sieve(sources), again


def held(name: str, keys: tuple[str, ...], text: str) -> set[str]:
    """Which of some rules of `name`.toml a short folded text holds: several times faster than one after the other."""
    sieve, again = _sieve(name, keys)
    found = sieve.held(text)
    return {key for key in found if key not in again or again[key].search(text)} if found else set()


@cache
def words(name: str, key: str) -> frozenset[str]:
    """The plain words listed under `[lists]` of `name`.toml."""
    return frozenset(_content(name)["lists"][key])


@cache
def numbered(name: str, key: str) -> dict[str, int]:
    """Word -> number, from a `[tables.key]` of `name`.toml that lists the words of each number."""
    return {word: int(number) for number, forms in _content(name)["tables"][key].items() for word in forms}


@cache
def _content(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _rule(entry: dict[str, Any], words: dict[str, str]) -> Rule:
    pattern = entry["pattern"]
    source = pattern if isinstance(pattern, str) else "(?:" + "|".join(pattern) + ")"
    for _ in range(2):  # a word may itself use words
        source = re.sub(r"(?<!\?P)<(\w+)>", lambda found: words.get(found[1], found[0]), source)
    return Rule(
        source, not entry.get("case"), entry.get("search", False), tuple(entry["matches"]), tuple(entry["no_matches"])
    )
