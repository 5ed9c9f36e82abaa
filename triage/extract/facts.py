"""Find facts in what a person wrote: dates, numbers with a check digit, contacts, places, references, amounts."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from triage.extract.dates import READERS
from triage.text import fold_aligned
from triage.types import CleanText, Fact, Message, Segment

_BIRTH = re.compile(r"\bnee?(?:\(e\))? le $")
_DEADLINE = re.compile(
    r"\b(?:avant|jusqu'au|d'ici|au plus tard|pour|sous|dernier delai|echeance|expire|date limite)\b[^.]{0,25}$"
)
_CONTESTED = re.compile(
    r"\b(?:decision|arrete|refus|titre|avis|courrier|lettre|permis|pv|fps|forfait)\b"
    r"[^.]{0,40}\b(?:du|date du|recue? le|notifiee? le) $"
)

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}\b")
_PHONE = re.compile(r"(?<![\d/])(?:\+33 ?\(?0?\)? ?|0033 ?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
_IBAN = re.compile(r"\bfr\d{2}(?: ?[0-9a-z]{4}){5} ?[0-9a-z]{3}\b")
_NIR = re.compile(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[ab]) ?\d{3} ?\d{3} ?\d{2}(?!\d)")
_SIRET = re.compile(r"(?<!\d)\d{3} ?\d{3} ?\d{3} ?\d{5}(?!\d)")
_RNA = re.compile(r"\bw\d{9}\b")
_PLATE = re.compile(r"\b[a-hj-np-tv-z]{2}[- ]?\d{3}[- ]?[a-hj-np-tv-z]{2}\b")
_PERMIT = re.compile(r"\b(?:pc|dp|pa|pd|cua?b?) ?\d{3} ?\d{3} ?\d{2} ?[a-z]?\d{4,5}\b")
_AMOUNT = re.compile(r"(?<![\d,.])(\d{1,3}(?:[ .]?\d{3}){0,3})(?:,(\d{1,2}))? ?(?:€|euros?\b|eur\b)(?: ?(\d{2})\b)?")
_REFERENCE = re.compile(
    r"\b(facture|fps|avis|dossier|reference|ref|contrat|titre|commande|engagement|marche|demande)"
    r"[\w ]{0,20}?(?: ?[:.])? ?(?:n ?[°o]|numero|num|nr)? ?[:.]? ?([a-z]{0,5}[-/ ]?\d[\da-z/-]{2,20})\b"
)
_ADDRESS = re.compile(
    r"\b\d{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|av|boulevard|bd|bld|place|impasse|allees?|chemin|route|quai|"
    r"cours|square|passage|sentier|cite|residence|lotissement|faubourg|esplanade|venelle|traverse|villa|clos|hameau|rond-point)\b"
    r"(?: [\w'-]{1,30}){1,5}"
)
_STREET = re.compile(
    r"\b(?:rue|avenue|boulevard|place|impasse|allee|chemin|route|quai|square|passage|rond-point)"
    r"(?: (?:de|du|des|la|le|les|l'|d')){0,3} ?[\w'-]{1,30}(?:[ -][\w'-]{1,30}){0,2}"
)
_PERSON = re.compile(
    r"\b(?:M\.|Mr|Mme|Mlle|Madame|Monsieur|Maître|Me|Dr)[ \u00a0](?:[A-ZÉÈÀÂÎÔÇ][\w'’.-]{0,30}[ \u00a0]?){1,3}"
)
_SENTENCE_END = re.compile(r"[.;!?\n]")


def extract(message: Message, text: CleanText, received: date | None) -> tuple[Fact, ...]:
    """Facts of a mail's own words and signature, in text order, without overlaps.

    `received` (date of reception, local) resolves relative dates; without it they are left out. Offsets count in
    `Message.body`; a fact found in the subject has start and end -1.
    """
    facts: list[Fact] = []
    for segment in _readable(text, message):
        written = message.body[segment.start : segment.end]
        role = "sender" if segment.kind == "signature" else ""
        facts += (_moved(fact, segment.start, role) for fact in find_facts(written, received))
    found_in_subject = (Fact(f.type, f.value, f.text, -1, -1, f.role) for f in find_facts(text.subject, received))
    return (*found_in_subject, *facts)


def find_facts(written: str, received: date | None) -> list[Fact]:
    """Facts of one passage; the earlier kinds of the list below win where two overlap."""
    folded = fold_aligned(written)
    found: list[Fact] = []
    taken = bytearray(len(written))
    for search in _SEARCHES:
        for fact in search(written, folded, received):
            if not any(taken[fact.start : fact.end]):
                taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
                found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def _readable(text: CleanText, message: Message) -> Sequence[Segment]:
    wanted = {"own", "signature", "forwarded"} if text.forwarded else {"own", "signature"}
    segments = [segment for segment in text.segments if segment.kind in wanted]
    return segments or [Segment("own", 0, len(message.body))]


def _moved(fact: Fact, by: int, role: str) -> Fact:
    return Fact(fact.type, fact.value, fact.text, fact.start + by, fact.end + by, fact.role or role)


def _simple(kind: str, pattern: re.Pattern[str], value: Callable[[str], str | None]) -> "_Search":
    """A search that keeps what `value` can normalise; `value` gets the folded text."""

    def search(written: str, folded: str, _received: date | None) -> Iterator[Fact]:
        for match in pattern.finditer(folded):
            if normalised := value(match.group()):
                yield Fact(kind, normalised, written[match.start() : match.end()], match.start(), match.end())

    return search


def _dates(written: str, folded: str, received: date | None) -> Iterator[Fact]:
    for pattern, read in READERS if received else ():
        assert received
        for match in pattern.finditer(folded):
            if day := read(match, received):
                role = _date_role(folded[max(0, match.start() - 60) : match.start()], day, received)
                yield Fact(
                    "date", day.isoformat(), written[match.start() : match.end()], match.start(), match.end(), role
                )


def _date_role(before: str, day: date, received: date) -> str:
    sentence = _SENTENCE_END.split(before)[-1]
    if _BIRTH.search(sentence):
        return "birth"
    if _CONTESTED.search(sentence):
        return "contested"
    return "deadline" if day >= received and _DEADLINE.search(sentence) else "event"


def _phone(text: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _iban(text: str) -> str | None:
    from stdnum import iban

    return str(iban.compact(text)).upper() if iban.is_valid(text, check_country=False) else None


def _nir(text: str) -> str | None:
    from stdnum.fr import nir

    compact = re.sub(r"\s", "", text).upper()
    return compact if nir.is_valid(compact) else None


def _siret(text: str) -> str | None:
    from stdnum.fr import siret

    return str(siret.compact(text)) if siret.is_valid(text) else None


def _compact(text: str) -> str:
    return re.sub(r"[ -]", "", text).upper()


def _amount(text: str) -> str | None:
    match = _AMOUNT.fullmatch(text)
    if not match:
        return None
    cents = match[2] or match[3] or "00"
    return f"{re.sub(r'[ .]', '', match[1])}.{cents:0<2} EUR"


def _references(written: str, folded: str, _received: date | None) -> Iterator[Fact]:
    for match in _REFERENCE.finditer(folded):
        kind = "invoice" if match[1] == "facture" else "file"
        start, end = match.span(2)
        yield Fact(kind, written[start:end].upper(), written[start:end], start, end)


def _addresses(written: str, folded: str, _received: date | None) -> Iterator[Fact]:
    for pattern in (_ADDRESS, _STREET):
        for match in pattern.finditer(folded):
            text = _trimmed(written[match.start() : match.end()])
            yield Fact("address", " ".join(text.split()), text, match.start(), match.start() + len(text), "place")


_STOP = re.compile(
    r"\s(?:est|sont|il|elle|on|a|et|ou|pour|depuis|devant|qui|que|car|mais|avec|sans|en|au|aux|dans|sur|vers|pas|"
    r"n'est|c'est|j'ai|je|nous|vous|mon|ma|mes|notre|le soir|hier|ce|cette|entre|avant|après|apres|chaque|tous|"
    r"toujours|à|où|face|près|pres|ne|se|s'est|svp|merci|bonjour|un|une)(?=\s|$).*",
    re.IGNORECASE | re.DOTALL,
)


def _trimmed(address: str) -> str:
    """A street name ends where the sentence goes on."""
    return _STOP.sub("", address.split("\n", maxsplit=1)[0]).rstrip(" ,-'")


def _persons(written: str, _folded: str, _received: date | None) -> Iterator[Fact]:
    for match in _PERSON.finditer(written):
        text = match.group().rstrip(" \u00a0.")
        yield Fact("person", " ".join(text.split()), text, match.start(), match.start() + len(text))


_Search = Callable[[str, str, date | None], Iterator[Fact]]
_SEARCHES: tuple[_Search, ...] = (
    _simple("email", _EMAIL, str),
    _simple("iban", _IBAN, _iban),
    _simple("nir", _NIR, _nir),
    _simple("siret", _SIRET, _siret),
    _simple("permit", _PERMIT, _compact),
    _simple("rna", _RNA, str.upper),
    _simple("phone", _PHONE, _phone),
    _dates,
    _simple("plate", _PLATE, _compact),
    _simple("amount", _AMOUNT, _amount),
    _references,
    _addresses,
    _persons,
)
