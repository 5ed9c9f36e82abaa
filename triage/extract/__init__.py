"""Message, CleanText -> Fact…: typed values with exact offsets. Only this package imports phonenumbers and stdnum."""

from triage.extract.facts import extract

__all__ = ["extract"]
