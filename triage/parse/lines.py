"""Lines of text under construction, as HTML is read: blanks, paragraphs, quotes, table rows."""

import re

MAX_QUOTE = 10
MAX_TABLE_DEPTH = 12
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_FILLER = re.compile("[\u00ad\u034f\u200b\u200c\u2060\ufeff]")
_SPACE = " \t\xa0"

Line = tuple[int, str]  # quote depth, text


class LineWriter:
    """Collects text into lines; each table cell being read has its own list of them."""

    def __init__(self) -> None:
        """Start with an empty page."""
        self.quote = 0
        self._pages: list[list[Line]] = [[]]
        self._rows: list[list[list[Line]]] = []
        self._pieces: list[str] = []
        self._gap = False
        self._bullet = False

    def text(self, text: str, keep_blanks: bool) -> None:
        """Add text to the current line; blanks run together unless `keep_blanks`."""
        if keep_blanks:
            first, *rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._add(first)
            for line in rest:
                self.end_line()
                self._add(line)
            return
        text = _BLANKS.sub(" ", text)
        if text.startswith(" ") and (not self._pieces or self._pieces[-1].endswith(" ")):
            text = text[1:]
        self._add(text)

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._gap and text.strip(_SPACE):
            self._gap = False
            if page := self._pages[-1]:
                page.append((min(page[-1][0], self.quote), ""))
        if self._bullet and text.strip(_SPACE):
            self._bullet = False
            self._pieces.append("- ")
        self._pieces.append(text)

    def item(self) -> None:
        """Start a list item: what comes next, in whatever element, stands behind a hyphen."""
        self.break_line()
        self._bullet = True

    def end_item(self) -> None:
        """End a list item; an empty one leaves nothing."""
        self.break_line()
        self._bullet = False

    def break_line(self) -> None:
        """End the current line if there is one."""
        if self._pieces:
            self.end_line()

    def end_line(self) -> None:
        """End the current line, even an empty one."""
        text = _FILLER.sub("", "".join(self._pieces)).rstrip(_SPACE)
        self._pieces = []
        if text or not self._gap:
            self._pages[-1].append((self.quote, "-- " if text == "--" else text))

    def paragraph(self) -> None:
        """End the current line and leave one blank line before what follows."""
        self.break_line()
        self._gap = True

    def open_cell(self) -> None:
        """Start the page of a table cell."""
        self.break_line()
        self._gap = False
        self._pages.append([])

    def close_cell(self) -> None:
        """Put the cell's page aside until its row ends."""
        self.break_line()
        self._gap = False
        cell = self._pages.pop()
        if self._rows:
            self._rows[-1].append(cell)
        else:
            self._pages[-1].extend(cell)

    def open_row(self) -> None:
        """Start a table row."""
        self.break_line()
        if self._gap and (page := self._pages[-1]):
            page.append((min(page[-1][0], self.quote), ""))
        self._gap = False
        self._rows.append([])

    def close_row(self) -> None:
        """Write the row: short cells side by side, longer ones (a layout) one below the other."""
        self.break_line()
        cells = [trimmed for cell in self._rows.pop() if (trimmed := _trim(cell))]
        if len(cells) > 1 and all(len(cell) == 1 for cell in cells):
            self._pages[-1].append((cells[0][0][0], _side_by_side([cell[0][1] for cell in cells])))
            return
        for cell in cells:
            self._pages[-1].extend(cell)

    def finish(self) -> str:
        """Return the text: `> ` before quoted lines, never more than one blank line in a row."""
        self.break_line()
        out: list[str] = []
        blank = True
        for quote, text in self._pages[0]:
            if text.strip(_SPACE) or not blank:
                out.append(">" * quote + " " * bool(quote and text) + text)
            blank = not text.strip(_SPACE)
        return "\n".join(out).strip("\n")


def _trim(cell: list[Line]) -> list[Line]:
    """Drop blank lines at both ends of a cell."""
    start, end = 0, len(cell)
    while start < end and not cell[start][1].strip(_SPACE):
        start += 1
    while end > start and not cell[end - 1][1].strip(_SPACE):
        end -= 1
    return cell[start:end]


def _side_by_side(texts: list[str]) -> str:
    """Join cells: ` | ` between columns, but a label that ends with a colon just precedes its value."""
    line = texts[0]
    for text in texts[1:]:
        line += (" " if line.endswith(":") else " | ") + text.strip(_SPACE)
    return line
