"""Every type that crosses a stage border. Standard library only.

All are frozen. All datetimes are aware and in UTC; offsets count characters (not bytes) of
`Message.body`, end excluded; sizes are bytes; probabilities lie in [0, 1]. Fields that may hold
personal data are kept out of `repr`, so that none reaches a log by accident.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal["human", "form", "auto_reply", "bounce", "receipt", "newsletter", "machine", "suspect", "empty"]
SegmentKind = Literal["own", "quoted", "forwarded", "greeting", "closing", "signature", "disclaimer"]
Action = Literal["draft", "route", "review", "ignore"]
UrgencyLevel = Literal["critique", "haute", "normale", "basse"]

KINDS: tuple[Kind, ...] = (
    "human",
    "form",
    "auto_reply",
    "bounce",
    "receipt",
    "newsletter",
    "machine",
    "suspect",
    "empty",
)
URGENCY_LEVELS: tuple[UrgencyLevel, ...] = ("critique", "haute", "normale", "basse")


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as found in a source, not yet parsed.

    `origin` is a URI: `file:path`, `mbox:path#3` (zero-based rank), `maildir:path#key`,
    `imaps://host/INBOX;UIDVALIDITY=7;UID=42`.
    `received` is the moment the source says the mail arrived, or None; `first` that of the first mail of its thread
    by the same sender, where our records know it. `fault` says in one line why a message that is there could not be
    read; `content` then only names it, so that two of them are not copies of each other.
    """

    origin: str
    content: bytes = field(repr=False)
    received: datetime | None = None
    first: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address; `name` is the display name, often empty."""

    name: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is known of an attached part without opening it; `size` in bytes once decoded."""

    name: str = field(repr=False)
    media_type: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed mail.

    `id` is the Message-ID without angle brackets, or `sha256:` and the digest's first 32 digits.
    `digest` is the SHA-256 of the raw content, in hexadecimal. `subject` is one line, `body` has LF
    line ends. `references` lists message ids without brackets, oldest first, In-Reply-To included.
    `warnings` are short English codes with an optional detail (`charset: unknown-8bit`).
    """

    id: str
    digest: str
    origin: str
    kind: Kind
    kind_reason: str
    sender: Address | None
    reply_to: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str = field(repr=False)
    date: datetime | None
    received: datetime | None
    body: str = field(repr=False)
    html_only: bool
    references: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A passage of `Message.body`, characters start (included) to end (excluded)."""

    kind: SegmentKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Forwarded:
    """Who first wrote a mail that a colleague forwarded, as far as the forward's header says."""

    sender: Address | None
    date: str
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CleanText:
    """What the sender newly wrote.

    `body` holds the own words only (the subject where there are none); `masked` is subject and body
    on two lines with personal data replaced by placeholders, for the classifier and for logs. `recalled` is what the
    sender wrote in a mail of his own that he quotes under a line or two; empty under longer own words.
    """

    subject: str = field(repr=False)
    body: str = field(repr=False)
    segments: tuple[Segment, ...]
    masked: str
    forwarded: Forwarded | None = None
    recalled: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model says of one axis.

    `label` is None when the model abstains, and `abstention` then says why, in French. `ranking` holds
    (label, probability) in descending order, abstention or not; `evidence` (term, contribution to
    the log-odds of the first label against the second).
    """

    label: str | None
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[str, float], ...]
    model: str
    abstention: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value found in the text: `value` normalised, `text` as written at start:end."""

    type: str
    value: str = field(repr=False)
    text: str = field(repr=False)
    start: int
    end: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class Urgency:
    """How fast a human must look, and why (French)."""

    level: UrgencyLevel
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date with the article it comes from; not `confirmed` is shown « à confirmer ».

    `label` names it for an agent and `computed` says in a sentence how `due` was counted (both French). `effect` is
    what the end of the delay means: `acceptation`, `rejet`, or nothing. `extended` is the last day to which the
    administration may still prolong the delay, or None.
    """

    name: str
    due: date
    source: str
    confirmed: bool
    label: str = ""
    computed: str = ""
    effect: str = ""
    extended: date | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What should happen to a message. `service` is None when it goes to the mail desk."""

    action: Action
    service: str | None
    nature: str | None
    urgency: Urgency
    flags: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply nobody has sent. `missing` lists the gaps an agent must fill before sending."""

    to: Address
    subject: str = field(repr=False)
    body: str = field(repr=False)
    in_reply_to: str
    references: tuple[str, ...]
    template: str
    sources: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message could not be processed; it is kept and listed, never lost."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one message: one per input, always. Either `error` or all the rest is set."""

    origin: str
    digest: str
    message: Message | None = None
    text: CleanText | None = None
    service: Prediction | None = None
    nature: Prediction | None = None
    facts: tuple[Fact, ...] = ()
    decision: Decision | None = None
    draft: Draft | None = None
    error: Failure | None = None
