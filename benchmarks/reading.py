"""How fast mails are parsed and cleaned, by their form.

    python benchmarks/reading.py [MAILS]

Mails made from the training part of the corpus: plain ones, long plain ones, and ones with the same text in HTML. The
best of three passes over all, in processor time of one process; ratios matter, not absolutes.
"""

import random
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path

from triage.clean import clean
from triage.corpus import Row, read_rows
from triage.parse import parse
from triage.types import RawMessage

ROOT = Path(__file__).resolve().parent.parent
FORMS = {"plain": 0, "plain, long": 1_500, "plain and HTML": 900}  # characters that the text has at least
POLICY = default.clone(cte_type="8bit")


def mails(form: str, count: int) -> Iterator[RawMessage]:
    """Yield `count` mails of a form."""
    rows = list(read_rows(ROOT / "samples" / "commune" / "train.jsonl", ["service"]))
    draw = random.Random(0)
    for number in range(count):
        row = rows[number % len(rows)]
        text = row.text
        while len(text) < FORMS[form]:
            text += "\n\n" + draw.choice(rows).text
        yield RawMessage(f"bench:{number}", message(row, text, number, html="HTML" in form).as_bytes())


def message(row: Row, text: str, number: int, *, html: bool) -> EmailMessage:
    """A mail as a mail program writes it and a server receives it."""
    mail = EmailMessage(policy=POLICY)
    mail["Return-Path"] = f"<usager{number}@example.fr>"
    mail["Received"] = (
        "from mx.example.fr (mx.example.fr [192.0.2.7]) by mail.montreval.example.fr; Mon, 5 Jan 2026 09:00:01 +0100"
    )
    mail["From"], mail["To"] = f"Usager {number} <usager{number}@example.fr>", "Mairie <mairie@montreval.example.fr>"
    mail["Date"], mail["Message-ID"] = "Mon, 05 Jan 2026 09:00:00 +0100", f"<{number}@example.fr>"
    mail["Subject"], mail["User-Agent"] = " ".join(row.subject.split()), "Mozilla Thunderbird"
    if not html:
        mail.set_content(text, cte="8bit")
        return mail
    mail.set_content(text, cte="quoted-printable")
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
    mail.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html", cte="quoted-printable")
    return mail


def seconds(raws: list[RawMessage]) -> tuple[float, float]:
    """Processor time to parse all, and to clean all."""
    start = time.process_time()
    parsed = [parse(raw) for raw in raws]
    middle = time.process_time()
    for one in parsed:
        clean(one)
    return middle - start, time.process_time() - middle


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    print("| form | bytes | parse, µs | clean, µs | mails/s |\n|---|--:|--:|--:|--:|")
    for form in FORMS:
        raws = list(mails(form, count))
        parsing, cleaning = min((seconds(raws) for _ in range(3)), key=sum)
        size = sum(len(raw.content) for raw in raws) // count
        print(
            f"| {form} | {size:,} | {parsing / count * 1e6:,.0f} | {cleaning / count * 1e6:,.0f}"
            f" | {count / (parsing + cleaning):,.0f} |"
        )


if __name__ == "__main__":
    main()
