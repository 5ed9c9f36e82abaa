"""Plain text parts -> lines: line ends, control characters, format=flowed, PGP signatures."""

import re

_OTHER_LINE_ENDS = "\u2028\u2029\u0085"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ENRICHED_PARAMETER = re.compile(r"<param>[^<]{0,200}</param>", re.IGNORECASE)
_ENRICHED = re.compile(r"</?[a-z-]{1,60}>", re.IGNORECASE)
_SINGLE_NEWLINE = re.compile(r"(?<!\n)\n(?!\n|\Z)")
_QUOTE = re.compile(r">{1,50}")
_PGP_HEAD = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]{1,20}: [^\n]{0,200}\n){0,10}[ \t]*\n", re.MULTILINE
)
_PGP_TAIL = re.compile(r"^-----BEGIN PGP SIGNATURE-----", re.MULTILINE)
_PGP_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_PGP_DASH = re.compile(r"^- (?=-|From )", re.MULTILINE)


def plain(text: str) -> str:
    """Return `text` with LF line ends and without control characters other than tab and LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        for end in _OTHER_LINE_ENDS:
            text = text.replace(end, "\n")
    # The search is forty times dearer than this test, which all but odd texts pass.
    if text.replace("\n", "").replace("\t", "").replace("\xa0", "").replace("\u202f", "").isprintable():
        return text
    return _CONTROLS.sub("", text)


def unflow(text: str, delete_space: bool) -> str:
    """Join the lines of a format=flowed text (RFC 3676) into paragraphs, quote by quote."""
    out: list[str] = []
    pieces: list[str] = []
    depth = 0
    for line in text.split("\n"):
        quote, content = _split_quote(line)
        if pieces and (quote != depth or content == "-- "):
            out.append(_assemble(depth, pieces))
            pieces = []
        depth = quote
        flows = content.endswith(" ") and content != "-- "
        pieces.append(content[:-1] if flows and delete_space else content)
        if not flows:
            out.append(_assemble(depth, pieces))
            pieces = []
    if pieces:
        out.append(_assemble(depth, pieces))
    return "\n".join(out)


def unenrich(text: str) -> str:
    """Return what a text/enriched part says (RFC 1896), without its commands."""
    text = _ENRICHED.sub("", _ENRICHED_PARAMETER.sub("", text.replace("<<", "\0")))
    return _SINGLE_NEWLINE.sub(" ", text).replace("\n\n", "\n").replace("\0", "<")


def _split_quote(line: str) -> tuple[int, str]:
    match = _QUOTE.match(line)
    depth = match.end() if match else 0
    content = line[depth:]
    return depth, content.removeprefix(" ")


def _assemble(depth: int, pieces: list[str]) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth else text


def is_pgp_encrypted(text: str) -> bool:
    """Say whether an encrypted PGP message stands in `text`."""
    return "-----BEGIN PGP MESSAGE" in text and _PGP_ENCRYPTED.search(text) is not None


def without_pgp_armor(text: str) -> str:
    """Return what was signed, without the armour of a clear-signed PGP message."""
    head = _PGP_HEAD.search(text) if "-----BEGIN PGP SIGNED" in text else None
    if not head:
        return text
    tail = _PGP_TAIL.search(text, head.end())
    signed = text[head.end() : tail.start() if tail else len(text)]
    return text[: head.start()] + _PGP_DASH.sub("", signed)
