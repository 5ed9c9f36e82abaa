"""The exceptions a caller may meet. Each message is one line that names the place and the remedy.

TriageError
├── UsageError            something the user gave cannot be used: exit code 2
│   ├── SourceError       a mailbox or file that cannot be read
│   │   └── EmptyError    a mailbox that is there and holds no message
│   ├── CorpusError       a labelled corpus with a fault (file, line, key)
│   ├── ModelError        a model folder that is missing, damaged, foreign or newer
│   └── ProfileError      a profile with a fault (file, key)
└── MessageError          one message that cannot be processed; the batch goes on
"""


class TriageError(Exception):
    """Any error this program raises on purpose."""


class UsageError(TriageError):
    """What the user gave cannot be used."""


class SourceError(UsageError):
    """A mailbox or file cannot be read."""


class EmptyError(SourceError):
    """A mailbox is there and holds no message."""


class CorpusError(UsageError):
    """A labelled corpus has a fault."""


class ModelError(UsageError):
    """A model folder cannot be used."""


class ProfileError(UsageError):
    """A profile has a fault."""


class MessageError(TriageError):
    """One message cannot be processed."""
