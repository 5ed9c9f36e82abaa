"""Patterns of a profile: facts looked for in the words of a mail, with RE2, linear whatever the text.

Patterns are matched on one sentence at a time, in lower case without accents. `<name>` in a pattern stands for the list
of that name in the file's `[words]` table.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from triage.text import fold

# Mail programs wrap lines: only a blank line ends a sentence, or a stop that is not « M. »'s.
# It begins with white space, which `re` looks for first.
SENTENCE = re.compile(r"\s(?:(?<=[.!?;…]\s)(?<!\bm\.\s)\s*|(?<=\n)\s*\n)")
LONGEST_SENTENCE = 600  # characters
_ENCODING = "cp1252"  # one byte a character, with €
_NEGATIVE = re.compile(r"\(\?<?![^()]*\)")
# Escapes, classes, what begins a look-around, any other character.
_SYNTAX = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<?[!=]|.", re.DOTALL)
_LOOK = re.compile(r"\(\?<?[!=]")
_ANYTHING = r"[\x{0}-\x{10ffff}]"
_BEYOND = r"\x0b\x1c-\x1f\x{80}-\x{10ffff}"  # what `re` may take for a blank, a letter or a digit, and RE2 does not
_NAMED = re.compile(r"\\[wsd]")
_NEGATED = re.compile(r"\\[WSD]")
_WIDER = {
    **{part: f"[{part}{_BEYOND}]" for part in (r"\w", r"\s", r"\d")},
    **dict.fromkeys((r"\W", r"\S", r"\D"), _ANYTHING),
    r"\b": "",
}
_REPEATED = re.compile(r"\{(\d+),?\d*\}")
_LISTED = re.compile(r"<([a-z_]+)>")
_PATTERN_KEYS = ("patterns", "beside", "also", "unless", "never")


class Said(NamedTuple):
    """A text as patterns see it: folded sentences in windows-1252, and the same on as many lines."""

    sentences: tuple[bytes, ...]
    whole: bytes

    def around(self, place: int) -> tuple[int, int]:
        """Start and end, in `whole`, of the sentence at a place."""
        end = self.whole.find(b"\n", place)
        return self.whole.rfind(b"\n", 0, place) + 1, len(self.whole) if end < 0 else end


class PatternRule(BaseModel):
    """A fact to look for: any of `patterns` in a sentence that holds each of `beside` and none of `unless`.

    Each of `also` must be found too, anywhere in the mail, and none of `never`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    reason: str = Field(description="French, shown to the agent")
    patterns: tuple[str, ...] = Field(min_length=1)
    beside: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    matches: tuple[str, ...] = Field(min_length=1)
    no_matches: tuple[str, ...] = Field(min_length=1)

    @field_validator(*_PATTERN_KEYS)
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            _check(pattern)
        return patterns

    @cached_property
    def _found(self) -> Any:
        return _any_of(self.patterns)

    @cached_property
    def _beside(self) -> list[Any]:
        return [_any_of([pattern]) for pattern in self.beside]

    @cached_property
    def _also(self) -> list[Any]:
        return [_any_of([pattern]) for pattern in self.also]

    @cached_property
    def _denied(self) -> Any:
        return _any_of(self.unless) if self.unless else None

    @cached_property
    def _forbidden(self) -> Any:
        return _any_of(self.never) if self.never else None

    def find(self, words: Said, held: Sequence[Any] = ()) -> str | None:
        """The words that trigger the rule, « … » between those found apart, or None.

        `held`, where that is known: those of its compiled patterns that the text holds, in their order.
        """
        if self._forbidden and self._forbidden.search(words.whole):
            return None
        start, patterns = 0, held or (self._found,)
        while found := _first(patterns, words.whole, start):
            first, end = words.around(found.start())
            sentence = words.whole[first:end]
            beside = [other.search(sentence) for other in self._beside]
            if all(beside) and not (self._denied and self._denied.search(sentence)):
                also = [other.search(words.whole) for other in self._also]
                return " … ".join(map(_text, (*beside, found, *also))) if all(also) else None
            start = end + 1
        return None


