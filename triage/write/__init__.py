"""Outcome -> sink: JSON Lines and .eml drafts. Nothing is ever sent."""

from triage.write.drafts import draft_bytes, write_draft
from triage.write.results import record

__all__ = ["draft_bytes", "record", "write_draft"]
