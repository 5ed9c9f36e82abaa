"""Turn authored mails into corpus rows, refusing whatever breaks a rule of the corpus.

    python samples/commune/assemble.py --specs specs.jsonl --second second.tsv written/*.txt > corpus.jsonl

The second reading holds id, service, acceptable services, nature and urgency, separated by tabs. It is kept beside the
author's labels; a service only the second reader chose becomes acceptable.

An authored file holds blocks; own words stand between ⟦ and ⟧ (several passages are joined by a line feed):

    ### etat_civil-0001
    subject: Acte de naissance
    nature: demarche                 (only where the author departs from the specification; likewise
    urgency: normale                  service, urgency)
    acceptable: elections_citoyennete
    secondary: facturation_regie
    flags: mineur
    reply: draft
    facts: date/birth=12 mars 1984 ; amount=45,80 €
    ---
    Bonjour,
    ⟦J'aurais besoin d'un acte de naissance…⟧
    Cordialement, …
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

PROFILE = Path(__file__).parents[2] / "triage" / "profiles" / "commune"
MARKS = re.compile("⟦(.*?)⟧", re.DOTALL)
HEAD = re.compile(r"(?m)^###[ \t]*(\S+)[ \t]*$")
KEYS = {"subject", "service", "nature", "urgency", "acceptable", "secondary", "flags", "reply", "facts"}
REPLIES = {"draft", "none", "human"}
URGENCIES = {"critique", "haute", "normale", "basse"}
PHONE = re.compile(r"(?<!\d)(?:\+33[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)")


def words(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def parse_facts(value: str) -> list[dict[str, str]]:
    facts = []
    for part in filter(None, (piece.strip() for piece in value.split(" ; "))):
        kind, _, text = part.partition("=")
        name, _, role = kind.strip().partition("/")
        facts.append({"type": name, "text": text.strip()} | ({"role": role} if role else {}))
    return facts


def parse_block(spec: dict[str, Any], block: str, group: str) -> dict[str, Any]:
    """One corpus row; `group` names its author. Raises ValueError with the reason when the block breaks a rule."""
    head, separator, body = block.partition("\n---\n")
    if not separator:
        raise ValueError("no line '---' between the head and the text")
    fields = dict.fromkeys(KEYS, "")
    for line in head.strip().splitlines():
        key, _, value = line.partition(":")
        if key.strip() not in KEYS:
            raise ValueError(f"unknown key {key.strip()!r} in the head")
        fields[key.strip()] = value.strip()
    marked = body.strip("\n").rstrip()
    return {
        "id": spec["id"],
        "subject": fields["subject"],
        "text": marked.replace("⟦", "").replace("⟧", ""),
        "labels": {axis: fields[axis] or spec[axis] for axis in ("service", "nature", "urgency")},
        "acceptable": words(fields["acceptable"]),
        "secondary": words(fields["secondary"]),
        "own_text": "\n".join(part.strip() for part in MARKS.findall(marked)),
        "facts": parse_facts(fields["facts"]),
        "flags": words(fields["flags"]),
        "reply": fields["reply"] or "draft",
        "received": spec["identity"]["written"],
        "group": group,
        "spec": {key: value for key, value in spec.items() if key not in ("id", "identity")},
        "origin": "invented",
    }


def second_reading(path: Path) -> dict[str, dict[str, Any]]:
    """Corpus id -> what the second reader said."""
    read = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, service, acceptable, nature, urgency = (field.strip() for field in line.split("\t"))
        read[name] = {"service": service, "acceptable": words(acceptable), "nature": nature, "urgency": urgency}
    return read


def with_second(row: dict[str, Any], second: dict[str, Any] | None) -> dict[str, Any]:
    """Add the second reading; the service it alone chose becomes acceptable."""
    if second is None:
        return row
    if second["service"] not in (row["labels"]["service"], *row["acceptable"]):
        row["acceptable"] = [*row["acceptable"], second["service"]]
    return {**row, "second": second}


def problems(row: dict[str, Any], services: set[str], natures: set[str]) -> list[str]:
    """Everything wrong with a row, in words an author understands."""
    whole = row["subject"] + "\n" + row["text"]
    found = [f"fact not in the mail: {fact['text']!r}" for fact in row["facts"] if fact["text"] not in whole]
    found += [
        f"phone outside the reserved ranges: {number}"
        for number in PHONE.findall(whole)
        if not re.sub(r"[ .-]", "", number).replace("+33", "0").startswith(("063998", "019900"))
    ]
    found += [
        f"domain not reserved: {domain}"
        for domain in ADDRESS.findall(whole)
        if not domain.lower().endswith(("example.fr", "exemple.org", "courriel.test"))
    ]
    if not row["own_text"] and row["text"]:
        found.append("no passage between ⟦ and ⟧")
    if row["labels"]["service"] not in services:
        found.append(f"unknown service {row['labels']['service']!r}")
    if row["labels"]["nature"] not in natures:
        found.append(f"unknown nature {row['labels']['nature']!r}")
    if row["labels"]["urgency"] not in URGENCIES or row["reply"] not in REPLIES:
        found.append("urgency must be critique/haute/normale/basse and reply draft/none/human")
    found += [
        f"unknown service {name!r} in acceptable or secondary"
        for name in row["acceptable"] + row["secondary"]
        if name not in services
    ]
    return found


def profile_ids(name: str) -> set[str]:
    return set(re.findall(r'^id = "(.+)"', (PROFILE / name).read_text(encoding="utf-8"), re.MULTILINE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", required=True, type=Path, action="append", help="may be given several times")
    parser.add_argument("--second", type=Path)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    specs = {}
    for path in options.specs:
        specs |= {spec["id"]: spec for spec in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    services, natures = profile_ids("services.toml"), profile_ids("natures.toml")
    second = second_reading(options.second) if options.second else {}
    rows, failures = {}, 0
    for path in options.files:
        parts = HEAD.split(path.read_text(encoding="utf-8"))
        for name, block in zip(parts[1::2], parts[2::2], strict=True):
            try:
                row = parse_block(specs[name], block, path.stem)
                wrong = problems(row, services, natures)
            except (KeyError, ValueError) as error:
                wrong = [str(error) if isinstance(error, ValueError) else "no such specification"]
            for reason in wrong:
                print(f"{path}: {name}: {reason}", file=sys.stderr)
            failures += bool(wrong)
            if not wrong:
                rows[name] = row
    for name in sorted(rows):
        print(json.dumps(with_second(rows[name], second.get(name)), ensure_ascii=False))
    print(f"{len(rows)} mails, {failures} refused", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
