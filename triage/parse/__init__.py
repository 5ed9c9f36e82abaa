"""RawMessage -> Message. Standard library and lxml (in `markup` only).

`parse` never raises, whatever the bytes. The standard library's `email` cuts the message into parts;
charsets, headers, addresses, dates, bodies and the kind of message are decoded here.
"""

from triage.parse.message import parse

__all__ = ["parse"]
