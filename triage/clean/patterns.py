"""Language patterns as data: every rule of a TOML file beside this module, compiled once.

A rule is `[name]` with `pattern` (a string, or a list of alternatives), `matches` and `no_matches`
(examples that a test runs). `<word>` in a pattern stands for the alternatives listed under `[words]`.
Rules ignore case unless `case = true`; an accented letter also stands for the bare one and for what
a broken charset leaves of it, outside brackets. All are used with `match`, at the start of what
they are shown, unless `search = true`.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]\\])+\]|[À-ÿ]", re.DOTALL)  # escapes and brackets are left as they are


class Rule(NamedTuple):
    """A compiled pattern with the examples that prove it."""

    regex: re.Pattern[str]
    search: bool
    matches: tuple[str, ...]
    no_matches: tuple[str, ...]


@cache
def table(name: str) -> dict[str, Any]:
    """The whole content of `name`.toml."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rules(name: str) -> dict[str, Rule]:
    """Every rule of `name`.toml by its own name."""
    data = table(name)
    words = {word: "(?:" + "|".join(forms) + ")" for word, forms in data.get("words", {}).items()}
    return {key: _rule(entry, words) for key, entry in data.items() if isinstance(entry, dict) and "pattern" in entry}


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """The compiled patterns of `name`.toml."""
    return {key: rule.regex for key, rule in rules(name).items()}


@cache
def words(name: str, word: str) -> frozenset[str]:
    """The plain words listed under `[lists]` of `name`.toml."""
    return frozenset(table(name)["lists"][word])


def _rule(entry: dict[str, Any], words: dict[str, str]) -> Rule:
    pattern = entry["pattern"]
    source = pattern if isinstance(pattern, str) else "(?:" + "|".join(pattern) + ")"
    for _ in range(2):  # a word may itself use words
        source = re.sub(r"<(\w+)>", lambda found: words.get(found[1], found[0]), source)
    source = _PARTS.sub(_lenient, source)
    flags = re.NOFLAG if entry.get("case") else re.IGNORECASE
    return Rule(
        re.compile(source, flags), entry.get("search", False), tuple(entry["matches"]), tuple(entry["no_matches"])
    )


def _lenient(found: re.Match[str]) -> str:
    letter = found[0]
    if len(letter) > 1:
        return letter
    bare = unicodedata.normalize("NFD", letter)[0]
    return f"[{letter}{bare}\ufffd]" if bare != letter else letter
