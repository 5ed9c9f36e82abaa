"""Feed mutated mails to `parse` and `clean`: no exception, nothing unreadable, every promise of the types kept.

    python benchmarks/fuzz.py [MUTANTS] [SEED]

Seeds are the golden mails of the tests, a few built here and, where present, `samples/mairie.mbox`.
Prints the number of mutants, the faults (with the seed that makes them again) and mails per second;
exits with 1 when there is a fault.
"""

import itertools
import random
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from triage.clean import clean
from triage.parse import parse
from triage.read import read
from triage.types import KINDS, CleanText, Message, RawMessage

ROOT = Path(__file__).resolve().parent.parent
MAX_SEED_SIZE = 20_000
SPLICES = [
    b"\r\n", b"\n\n", b"\0", b"\xff\xfe", b"\xe9", b"=?utf-8?b?", b"=?utf-8?q?=C3?=", b"?=", b"--", b"=", b"\x1b[2J",
    b"Content-Type: message/rfc822\r\n\r\n", b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n',
    b"Content-Type: multipart/alternative\r\n", b"charset=idna", b"charset=unicode_escape", b"charset=utf-7",
    b"charset=utf-16", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"filename*0*=utf-8''%e9;", b"<table><tr><td>", b"<blockquote>", b"</p>", b"<!--", b"&#x110000;", b"&#0;",
    b"Subject: ", b'From: "', b"To: (((", b"Date: 32 Foo 99999 25:61:61 +9999\r\n", b"begin 644 x\n",
    b"=ybegin line=128 size=5 name=x\n", b"\nend\n", b"\n=yend\n", b"<style>.a,#b{display:none}</style>",
    b"<p class=a id=b>", b"<span style='color:#fff'>", b"<li>", b"Content-Type: text/enriched\r\n",
    b"Content-Type: multipart/digest\r\n", b"charset=utf-32",
    b"Precedence: bulk\r\n", b"From: a, b <c@d.test>\r\n", b"\xc3\x83\xc2\xa9",
    b"\xf0\x9f\x98\x80", b"\xe2\x80\xae",
]  # fmt: skip


def built_seeds() -> Iterator[bytes]:
    """Yield a plain, an HTML, a mixed and a forwarding mail."""
    message = EmailMessage()
    message["From"] = "Jeanne Martin <jeanne@courriel.test>"
    message["To"] = "Mairie <contact@exemple.org>"
    message["Subject"] = "Demande d’acte de naissance pour ma fille Zoé"
    message["Date"] = "Mon, 3 Mar 2025 10:00:00 +0100"
    message.set_content("Bonjour,\n\nJe souhaite un acte de naissance.\n\nCordialement,\nJeanne\n")
    yield bytes(message)
    message.add_alternative("<p>Bonjour,</p><blockquote>cité</blockquote><table><tr><td>a<td>b</table>", "html")
    message.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="pièce d'identité.pdf")
    yield bytes(message)
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "agent@exemple.org", "TR: Demande"
    outer.set_content("Pour vous.")
    outer.add_attachment(message)
    yield bytes(outer)


def seeds() -> list[bytes]:
    """Return all seeds, the long ones cut."""
    golden = sorted((ROOT / "tests/parse/golden").glob("*.eml"))
    found = [*built_seeds(), *(path.read_bytes() for path in golden)]
    sample = ROOT / "samples/mairie.mbox"
    if sample.exists():
        found += [raw.content for raw in itertools.islice(read(str(sample)), 300)]
    return [seed[:MAX_SEED_SIZE] for seed in found]


def mutate(seed: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """Return `seed` with one to six changes: bytes flipped, cut, doubled, spliced, or crossed with another."""
    data = bytearray(seed)
    for _ in range(draw.randint(1, 6)):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + int(draw.expovariate(1 / 40)))
        change = draw.randrange(6)
        if change == 0:
            data[start:end] = bytes(draw.randrange(256) for _ in range(end - start))
        elif change == 1:
            del data[start:end]
        elif change == 2:
            data[start:start] = bytes(data[start:end]) * draw.randint(1, 20)
        elif change == 3:
            data[start:end] = draw.choice(SPLICES)
        elif change == 4:
            other = draw.choice(others)
            data[start:] = other[draw.randrange(len(other) + 1) :]
        elif data and start < len(data):
            data[start] ^= 1 << draw.randrange(8)
    return bytes(data)


def faults(message: Message) -> list[str]:
    """Return the promises of `Message` that are broken."""
    texts = [message.subject, message.body, *(one.name for one in message.attachments)]
    people = [*message.to, *message.cc, *filter(None, (message.sender, message.reply_to))]
    lines = [message.subject, *(one.name for one in message.attachments)]
    lines += [text for one in people for text in (one.name, one.address)]
    checks = {
        "unreadable": not any(warning.startswith("unreadable") for warning in message.warnings),
        "kind": message.kind in KINDS and bool(message.kind_reason),
        "surrogates": all(text.isascii() or text.encode("utf-8") for text in texts),
        "one line": all(ord(char) >= 32 and ord(char) != 127 for line in lines for char in line),
        "body": all(char in "\n\t" or ord(char) >= 32 for char in message.body) and len(message.body) <= 200_000,
        "names": not any("/" in one.name or "\\" in one.name or not one.name for one in message.attachments),
        "date": message.date is None or message.date.utcoffset() is not None,
    }
    return [name for name, held in checks.items() if not held]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def cleaning_faults(message: Message, text: CleanText) -> list[str]:
    """Return the promises of `CleanText` that are broken."""
    ends = [place for part in text.segments for place in (part.start, part.end)]
    written = "".join(message.body[part.start : part.end] for part in text.segments)
    checks = {
        "offsets": ends == sorted(ends) and all(0 <= place <= len(message.body) for place in ends),
        "lost words": letters(written) == letters(message.body),
        "own words": bool(text.body.strip()) or not letters(text.subject + message.body),
        "masked": "\n" in text.masked and text.masked.encode("utf-8") is not None,
    }
    return [name for name, held in checks.items() if not held]


def main() -> int:
    """Run the mutants and print what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    pool, broken, slowest, spent = seeds(), 0, 0.0, 0.0
    for number in range(first, first + count):
        draw = random.Random(number)
        content = mutate(draw.choice(pool), pool, draw)
        start = time.perf_counter()
        try:
            message = parse(RawMessage(f"fuzz:{number}", content))
            found = faults(message) + cleaning_faults(message, clean(message))
        except Exception as error:  # noqa: BLE001 - any exception is what this script looks for
            found = [repr(error)]
        took = time.perf_counter() - start
        spent, slowest = spent + took, max(slowest, took)
        if found:
            broken += 1
            print(f"seed {number}: {', '.join(found)}")
    print(f"{count} mutants of {len(pool)} seeds: {broken} faults, {count / spent:,.0f}/s, slowest {slowest:.2f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
