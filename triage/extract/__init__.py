"""Message, CleanText -> Fact…: typed values with exact offsets. Only this package imports phonenumbers and stdnum.

facts         one pass over words and numbers that calls the readers below; segments and roles
passage       what a reader sees
patterns      the language, from the TOML files beside the code
dates         dates that begin with a number         relative     dates that begin with a word
roles         what a date means                      days         calendar arithmetic
hours, amounts, identifiers, references, places, schools, persons, forms    one family each
"""

from triage.extract.facts import extract, find_facts

__all__ = ["extract", "find_facts"]
