"""Time of the search for near duplicates in `triage check` against the number of texts: it must stay near linear.

    python benchmarks/duplicates.py [COUNT …]

Each text is two mails of the training part put together, so that all differ and many share half of their words; one in
a hundred is an automatic acknowledgement that only bears another number. Times are seconds of processor.
"""

import json
import random
import sys
import time
from pathlib import Path

from triage.classify.duplicates import near_duplicates

TRAIN = Path(__file__).parents[1] / "samples" / "commune" / "train.jsonl"
COUNTS = (5_000, 10_000, 20_000)
SEED = 1


def texts(count: int) -> list[str]:
    generator = random.Random(SEED)
    mails = [json.loads(line)["text"] for line in TRAIN.read_text(encoding="utf-8").splitlines()]
    drawn = ["\n".join(generator.sample(mails, 2)) for _ in range(count)]
    drawn[::100] = [
        f"Votre demande n° {i} a bien été reçue. Ne répondez pas à ce message." for i in range(0, count, 100)
    ]
    return drawn


def main() -> None:
    print("  texts   CPU s  microseconds a text   pairs")
    for count in [int(argument) for argument in sys.argv[1:]] or COUNTS:
        drawn = texts(count)
        start = time.process_time()
        found = near_duplicates(drawn)
        seconds = time.process_time() - start
        print(f"{count:7,} {seconds:7.1f} {1e6 * seconds / count:20,.0f} {len(found):7,}", flush=True)


if __name__ == "__main__":
    main()
