r"""RTF bodies of Outlook -> the HTML they were made from, or their text.

Outlook keeps HTML inside RTF (MS-OXRTFEX): tags in `{\*\htmltag …}` groups, text between them, and
what only RTF readers need between `\htmlrtf` and `\htmlrtf0`. One linear pass reads this and plain
RTF. striprtf reads neither that HTML nor hostile files (its link pattern is cubic).
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_COMPRESSED = 256 * 1024  # grows to nine times as much at worst, which takes about two seconds
_MAX_RTF = 2 * 1024 * 1024

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]{1,65536})|[\r\n]{1,65536}",
    re.DOTALL,
)
# Groups whose text is not the document's, beside those marked `\*`.
_HIDDEN = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl",
    "footerr", "footerf", "footnote", "filetbl", "objdata", "nonesttables", "themedata", "datastore",
}  # fmt: skip
_WORDS = {
    "par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "row": "\n", "cell": "\t", "tab": "\t",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—",
    "enspace": "\u2002", "emspace": "\u2003", "zwj": "", "zwnj": "",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "\u2011", "-": "", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
_CHARSETS = {
    128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


def decompress(data: bytes) -> str:
    """Return the RTF of a compressed body, one character a byte; empty when it is damaged."""
    from compressed_rtf import decompress as unpacked

    try:
        return bytes(unpacked(data)[:_MAX_RTF]).decode("latin-1")
    except Exception:  # noqa: BLE001 - compressed_rtf raises bare Exception, and struct.error where bytes miss
        return ""


def read_rtf(rtf: str) -> tuple[str, bool]:
    """Return the HTML (and True) that `rtf` was made from, or else its text (and False)."""
    document = _Document()
    document.read(rtf[:_MAX_RTF])
    return document.text(), document.from_html


class _State(NamedTuple):
    """What a group inherits and gives back."""

    hidden: bool = False
    tag: bool = False  # inside {\*\htmltag …}
    rtf_only: bool = False  # between \htmlrtf and \htmlrtf0
    fonts: bool = False  # inside the font table
    font: str = ""
    fallback: int = 1  # characters that stand after \u for readers without Unicode


@dataclass(slots=True)
class _Document:
    """What has been read so far."""

    from_html: bool = False
    state: _State = field(default_factory=_State)
    outer: list[_State] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    octets: bytearray = field(default_factory=bytearray)  # \'xx, decoded together: two may be one character
    encoding: str = "cp1252"
    charsets: dict[str, str] = field(default_factory=dict)
    skip: int = 0
    starred: bool = False

    def text(self) -> str:
        self._flush()
        joined = "".join(self.out)
        return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()

    def read(self, rtf: str) -> None:
        at = 0
        while match := _TOKEN.match(rtf, at):
            at = match.end()
            word, number, octet, symbol, brace, text = match.groups()
            if octet:
                self._octet(int(octet, 16))
                continue
            self._flush()
            if word == "bin":
                at += max(0, int(number or 0))
            elif word:
                self._word(word, number)
            elif brace:
                self._brace(brace)
            elif symbol == "*":
                self.starred = True
            elif symbol:
                self._put(_SYMBOLS.get(symbol, ""))
            elif text:
                self._text(text)

    def _octet(self, value: int) -> None:
        if self.skip:
            self.skip -= 1
        else:
            self.octets.append(value)

    def _flush(self) -> None:
        if not self.octets:
            return
        encoding = self.charsets.get(self.state.font, self.encoding)
        data = bytes(self.octets)
        self.octets.clear()
        try:
            self._put(data.decode(encoding, "replace"))
        except LookupError:
            self._put(data.decode("cp1252", "replace"))

    def _text(self, text: str) -> None:
        kept = text[self.skip :]
        self.skip -= len(text) - len(kept)
        self._put(kept)

    def _put(self, text: str) -> None:
        if not self.state.hidden and (self.state.tag or not self.state.rtf_only):
            self.out.append(text)

    def _brace(self, brace: str) -> None:
        self.starred, self.skip = False, 0
        if brace == "{":
            self.outer.append(self.state)
        elif self.outer:
            self.state = self.outer.pop()

    def _word(self, word: str, number: str | None) -> None:
        starred, self.starred, self.skip = self.starred, False, 0
        if word == "htmltag" and starred:
            self.state = self.state._replace(tag=True)
        elif word in _HIDDEN or starred:
            self.state = self.state._replace(hidden=True, fonts=word == "fonttbl")
        elif word in _WORDS:
            self._put(_WORDS[word])
        elif word == "htmlrtf":
            self.state = self.state._replace(rtf_only=number != "0")
        else:
            self._set(word, number)

    def _set(self, word: str, number: str | None) -> None:
        """Obey a word that changes how what follows is read."""
        value = int(number or 0)
        if word == "u" and number:
            self._put(chr(value % 0x10000))
            self.skip = self.state.fallback
        elif word == "uc":
            self.state = self.state._replace(fallback=min(max(value, 0), 9))
        elif word == "f":
            self.state = self.state._replace(font=number or "")
        elif word == "fcharset" and self.state.fonts and value in _CHARSETS:
            self.charsets[self.state.font] = _CHARSETS[value]
        elif word == "ansicpg" and value:
            self.encoding = "utf-8" if value == 65001 else f"cp{value}"
        elif word == "fromhtml":
            self.from_html = True
