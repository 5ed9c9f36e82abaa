"""A profile: the folder of data an administration copies and edits, checked when it is loaded.

    profile.toml     who the administration is       services.toml   who handles mail
    natures.toml     what kinds of request exist     urgency.toml    facts that decide urgency
    rules.toml       flags, what to do, which reply  regimes.toml    legal deadlines
    templates/*.txt  reply drafts                    knowledge/      texts an agent may cite

Patterns are those of triage/patterns.py.
"""

import tomllib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from triage import patterns
from triage.errors import ProfileError
from triage.patterns import Finder, PatternRule, RuleFile, Said, said
from triage.types import Action, Kind, UrgencyLevel

__all__ = [
    "BUILT_IN",
    "Case",
    "Needed",
    "PatternRule",
    "Procedure",
    "Profile",
    "Said",
    "Trigger",
    "UrgencyRule",
    "failed_examples",
    "load_profile",
    "said",
]

BUILT_IN = Path(__file__).parent / "profiles" / "commune"
_ID = r"^[a-z][a-z0-9_]*$"
Effect = Literal["", "acceptation", "rejet"]


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
        default="", description="department or overseas territory with public holidays of its own, such as '57'"
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


class UrgencyRule(PatternRule):
    """A fact that decides urgency, and `flags` that hold with it.

    `needs` is the least probability the model must give this level or a higher one for the fact to count: 0 where the
    words leave no doubt, little where everyday mail may hold them too, more where they are no more than a sign.
    """

    level: UrgencyLevel
    needs: float = Field(default=0.0, ge=0, le=1)
    flags: tuple[str, ...] = ()


Trigger = tuple[PatternRule, str]  # a rule and the words that triggered it


class Needed(NamedTuple):
    """What a rule needs of the model: at least a probability of a level or a higher one; flags need nothing."""

    level: UrgencyLevel | None = None
    probability: float = 0.0


class Case(NamedTuple):
    """What rules look at of a message; None where it is not known."""

    kind: Kind
    service: str | None = None
    nature: str | None = None
    flags: tuple[str, ...] = ()
    urgency: UrgencyLevel = "normale"
    procedures: tuple[str, ...] = ()


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


class ByProcedure(Condition):
    """A condition on what the mail says of its procedure, too."""

    procedures: tuple[str, ...] = ()

    def holds(self, case: Case) -> bool:
        """Whether a message satisfies the condition, its procedure included."""
        return (not self.procedures or bool(set(self.procedures) & set(case.procedures))) and super().holds(case)


class UrgencyDefault(Condition):
    """The level of a message in which no fact decides."""

    level: UrgencyLevel
    reason: str


class FlagRule(PatternRule):
    """A fact that restricts who may see a mail or what may be answered; all mail of `services` has it.

    Where the model learned this flag, its probability counts too: the words need at least `needs`, and from `model` on
    no words are needed (1: words always are).
    """

    services: tuple[str, ...] = ()
    needs: float = Field(default=0.0, ge=0, le=1)
    model: float = Field(default=1.0, ge=0, le=1)


class ActionRule(ByProcedure):
    """What to do with a message; the first rule that holds decides."""

    action: Action
    reason: str


class ReplyRule(Condition):
    """Which template answers a message; the first rule that holds decides."""

    template: str


class Procedure(PatternRule):
    """A procedure with a regime or an action of its own, told by its words; `reason` is its name (French)."""


class Regime(ByProcedure):
    """A legal or internal deadline; regimes.toml says what each key means."""

    name: str
    label: str = Field(description="French, shown to the agent")
    months: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)
    working_days: int = Field(default=0, ge=-60, le=250)
    franc: bool = Field(default=False, description="neither the first day nor the last counts")
    postponed: bool = Field(default=False, description="ends on the next day that is no Saturday, Sunday or holiday")
    since: Literal["reception", "first_request"] = "reception"
    after: str = Field(default="", description="the deadline whose end starts this one")
    after_effect: Effect = Field(default="", description="only where that deadline means this")
    extension_months: int = Field(default=0, ge=0, description="by how much the administration may prolong it")
    none: bool = Field(default=False, description="there is no such deadline here: no later row of that name counts")
    source: str
    confirmed: bool
    effect: Effect = Field(default="", description="what the end of the delay means")
    remark: str = Field(default="", description="French, ends the sentence that says how the date was counted")


class _Services(_Strict):
    service: tuple[Service, ...] = Field(min_length=2)


class _Natures(_Strict):
    nature: tuple[Label, ...] = Field(min_length=2)


