"""A profile: the folder of data an administration copies and edits, checked when it is loaded.

    profile.toml     who the administration is       services.toml   who handles mail
    natures.toml     what kinds of request exist     urgency.toml    facts that decide urgency
    rules.toml       flags, what to do, which reply  regimes.toml    legal deadlines
    templates/*.txt  reply drafts                    knowledge/      texts an agent may cite

Patterns are RE2 regular expressions (linear whatever the text, no look-around) matched on one sentence at a time, in
lower case without accents.
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from triage.errors import ProfileError
from triage.text import fold
from triage.types import Action, Kind, UrgencyLevel

BUILT_IN = Path(__file__).parent / "profiles" / "commune"
SENTENCE = re.compile(r"(?<=[.!?;…])\s+|\n\s*\n")  # mail programs wrap lines: only a blank line ends a sentence
LONGEST_SENTENCE = 600  # characters
_ENCODING = "cp1252"  # one byte a character, with €
_ID = r"^[a-z][a-z0-9_]*$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Administration(_Strict):
    """Who answers; printed in every draft."""

    name: str
    email: str
    postal_address: str
    phone: str
    website: str = ""
    court: str = Field(description="administrative court, with its address")
    data_protection_officer: str = ""
    algorithm_notice: str = ""
    timezone: str = "Europe/Paris"
    holidays_subdivision: str = Field(
        default="", description="code of the `holidays` library, such as '57' for Moselle"
    )
    closed_days: tuple[str, ...] = Field(default=(), description="further closed days, ISO dates")

    def local_date(self, moment: datetime | None) -> date | None:
        """The day an aware moment falls on where the administration is; None for None."""
        return moment.astimezone(ZoneInfo(self.timezone)).date() if moment else None

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"{name!r} is no time zone: use a name such as 'Europe/Paris' or 'Indian/Reunion'"
            ) from error
        return name

    @field_validator("closed_days")
    @classmethod
    def _are_dates(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            date.fromisoformat(day)
        return days


class Label(_Strict):
    """A label of an axis and the name agents and citizens read."""

    id: str = Field(pattern=_ID)
    name: str


class Service(Label):
    """Who handles a mail. Empty contact fields fall back on the administration's."""

    description: str
    motives: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    postal_address: str = ""


class Said(NamedTuple):
    """A text as patterns see it: folded sentences in windows-1252, and the same on as many lines."""

    sentences: tuple[bytes, ...]
    whole: bytes


@cache
def _pattern_options() -> Any:
    """RE2 options: one byte a character keeps its automata small; faults are raised, not printed."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options


class PatternRule(_Strict):
    """A fact to look for: any of `patterns` in a sentence that holds none of `unless`."""

    id: str = Field(pattern=_ID)
    reason: str = Field(description="French, shown to the agent")
    patterns: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    matches: tuple[str, ...] = Field(min_length=1)
    no_matches: tuple[str, ...] = Field(min_length=1)

    @field_validator("patterns", "unless")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        import re2

        for pattern in patterns:
            literal = re.sub(r"\\.", "", pattern)
            if literal != fold(literal):
                raise ValueError(f"{pattern!r} must be lower case without accents: it is matched on folded text")
            try:
                re2.compile(pattern.encode(_ENCODING), _pattern_options())
            except re2.error as error:
                reason = error.args[0].decode(_ENCODING) if isinstance(error.args[0], bytes) else error
                raise ValueError(f"{pattern!r} is no RE2 pattern ({reason})") from error
            except UnicodeEncodeError as error:
                raise ValueError(f"{pattern!r} holds a character outside windows-1252") from error
        return patterns

    @cached_property
    def _found(self) -> Any:
        return _any_of(self.patterns)

    @cached_property
    def _denied(self) -> Any:
        return _any_of(self.unless) if self.unless else None

    def find(self, words: Said) -> str | None:
        """The words that trigger the rule, or None."""
        for sentence in words.sentences:
            found = self._found.search(sentence)
            if found and not (self._denied and self._denied.search(sentence)):
                return str(found.group(0), _ENCODING).strip()
        return None


def _any_of(patterns: Sequence[str]) -> Any:
    import re2

    return re2.compile("|".join(f"(?:{p})" for p in patterns).encode(_ENCODING), _pattern_options())


class UrgencyRule(PatternRule):
    """A fact that decides urgency."""

    level: UrgencyLevel


class Case(NamedTuple):
    """What rules look at of a message; None where it is not known."""

    kind: Kind
    service: str | None = None
    nature: str | None = None
    flags: tuple[str, ...] = ()
    urgency: UrgencyLevel = "normale"


class Condition(_Strict):
    """When a rule applies: every non-empty list must hold the message's value (for flags, one of them)."""

    kinds: tuple[Kind, ...] = ()
    services: tuple[str, ...] = ()
    natures: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    urgencies: tuple[UrgencyLevel, ...] = ()

    def holds(self, case: Case) -> bool:
        """Whether a message satisfies the condition."""
        return (
            (not self.kinds or case.kind in self.kinds)
            and (not self.services or case.service in self.services)
            and (not self.natures or case.nature in self.natures)
            and (not self.flags or bool(set(self.flags) & set(case.flags)))
            and (not self.urgencies or case.urgency in self.urgencies)
        )


