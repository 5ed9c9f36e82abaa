"""The whole chain, and the only module that knows all its stages: parse, clean, classify, extract, decide, draft."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from triage.classify import load_model
from triage.clean import clean, mask, sender_names, strip_prefixes
from triage.decide import check_holidays, decide, without_reply
from triage.draft import (
    Library,
    Situation,
    broken_templates,
    draft,
    load_library,
    text_folders,
    texts_digest,
    wants_texts,
    why_no_draft,
)
from triage.errors import MessageError, ModelError, ProfileError
from triage.extract import extract
from triage.parse import parse
from triage.profile import Profile, load_profile
from triage.types import Address, CleanText, Decision, Fact, Failure, Message, Outcome, Prediction, RawMessage

if TYPE_CHECKING:
    from triage.classify.model import Model


@dataclass(frozen=True)
class Engine:
    """What processing needs: a profile and a model."""

    profile: Profile
    model: "Model"

    @property
    def recipe(self) -> str:
        """Names what decided a result: results made by another recipe may differ."""
        stages = "both" if self.model.has_second_stage else "first"
        return f"{self.model.id} {stages} {self.profile.digest}{_outer_texts(self.profile.folder)}"


@lru_cache(maxsize=2)
def load_engine(profile: Path, model: Path, encoder: bool = True) -> Engine:
    """Load a profile and a model once in a process. Raises ProfileError or ModelError.

    Without `encoder`, or where its library is not installed, the model works with its first stage alone.
    """
    engine = engine_of(load_profile(profile), load_model(model, encoder))
    if "service" not in engine.model.axes:
        raise ModelError(f"{model}: has no axis 'service': train it with `triage train CORPUS --model {model}`")
    if problems := broken_templates(engine.profile):
        raise ProfileError(problems[0])
    check_holidays(engine.profile)
    library(profile)
    return engine


def engine_of(profile: Profile, model: "Model") -> Engine:
    """Both together: what the profile no longer has is never predicted, whatever the model once learned."""
    model = model.without_labels({"service": profile.services, "nature": profile.natures})
    gone = sorted({label for axis in model.axes.values() for label in axis.gone})
    told = f"labels that {profile.folder} does not have are never given: {', '.join(gone)}" if gone else ""
    return Engine(profile, replace(model, note="; ".join(filter(None, (model.note, told)))))


def process(engine: Engine, chunk: Sequence[RawMessage]) -> list[Outcome]:
    """One outcome for each message, in order. A message that cannot be processed becomes an outcome with an error.

    One stage after the other: a processor works faster while its caches hold the data of one stage.
    """
    parsed = [_parsed(raw) for raw in chunk]
    read = [_cleaned(message) for _, message in zip(chunk, parsed, strict=True)]
    predictions = _predict(engine, [found[1].masked if isinstance(found, tuple) else "" for found in read])
    return [
        _finish(engine, raw, found, predicted) if isinstance(found, tuple) else _failed(raw, found)
        for raw, found, predicted in zip(chunk, read, predictions, strict=True)
    ]


def text_message(subject: str, body: str) -> Message:
    """A text that is no mail file as the message it stands for."""
    return Message(
        id="", digest="", origin="", kind="human", kind_reason="", sender=None, reply_to=None, to=(), cc=(),
        subject=" ".join(subject.split()), date=None, received=None, body=body.replace("\r\n", "\n"), html_only=False,
        references=(), attachments=(), warnings=(),
    )  # fmt: skip


def cleaned_text(subject: str, body: str) -> CleanText:
    """A text that is no mail file, cleaned as a mail would be."""
    return clean(text_message(subject, body))


def masked_text(subject: str, own_words: str, sender: str) -> str:
    """What the classifier sees of a mail whose own words are known already; `sender` is the bare address."""
    subject = strip_prefixes(subject)
    names = sender_names(Address("", sender)) if sender else []
    return mask(subject, "" if own_words == subject else own_words, names)


def cleaned(raw: RawMessage) -> CleanText:
    """A mail file, parsed and cleaned."""
    return clean(parse(raw))


def _parsed(raw: RawMessage) -> Message | Exception:
    if raw.fault:
        return MessageError(raw.fault)
    try:
        return parse(raw)
    except Exception as error:  # noqa: BLE001  nothing in a mail may stop the batch
        return error


def _cleaned(message: Message | Exception) -> tuple[Message, CleanText] | Exception:
    if isinstance(message, Exception):
        return message
    try:
        return message, clean(message)
    except Exception as error:  # noqa: BLE001  nothing in a mail may stop the batch
        return error


def _predict(engine: Engine, texts: Sequence[str]) -> list[dict[str, Prediction] | Exception]:
    """Predictions of a chunk; where the chunk fails as a whole, of each text alone."""
    try:
        return list(engine.model.predict(texts))
    except Exception as error:  # noqa: BLE001  one odd text may not cost its chunk
        if len(texts) == 1:
            return [error]
        return [found for text in texts for found in _predict(engine, [text])]


def _finish(
    engine: Engine, raw: RawMessage, read: tuple[Message, CleanText], predicted: dict[str, Prediction] | Exception
) -> Outcome:
    if isinstance(predicted, Exception):
        return _failed(raw, predicted)
    message, text = read
    try:
        return _decided(engine, raw, message, text, predicted)
    except Exception as error:  # noqa: BLE001  the message is kept with its error
        return replace(_failed(raw, error), message=message, text=text)


def _decided(
    engine: Engine, raw: RawMessage, message: Message, text: CleanText, predicted: dict[str, Prediction]
) -> Outcome:
    home = engine.profile.administration
    received = home.local_date(message.received or message.date)
    facts = extract(message, text, received)
    judged = {axis: _readable(message, found) for axis, found in ({"nature": _no_axis(engine)} | predicted).items()}
    decision = decide(engine.profile, message, text, judged, facts, received, home.local_date(raw.first))
    situation = _situation(engine, message, text, decision, facts)
    reply = draft(situation)
    if decision.action == "draft" and reply is None:
        decision = without_reply(engine.profile, decision, why_no_draft(situation))
    return Outcome(
        origin=message.origin,
        digest=message.digest,
        message=message,
        text=text,
        service=judged["service"],
        nature=judged["nature"],
        facts=facts,
        decision=decision,
        draft=reply,
    )


def situation_of(engine: Engine, raw: RawMessage) -> Situation:
    """Everything a reply to a mail may draw on. Raises MessageError for a mail that cannot be processed."""
    found = process(engine, [raw])[0]
    if found.error or not (found.message and found.text and found.decision):
        raise MessageError(found.error.message if found.error else "nothing was decided")
    return _situation(engine, found.message, found.text, found.decision, found.facts)


def _situation(
    engine: Engine, message: Message, text: CleanText, decision: Decision, facts: Sequence[Fact]
) -> Situation:
    received = engine.profile.administration.local_date(message.received or message.date)
    quotes = message.kind in ("human", "form") and wants_texts(text, decision.nature, engine.profile)
    passages = library(engine.profile.folder).find(text, decision.service, received) if quotes else ()
    return Situation(engine.profile, message, text, decision, facts, received, passages)


@lru_cache(maxsize=2)
def library(profile: Path) -> Library:
    """The texts a profile may quote, indexed once in a process. Raises ProfileError."""
    from triage.classify.meaning import word_meanings

    return load_library(text_folders(profile), word_meanings)


@lru_cache(maxsize=2)
def _outer_texts(profile: Path) -> str:
    """What changes with the texts a profile takes from elsewhere, whose digest is not in its own; empty without any."""
    _, *outer = text_folders(profile)
    return f"+{texts_digest(outer)}" if outer else ""


def _readable(message: Message, prediction: Prediction) -> Prediction:
    """A prediction means nothing for mail that no person wrote or that says nothing."""
    if message.kind in ("human", "form", "suspect"):
        return prediction
    return replace(prediction, label=None, abstention=message.kind_reason)


def _no_axis(engine: Engine) -> Prediction:
    return Prediction(None, 0.0, (), (), engine.model.id, "le modèle ne prédit pas la nature")


def _failed(raw: RawMessage, error: Exception) -> Outcome:
    """Name the fault without its text, which may quote the mail; our own errors are written to be shown."""
    said = (
        " ".join(str(error).split())
        if isinstance(error, MessageError)
        else "unexpected fault while reading this message"
    )
    return Outcome(raw.origin, sha256(raw.content).hexdigest(), error=Failure(type(error).__name__, said))
