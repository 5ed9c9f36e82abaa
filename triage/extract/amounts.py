"""Sums of money as « 1250.40 EUR »."""

import re
from collections.abc import Iterator
from decimal import Decimal

from triage.extract.passage import Passage
from triage.extract.patterns import patterns
from triage.types import Fact

_THOUSANDS = {"k": 1_000, "mille": 1_000, "million": 1_000_000, "m€": 1_000_000, "milliard": 1_000_000_000}


def read_number(passage: Passage, at: int) -> Iterator[Fact]:
    """The sum that begins with the number at `at`."""
    rules, folded = patterns("amounts"), passage.folded
    if folded[max(0, at - 1) : at] in (",", ".", "-", "/") and folded[max(0, at - 2) : at - 1].isdigit():
        return
    if match := rules["amount"].match(folded, at):
        if match["unit"] == "e" and _is_rank(passage, match):
            return
        yield passage.fact("amount", _value(match), at, match.end())
    elif (match := rules["bare"].match(folded, at)) and not rules["bare_not"].search(passage.before(at)):
        yield passage.fact("amount", f"{_whole(match[1])}.{match[2]} EUR", at, match.end())


def bare_amount(written: str) -> str | None:
    """The value of a form field that holds a sum: its unit may be missing."""
    match = re.match(r"(\d{1,3}(?:[ .]\d{3}){1,3}|\d{1,9})(?:[.,](\d{1,2}))? ?(?:€|euros?|eur)?$", written.strip())
    return f"{_whole(match[1])}.{match[2] or '00':0<2} EUR" if match else None


def _is_rank(passage: Passage, match: re.Match[str]) -> bool:
    """« 3e étage », « le 6e »: a rank; « je paye 870 e »: euros."""
    if patterns("amounts")["ordinal_after"].match(passage.folded, match.end()):
        return True
    return not patterns("amounts")["money_before"].search(passage.before(match.start()))


def _value(match: re.Match[str]) -> str:
    cents = match[2] or match["cents"] or (match["centimes"] or "00").zfill(2)
    sum_ = Decimal(f"{_whole(match[1])}.{cents:0<2}")
    factor = next((value for word, value in _THOUSANDS.items() if (match["k"] or "").startswith(word)), 1)
    factor = 1_000_000_000 if (match["k"] or "").startswith("milliard") else factor
    return f"{sum_ * factor:.2f} EUR"


def _whole(digits: str) -> str:
    return re.sub(r"[ .]", "", digits)