class UrgencyDefault(Condition):
    """The level of a message in which no fact decides."""

    level: UrgencyLevel
    reason: str


class FlagRule(PatternRule):
    """A fact that restricts who may see a mail or what may be answered."""


class ActionRule(Condition):
    """What to do with a message; the first rule that holds decides."""

    action: Action
    reason: str


class ReplyRule(Condition):
    """Which template answers a message; the first rule that holds decides."""

    template: str


class Regime(Condition):
    """A legal or internal deadline: `due` counts from reception, `after` names the deadline it follows on."""

    name: str
    label: str
    months: int = 0
    days: int = 0
    working_days: int = 0
    after: str = ""
    source: str
    confirmed: bool
    effect: str = Field(default="", description="what the end of the delay means: acceptation, rejet, or empty")


class _Services(_Strict):
    service: tuple[Service, ...] = Field(min_length=2)


class _Natures(_Strict):
    nature: tuple[Label, ...] = Field(min_length=2)


class UrgencyRules(_Strict):
    """The whole of urgency.toml."""

    near_date_working_days: int = Field(ge=0)
    default: tuple[UrgencyDefault, ...]
    rule: tuple[UrgencyRule, ...]


class _Rules(_Strict):
    flag: tuple[FlagRule, ...]
    action: tuple[ActionRule, ...]
    reply: tuple[ReplyRule, ...]


class _Regimes(_Strict):
    regime: tuple[Regime, ...]


class Profile(_Strict):
    """Everything a profile folder says, checked."""

    folder: Path
    digest: str = Field(description="twelve hexadecimal digits that change with any file of the folder")
    administration: Administration
    services: dict[str, Service]
    natures: dict[str, Label]
    urgency: UrgencyRules
    flags: tuple[FlagRule, ...]
    actions: tuple[ActionRule, ...]
    replies: tuple[ReplyRule, ...]
    regimes: tuple[Regime, ...]
    templates: dict[str, str]

    @cached_property
    def _filter(self) -> tuple[Any, list[int]]:
        """All patterns of all rules in one RE2 filter, which looks for their literal words first; the rule of each."""
        import re2

        found, owners = re2.Filter(), []
        for number, rule in enumerate((*self.urgency.rule, *self.flags)):
            for pattern in rule.patterns:
                found.Add(pattern.encode(_ENCODING), _pattern_options())
                owners.append(number)
        found.Compile()
        return found, owners

    def triggered(self, words: Said) -> list[tuple[PatternRule, str]]:
        """The rules a text triggers, in the profile's order, each with the words that did it."""
        everything, owners = self._filter
        candidates = {owners[i] for i in everything.Match(words.whole) or ()}
        rules = (rule for number, rule in enumerate((*self.urgency.rule, *self.flags)) if number in candidates)
        return [(rule, trigger) for rule in rules if (trigger := rule.find(words)) is not None]


_Model = TypeVar("_Model", bound=BaseModel)


def load_profile(folder: Path = BUILT_IN) -> Profile:
    """Read and check a profile folder. Raises ProfileError naming the file and the key."""
    if not folder.is_dir():
        raise ProfileError(f"{folder}: no such profile folder: create one with `triage init {folder}`")
    services = _read(folder, "services.toml", _Services).service
    natures = _read(folder, "natures.toml", _Natures).nature
    rules = _read(folder, "rules.toml", _Rules)
    profile = Profile(
        folder=folder,
        digest=_digest(folder),
        administration=_read(folder, "profile.toml", Administration),
        services=_by_id(folder / "services.toml", services),
        natures=_by_id(folder / "natures.toml", natures),
        urgency=_read(folder, "urgency.toml", UrgencyRules),
        flags=rules.flag,
        actions=rules.action,
        replies=rules.reply,
        regimes=_read(folder, "regimes.toml", _Regimes).regime,
        templates=_templates(folder),
    )
    _check_references(profile)
    return profile