class RuleFile(BaseModel):
    """A file of rules: its `[words]` are put wherever a pattern names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("words"), dict):
            return content
        return {key: _with_words(value, content["words"]) for key, value in content.items()}


class Finder:
    """All patterns of some rules in one RE2 filter, which looks for their literal words first."""

    def __init__(self, rules: Sequence[PatternRule]) -> None:
        self._rules = rules
        self._owners = [number for number, rule in enumerate(rules) for _ in rule.patterns]
        self._filter = _filter(pattern for rule in rules for pattern in rule.patterns)
        self._patterns = [self._filter.re(number) for number in range(len(self._owners))]

    def triggered(self, words: Said) -> list[tuple[PatternRule, str]]:
        """The rules a text triggers, in their order, each with the words that did it."""
        held: dict[int, list[Any]] = {}
        for number in sorted(self._filter.Match(words.whole) or ()):
            held.setdefault(self._owners[number], []).append(self._patterns[number])
        found = ((self._rules[owner], self._rules[owner].find(words, patterns)) for owner, patterns in held.items())
        return [(rule, trigger) for rule, trigger in found if trigger is not None]


class Sieve:
    """Which of some patterns a short folded text may hold, all tried at once.

    RE2 has no look-arounds: negative ones are left out, so that a pattern with one may be named for nothing.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        import re2

        self._names = tuple(patterns)
        self._set = re2.Set.SearchSet(_options())
        for pattern in patterns.values():
            self._set.Add(_NEGATIVE.sub("", pattern).encode("latin-1"))
        self._set.Compile()

    def held(self, text: str) -> list[str]:
        """Names of the patterns, in no order."""
        return [self._names[number] for number in self._set.Match(text.encode("latin-1", "replace")) or ()]


