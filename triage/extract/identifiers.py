"""Numbers that identify somebody or something: check digits verified where there are any."""

import re
from collections.abc import Iterator

from triage.extract.passage import Passage
from triage.extract.patterns import patterns
from triage.types import Fact

_SHORTEST_IBAN, _LONGEST_LOCAL_PART = 15, 64
_NO_DIGIT = re.compile(r"\D")
_FRENCH_DIGITS = 10
_NUMBER_BEFORE = re.compile(r"\d[ .,/-]?$|[a-z]$|/$")


def read_email(passage: Passage, at: int) -> Iterator[Fact]:
    """The address around the @ at `at`, in lower case."""
    domain = patterns("identifiers")["email_domain"].match(passage.folded, at)
    window = passage.folded[max(0, at - _LONGEST_LOCAL_PART - 1) : at]
    local = patterns("identifiers")["email_local"].search(window) if domain else None
    if domain and local:
        start = at - len(local.group())
        yield passage.fact("email", passage.written[start : domain.end()].lower(), start, domain.end())


def read_phone(passage: Passage, at: int) -> Iterator[Fact]:
    """A French or foreign number in E.164."""
    start = at - 1 if passage.folded[at - 1 : at] in ("+", "(") else at
    match = patterns("identifiers")["phone"].match(passage.folded, start)
    if not match or _in_number(passage, start):
        return
    if value := _e164(match.group()):
        yield passage.fact("phone", value, start + (match.group()[0] == "("), match.end())


def read_iban(passage: Passage, at: int) -> Iterator[Fact]:
    """An account number of any country, compact; `at` is its first digit."""
    start = at - 2
    match = patterns("identifiers")["iban"].match(passage.folded, start) if start >= 0 else None
    if not match or passage.folded[max(0, start - 1) : start].isalnum():
        return
    text = match.group()
    while len(text.replace(" ", "")) >= _SHORTEST_IBAN:
        if _is_iban(text):
            yield passage.fact("iban", text.replace(" ", "").upper(), start, start + len(text))
            return
        text = text.rpartition(" ")[0]


def read_nir(passage: Passage, at: int) -> Iterator[Fact]:
    """A social security number, compact: with a right key, or without one after a word that names it."""
    rules = patterns("identifiers")
    match = rules["nir"].match(passage.folded, at)
    if match and not _in_number(passage, at):
        compact = re.sub(r"[ .-]|cle", "", match.group()).upper()
        if _is_nir(compact) if match[1] else rules["nir_lead"].search(passage.before(at)):
            yield passage.fact("nir", compact, at, match.end())


def read_company(passage: Passage, at: int) -> Iterator[Fact]:
    """A SIRET, or a SIREN after a word that names it."""
    rules = patterns("identifiers")
    if _in_number(passage, at):
        return
    if (match := rules["siret"].match(passage.folded, at)) and _has_luhn_key(match.group(), "siret"):
        yield passage.fact("siret", re.sub(r"[ .]", "", match.group()), at, match.end())
        return
    match = rules["siren"].match(passage.folded, at)
    if match and rules["siren_lead"].search(passage.before(at)) and _has_luhn_key(match.group(), "siren"):
        yield passage.fact("siren", re.sub(r"[ .]", "", match.group()), at, match.end())


def read_rna(passage: Passage, at: int) -> Iterator[Fact]:
    """The number of an association: W and nine digits; `at` is the first digit."""
    match = patterns("identifiers")["rna"].match(passage.folded, at - 1) if at else None
    if match and not passage.folded[max(0, at - 2) : at - 1].isalnum():
        yield passage.fact("rna", match.group().upper(), at - 1, match.end())


def read_plate(passage: Passage, at: int) -> Iterator[Fact]:
    """A number plate, compact; `at` is its first digit."""
    rules, folded = patterns("identifiers"), passage.folded
    start = at - 3 if folded[at - 1 : at] in ("-", " ") else at - 2
    match = rules["plate"].match(folded, start) if start >= 0 else None
    if match and not folded[max(0, start - 1) : start].isalnum():
        written = passage.written[start : match.end()]
        if written.count("-") == 2 or written.isupper() or rules["plate_bare"].search(passage.before(start)):
            yield passage.fact("plate", _compact(match.group()), start, match.end())
    elif (match := rules["fni"].match(folded, at)) and rules["fni_lead"].search(passage.before(at, 40)):
        yield passage.fact("plate", _compact(match.group()), at, match.end())


def _in_number(passage: Passage, at: int) -> bool:
    """Whether the number goes on to the left, so that it does not begin at `at`."""
    before = passage.folded[max(0, at - 2) : at]
    return bool(_NUMBER_BEFORE.search(before)) and not before.endswith("\n")


def _e164(text: str) -> str | None:
    digits = _NO_DIGIT.sub("", text)
    if (
        len(digits) == _FRENCH_DIGITS and digits[0] == "0"
    ):  # nearly all numbers: no need of the library's fifty microseconds
        return f"+33{digits[1:]}"
    import phonenumbers

    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", text), "FR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_iban(text: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(text, check_country=False))


def _is_nir(compact: str) -> bool:
    from stdnum.fr import nir

    return bool(nir.is_valid(compact))


def _has_luhn_key(text: str, kind: str) -> bool:
    from stdnum.fr import siren, siret

    digits = re.sub(r"[ .]", "", text)
    return bool(siret.is_valid(digits) if kind == "siret" else siren.is_valid(digits))


def _compact(text: str) -> str:
    return re.sub(r"[ -]", "", text).upper()
