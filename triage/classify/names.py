"""The numbers by which spaCy knows words: MurmurHash64A of their UTF-8 bytes, seed 1, but for a few reserved names."""

_MASK = (1 << 64) - 1
_FACTOR = 0xC6A4A7935BD1E995
_SHIFT = 47
# Names of grammar that spaCy numbers itself, where a word is spelled the same (spacy/symbols.pyx).
_RESERVED = {
    "ID": 64, "SHAPE": 68, "CLUSTER": 72, "POS": 74, "TAG": 75, "DEP": 76, "HEAD": 79, "LANG": 83, "IDX": 455,
    "ADJ": 84, "ADP": 85, "ADV": 86, "AUX": 87, "DET": 90, "NUM": 93, "PART": 94, "SYM": 99, "X": 101, "EOL": 102,
    "SPACE": 103, "ORG": 383, "GPE": 384, "LOC": 385, "PRODUCT": 386, "EVENT": 387, "LANGUAGE": 389, "LAW": 390,
    "DATE": 391, "TIME": 392, "MONEY": 394, "CARDINAL": 397, "agent": 401, "appos": 403, "aux": 405, "cc": 407,
    "conj": 410, "cop": 411, "dep": 414, "det": 415, "expl": 417, "mark": 423, "meta": 424, "neg": 425, "nn": 427,
    "num": 431, "number": 432, "obj": 434, "obl": 435, "poss": 440, "possessive": 441, "prep": 443, "prt": 444,
    "root": 449, "acl": 451, "_": 456,
}  # fmt: skip


def name_number(name: str) -> int:
    """The number under which spaCy files a word, its vector included."""
    return _RESERVED.get(name) or _murmur(name.encode())


def _murmur(content: bytes) -> int:
    number = 1 ^ (len(content) * _FACTOR & _MASK)
    whole = len(content) & ~7
    for i in range(0, whole, 8):
        part = int.from_bytes(content[i : i + 8], "little") * _FACTOR & _MASK
        number = (number ^ (part ^ part >> _SHIFT) * _FACTOR & _MASK) * _FACTOR & _MASK
    if whole < len(content):
        number = (number ^ int.from_bytes(content[whole:], "little")) * _FACTOR & _MASK
    number = (number ^ number >> _SHIFT) * _FACTOR & _MASK
    return number ^ number >> _SHIFT
