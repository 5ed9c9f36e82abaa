"""Source -> RawMessage. Standard library only.

`read` opens a mail file, a folder of .eml, an mbox, a Maildir or standard input, read-only and
lazily: one message in memory at a time. `estimate` says about how many messages to expect.
"""

from triage.read.source import estimate, read

__all__ = ["estimate", "read"]
