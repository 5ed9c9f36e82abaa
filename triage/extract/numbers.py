"""What a number may be, by its length, its first digit and the characters around it: a sieve before the patterns.

A test may let through what the pattern then refuses, never the other way round.
"""

from collections.abc import Callable
from typing import NamedTuple


class Number(NamedTuple):
    """A run of digits in folded text: `before` is the character to its left, `after` the two to its right."""

    size: int
    first: str
    before: str
    after: str

    @property
    def parted(self) -> bool:
        """Whether more digits follow behind a mark."""
        return self.after[:1] in _MARKS and self.after[1:].isdigit()


Test = Callable[[Number], bool]

_MARKS = tuple(" .-/")
_COMPANY_SIZES = (3, 6, 9, 14)
_NIR_SIZES = (3, 5, 6, 7, 10, 13, 15)


def after_letter(number: Number) -> bool:
    """« FR76 »."""
    return number.size >= 2 and number.before.isalpha()


def like_nir(number: Number) -> bool:
    """« 1 84 03… », « 184033… »."""
    if number.first not in "123478":
        return False
    return number.parted if number.size == 1 else number.size in _NIR_SIZES


def by_threes(number: Number) -> bool:
    """« 732 829 320 », « 73282932000074 »."""
    return number.size in _COMPANY_SIZES and (number.size > 6 or number.parted)


def like_rna(number: Number) -> bool:
    """« W442017833 »."""
    return number.size == 9 and number.before == "w"


def like_permit(number: Number) -> bool:
    """« 021 231 26 R0045 », « 2112326R0045 »."""
    return number.size >= 5 or (number.size in (2, 3) and number.parted)


def like_phone(number: Number) -> bool:
    """« 06… », « +33… »."""
    return number.before == "+" or (number.first == "0" and number.size >= 2)


def like_plate(number: Number) -> bool:
    """« AB-123-CD », « 1234 AB 21 »."""
    if number.size == 3 and (number.before.isalpha() or number.before in ("-", " ")):
        return True
    return number.size <= 4 and (
        number.after[:1].isalpha() or (number.after[:1] in ("-", " ") and number.after[1:].isalpha())
    )


def like_plot(number: Number) -> bool:
    """« AB 212 », « AB n° 212 »."""
    return 2 <= number.size <= 4 and (number.before.isalpha() or number.before in (" ", "-", "°"))


def joined(number: Number) -> bool:
    """« SCO-25-0883 », « #12345 », « 2024-118 »: something stands against the number."""
    around = number.before + number.after[:1]
    return any(character.isalpha() or character in "/._-#…?" for character in around)


def like_date(number: Number) -> bool:
    """« 12 », « 1997 »."""
    return number.size <= 2 or number.size == 4


def like_hour(number: Number) -> bool:
    """« 9h30 », « 9 à 17 h », « 9:30 »."""
    return number.size <= 2 and number.after.lstrip(" ")[:1] in tuple("he:-–ao")


def like_amount(number: Number) -> bool:
    """« 45 € », « 1 250,40 », « 12,50 »."""
    if number.size > 9:
        return False
    if number.after[:1] in tuple(" .,"):
        return number.after[1:].isdigit() or number.after[1:] in tuple("€kemb")
    return number.after[:1] in tuple("€kemb")


def like_class(number: Number) -> bool:
    """« 6e », « 2nde », « 1 ère »."""
    return number.size == 1 and number.first in "123456" and number.after.lstrip(" ")[:1] in tuple("edrn")
