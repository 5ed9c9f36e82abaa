"""What a profile says of its letters: letters.toml, topics.toml and lint.toml, checked when they are read.

    letters.toml   situations T01-T22, which template answers them, articles cited, numbers to call
    topics.toml    what people write about, in words a reply can use
    lint.toml      what a letter must hold, and what it must not

Rules follow the conventions of urgency.toml (triage/profile.py): RE2 patterns on folded sentences, with their examples.
"""

import tomllib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import ProfileError
from triage.patterns import Finder
from triage.profile import PatternRule, Profile, said

ALGORITHM_ASKED = "algorithm_asked"  # the kind of every letter where the profile prints a notice (L311-3-1)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Code(_Strict):
    """A code of law and its full name: « CRPA », « code des relations entre le public et l'administration »."""

    id: str
    name: str


class Article(_Strict):
    """An article a letter may cite; not `confirmed` is shown « à confirmer »."""

    id: str
    says: str
    confirmed: bool


class Letter(_Strict):
    """A situation an administration answers, and the template that does."""

    id: str = Field(pattern=r"^T\d\d[a-z]?$")
    template: str
    name: str
    by_agent: bool = False


class Variant(_Strict):
    """Refines the template `[[reply]]` chose, by effect of silence, completeness, topic or sign; the first wins."""

    of: str
    template: str
    effects: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    incomplete: bool = False
    unsaid: str = ""
    online: bool = False


class Need(_Strict):
    """Something without which a request cannot be handled: found when a fact of one of these types is."""

    id: str
    facts: tuple[str, ...] = Field(min_length=1)
    ask: str
    own: bool = Field(default=False, description="whether what the person says of themselves will do: their address")


class Helpline(PatternRule):
    """A number to call, for people whose mail has one of its flags and its words."""

    reason: str = ""
    number: str
    says: str
    flags: tuple[str, ...]
    confirmed: bool


class Kindness(PatternRule):
    """A sentence owed to people whose mail tells of a loss."""

    reason: str = ""
    says: str


class Sign(PatternRule):
    """Words by which a mail says something of itself, such as that it is a reminder."""

    reason: str = ""


class Topic(PatternRule):
    """What a mail is about. `says` completes « Votre demande concerne … »; `authority` handles it where we do not."""

    reason: str = ""
    services: tuple[str, ...] = Field(min_length=1)
    says: str
    needs: tuple[str, ...] = ()
    authority: str = ""
    transmitted: bool = Field(default=True, description="whether L114-2 makes us transmit the request to `authority`")
    online: str = Field(default="", description="name and link of the online service reserved for it")
    broad: bool = Field(default=False, description="whether a subject says more than `says`, and is quoted instead")


class LetterKind(PatternRule):
    """A sentence by which one sees what a letter does: acknowledges, refuses, transmits…"""

    reason: str = ""


class Mention(PatternRule):
    """What a letter of some kinds must say; `says` names what is missing when no sentence matches."""

    reason: str = ""
    article: str
    says: str
    when: tuple[str, ...] = Field(default=(), description="kinds the letter must all have")
    when_not: tuple[str, ...] = Field(default=(), description="kinds it must not have")


class Phrase(PatternRule):
    """Words a letter must not hold; `says` is what to write instead."""

    reason: str = ""
    article: str = "conventions de rédaction"
    says: str


class _Letters(_Strict):
    texts: tuple[str, ...] = ()
    signed_by_administration: tuple[str, ...]
    empty_subjects: tuple[str, ...]
    form_subjects: tuple[str, ...]
    located: tuple[str, ...]
    civil_judge: tuple[str, ...] = ()
    identified: tuple[str, ...]
    not_identified: tuple[str, ...] = ()
    no_suggestion: tuple[str, ...]
    informed: tuple[str, ...]
    code: tuple[Code, ...]
    article: tuple[Article, ...]
    letter: tuple[Letter, ...]
    variant: tuple[Variant, ...]
    need: tuple[Need, ...]
    helpline: tuple[Helpline, ...]
    kindness: tuple[Kindness, ...] = ()
    sign: tuple[Sign, ...]


class _Topics(_Strict):
    topic: tuple[Topic, ...]


class _Lint(_Strict):
    introduces: tuple[str, ...]
    not_persons: tuple[str, ...]
    not_health: tuple[str, ...] = ()
    kind: tuple[LetterKind, ...]
    mention: tuple[Mention, ...]
    phrase: tuple[Phrase, ...]


