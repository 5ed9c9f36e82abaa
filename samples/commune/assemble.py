"""Turn authored mails into corpus rows, refusing whatever breaks a rule of the corpus.

    python samples/commune/assemble.py --specs specs.jsonl --second second.tsv --arbitrated third.tsv --out DIR *.txt

The second reading holds id, kind, service, acceptable services, nature and urgency, separated by tabs (`-` for nothing
to route). Where it differs from the author's labels a third reader decides: id, then one `axis=label` for each open
axis. The labels of the row are the decided ones; `first` keeps the author's where they were overruled, `second` the
second reader's. A service that either reader chose stays acceptable.

Rows go to train.jsonl, validation.jsonl and test.jsonl in DIR, by author (specs.toml, [splits]).

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
    from: j.verdier@example.fr       (automatic or doubtful mail: the header that betrays it; likewise
    headers: Auto-Submitted=auto-replied ; List-Id=<actu.exemple.org>)
    ---
    Bonjour,
    ⟦J'aurais besoin d'un acte de naissance…⟧
    Cordialement, …
"""

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from stdnum import iban, luhn
from stdnum.fr import nir

PROFILE = Path(__file__).parents[2] / "triage" / "profiles" / "commune"
MARKS = re.compile("⟦(.*?)⟧", re.DOTALL)
HEAD = re.compile(r"(?m)^###[ \t]*(\S+)[ \t]*$")
KEYS = {
    "subject",
    "service",
    "nature",
    "urgency",
    "acceptable",
    "secondary",
    "flags",
    "reply",
    "facts",
    "kind",
    "from",
    "headers",
}
KINDS = {"human", "form", "auto_reply", "bounce", "receipt", "newsletter", "machine", "suspect", "empty"}
NOBODY = "-"  # the service of mail that has nothing to route
REPLIES = {"draft", "none", "human"}
URGENCIES = {"critique", "haute", "normale", "basse"}
PHONE = re.compile(r"(?<!\d)(?:\+33[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]*\w)")
# Identifiers of fiction: their check digits are right, and the registers give these ranges to nobody.
IDENTIFIERS = {
    "siret": lambda compact: compact.startswith("999") and luhn.is_valid(compact),
    "iban": lambda compact: iban.is_valid(compact) and compact[4:9] == "99999",
    "nir": lambda compact: nir.is_valid(compact) and compact[5:10] == "99999",
    "rna": lambda compact: compact.startswith("W99"),
    "plate": lambda compact: compact.upper().startswith("ZZ"),
}


def words(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def parse_facts(value: str) -> list[dict[str, str]]:
    facts = []
    for part in filter(None, (piece.strip() for piece in value.split(" ; "))):
        kind, _, text = part.partition("=")
        name, _, role = kind.strip().partition("/")
        facts.append({"type": name, "text": text.strip()} | ({"role": role} if role else {}))
    return facts


def parse_headers(value: str) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in value.split(" ; ") if piece.strip())
    return {name.strip(): content.strip() for name, _, content in pairs}


def kind_of(spec: dict[str, Any], fields: dict[str, str]) -> str:
    return fields["kind"] or spec.get("kind") or ("form" if spec["form"].startswith("formulaire") else "human")


def labels_of(spec: dict[str, Any], fields: dict[str, str]) -> dict[str, str]:
    """Service, nature and urgency; mail with nothing to route has none of them."""
    labels = {axis: fields[axis] or spec.get(axis, "") for axis in ("service", "nature", "urgency")}
    return {} if labels["service"] == NOBODY else labels


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
        "kind": kind_of(spec, fields),
        "subject": fields["subject"],
        "text": marked.replace("⟦", "").replace("⟧", ""),
        "labels": labels_of(spec, fields),
        "acceptable": words(fields["acceptable"]),
        "secondary": words(fields["secondary"]),
        "own_text": "\n".join(part.strip() for part in MARKS.findall(marked)),
        "facts": parse_facts(fields["facts"]),
        "flags": words(fields["flags"]),
        "reply": fields["reply"] or "draft",
        "received": spec["identity"]["written"],
        **({"sender": fields["from"]} if fields["from"] else {}),
        **({"headers": parse_headers(fields["headers"])} if fields["headers"] else {}),
        "group": group,
        "spec": {key: value for key, value in spec.items() if key not in ("id", "identity")},
        "origin": "invented",
    }


