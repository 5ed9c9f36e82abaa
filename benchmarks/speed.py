"""Mails a second of each stage and of the whole chain, in one run, on a mailbox made from the corpus.

    python benchmarks/speed.py [MAILS]

Ratios matter, not absolutes: the last column is the share of the chain's time.
"""

import sys
import tempfile
import time
from pathlib import Path

from triage.batch import Recipe, run
from triage.clean import clean
from triage.corpus import read_rows
from triage.parse import parse
from triage.pipeline import process
from triage.profile import BUILT_IN
from triage.read import read

ROOT = Path(__file__).parents[1]


def make_mailbox(path: Path, count: int) -> None:
    """Write `count` plain mails, different ones as far as the corpus goes, then again under other message ids."""
    rows = list(read_rows(ROOT / "samples" / "commune" / "train.jsonl", ["service"]))
    with path.open("w", encoding="utf-8") as file:
        for i in range(count):
            row = rows[i % len(rows)]
            text = row.text.replace("\nFrom ", "\n>From ")
            file.write(
                "From usager@example.fr Mon Jan  5 09:00:00 2026\n"
                f"From: Usager {i} <usager{i}@example.fr>\n"
                "To: mairie@montreval.example.fr\nDate: Mon, 05 Jan 2026 09:00:00 +0100\n"
                f"Message-ID: <{i}@example.fr>\n"
                f"Subject: {' '.join(row.subject.split())}\nMIME-Version: 1.0\n"
                f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n\n"
            )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    recipe = Recipe(BUILT_IN, ROOT / "models" / "commune")
    engine = recipe.engine()
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "bench.mbox"
        make_mailbox(mailbox, count)
        raws = list(read(str(mailbox)))
        seconds = {}
        start = time.perf_counter()
        messages = [parse(raw) for raw in raws]
        seconds["parse"] = time.perf_counter() - start
        start = time.perf_counter()
        texts = [clean(message).masked for message in messages]
        seconds["clean"] = time.perf_counter() - start
        for name in ("first sight of every word", "classify"):
            start = time.perf_counter()
            for i in range(0, len(texts), 64):
                engine.model.predict(texts[i : i + 64])
            seconds[name] = time.perf_counter() - start
        seconds["first sight of every word"] -= seconds["classify"]
        start = time.perf_counter()
        for i in range(0, len(raws), 64):
            process(engine, raws[i : i + 64])
        whole = time.perf_counter() - start
        seconds["extract, decide, draft"] = whole - seconds["parse"] - seconds["clean"] - seconds["classify"]
        start = time.perf_counter()
        run(recipe, read(str(mailbox)), Path(folder) / "out", jobs=1, again=False, advance=lambda: None)
        written = time.perf_counter() - start
        seconds["journal, drafts, results"] = written - whole
        total = written + seconds["first sight of every word"]
    print(f"{count} mails of {sum(map(len, texts)) // count} characters on average")
    for name, taken in seconds.items():
        print(f"{name:34} {count / max(taken, 1e-9):8.0f} mails/s  {taken / total:5.0%}")
    print(f"{'whole chain (triage apply)':34} {count / total:8.0f} mails/s")


if __name__ == "__main__":
    main()