class ModelUse(_Strict):
    """The model's part in urgency, all probabilities: 1 gives it no say, 0 always."""

    critique: float = Field(default=1.0, description="raises a mail in which no fact was found")
    haute: float = Field(default=1.0, description="raises a mail in which no fact was found")
    basse: float = Field(default=1.0, description="lowers a mail in which no fact was found")
    near_date: float = Field(default=0.0, description="needed for a date near to reception")
    same_day: float = Field(default=0.0, description="needed for an event on the day of reception")
    doubted: float = Field(default=0.0, description="needed for every fact where the mail says it is over")
    absent: float = Field(default=1.0, description="what a model without the axis `urgency` is taken to say")
    flags: dict[str, float] = Field(default={}, description="by flag, from where on it makes a mail « critique »")


class UrgencyRules(RuleFile):
    """The whole of urgency.toml."""

    near_date_working_days: int = Field(ge=0)
    model: ModelUse = ModelUse()
    over: tuple[PatternRule, ...] = ()
    default: tuple[UrgencyDefault, ...]
    rule: tuple[UrgencyRule, ...]


class _Rules(RuleFile):
    flag: tuple[FlagRule, ...]
    action: tuple[ActionRule, ...]
    reply: tuple[ReplyRule, ...]


class _Regimes(RuleFile):
    procedure: tuple[Procedure, ...] = ()
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
    procedures: tuple[Procedure, ...]
    regimes: tuple[Regime, ...]
    templates: dict[str, str]

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def _finders(self) -> list[tuple[Needed, Finder]]:
        """Rules that count under the same condition share a filter: where they cannot count, it costs nothing."""
        together: dict[Needed, list[PatternRule]] = {Needed(): [*self.flags, *self.procedures]}
        for rule in self.urgency.rule:
            together.setdefault(Needed(rule.level, rule.needs), []).append(rule)
        return [(needed, Finder(rules)) for needed, rules in together.items()]

    def triggered(self, words: Said, counts: Callable[[Needed], bool] = lambda _: True) -> list[Trigger]:
        """The rules that count and that a text triggers, each with the words that did it."""
        return [found for needed, finder in self._finders if counts(needed) for found in finder.triggered(words)]


_Model = TypeVar("_Model", bound=BaseModel)


def load_profile(folder: Path = BUILT_IN) -> Profile:
    """Read and check a profile folder. Raises ProfileError naming the file and the key."""
    if not folder.is_dir():
        raise ProfileError(f"{folder}: no such profile folder: create one with `triage init {folder}`")
    services = _read(folder, "services.toml", _Services).service
    natures = _read(folder, "natures.toml", _Natures).nature
    rules = _read(folder, "rules.toml", _Rules)
    regimes = _read(folder, "regimes.toml", _Regimes)
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
        procedures=regimes.procedure,
        regimes=regimes.regime,
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


def failed_examples(profile: Profile) -> list[str]:
    """Rules whose own examples do not come out as they say; one line for each, with its file."""
    return [
        f"{profile.folder / file}: {failure}"
        for file, rules in (
            ("urgency.toml", (*profile.urgency.over, *profile.urgency.rule)),
            ("rules.toml", profile.flags),
            ("regimes.toml", profile.procedures),
        )
        for failure in patterns.failed_examples(rules)
    ]


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
        "procedures": {rule.id for rule in profile.procedures},
    }
    named: tuple[tuple[str, str, Sequence[Condition | UrgencyRule | FlagRule | ModelUse]], ...] = (
        ("urgency.toml", "model", (profile.urgency.model,)),
        ("urgency.toml", "default", profile.urgency.default),
        ("urgency.toml", "rule", profile.urgency.rule),
        ("rules.toml", "flag", profile.flags),
        ("rules.toml", "action", profile.actions),
        ("rules.toml", "reply", profile.replies),
        ("regimes.toml", "regime", profile.regimes),
    )
    for file, section, rules in named:
        for number, rule in enumerate(rules, 1):
            for key, ids in known.items():
                for unknown in sorted(set(getattr(rule, key, ())) - ids):
                    raise ProfileError(
                        f"{profile.folder / file}: {section} {number}, key {key!r}: {unknown!r} is not defined"
                    )
    _check_order(profile)
    for number, reply in enumerate(profile.replies, 1):
        if reply.template not in profile.templates:
            path = profile.folder / "templates" / f"{reply.template}.txt"
            raise ProfileError(
                f"{profile.folder / 'rules.toml'}: reply {number}, key 'template': {path} does not exist"
            )


def _check_order(profile: Profile) -> None:
    """A regime that follows on another must stand below it. Raises ProfileError."""
    above: set[str] = set()
    for number, regime in enumerate(profile.regimes, 1):
        if regime.after and regime.after not in above:
            raise ProfileError(
                f"{profile.folder / 'regimes.toml'}: regime {number} ({regime.name}), key 'after': no regime above it "
                f"is named {regime.after!r}"
            )
        above.add(regime.name)
