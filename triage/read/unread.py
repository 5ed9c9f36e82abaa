"""A message that is there and cannot be read: it stands in its place with what went wrong, and the others go on."""

from triage.types import RawMessage


def unread(origin: str, fault: str) -> RawMessage:
    """A message without content; `fault` is one line that names its file and what to do."""
    return RawMessage(origin, f"X-Triage-Unread: {origin}\n\n".encode("utf-8", "surrogateescape"), fault=fault)
