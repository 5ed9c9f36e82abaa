"""Message, CleanText -> Fact…: typed values with exact offsets. Only this package imports phonenumbers and stdnum."""

from triage.extract.facts import extract, find_facts

__all__ = ["extract", "find_facts"]