class Letters(_Letters, _Topics, _Lint):
    """The three files together."""

    @cached_property
    def articles(self) -> dict[str, Article]:
        """Articles by their id, « CRPA L114-2 »."""
        return {article.id: article for article in self.article}

    @cached_property
    def needs(self) -> dict[str, Need]:
        """Needs by their id."""
        return {need.id: need for need in self.need}

    @cached_property
    def topics(self) -> dict[str, Finder]:
        """What looks for the topics of each service."""
        services = {service for topic in self.topic for service in topic.services}
        return {name: Finder([topic for topic in self.topic if name in topic.services]) for name in services}

    @cached_property
    def kinds(self) -> Finder:
        """What tells what a letter does."""
        return Finder(self.kind)

    @cached_property
    def phrases(self) -> Finder:
        """What looks for words to avoid."""
        return Finder(self.phrase)

    def rules(self) -> Iterator[tuple[str, PatternRule]]:
        """Every rule that carries examples, with the file it comes from."""
        yield from (("letters.toml", rule) for rule in (*self.helpline, *self.kindness, *self.sign))
        yield from (("topics.toml", rule) for rule in self.topic)
        yield from (("lint.toml", rule) for rule in (*self.kind, *self.mention, *self.phrase))

    def template_named(self, name: str) -> str:
        """The template of « T18 » or « decision_defavorable ». Raises ProfileError naming those there are."""
        wanted = name.casefold()
        for letter in self.letter:
            if wanted in (letter.id.casefold(), letter.template.casefold()):
                return letter.template
        known = ", ".join(f"{letter.id} {letter.template}" for letter in self.letter)
        raise ProfileError(f"no template {name!r}: choose one of {known}")


@lru_cache(maxsize=8)
def load_letters(folder: Path) -> Letters:
    """Read and check the three files of a profile folder, once. Raises ProfileError naming the file and the key."""
    read = (("letters.toml", _Letters), ("topics.toml", _Topics), ("lint.toml", _Lint))
    parts = [_read(folder / name, model) for name, model in read]
    return Letters.model_construct(**{key: value for part in parts for key, value in part})


def letters_of(profile: Profile) -> Letters:
    """The letters of a profile."""
    return load_letters(profile.folder)


def text_folders(folder: Path) -> list[Path]:
    """Where a profile's texts lie: its `knowledge`, then the folders letters.toml names. Raises ProfileError."""
    named = [folder / name for name in load_letters(folder).texts]
    for place in named:
        if not place.is_dir():
            raise ProfileError(f"{folder / 'letters.toml'}: key 'texts': {place} is no folder: correct its path")
    return [folder / "knowledge", *named]


def letter_faults(profile: Profile) -> list[str]:
    """Names that the letter files use and nothing defines; one line each."""
    letters, faults = letters_of(profile), []
    templates = {letter.template for letter in letters.letter} | {variant.template for variant in letters.variant}
    known = (
        ("letters.toml", "template", templates, set(profile.templates)),
        ("letters.toml", "article code", {a.id.split()[0] for a in letters.article}, {c.id for c in letters.code}),
        ("letters.toml", "topic", {t for v in letters.variant for t in v.topics}, {t.id for t in letters.topic}),
        ("letters.toml", "sign", {v.unsaid for v in letters.variant if v.unsaid}, {s.id for s in letters.sign}),
        ("letters.toml", "flag", {f for h in letters.helpline for f in h.flags}, {f.id for f in profile.flags}),
        (
            "letters.toml",
            "service",
            {*letters.signed_by_administration, *letters.located, *letters.not_identified, *letters.civil_judge},
            set(profile.services),
        ),
        ("letters.toml", "nature", {*letters.identified, *letters.informed}, set(profile.natures)),
        ("topics.toml", "service", {s for t in letters.topic for s in t.services}, set(profile.services)),
        ("topics.toml", "need", {n for t in letters.topic for n in t.needs}, set(letters.needs)),
        (
            "lint.toml",
            "kind",
            {k for m in letters.mention for k in (*m.when, *m.when_not)},
            {k.id for k in letters.kind} | {ALGORITHM_ASKED},
        ),
    )
    for file, noun, used, defined in known:
        faults += [f"{profile.folder / file}: {noun} {name!r} is not defined" for name in sorted(used - defined)]
    return faults


def failed_letter_examples(profile: Profile) -> list[str]:
    """Letter rules whose own `matches` and `no_matches` sentences do not come out as they say; one line for each."""
    failures = []
    for file, rule in letters_of(profile).rules():
        place = f"{profile.folder / file}: {type(rule).__name__.lower()} {rule.id!r}"
        failures += [f"{place}: does not find {s!r}" for s in rule.matches if rule.find(said(s)) is None]
        failures += [f"{place}: wrongly finds {s!r}" for s in rule.no_matches if rule.find(said(s)) is not None]
    return failures


_Model = TypeVar("_Model", bound=BaseModel)


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ProfileError(f"{path}: missing: copy it from the profile made by `triage init DIR`") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ", ".join(str(step + 1) if isinstance(step, int) else f"key {step!r}" for step in problem["loc"])
        raise ProfileError(f"{path}: {place}: {str(problem['msg']).removeprefix('Value error, ')}") from error
