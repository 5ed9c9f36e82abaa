"""HTML -> text. lxml only; nothing is fetched, no script or style is read, work is linear.

Hidden text (`display:none`, `font-size:0`, `mso-hide`…) is dropped. Quotes become `> ` lines; the
header lines that Outlook, Gmail and Yahoo put above a quote stay as they are, and a rule becomes the
line of underscores that Outlook writes in plain text, so that threads can be segmented.
"""

import re

from triage.parse.lines import MAX_QUOTE, MAX_TABLE_DEPTH, LineWriter

_RULE = "_" * 32
# fmt: off
_SKIPPED = frozenset({
    "head", "style", "script", "title", "template", "object", "iframe", "svg", "math", "select", "audio",
    "video", "map", "noframes", "xml",
})
_PARAGRAPHS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "form", "fieldset",
})
_BLOCKS = frozenset({
    "div", "li", "dt", "dd", "tr", "td", "th", "caption", "section", "article", "header", "footer", "nav",
    "main", "aside", "address", "center", "figure", "figcaption", "thead", "tbody", "tfoot", "body", "html",
    "legend", "option", "details", "summary",
})
# fmt: on
_HIDDEN = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}(?:hidden|collapse)|mso-hide\s{0,4}:\s{0,4}all"
    r"|font-size\s{0,4}:\s{0,4}(?:0(?:\.0{1,4})?(?:px|pt|em|rem|%)?|1p[xt])\s{0,4}(?:;|!|$)"
    r"|opacity\s{0,4}:\s{0,4}0(?:\.0{1,4})?\s{0,4}(?:;|!|$)"
    r"|max-height\s{0,4}:\s{0,4}0(?:px|pt)?\s{0,4}(?:;|!|$)"
    r"|(?:left|top|text-indent)\s{0,4}:\s{0,4}-\d{3,6}(?:px|pt|em)"
    r"|(?<![\w-])height\s{0,4}:\s{0,4}0(?:px)?\s{0,4};.{0,200}overflow\s{0,4}:\s{0,4}hidden",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|;)\s{0,9}color\s{0,4}:\s{0,4}([^;!]{1,40})", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|;)\s{0,9}background(?:-color|-image)?\s{0,4}:\s{0,4}([^;!]{1,200})", re.IGNORECASE)
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s{0,4}(\d{1,3})\s{0,4},\s{0,4}(\d{1,3})\s{0,4},\s{0,4}(\d{1,3})\s{0,4}\)", re.IGNORECASE)
_CSS_NAME = re.compile(r"\s*(?:[a-z][a-z0-9]{0,9})?([.#][\w-]{1,80})\s*", re.IGNORECASE)
_PREFORMATTED = re.compile(r"white-space\s{0,4}:\s{0,4}(?:pre|pre-wrap|break-spaces)\b(?!-)", re.IGNORECASE)
_INDENT = re.compile(r"border(?:-left)?\s{0,4}:\s{0,4}(?:none|0)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MAX_STYLE = 2_000
_MAX_SHEETS, _MAX_SHEET = 20, 100_000


class _Reader:
    """The parser's target: one call per tag and per run of text."""

    def __init__(self, hidden_names: frozenset[str], background: str) -> None:
        self.out = LineWriter()
        self._hidden_names = hidden_names  # classes (`.x`) and ids (`#x`) that the style sheet hides
        self._backgrounds = [background]  # of each open element, as six digits; empty when it is not known
        self.hid_a_colour = False
        self._hidden = 0  # depth below the element that hides the text
        self._blank_kept: list[bool] = []
        self._open_tables: list[str] = []  # rows and cells that have a page of their own
        self._quotes: list[bool] = []

    # What else the parser reports says nothing to a reader.
    def comment(self, _text: str) -> None: ...
    def pi(self, _target: str, _data: str) -> None: ...
    def doctype(self, _tag: str | None, _public: str | None, _system: str | None) -> None: ...
    def start_ns(self, _prefix: str, _uri: str) -> None: ...
    def end_ns(self, _prefix: str) -> None: ...

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        style = attributes.get("style", "")[:_MAX_STYLE] if attributes else ""
        if self._hidden or tag in _SKIPPED or (attributes and self._is_hidden(tag, attributes, style)):
            self._hidden += 1
            return
        self._backgrounds.append(self._background(attributes, style))
        self._blank_kept.append(tag == "pre" or bool(style and _PREFORMATTED.search(style)) or self._keeps_blanks())
        if tag == "br":
            self.out.end_line()
        elif tag in {"tr", "td", "th"}:
            self._open_table_part(tag)
        elif tag == "blockquote":
            self._open_quote(attributes, style)
        elif tag in _PARAGRAPHS:
            self.out.paragraph()
        elif tag == "li":
            self.out.item()
        elif tag in _BLOCKS:
            self.out.break_line()
        elif tag == "hr":
            self.out.break_line()
            self.out.text(_RULE, keep_blanks=False)
            self.out.break_line()

    def end(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= 1
            return
        if self._blank_kept:
            self._blank_kept.pop()
            self._backgrounds.pop()
        if tag in {"tr", "td", "th"}:
            self._close_table_part(tag)
        elif tag == "blockquote":
            self._close_quote()
        elif tag in _PARAGRAPHS:
            self.out.paragraph()
        elif tag == "li":
            self.out.end_item()
        elif tag in _BLOCKS:
            self.out.break_line()

    def data(self, text: str) -> None:
        if not self._hidden:
            self.out.text(text, self._keeps_blanks())

    def close(self) -> str:
        while self._open_tables:
            self._close_table_part(self._open_tables[-1])
        return self.out.finish()

    def _is_hidden(self, tag: str, attributes: dict[str, str], style: str) -> bool:
        if ("hidden" in attributes and tag != "body") or (":" in style and _HIDDEN.search(style)):
            return True
        if self._hidden_names and not self._hidden_names.isdisjoint(_names(attributes)):
            return True
        match = _COLOUR.search(style) if "olor" in style else None
        colour = _colour(match[1] if match else attributes.get("color", ""))
        hidden = bool(colour) and colour == self._background(attributes, style)
        self.hid_a_colour |= hidden
        return hidden

    def _background(self, attributes: dict[str, str], style: str) -> str:
        """Return the background of an element as six digits, empty when it is not known."""
        match = _BACKGROUND.search(style) if "ackground" in style else None
        if match:
            return _colour(match[1])
        if attributes and ("bgcolor" in attributes or "background" in attributes):
            return _colour(attributes.get("bgcolor", ""))
        return self._backgrounds[-1]

    def _keeps_blanks(self) -> bool:
        return bool(self._blank_kept) and self._blank_kept[-1]

    def _open_table_part(self, tag: str) -> None:
        """Give a row or a cell its own page; beyond a depth no mail needs, treat it as a block."""
        if len(self._open_tables) >= 2 * MAX_TABLE_DEPTH:
            self.out.break_line()
            return
        part = "row" if tag == "tr" else "cell"
        self._open_tables.append(part)
        (self.out.open_row if part == "row" else self.out.open_cell)()

    def _close_table_part(self, tag: str) -> None:
        part = "row" if tag in {"tr", "row"} else "cell"
        if not self._open_tables or self._open_tables[-1] != part:
            self.out.break_line()
            return
        self._open_tables.pop()
        (self.out.close_row if part == "row" else self.out.close_cell)()

    def _open_quote(self, attributes: dict[str, str], style: str) -> None:
        """Open a quote, unless it is the indent that Gmail's and Outlook's editors make."""
        quotes = not _INDENT.search(style) or "class" in attributes or "cite" in attributes
        self._quotes.append(quotes)
        self.out.paragraph()
        self.out.quote = min(sum(self._quotes), MAX_QUOTE) if len(self._quotes) <= MAX_QUOTE else self.out.quote

    def _close_quote(self) -> None:
        self.out.paragraph()
        if self._quotes:
            self._quotes.pop()
        self.out.quote = min(sum(self._quotes), MAX_QUOTE) if len(self._quotes) <= MAX_QUOTE else self.out.quote


def _colour(value: str) -> str:
    """Return a CSS colour as six hexadecimal digits, empty when it is anything else."""
    plain = value.strip().lower()
    if plain in {"white", "black"}:
        return "ffffff" if plain == "white" else "000000"
    if match := _HEX.match(plain):
        return match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    match = _RGB.match(plain)
    return "".join(f"{min(255, int(number)):02x}" for number in match.groups()) if match else ""


def _names(attributes: dict[str, str]) -> list[str]:
    """Return the classes and the id of an element as selectors."""
    names = [f".{name}" for name in attributes.get("class", "").split()[:50]]
    return [*names, f"#{attributes['id']}"] if "id" in attributes else names


def hidden_by_sheet(html: str) -> frozenset[str]:
    """Return the classes and ids that a style sheet in the document hides whatever the screen."""
    found: set[str] = set()
    for rule in _without_conditions(_without_comments(_sheets(html))).split("}"):
        selectors, _, declarations = rule.rpartition("{")
        if _HIDDEN.search(declarations[:_MAX_STYLE]):
            names = (_CSS_NAME.fullmatch(selector) for selector in selectors[:_MAX_STYLE].split(","))
            found.update(match[1] for match in names if match)
    return frozenset(found)


def _sheets(html: str) -> str:
    """Return what stands in the `style` elements, up to 100,000 characters."""
    sheets: list[str] = []
    lowered, at = html.lower(), 0
    while (start := lowered.find("<style", at)) >= 0 and len(sheets) < _MAX_SHEETS:
        at = lowered.find("</style", start)
        if at < 0:
            break
        sheets.append(html[start:at].partition(">")[2])
    return "\n".join(sheets)[:_MAX_SHEET]


def _without_comments(sheet: str) -> str:
    first, *others = sheet.split("/*")
    return first + "".join(other.partition("*/")[2] for other in others)


def _without_conditions(sheet: str) -> str:
    """Leave out what stands in `@media` and the like, which holds on some screens only."""
    kept, depth, skipped_from = [], 0, 0
    for piece in re.split(r"([@{}])", sheet):
        if piece == "@" and not depth and not skipped_from:
            skipped_from = 1
        depth += (piece == "{") - (piece == "}")
        if not skipped_from:
            kept.append(piece)
        elif piece == "}" and depth <= 0:
            skipped_from, depth = 0, 0
    return "".join(kept)


def html_to_text(html: str) -> str:
    """Return the visible text of an HTML document or fragment.

    Text in the colour of its background is left out, unless there is no other: a mail written in a client's dark
    mode may reach us as white on nothing.
    """
    data = html.replace("\0", "").encode("utf-8", "replace")
    if not data.strip():
        return ""
    sheet = "<style" in html or "<STYLE" in html
    names = hidden_by_sheet(html) if sheet else frozenset()
    reader = _Reader(names, "" if sheet else "ffffff")
    text = _read(data, reader)
    return text if text or not reader.hid_a_colour else _read(data, _Reader(names, ""))


def _read(data: bytes, reader: _Reader) -> str:
    from lxml import etree

    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True, huge_tree=True)
    try:
        parser.feed(data)
        return str(parser.close())
    except etree.LxmlError:
        return ""


def declared_charset(html: bytes) -> str:
    """Return the charset that a `meta` element names, or an empty string."""
    match = _META_CHARSET.search(html[:4096])
    return match[1].decode("ascii", "replace") if match else ""
