"""What stands for a person, an address or a number: the same for the same one, of the same form, never a real one.

Everything is drawn from a keyed hash (HMAC-SHA-256): without the key nobody can go back, even by trying all numbers.
Numbers keep their spacing and, where there is one, a right check sum; phones are of the ranges kept for fiction by the
ARCEP, addresses under the reserved domain `.test`, number plates of the temporary series WW.
"""

import hmac
import re
from collections.abc import Callable
from hashlib import sha256

_STARTS = ("b", "br", "c", "d", "f", "g", "gr", "l", "m", "n", "p", "pr", "r", "s", "t", "tr", "v")
_MIDDLES = ("a", "e", "i", "o", "ou", "an", "on", "eu")
_ENDS = ("bel", "dard", "geau", "lin", "mont", "net", "quet", "rel", "ret", "sac", "sin", "tel", "vel", "vin")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DIGIT = re.compile(r"\d")
_PARTICLES = re.compile(
    r"(?:d[eu]s?|la|le|les|du|et|van|von|mme|mlle|mm|mr|dr|me|madame|monsieur|mademoiselle)\b", re.IGNORECASE
)
_STREET_WORDS = {
    "rue", "avenue", "av", "bd", "boulevard", "place", "pl", "impasse", "chemin", "allée", "allee", "cours", "quai",
    "route", "square", "passage", "sentier", "venelle", "résidence", "residence", "lotissement", "bâtiment",
    "batiment", "bat", "appartement", "appt", "apt", "étage", "etage", "bis", "ter", "quater", "cedex", "lieu", "dit",
    "hameau", "cité", "cite", "villa", "rond", "point", "faubourg", "montée", "esplanade", "promenade", "côte",
    "porte", "numéro", "entre", "angle", "de", "du", "des", "la", "le", "les", "et", "en", "sur", "sous", "au", "aux",
    "à", "saint", "sainte",
}  # fmt: skip


class Pseudonyms:
    """Replacements under one key (bytes, 16 or more)."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._forms: dict[str, Callable[[str], str]] = {
            "name": self._name, "address": self._address, "email": self._email, "url": self._url, "phone": self._phone,
            "iban": self._iban, "nir": self._nir, "siret": self._siret, "plate": self._plate, "number": self._number,
        }  # fmt: skip

    def of(self, kind: str, written: str) -> str:
        """What stands for `written`; kinds: name, address, email, url, phone, iban, nir, siret, plate, number."""
        return self._forms[kind](written)

    def _draw(self, kind: str, value: str) -> int:
        return int.from_bytes(hmac.new(self._key, f"{kind} {value}".encode(), sha256).digest(), "big")

    def _digits(self, kind: str, value: str, count: int) -> str:
        return str(self._draw(kind, value)).zfill(80)[-count:]

    def _word(self, written: str) -> str:
        """An invented name, in capitals where the word is."""
        draw, parts = self._draw("name", written.lower()), []
        for choices in (_STARTS, _MIDDLES, _STARTS, _MIDDLES, _ENDS):
            draw, place = divmod(draw, len(choices))
            parts.append(choices[place])
        name = "".join(parts)
        return name.upper() if written.isupper() else name.title() if written[0].isupper() else name

    def _name(self, written: str) -> str:
        return _WORD.sub(lambda f: f[0] if _PARTICLES.fullmatch(f[0]) else self._word(f[0]), written)

    def _address(self, written: str) -> str:
        words = _WORD.sub(lambda f: f[0] if f[0].lower() in _STREET_WORDS else self._word(f[0]), written)
        return self._number(words)

    def _email(self, written: str) -> str:
        return f"{self._word(written.lower())}{self._digits('email', written.lower(), 3)}@courriel.test"

    def _url(self, written: str) -> str:
        return f"https://exemple.org/{self._digits('url', written.lower(), 8)}"

    def _phone(self, written: str) -> str:
        digits = _digits_of(written)
        national = "0" + digits[2:].removeprefix("0") if digits.startswith("33") and len(digits) > 10 else digits
        own = self._digits("phone", national, 4)
        fresh = ("063998" if national[:2] in ("06", "07") else "019900") + own
        if national != digits:
            fresh = "33" + ("0" if digits[2] == "0" else "") + fresh[1:]
        return _laid(written, fresh)

    def _iban(self, written: str) -> str:
        own = self._digits("iban", _compact(written), 11)
        bank, desk = "99999", "00000"
        key = 97 - (89 * int(bank) + 15 * int(desk) + 3 * int(own)) % 97
        account = f"{bank}{desk}{own}{key:02d}"
        return _laid(written, f"FR{98 - int(account + '152700') % 97:02d}{account}", keep_letters=False)

    def _nir(self, written: str) -> str:
        drawn = self._draw("nir", _compact(written))
        number = f"{1 + drawn % 2}{drawn // 2 % 100:02d}{1 + drawn // 200 % 12:02d}99999{drawn // 2400 % 1000:03d}"
        return _laid(written, f"{number}{97 - int(number) % 97:02d}")

    def _siret(self, written: str) -> str:
        digits = _digits_of(written)
        siren = _with_luhn("000" + self._digits("siren", digits[:9], 5))
        return _laid(written, siren if len(digits) <= 9 else _with_luhn(siren + self._digits("siret", digits, 4)))

    def _plate(self, written: str) -> str:
        drawn = self._draw("plate", _compact(written))
        letters = chr(65 + drawn % 26) + chr(65 + drawn // 26 % 26)
        return f"WW-{drawn // 676 % 900 + 100}-{letters}"

    def _number(self, written: str) -> str:
        """Other digits in the same places; letters stay, so that « PC » still says what the number is."""
        fresh = iter(self._digits("number", _digits_of(written), len(_DIGIT.findall(written)) or 1))
        return _DIGIT.sub(lambda _: next(fresh), written)


def _compact(written: str) -> str:
    return "".join(filter(str.isalnum, written)).upper()


def _digits_of(written: str) -> str:
    return "".join(_DIGIT.findall(written))


def _laid(written: str, fresh: str, *, keep_letters: bool = True) -> str:
    """Fresh characters in the places of the old ones, spacing kept; what is too many follows, what is too few goes."""
    places = str.isdigit if keep_letters else str.isalnum
    left = list(fresh)
    laid = [left.pop(0) if places(letter) and left else "" if places(letter) else letter for letter in written]
    return "".join(laid) + "".join(left)


def _with_luhn(digits: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(digits)):
        twice = int(digit) * (2 if i % 2 == 0 else 1)
        total += twice - 9 if twice > 9 else twice
    return f"{digits}{-total % 10}"