def _digest(folder: Path) -> str:
    """What changes with any file of a profile. Raises ProfileError for a link that leaves the folder."""
    found = sha256()
    root = folder.resolve()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if not path.resolve().is_relative_to(root):
            raise ProfileError(f"{path}: leads out of the profile folder: copy the file instead of linking to it")
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode() + sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


def said(text: str) -> Said:
    """Fold a text and cut it into sentences, none longer than 600 characters."""
    found = [" ".join(part.split()) for part in SENTENCE.split(fold(text))]
    parts = [part[i : i + LONGEST_SENTENCE] for part in found for i in range(0, len(part), LONGEST_SENTENCE)]
    encoded = tuple(part.encode(_ENCODING, "replace") for part in parts)
    return Said(encoded, b"\n".join(encoded))


def failed_examples(profile: Profile) -> list[str]:
    """Rules whose own `matches` and `no_matches` sentences do not come out as they say; one line for each."""
    failures = []
    for file, rules in (("urgency.toml", profile.urgency.rule), ("rules.toml", profile.flags)):
        for rule in rules:
            place = f"{profile.folder / file}: rule {rule.id!r}"
            failures += [f"{place}: does not find {s!r}" for s in rule.matches if rule.find(said(s)) is None]
            failures += [f"{place}: wrongly finds {s!r}" for s in rule.no_matches if rule.find(said(s)) is not None]
    return failures


def _read(folder: Path, name: str, model: type[_Model]) -> _Model:
    path = folder / name
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProfileError(f"{path}: missing: copy it from the profile made by `triage init DIR`") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path}: cannot be read: {error}") from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ProfileError(f"{path}: {_first_problem(error, content)}") from error


def _first_problem(error: ValidationError, content: dict[str, Any]) -> str:
    """The first fault as « rule 3 (danger_electrique), key 'level': Input should be … »."""
    problem = error.errors(include_url=False)[0]
    place: list[str] = []
    value: Any = content
    for step in problem["loc"]:
        value = _inside(value, step)
        if isinstance(step, int):
            name = value.get("id") or value.get("name") if isinstance(value, dict) else None
            section = place.pop().removeprefix("key ").strip("'")
            place.append(f"{section} {step + 1}" + (f" ({name})" if name else ""))
        else:
            place.append(f"key {step!r}")
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{', '.join(place) or 'file'}: {message}"


def _inside(value: Any, step: str | int) -> Any:
    """The part of a TOML value that one step of a key path leads to, or None."""
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


_Labelled = TypeVar("_Labelled", bound=Label)


def _by_id(path: Path, labels: Sequence[_Labelled]) -> dict[str, _Labelled]:
    found: dict[str, _Labelled] = {}
    for label in labels:
        if label.id in found:
            raise ProfileError(f"{path}: id {label.id!r} is given twice: rename one")
        found[label.id] = label
    return found


def _templates(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted((folder / "templates").glob("*.txt")):
        try:
            found[path.stem] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ProfileError(f"{path}: cannot be read: {error}") from error
    if not found:
        raise ProfileError(f"{folder / 'templates'}: holds no *.txt template: copy them from `triage init DIR`")
    return found


def _check_references(profile: Profile) -> None:
    """Every service, nature, flag and template a rule names must exist. Raises ProfileError."""
    known = {
        "services": set(profile.services),
        "natures": set(profile.natures),
        "flags": {rule.id for rule in profile.flags},
    }
    named = (
        ("urgency.toml", "default", profile.urgency.default),
        ("rules.toml", "action", profile.actions),
        ("rules.toml", "reply", profile.replies),
        ("regimes.toml", "regime", profile.regimes),
    )
    for file, section, rules in named:
        for number, rule in enumerate(rules, 1):
            for key, ids in known.items():
                for unknown in sorted(set(getattr(rule, key)) - ids):
                    raise ProfileError(
                        f"{profile.folder / file}: {section} {number}, key {key!r}: {unknown!r} is not defined"
                    )
    for number, reply in enumerate(profile.replies, 1):
        if reply.template not in profile.templates:
            path = profile.folder / "templates" / f"{reply.template}.txt"
            raise ProfileError(
                f"{profile.folder / 'rules.toml'}: reply {number}, key 'template': {path} does not exist"
            )
