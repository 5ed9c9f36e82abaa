"""References: planning permissions, plots, invoices, files. Upper case, spaces kept only where they part numbers."""

import re
from collections.abc import Iterator

from triage.extract.passage import Passage
from triage.extract.patterns import patterns, words
from triage.types import Fact

_TOKEN = re.compile(r"[\w/.?…-]{1,30}")
_SPEAKS_OF_PLOTS = re.compile(r"\b(?:parcelle|cadastr|section)")
_LONGEST = 28
_LONGEST_UNBROKEN = 40
_DIGIT = re.compile(r"\d")
_REACH = 120  # characters in which the number of a file must begin: a word, four more, its sign
_SHAPE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-…?"
_PLOT_LETTERS = re.compile(r"(?<![\w-])[A-Z]{2}[ -]?(?:n ?° ?)?$")
_MIXED = re.compile(r"[a-z…?]|\d[-/]\d")


def read_permit(passage: Passage, at: int) -> Iterator[Fact]:
    """A planning permission, compact: « DP02123126R0045 »; `at` is its letters, or its first digit after « permis »."""
    rules = patterns("references")
    match = rules["permit"].match(passage.folded, at)
    if not match or (not match[1] and not (match[2] and rules["permit_lead"].search(passage.before(at, 50)))):
        return
    if match[1] and not match[2] and not match[4] and len(match[6]) < 4:
        return
    yield passage.fact("permit", re.sub(r"[^a-z\d]", "", match.group()).upper(), at, match.end())


def read_plot(passage: Passage, at: int) -> Iterator[Fact]:
    """Plots of the land register as « AB 212 »: `at` is « section », « parcelle »…"""
    rules = patterns("references")
    match = rules["cadastre"].match(passage.folded, at)
    if not match:
        return
    start = match.start(1) if match[1] else match.start(2)
    yield passage.fact("cadastre", _plot(match[1], match[2], match[3]), start, match.end())
    section, end = match[2], match.end()
    while more := rules["cadastre_next"].match(passage.folded, end):
        section, end = more[1] or section, more.end()
        begin = more.start(1) if more[1] else more.start(2)
        yield passage.fact("cadastre", _plot(match[1], section, more[2]), begin, end)


def read_bare_plot(passage: Passage, at: int) -> Iterator[Fact]:
    """« AB 212 » in a mail that speaks of plots; `at` is the first digit."""
    window = passage.written[max(0, at - 6) : at]
    letters = None if window == passage.folded[max(0, at - 6) : at] else _PLOT_LETTERS.search(window)
    if letters and _SPEAKS_OF_PLOTS.search(passage.folded[:20_000]):
        start = at - len(window) + letters.start()
        match = patterns("references")["cadastre_bare"].match(passage.written, start)
        if match:
            yield passage.fact("cadastre", _plot(None, match[1], match[2]), start, match.end())


def _plot(prefix: str | None, section: str, number: str) -> str:
    return " ".join(filter(None, (prefix, section.upper(), number)))


def read_invoice(passage: Passage, at: int) -> Iterator[Fact]:
    """The number after « facture »."""
    match = patterns("references")["invoice"].match(passage.folded, at)
    if match:
        yield from _reference(passage, "invoice", match.span(2), marked=bool(match[1]), weak=False)


def read_file(passage: Passage, at: int) -> Iterator[Fact]:
    """The number after « dossier », « réf. », « titre », « contrat », « n° allocataire »…"""
    if not _DIGIT.search(passage.folded, at, at + _REACH):
        return
    match = patterns("references")["file"].match(passage.folded, at)
    if match:
        weak = match[1] in words("references", "weak")
        yield from _reference(passage, _kind(passage, *match.span(3)), match.span(3), marked=bool(match[2]), weak=weak)


def read_numbered(passage: Passage, at: int) -> Iterator[Fact]:
    """« n° 1142 » after a word that is no house, line or telephone."""
    rules = patterns("references")
    match = rules["numbered"].match(passage.folded, at)
    if not match or rules["numbered_not"].search(passage.before(at, 30)):
        return
    if sum(map(str.isdigit, match[1])) > 2:
        yield from _reference(passage, _kind(passage, *match.span(1)), match.span(1), marked=True, weak=False)