class Screen:
    """Which of many patterns a text in small ASCII letters may hold, by their places in the list.

    RE2 looks for the literal words of all at once, then for the patterns that have theirs. These are loosened: without
    look-arounds, which RE2 has not, and without counts of repetitions, which cost it much. So nothing that `re` would
    find is left out, and `re` has the last word on the few that are named.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        import re2

        self._filter = re2.Filter()
        for pattern in patterns:
            self._filter.Add(f"(?m){loosened(pattern)}".encode("ascii"), _options())
        self._filter.Compile()

    def held(self, text: str) -> frozenset[int]:
        """Numbers of the patterns, the first being 0."""
        return frozenset(self._filter.Match(text.encode("ascii", "replace")) or ())


class Guard:
    """Says whether patterns may be found in a text, of any letters and case, before `re` tries place after place.

    RE2 looks for them loosened as in `Screen`, and widened: its letters, digits and blanks are those of ASCII.
    """

    def __init__(self, pattern: str) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        self._set.Add(f"(?i){widened(pattern)}")
        self._set.Compile()

    def passes(self, text: str) -> bool:
        """Whether `re` may find the pattern, case ignored."""
        if "ı" in text or "İ" in text:  # `re` takes them for an i, RE2 does not
            return True
        try:
            return bool(self._set.Match(text.encode()))
        except UnicodeEncodeError:
            return True


def widened(pattern: str) -> str:
    """A pattern of `re` as one for RE2 that finds at least as much in a text of any letters."""
    return "".join(map(_wider, _SYNTAX.findall(loosened(pattern).replace("(?>", "(?:"))))


def _wider(part: str) -> str:
    """An escape or a class with all that is not ASCII in it, unless it is of what must not stand there."""
    if part[0] != "[":
        return _WIDER.get(part, part)
    if _NEGATED.search(part):
        return _ANYTHING
    return part if part[1] == "^" else _NAMED.sub(lambda found: found[0] + _BEYOND, part)


def loosened(pattern: str) -> str:
    """A pattern of `re` as one for RE2 that finds at least as much: what begins a text may then begin any line."""
    return _REPEATED.sub(lambda found: "+" if int(found[1]) else "*", _without_looks(pattern)).replace(r"\A", "^")


def _without_looks(pattern: str) -> str:
    """`pattern` without the groups that look ahead or back, whatever groups they hold."""
    kept, depth, within = [], 0, 0
    for part in _SYNTAX.findall(pattern):
        depth += part[0] == "("
        if not within and _LOOK.match(part):
            within = depth
        if not within:
            kept.append(part)
        if part == ")":
            within = within if depth != within else 0
            depth -= 1
    return "".join(kept)


@lru_cache(maxsize=4)
def said(text: str) -> Said:
    """Fold a text and cut it into sentences, none longer than 600 characters.

    The last ones are remembered: the stages read the same mail one after the other.
    """
    found = [" ".join(part.split()) for part in SENTENCE.split(fold(text))]
    parts = [part[i : i + LONGEST_SENTENCE] for part in found for i in range(0, len(part), LONGEST_SENTENCE)]
    whole = "\n".join(parts).encode(_ENCODING, "replace")
    return Said(tuple(whole.split(b"\n")) if parts else (), whole)


def failed_examples(rules: Iterable[PatternRule]) -> list[str]:
    """Rules whose own `matches` and `no_matches` do not come out as they say; one line for each."""
    failures = []
    for rule in rules:
        place = f"rule {rule.id!r}"
        failures += [f"{place}: does not find {s!r}" for s in rule.matches if rule.find(said(s)) is None]
        failures += [f"{place}: wrongly finds {s!r}" for s in rule.no_matches if rule.find(said(s)) is not None]
    return failures


def _with_words(value: Any, words: Mapping[str, Any]) -> Any:
    """The rules of a list with `<name>` spelled out in their patterns; anything else as it is."""
    if not isinstance(value, list):
        return value
    return [
        {key: _spelled(part, words) if key in _PATTERN_KEYS else part for key, part in rule.items()}
        if isinstance(rule, dict)
        else rule
        for rule in value
    ]


def _spelled(patterns: Any, words: Mapping[str, Any]) -> Any:
    def listed(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise ValueError(f"<{found[1]}> is named in a pattern but is not in [words]")
        return "(?:" + "|".join(words[found[1]]) + ")"

    return [_LISTED.sub(listed, pattern) for pattern in patterns] if isinstance(patterns, list) else patterns


def _check(pattern: str) -> None:
    """Raise ValueError where RE2, its filter or folded text cannot do with a pattern."""
    import re2

    literal = re.sub(r"\\.", "", pattern)
    if literal != fold(literal):
        strange = next(character for character in literal if character != fold(character))
        raise ValueError(f"{pattern!r} must be lower case without accents ({strange!r}): it meets folded text")
    try:
        re2.compile(_whole_lines(pattern), _options())
        if not pattern.isascii():
            _filter([pattern])
    except re2.error as error:
        reason = error.args[0].decode(_ENCODING) if isinstance(error.args[0], bytes) else error
        raise ValueError(f"{pattern!r} is no RE2 pattern ({reason})") from error
    except UnicodeEncodeError as error:
        raise ValueError(f"{pattern!r} holds a character outside windows-1252") from error


def _filter(patterns: Iterable[str]) -> Any:
    import re2

    found = re2.Filter()
    for pattern in patterns:
        found.Add(_whole_lines(pattern), _options())
    found.Compile()
    return found


def _any_of(patterns: Sequence[str]) -> Any:
    import re2

    return re2.compile(_whole_lines("|".join(f"(?:{p})" for p in patterns)), _options())


def _first(patterns: Sequence[Any], text: bytes, start: int) -> Any:
    """What is found first from a place on; of several patterns at one place, by the first of them."""
    found = [match for pattern in patterns if (match := pattern.search(text, start))]
    return min(found, key=_start, default=None)


def _start(match: Any) -> int:
    return int(match.start())


def _whole_lines(pattern: str) -> bytes:
    """A pattern in which ^ and $ are the ends of a sentence."""
    return f"(?m){pattern}".encode(_ENCODING)


@cache
def _options() -> Any:
    """RE2 options: one byte a character keeps its automata small; faults are raised, not printed."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


def _text(found: Any) -> str:
    return str(found.group(0), _ENCODING).strip()
