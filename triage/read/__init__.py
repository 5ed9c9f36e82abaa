"""Source -> RawMessage. Standard library, python-oxmsg and compressed-rtf (.msg), IMAPClient (`imap` only).

`read` opens a mail file, a folder of them, an mbox, a Maildir, an IMAP folder or standard input,
read-only and lazily: one message in memory at a time (of an IMAP folder, a few small ones).
"""

from triage.read.account import is_account, read_account
from triage.read.imap import connected, imap_folders
from triage.read.source import left_aside, passed_over, read

__all__ = ["connected", "imap_folders", "is_account", "left_aside", "passed_over", "read", "read_account"]
