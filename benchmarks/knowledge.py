"""What the knowledge base quotes for information mails of the training part, for a human to judge.

    python benchmarks/knowledge.py             40 mails drawn with a fixed seed, judged (JUDGED), and the precision
    python benchmarks/knowledge.py --others    80 others, on which the threshold was chosen

A quotation is right when an agent would leave it in the reply: it answers the question or a part of it.
"""

import json
import random
import sys
from pathlib import Path

from triage.classify.meaning import word_meanings
from triage.draft.knowledge import load_library
from triage.pipeline import cleaned_text
from triage.profile import BUILT_IN

CORPUS = Path(__file__).parents[1] / "samples" / "commune" / "train.jsonl"


def main() -> None:
    """Print what is quoted for each mail."""
    mails = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    asking = [m for m in mails if m["labels"].get("nature") == "information" and m["kind"] in ("human", "form")]
    random.Random(6).shuffle(asking)
    library = load_library([BUILT_IN / "knowledge"], word_meanings)
    quoted = 0
    part = asking[:120] if "--others" in sys.argv else asking[120:]
    for mail in part:
        found = library.find(cleaned_text(mail["subject"], mail["text"]), mail["labels"]["service"], None)
        quoted += bool(found)
        title = found[0].title if found else "-"
        print(f"{mail['id']}\t{title}\t{mail['subject'][:50]}\t{' '.join(mail['own_text'].split())[:260]}")
    print(f"{quoted} of {len(part)} mails get a quotation")


if __name__ == "__main__":
    main()