def read_shaped(passage: Passage, at: int) -> Iterator[Fact]:
    """« SCO-25-0883 »: a reference by its looks; `at` is a digit in it."""
    window = passage.written[max(0, at - 20) : at]
    start = at - (len(window) - len(window.rstrip(_SHAPE)))
    token, before = _TOKEN.match(passage.written, start), passage.written[max(0, start - 1) : start]
    if not token or before.isalnum() or before in ("@", "'", "+"):
        return
    text = token.group().rstrip(".…?-/")
    numbered = before == "#" and text.isdigit() and len(text) > 3
    cut = any(mark in token.group() for mark in "…?")
    if numbered or _has_shape(text, cut=cut):
        yield passage.fact(_kind(passage, start, start + len(text)), text, start, start + len(text))


def _has_shape(text: str, *, cut: bool) -> bool:
    """Whether a token can be nothing but a reference: « SCO-25-0883 », « 2024-118 », or `cut`: « BAC-…-2291 »."""
    rules = patterns("references")
    if yearly := rules["yearly"].match(text):
        return not _is_span(yearly)
    enough = 2 if cut else 3
    long = sum(map(str.isdigit, text)) >= enough
    return long and bool(rules["shaped"].match(text)) and (cut or not rules["shaped_not"].match(text))


def _is_span(yearly: re.Match[str]) -> bool:
    """« 2025-26 », « 2019-2024 » are years and « 2025-07 » a month."""
    year, number = int(yearly[1]), int(yearly[2])
    if len(yearly[2]) == 2:
        return number <= 12 or year < number <= 40
    return len(yearly[2]) == 4 and yearly[2].startswith(("19", "20"))


def _is_reference(token: str, *, marked: bool, weak: bool) -> bool:
    """Whether `token` names something: not a date, a year, a rank or a plain small number."""
    rules = patterns("references")
    if rules["day"].match(token) and not (marked and token.isdigit() and len(token) > 1):
        return False
    year = rules["year"].match(token)
    if year and not marked and (not year[1] or int(year[1]) == int(token[2:4]) + 1):
        return False
    digits = sum(map(str.isdigit, token))
    mixed = bool(_MIXED.search(token))
    if marked:
        return digits >= 2 or (mixed and digits >= 1)
    if token.startswith("0x"):
        return False
    if weak:
        return digits >= (3 if mixed else 6)
    return digits >= (2 if mixed else 3)


def _kind(passage: Passage, at: int, end: int) -> str:
    """An invoice where the words, the shape or a sum beside it say so, else file."""
    rules = patterns("references")
    before = passage.before(at)
    if rules["billed"].search(before):
        return "invoice"
    if rules["bill"].match(passage.written, at) and not rules["filed"].search(before):
        return "invoice"
    paid = rules["money_near"].search(passage.folded[end : end + 30])
    return "invoice" if paid and rules["bill_before"].search(before) else "file"


def _reference(passage: Passage, kind: str, span: tuple[int, int], *, marked: bool, weak: bool) -> Iterator[Fact]:
    """The reference at `span`, without a word before it that is no part of it (« juin 2025 »: a prefix is capitals)."""
    start, end = span[0], min(span[1], span[0] + _LONGEST)
    if " " not in passage.written[start:end]:  # one unbroken token, such as the 33 signs of a parking charge
        end = min(span[1], start + _LONGEST_UNBROKEN, start + len(passage.written[start : span[1]].split(" ")[0]))
    prefix, space, _ = passage.written[start:end].partition(" ")
    if space and prefix.isalpha() and (not prefix.isupper() or prefix.lower() in words("references", "strong")):
        start += len(prefix) + 1
    text = passage.written[start:end].rstrip(" .…?-/")
    if _is_reference(passage.folded[start : start + len(text)], marked=marked, weak=weak):
        yield passage.fact(kind, " ".join(text.upper().split()), start, start + len(text))
        yield from _alternatives(passage, kind, start + len(text), len(text))


def _alternatives(passage: Passage, kind: str, end: int, length: int) -> Iterator[Fact]:
    """What follows a reference after « ou » or « et » and is as long."""
    while match := patterns("references")["alternative"].match(passage.folded, end):
        text = passage.written[match.start(1) : match.end(1)].rstrip(" .…?-/")
        if len(text) != length or not _is_reference(text.lower(), marked=True, weak=False):
            return
        end = match.start(1) + length
        yield passage.fact(kind, " ".join(text.upper().split()), match.start(1), end)