def second_readings(paths: list[Path]) -> dict[str, dict[str, Any]]:
    """Corpus id -> what the second reader said; no label where nothing is to be routed."""
    read = {}
    for line in lines_of(paths):
        name, kind, service, acceptable, nature, urgency = (field.strip() for field in line.split("\t"))
        labels = {"service": service, "nature": nature, "urgency": urgency} if service != NOBODY else {}
        read[name] = {**({"kind": kind} if kind else {}), **labels, "acceptable": words(acceptable)}
    return read


def decisions(paths: list[Path]) -> dict[str, dict[str, str]]:
    """Corpus id -> axis -> label a third reader chose."""
    return {
        name: dict(choice.strip().split("=", 1) for choice in choices if choice.strip())
        for name, *choices in (line.split("\t") for line in lines_of(paths))
    }


def lines_of(paths: list[Path]) -> list[str]:
    return [line for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def with_readings(row: dict[str, Any], second: dict[str, Any] | None, decided: dict[str, str] | None) -> dict[str, Any]:
    """The row with its other readings: the decided labels stand."""
    if second is None:
        return row
    first = {"kind": row["kind"], **row["labels"]}
    final = {**first, **(decided or {})}
    kind, labels = final.pop("kind"), final if final.get("service") != NOBODY else {}
    chosen = [service for service in (first.get("service"), second.get("service")) if service]
    further = [s for s in dict.fromkeys(chosen + row["acceptable"]) if labels and s != labels["service"]]
    overruled = {axis: label for axis, label in first.items() if {"kind": kind, **labels}.get(axis) != label}
    return {
        **row,
        "kind": kind,
        "labels": labels,
        "acceptable": further,
        **({"first": overruled} if overruled else {}),
        "second": second,
    }


def label_problems(labels: dict[str, str], services: set[str], natures: set[str]) -> list[str]:
    known = {"service": services, "nature": natures, "urgency": URGENCIES}
    return [f"unknown {axis} {label!r}" for axis, label in labels.items() if label not in known[axis]]


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
    found += [
        f"{fact['type']} with a wrong check digit or outside the ranges of fiction: {fact['text']!r}"
        for fact in row["facts"]
        if fact["type"] in IDENTIFIERS and not IDENTIFIERS[fact["type"]](re.sub(r"[\s.-]", "", fact["text"]))
    ]
    if not row["own_text"] and row["text"] and row["labels"]:
        found.append("no passage between ⟦ and ⟧")
    if row["kind"] not in KINDS or row["reply"] not in REPLIES:
        found.append(f"kind must be one of {sorted(KINDS)} and reply draft/none/human")
    found += label_problems(row["labels"], services, natures)
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
    parser.add_argument("--second", type=Path, action="append", default=[])
    parser.add_argument("--arbitrated", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, help="folder of the corpus; without it, rows are only checked")
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    specs = {spec["id"]: spec for spec in map(json.loads, lines_of(options.specs))}
    rows, failures = read_all(specs, options.files)
    second, decided = second_readings(options.second), decisions(options.arbitrated)
    final = [with_readings(rows[name], second.get(name), decided.get(name)) for name in sorted(rows)]
    if options.out:
        write_splits(final, options.out)
    print(f"{len(rows)} mails, {failures} refused", file=sys.stderr)
    return 1 if failures else 0


def read_all(specs: dict[str, dict[str, Any]], paths: list[Path]) -> tuple[dict[str, dict[str, Any]], int]:
    """Rows by id, and how many blocks were refused; the reasons are printed."""
    services, natures = profile_ids("services.toml"), profile_ids("natures.toml")
    rows, failures = {}, 0
    for path in paths:
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
    return rows, failures


def write_splits(rows: list[dict[str, Any]], folder: Path) -> None:
    """One file for each part; all mails of one author go to the same."""
    splits = tomllib.loads((Path(__file__).parent / "specs.toml").read_text(encoding="utf-8"))["splits"]
    part_of = {group: part for part, groups in splits.items() for group in groups}
    for part in ("train", "validation", "test"):
        chosen = [row for row in rows if part_of.get(row["group"], "train") == part]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen)
        (folder / f"{part}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
