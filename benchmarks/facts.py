"""Precision, recall and roles of extracted facts, type by type, against the facts that the corpus lists.

    python benchmarks/facts.py [--part PART] [--wrong TYPE] [--missed TYPE] [--roles TYPE] [--sample TYPE] [--seed N]

The corpus lists what its authors thought of, so a fact found may be real and yet unlisted: raw precision is a floor.
`--wrong` prints such facts in their line and `--sample` 100 facts drawn with a seed, for a human to judge. A found and
a listed fact agree when their type is the same and their texts overlap; « own words » is the recall without what the
sender only quotes, where nothing is looked for. The test part is printed as figures only.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from triage.clean import clean
from triage.extract import extract
from triage.pipeline import text_message
from triage.types import CleanText, Fact

CORPUS = Path(__file__).parents[1] / "samples" / "commune"
SAMPLE, AROUND = 100, 70
# A month or a year is a period, not a day; the corpus calls both dates. A planning permission is a file reference too.
SAME = {"period": "date"}
ALSO = {("permit", "file")}


class Mail(NamedTuple):
    """A row, what was found in it, and where each listed fact stands in subject, line feed and body."""

    row: Mapping[str, Any]
    whole: str
    found: Sequence[tuple[Fact, int, int]]
    listed: Sequence[tuple[Mapping[str, str], Sequence[tuple[int, int]]]]
    quoted: Sequence[tuple[int, int]]

    def is_quoted(self, spans: Sequence[tuple[int, int]]) -> bool:
        """Whether a listed fact stands only in what somebody else wrote, which extraction leaves alone."""
        return all(any(start <= at < end for start, end in self.quoted) for at, _ in spans)


def read_part(part: str) -> tuple[list[Mail], float]:
    """Mails of one part of the corpus, and how many the extraction reads in a second."""
    rows = [json.loads(line) for line in (CORPUS / f"{part}.jsonl").open(encoding="utf-8")]
    messages = [text_message(row["subject"], row["text"]) for row in rows]
    texts = [clean(message) for message in messages]
    days = [date.fromisoformat(row["received"]) for row in rows]
    start = time.process_time()
    found = [extract(*given) for given in zip(messages, texts, days, strict=True)]
    speed = len(rows) / (time.process_time() - start)
    mails = [
        judged(row, message.body, text, facts)
        for row, message, text, facts in zip(rows, messages, texts, found, strict=True)
    ]
    return mails, speed


def judged(row: Mapping[str, Any], body: str, text: CleanText, facts: Sequence[Fact]) -> Mail:
    subject = text.subject
    whole = f"{subject}\n{body}"
    after = len(subject) + 1
    placed = []
    for fact in facts:
        start = subject.index(fact.text) if fact.start < 0 else fact.start + after
        assert whole[start : start + len(fact.text)] == fact.text, (row["id"], fact.text)
        placed.append((fact, start, start + len(fact.text)))
    listed = [(fact, list(places(whole, fact["text"]))) for fact in row["facts"]]
    quoted = [(s.start + after, s.end + after) for s in text.segments if s.kind in ("quoted", "disclaimer")]
    return Mail(row, whole, placed, [(fact, spans) for fact, spans in listed if spans], quoted)


def places(whole: str, text: str) -> Iterator[tuple[int, int]]:
    at = whole.find(text)
    while at >= 0:
        yield at, at + len(text)
        at = whole.find(text, at + 1)


def agree(fact: Fact, start: int, end: int, listed: Mapping[str, str], spans: Sequence[tuple[int, int]]) -> bool:
    same = SAME.get(fact.type, fact.type) == listed["type"]
    return (same or (fact.type, listed["type"]) in ALSO) and any(
        start < there_end and there < end for there, there_end in spans
    )


def wrong(mails: Sequence[Mail]) -> Iterator[tuple[Mail, Fact, int, int]]:
    """Facts found that the corpus does not list."""
    for mail in mails:
        for fact, start, end in mail.found:
            if not any(agree(fact, start, end, *listed) for listed in mail.listed):
                yield mail, fact, start, end


def own_counts(mails: Sequence[Mail]) -> tuple[Counter[str], Counter[str]]:
    """Listed facts that stand in own words, and those of them that were found, by type."""
    listed: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for mail in mails:
        for fact, spans in mail.listed:
            if not mail.is_quoted(spans):
                listed[fact["type"]] += 1
                found[fact["type"]] += any(agree(*one, fact, spans) for one in mail.found)
    return listed, found


def missed(mails: Sequence[Mail]) -> Iterator[tuple[Mail, Mapping[str, str], int, int]]:
    """Listed facts that were not found."""
    for mail in mails:
        for listed, spans in mail.listed:
            if not any(agree(*found, listed, spans) for found in mail.found):
                yield mail, listed, *spans[0]


def roles(mails: Sequence[Mail], kind: str) -> Iterator[tuple[Mail, str, Fact, int, int]]:
    """(mail, listed role, fact found, start, end) wherever the corpus names a role."""
    for mail in mails:
        for listed, spans in mail.listed:
            near = [found for found in mail.found if agree(*found, listed, spans)]
            if listed["type"] == kind and near and "role" in listed:
                yield mail, listed["role"], *near[0]


def report(mails: Sequence[Mail]) -> None:
    listed = Counter(fact["type"] for mail in mails for fact, _ in mail.listed)
    found = Counter(SAME.get(fact.type, fact.type) for mail in mails for fact, _, _ in mail.found)
    unlisted = Counter(SAME.get(fact.type, fact.type) for _, fact, _, _ in wrong(mails))
    lost = Counter(fact["type"] for _, fact, _, _ in missed(mails))
    own, own_found = own_counts(mails)
    print(f"{'type':10}{'listed':>8}{'found':>8}{'precision':>11}{'recall':>8}{'own words':>11}{'roles':>8}")
    for kind in sorted(listed | found):
        agreed = [role == fact.role for _, role, fact, _, _ in roles(mails, kind)]
        figures = (
            share(found[kind] - unlisted[kind], found[kind]),
            share(listed[kind] - lost[kind], listed[kind]),
            share(own_found[kind], own[kind]),
            share(sum(agreed), len(agreed)),
        )
        print(f"{kind:10}{listed[kind]:8}{found[kind]:8}{figures[0]:>11}{figures[1]:>8}{figures[2]:>11}{figures[3]:>8}")


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def line(mail: Mail, start: int, end: int) -> str:
    before, after = mail.whole[max(0, start - AROUND) : start], mail.whole[end : end + AROUND // 2]
    return f"{before}⟦{mail.whole[start:end]}⟧{after}".replace("\n", "⏎")


def show(mails: Sequence[Mail], options: argparse.Namespace) -> None:
    """Print the lines that were asked for, drawn with a seed."""
    shown: dict[str, list[str]] = defaultdict(list)
    for mail, fact, start, end in wrong(mails):
        shown[f"wrong {fact.type}"].append(f"{fact.value}/{fact.role} | {line(mail, start, end)}")
    for mail, listed, start, end in missed(mails):
        shown[f"missed {listed['type']}"].append(f"{listed.get('role', '')} | {line(mail, start, end)}")
    if options.roles:
        shown[f"roles {options.roles}"] = [
            f"{role} ≠ {fact.role or '-'} ({fact.value}) {mail.row['received']} | {line(mail, start, end)}"
            for mail, role, fact, start, end in roles(mails, options.roles)
            if role != fact.role
        ]
    for mail in mails:
        for fact, start, end in mail.found:
            shown[f"sample {fact.type}"].append(
                f"{fact.value}/{fact.role} {mail.row['received']} | {line(mail, start, end)}"
            )
    for what in ("wrong", "missed", "roles", "sample"):
        if kind := getattr(options, what):
            lines = shown[f"{what} {kind}"]
            print(f"\n{what} {kind}: {len(lines)}")
            print("\n".join(random.Random(options.seed).sample(lines, min(len(lines), options.lines))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=["train", "validation", "test"], default="validation")
    parser.add_argument("--lines", type=int, default=SAMPLE, help="how many lines to print")
    parser.add_argument("--seed", type=int, default=7)
    for what in ("wrong", "missed", "roles", "sample"):
        parser.add_argument(f"--{what}", metavar="TYPE", help=f"print {what} facts of this type")
    options = parser.parse_args()
    if options.part == "test" and any((options.wrong, options.missed, options.roles, options.sample)):
        sys.exit("the test part is for figures: look at train or validation")
    mails, speed = read_part(options.part)
    report(mails)
    words = sum(len(mail.whole.split()) for mail in mails) / len(mails)
    print(f"{len(mails)} mails, {1e6 / speed:.0f} µs of processor time for a mail of {words:.0f} words")
    show(mails, options)


if __name__ == "__main__":
    main()
