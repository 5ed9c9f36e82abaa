"""What the knowledge base quotes for information mails, for a human to judge.

    python benchmarks/knowledge.py             those of the validation part
    python benchmarks/knowledge.py --train     those of the training part, on which threshold and words were chosen

A quotation is right when an agent would leave it in the reply: it answers the question or a part of it.
"""

import json
import sys
from pathlib import Path

from triage.classify.meaning import word_meanings
from triage.draft.knowledge import load_library
from triage.pipeline import cleaned_text
from triage.profile import BUILT_IN

CORPUS = Path(__file__).parents[1] / "samples" / "commune"


def main() -> None:
    """Print what is quoted for each mail."""
    part = "train" if "--train" in sys.argv else "validation"
    mails = [json.loads(line) for line in (CORPUS / f"{part}.jsonl").read_text("utf-8").splitlines()]
    asking = [m for m in mails if m["labels"].get("nature") == "information" and m["kind"] in ("human", "form")]
    library = load_library([BUILT_IN / "knowledge"], word_meanings)
    quoted = 0
    for mail in asking:
        found = library.find(cleaned_text(mail["subject"], mail["text"]), mail["labels"]["service"], None)
        quoted += bool(found)
        title = found[0].title if found else "-"
        print(f"{mail['id']}\t{title}\t{mail['subject'][:50]}\t{' '.join(mail['own_text'].split())[:260]}")
    print(f"{quoted} of {len(asking)} mails get a quotation")


if __name__ == "__main__":
    main()
