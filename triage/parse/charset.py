"""Bytes -> text, by the labels of the WHATWG encoding standard.

No name from a mail ever reaches `codecs`: it is looked up in the table below, and an unknown one
(or one that names something else than a character set, such as idna or hex) leads to a guess.
"""

import codecs
import re

_LABELS = {
    "utf-8": "utf8 utf-8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf8mb4 utf-8-sig cp65001",
    "cp1252": "windows-1252 cp1252 x-cp1252 1252 ansi ascii us-ascii ansi_x3.4-1968 iso646-us latin1 latin-1 l1 cp819"
    " ibm819 csisolatin1 iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 iso-ir-100 8859-1 iso-8859-1-windows",
    "iso8859-15": "iso-8859-15 iso8859-15 iso885915 iso_8859-15 latin9 latin-9 l9 csisolatin9",
    "iso8859-2": "iso-8859-2 iso8859-2 iso88592 iso_8859-2 latin2 l2 csisolatin2 iso-ir-101",
    "iso8859-3": "iso-8859-3 iso8859-3 iso88593 latin3 l3 csisolatin3",
    "iso8859-4": "iso-8859-4 iso8859-4 iso88594 latin4 l4 csisolatin4",
    "iso8859-5": "iso-8859-5 iso8859-5 iso88595 cyrillic csisolatincyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 iso88596 arabic csisolatinarabic asmo-708 ecma-114",
    "iso8859-7": "iso-8859-7 iso8859-7 iso88597 greek greek8 csisolatingreek elot_928 ecma-118",
    "iso8859-8": "iso-8859-8 iso8859-8 iso88598 iso-8859-8-i iso-8859-8-e hebrew csisolatinhebrew logical visual",
    "iso8859-10": "iso-8859-10 iso8859-10 iso885910 latin6 l6 csisolatin6",
    "iso8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso8859-16": "iso-8859-16",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 iso88599 latin5 l5 csisolatin5",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "cp874": "windows-874 tis-620 iso-8859-11 iso8859-11 dos-874",
    "cp866": "ibm866 cp866 866 csibm866",
    "cp850": "cp850 ibm850 cp-850 850",
    "cp437": "cp437 ibm437 437",
    "koi8-r": "koi8-r koi8 koi koi8_r cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gb18030": "gb18030 gbk gb2312 gb_2312 gb_2312-80 x-gbk chinese csgb2312 gb2312-80",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "cp932": "shift_jis shift-jis sjis windows-31j x-sjis ms_kanji ms932 csshiftjis",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 korean windows-949 cseuckr",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 csunicode iso-10646-ucs-2",
    "utf-16-be": "utf-16be unicodefffe",
    "utf-32-le": "utf-32 utf-32le ucs-4 iso-10646-ucs-4",  # not of the web, but some mailers write it
    "utf-32-be": "utf-32be",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

# Labels that mails carry whatever their bytes are: believed only where the bytes are not valid UTF-8.
_DOUBTFUL = frozenset({"cp1252", "iso8859-15", "utf-8"})

# windows-1252 with the five bytes that Python leaves undefined, as browsers read them.
_WINDOWS_1252 = "".join(bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256))

_TO_1252 = codecs.charmap_build(_WINDOWS_1252)
_TWICE = ("\u00c3", "\u00c2", "\u00e2\u20ac")  # how UTF-8 begins where it is taken for windows-1252

_BAD = "�"
_UNPRINTABLE = re.compile(r"[^\w.:+-]", re.ASCII)


def decode(data: bytes, label: str = "") -> tuple[str, str]:
    """Return the text of `data` and a warning, empty when its charset is known and true."""
    if data.isascii() and b"\x1b" not in data and b"\0" not in data:
        return data.decode("ascii"), ""
    if marked := _by_mark(data):
        return marked, ""
    name = label.strip().strip("\"'").lower().partition("*")[0]
    codec = _CODECS.get(name, "")
    if not codec:
        unknown = f"charset: {_UNPRINTABLE.sub('', name)[:40] or 'missing'}"
        return guess(data), "" if data.isascii() else unknown
    if codec in _DOUBTFUL:
        return _doubtful(data, codec)
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in data and _is_utf_8(data):
        return data.decode("utf-8"), "charset: utf-16 is utf-8"
    text = data.decode(codec, "replace")
    return text, f"charset: not {name}" if _BAD in text else ""


def guess(data: bytes) -> str:
    """Return the text of bytes that nothing describes: UTF-8 as far as they are, else windows-1252."""
    text = data.decode("utf-8", "replace")
    bad = text.count(_BAD)
    if not bad:
        return text
    good = len(data) - len(data.decode("ascii", "ignore")) - bad  # bytes of well-formed sequences, about
    return text if good > 4 * bad else codecs.charmap_decode(data, "replace", _WINDOWS_1252)[0]


def _by_mark(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return ""


def _doubtful(data: bytes, codec: str) -> tuple[str, str]:
    """Decode what is labelled UTF-8 or Latin; each is often written for the other."""
    if _is_utf_8(data):
        text = data.decode("utf-8")
        if once := _encoded_twice(text):
            return once, "charset: utf-8 twice"
        return text, "" if codec == "utf-8" else "charset: is utf-8"
    if codec == "utf-8":
        return guess(data), "charset: not utf-8"
    if codec == "cp1252":
        return codecs.charmap_decode(data, "replace", _WINDOWS_1252)[0], ""
    return data.decode(codec, "replace"), ""


def _encoded_twice(text: str) -> str:
    """Return the text that was written as UTF-8, taken for windows-1252, and written as UTF-8 again; else nothing."""
    if not any(mark in text for mark in _TWICE):
        return ""
    try:
        return codecs.charmap_encode(text, "strict", _TO_1252)[0].decode("utf-8")
    except UnicodeError:
        return ""


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
