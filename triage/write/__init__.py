"""Outcome -> sink: JSON Lines, CSV, Parquet, .eml drafts, Maildir, mbox, IMAP Drafts. Nothing is ever sent.

Only this package imports pyarrow, inside the one function that writes Parquet.
"""

from triage.write.drafts import draft_bytes, put_draft, put_in_maildir
from triage.write.files import make_folder, quick_file, sweep, whole_file
from triage.write.imap import Waiting, append_drafts, drafts_folder
from triage.write.mailboxes import Maildirs, Mboxes
from triage.write.results import record
from triage.write.tables import parquet_missing, safe_cell, write_csv, write_parquet

__all__ = [
    "Maildirs",
    "Mboxes",
    "Waiting",
    "append_drafts",
    "draft_bytes",
    "drafts_folder",
    "make_folder",
    "parquet_missing",
    "put_draft",
    "put_in_maildir",
    "quick_file",
    "record",
    "safe_cell",
    "sweep",
    "whole_file",
    "write_csv",
    "write_parquet",
]
