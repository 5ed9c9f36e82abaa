"""How much automatic mail is caught, and how much human mail is stopped, on rows of a corpus that say their kind.

    python benchmarks/kinds.py [--show] [--only GROUP] FILE.jsonl...

Each row is written out as a mail (subject, sender, the headers it lists) and parsed. A row without `kind` was written
by a person (or a web form, where its specification says so). Automatic mail is caught when it is given any kind that
stops it, even another one than its own. A mail with the flag `fovi` (a false change of bank details) may be called
suspect. `--show` prints what went wrong.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from triage.parse import parse
from triage.types import KINDS, Message, RawMessage

STOPPED = frozenset(KINDS) - {"human", "form"}


def mail(row: dict) -> RawMessage:
    """Return the row as a mail in UTF-8."""
    headers = {"From": "Usager <usager@courriel.test>", "To": "contact@mairie.example.fr"}
    headers |= {"Subject": " ".join(row["subject"].split()), "Content-Type": "text/plain; charset=utf-8"}
    headers |= {"From": row["sender"]} if "sender" in row else {}
    headers |= row.get("headers", {})
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return RawMessage(f"row:{row['id']}", ("\n".join(lines) + f"\n\n{row['text']}\n").encode())


def truth(row: dict) -> str:
    """Return the kind that the row's author gave it."""
    form = str(row.get("spec", {}).get("form", ""))
    return row.get("kind") or ("form" if form.startswith("formulaire") else "human")


def is_right(row: dict, expected: str, message: Message) -> bool:
    """Say whether automatic mail was stopped, and human mail was not."""
    if expected in STOPPED:
        return message.kind in STOPPED
    return message.kind not in STOPPED or (message.kind == "suspect" and "fovi" in row["flags"])


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "none"


def report(judged: list[tuple[dict, str, Message]]) -> None:
    """Print the two figures, and the counts of each kind."""
    automatic = [one for one in judged if one[1] in STOPPED]
    people = [one for one in judged if one[1] not in STOPPED]
    print(f"automatic mail caught: {share(sum(is_right(*one) for one in automatic), len(automatic))}")
    bare = [one for one in automatic if not one[0].get("headers")]
    print(f"  of that without a telling header: {share(sum(is_right(*one) for one in bare), len(bare))}")
    print(f"  of its own kind: {share(sum(kind == message.kind for _, kind, message in automatic), len(automatic))}")
    print(f"human mail stopped: {share(sum(not is_right(*one) for one in people), len(people))}")
    for kind in KINDS:
        found = Counter(message.kind for _, expected, message in judged if expected == kind)
        if found:
            print(f"  {kind}: " + ", ".join(f"{name} {count}" for name, count in found.most_common()))


def show(judged: list[tuple[dict, str, Message]]) -> None:
    """Print what was judged wrongly."""
    for row, expected, message in judged:
        if not is_right(row, expected, message):
            print(f"\n{row['id']}: {expected} read as {message.kind} ({message.kind_reason})")
            print(f"  {row.get('sender', '')} | {row['subject']}\n  {row['text'][:1_500]!r}")


def main() -> None:
    """Read the rows, judge them, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--only", help="rows of this group alone")
    parser.add_argument("--without", action="append", default=[], help="leave out the rows of this group")
    options = parser.parse_args()
    rows = [json.loads(line) for path in options.files for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if options.only in (None, row.get("group")) and row.get("group") not in options.without]
    judged = [(row, truth(row), parse(mail(row))) for row in rows]
    report(judged)
    if options.show:
        show(judged)


if __name__ == "__main__":
    main()
