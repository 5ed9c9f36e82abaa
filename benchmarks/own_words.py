"""How well cleaning finds a writer's own words: precision, recall and F1 in characters, and mails wholly right.

    python benchmarks/own_words.py CORPUS… [--only GROUP,…] [--without GROUP,…] [--worst N]

A corpus is JSON Lines with `text`, `subject` and `own_text` (and `group`, where groups are named).
Characters, blanks aside, are counted word by word along the longest common subsequence. `--worst`
shows the N mails furthest from the truth.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from triage.pipeline import cleaned_text


class Score(NamedTuple):
    """Characters in common, found and wanted."""

    common: int
    found: int
    wanted: int

    @property
    def figures(self) -> tuple[float, float, float]:
        """Precision, recall, F1."""
        precision, recall = self.common / max(1, self.found), self.common / max(1, self.wanted)
        return precision, recall, 2 * self.common / max(1, self.found + self.wanted)


def compare(found: str, wanted: str) -> Score:
    ours, theirs = found.split(), wanted.split()
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    common = sum(len(word) for block in blocks for word in ours[block.a : block.a + block.size])
    return Score(common, sum(map(len, ours)), sum(map(len, theirs)))


def read_rows(paths: Sequence[Path], only: set[str], without: set[str]) -> Iterator[dict[str, Any]]:
    """Rows that have own words; where there are none, the subject stands in, which says nothing of cleaning."""
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            group = row.get("group", "")
            if row.get("own_text") and group not in without and (not only or group in only):
                yield row


def groups(names: str) -> set[str]:
    return {name for name in names.split(",") if name}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", nargs="+", type=Path)
    options.add_argument("--only", type=groups, default="")
    options.add_argument("--without", type=groups, default="")
    options.add_argument("--worst", type=int, default=0)
    given = options.parse_args()
    judged = []
    for row in read_rows(given.corpus, set(given.only), set(given.without)):
        found = cleaned_text(row["subject"], row["text"]).body
        judged.append((compare(found, row["own_text"]), found, row))
    judged.sort(key=lambda entry: entry[0].figures[2])
    whole = Score(*(sum(parts) for parts in zip(*(score for score, _, _ in judged), strict=True)))
    precision, recall, f1 = whole.figures
    right = sum(score.common == score.found == score.wanted for score, _, _ in judged)
    print(f"{len(judged)} mails: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    print(f"wholly right: {right} ({right / len(judged):.1%})")
    for score, found, row in judged[: given.worst]:
        print(f"\n{'=' * 30} {row['id']} F1 {score.figures[2]:.2f}\n{row['text']}")
        print(f"{'-' * 12} found\n{found}\n{'-' * 12} wanted\n{row['own_text']}")


if __name__ == "__main__":
    main()
