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
    r"|font-size\s{0,4}:\s{0,4}0(?:\.0{1,4})?(?:px|pt|em|rem|%)?\s{0,4}(?:;|!|$)"
    r"|opacity\s{0,4}:\s{0,4}0(?:\.0{1,4})?\s{0,4}(?:;|!|$)"
    r"|max-height\s{0,4}:\s{0,4}0(?:px|pt)?\s{0,4}(?:;|!|$)",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s{0,4}:\s{0,4}(?:pre|pre-wrap|break-spaces)\b(?!-)", re.IGNORECASE)
_INDENT = re.compile(r"border(?:-left)?\s{0,4}:\s{0,4}(?:none|0)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,4}=\s{0,4}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MAX_STYLE = 2_000


class _Reader:
    """The parser's target: one call per tag and per run of text."""

    def __init__(self) -> None:
        self.out = LineWriter()
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
        if self._hidden or tag in _SKIPPED or (attributes and _is_hidden(tag, attributes, style)):
            self._hidden += 1
            return
        self._blank_kept.append(tag == "pre" or bool(style and _PREFORMATTED.search(style)) or self._keeps_blanks())
        if tag == "br":
            self.out.end_line()
        elif tag in {"tr", "td", "th"}:
            self._open_table_part(tag)
        elif tag == "blockquote":
            self._open_quote(attributes, style)
        elif tag in _PARAGRAPHS:
            self.out.paragraph()
        elif tag in _BLOCKS:
            self.out.break_line()
            if tag == "li":
                self.out.text("- ", keep_blanks=True)
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
        if tag in {"tr", "td", "th"}:
            self._close_table_part(tag)
        elif tag == "blockquote":
            self._close_quote()
        elif tag in _PARAGRAPHS:
            self.out.paragraph()
        elif tag in _BLOCKS:
            self.out.break_line()

    def data(self, text: str) -> None:
        if not self._hidden:
            self.out.text(text, self._keeps_blanks())

    def close(self) -> str:
        while self._open_tables:
            self._close_table_part(self._open_tables[-1])
        return self.out.finish()

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


def _is_hidden(tag: str, attributes: dict[str, str], style: str) -> bool:
    if "hidden" in attributes and tag != "body":
        return True
    return bool(style) and ":" in style and _HIDDEN.search(style) is not None


def html_to_text(html: str) -> str:
    """Return the visible text of an HTML document or fragment."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Reader(), encoding="utf-8", no_network=True, huge_tree=True)
    data = html.replace("\0", "").encode("utf-8", "replace")
    if not data.strip():
        return ""
    try:
        parser.feed(data)
        return str(parser.close())
    except etree.LxmlError:
        return ""


def declared_charset(html: bytes) -> str:
    """Return the charset that a `meta` element names, or an empty string."""
    match = _META_CHARSET.search(html[:4096])
    return match[1].decode("ascii", "replace") if match else ""
