"""Everything a reply may draw on, and which template it calls for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from triage.draft.discretion import is_title, may_name, safe_subject
from triage.draft.letters import Letters, Need, Topic, Variant, letters_of
from triage.patterns import Finder
from triage.profile import Case, Profile, Said, said
from triage.text import fold
from triage.types import CleanText, Deadline, Decision, Fact, Message

_NOT_WANTED = {"date": ("birth", "contested"), "address": ("sender",)}
_NUMBERED = ("siret", "siren", "rna")
_FILED = ("permit", "file", "reference", "invoice")  # the administration knows whose that is
_OPENING = 2  # sentences: further down, people speak of other things too


@dataclass(frozen=True)
class Passage:
    """A text of the administration that answers a question: what it says, its title, link and date (French)."""

    text: str
    title: str
    link: str
    date: str


@dataclass(frozen=True)
class Situation:
    """Everything a reply may draw on; `received` is the local date from which delays run."""

    profile: Profile
    message: Message
    text: CleanText
    decision: Decision
    facts: Sequence[Fact]
    received: date | None
    passages: Sequence[Passage] = ()

    @property
    def case(self) -> Case:
        """The message as rules look at it."""
        d = self.decision
        return Case(self.message.kind, d.service, d.nature, d.flags, d.urgency.level)

    @property
    def letters(self) -> Letters:
        """What the profile says of its letters."""
        return letters_of(self.profile)

    @cached_property
    def subject(self) -> str:
        """The subject where a reply may repeat it, else nothing."""
        return safe_subject(self.text, self.profile, flagged=bool(self.decision.flags))

    @cached_property
    def quoted(self) -> str:
        """The subject where it may stand in the letter itself and says what the mail is about, unlike « Bonjour »."""
        folded = fold(self.subject).strip(" .!?")
        if folded in self.letters.empty_subjects or folded.startswith(self.letters.form_subjects):
            return ""
        known = " ".join(fact.text for fact in self.facts if fact.type != "person")
        return self.subject.rstrip(" .") if is_title(self.subject) and not may_name(self.subject, known) else ""

    @property
    def topic(self) -> Topic | None:
        """What the mail is about: the one topic of its service that the subject names, else that opens the text."""
        return self._topic[0]

    @property
    def named_in_subject(self) -> bool:
        """Whether the topic shows in the subject itself."""
        return self._topic[1]

    @property
    def words(self) -> Said:
        """Subject and own words as patterns see them."""
        return said(f"{self.text.subject}\n\n{self.text.body}")

    @cached_property
    def _topic(self) -> tuple[Topic | None, bool]:
        finder = self.letters.topics.get(self.decision.service or "")
        if finder is None:
            return None, False
        words = self.words
        told = _found(finder, words)
        if not told:
            return None, False
        subject = said(self.text.subject)
        named = _found(finder, subject)
        if named:
            return (named[0] if len(named) == 1 else None), True
        opened = len(told) == 1 and told == _found(finder, _beginning(words, len(subject.sentences) + _OPENING))
        return (told[0] if opened else None), False

    @cached_property
    def signs(self) -> dict[str, bool]:
        """By its id, whether the mail gives each sign of letters.toml: `at_home`, `reminder`…"""
        return {rule.id: rule.find(self.words) is not None for rule in self.letters.sign}

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """What the topic cannot do without and the mail does not say (French)."""
        wanted = [self.letters.needs[name] for name in self.topic.needs] if self.topic else []
        return tuple(need.ask for need in wanted if not any(self._tells(fact, need) for fact in self.facts))

    @cached_property
    def identity(self) -> str:
        """What R112-9-1 asks a person to give and this one has not (French), or nothing."""
        if self.decision.nature not in self.letters.identified or any(f.type in _NUMBERED for f in self.facts):
            return ""
        if self.decision.service in self.letters.not_identified or any(f.type in _FILED for f in self.facts):
            return ""
        sender = self.message.sender
        signed = any(segment.kind == "signature" for segment in self.text.segments)
        named = signed or (sender is not None and len(sender.name.split()) >= 2 and not self.text.forwarded)
        housed = any(fact.type == "address" for fact in self.facts)  # theirs or not, an agent sees it
        asked = [*([] if named else ["vos nom et prénom"]), *([] if housed else ["votre adresse postale"])]
        return " et ".join(asked)

    def deadline(self, name: str) -> Deadline | None:
        """The deadline of that name, or None."""
        return next((found for found in self.decision.deadlines if found.name == name), None)

    @property
    def effect(self) -> str:
        """What silence means, « acceptation » or « rejet », once that reading is confirmed; else nothing."""
        silence = self.deadline("silence")
        return silence.effect if silence and silence.confirmed else ""

    def _tells(self, fact: Fact, need: Need) -> bool:
        if fact.type not in need.facts:
            return False
        own = fact.role == "sender" and (need.own or (fact.type == "address" and self.signs.get("at_home", False)))
        return own or fact.role not in _NOT_WANTED.get(fact.type, ())


def chosen_template(situation: Situation) -> str | None:
    """The template that the profile's rules choose for a message; None where an agent must name one."""
    letters = situation.letters
    if set(letters.no_suggestion) & set(situation.decision.flags):
        return None
    case = situation.case
    rule = next((rule for rule in situation.profile.replies if rule.holds(case)), None)
    if rule is None:
        return None
    variant = next((v for v in letters.variant if v.of == rule.template and _refines(v, situation)), None)
    return variant.template if variant else rule.template


def _refines(variant: Variant, situation: Situation) -> bool:
    topic = situation.topic
    return (
        (not variant.effects or situation.effect in variant.effects)
        and (not variant.topics or (topic is not None and topic.id in variant.topics))
        and (not variant.incomplete or bool(situation.needs))
        and (not variant.unsaid or not situation.signs[variant.unsaid])
        and (not variant.online or (topic is not None and bool(topic.online)))
    )


def _found(finder: Finder, words: Said) -> list[Topic]:
    return [topic for topic, _ in finder.triggered(words) if isinstance(topic, Topic)]


def _beginning(words: Said, count: int) -> Said:
    sentences = words.sentences[:count]
    return Said(sentences, b"\n".join(sentences))
