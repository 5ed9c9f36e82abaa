"""What drafts hold on a labelled corpus: templates chosen, topics found and right, gaps, faults the linter finds.

    python benchmarks/drafts.py samples/commune/validation.jsonl

Service and nature are the corpus's own labels; facts, flags, urgency and deadlines those of the program. A topic is
right when it is the motive the mail was written for; a mail often speaks of other things too: a lower bound.
"""

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from triage.clean import clean
from triage.decide import decide
from triage.draft import Situation, chosen_template, draft_with
from triage.draft.discretion import secrets
from triage.errors import MessageError
from triage.extract import extract
from triage.parse import parse
from triage.profile import Profile, load_profile
from triage.types import Prediction, RawMessage

# Motives that topics of another name stand for.
ALIASES = {
    "eau_abonnement": {"abonnement_resiliation"}, "eau_facture": {"facture_contestation"}, "eau_fuite": {"fuite"},
    "eau_coupure": {"coupure_pression"}, "eau_qualite": {"qualite_eau"}, "eau_raccordement": {"raccordement"},
    "double_paiement": {"contestation_facture", "remboursement", "prelevement"},
    "emploi_candidature": {"candidature_offre", "candidature_spontanee"}, "prefecture": {"etat_prefecture"},
}  # fmt: skip


def situation(profile: Profile, row: dict) -> Situation:
    """A corpus row as the program would see it, with the corpus's labels for service and nature."""
    moment = datetime.fromisoformat(row["received"]).replace(hour=12, tzinfo=UTC)
    head = f"From: Usager <usager@courriel.test>\nDate: {moment:%a, %d %b %Y %H:%M:%S} +0000\nMIME-Version: 1.0\n"
    head += f"Content-Type: text/plain; charset=utf-8\nSubject: {' '.join(row['subject'].split())}\n\n"
    mail = parse(RawMessage(row["id"], (head + row["text"]).encode()))
    text, received = clean(mail), moment.date()
    facts = extract(mail, text, received)
    found = {
        axis: Prediction(row["labels"][axis], 1.0, ((row["labels"][axis], 1.0),), (), "")
        for axis in ("service", "nature")
    }
    decision = decide(profile, mail, text, found, facts, received)
    return Situation(profile, mail, text, decision, facts, received)


def main(path: Path) -> None:
    """Print the figures of one corpus."""
    profile = load_profile()
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if "service" in row["labels"] and row.get("received")]
    counted: Counter[str] = Counter()
    templates: Counter[str] = Counter()
    spent = 0.0
    for row in rows:
        made = situation(profile, row)
        if made.message.kind not in ("human", "form") or chosen_template(made) is None:
            continue
        start = time.process_time()
        try:
            draft = draft_with(None, made)
        except MessageError:  # a forward that does not say who wrote first
            counted["nobody to answer"] += 1
            continue
        spent += time.process_time() - start
        templates[draft.template] += 1
        counted["drafts"] += 1
        counted["gaps"] += sum(not what.startswith("à ") for what in draft.missing)
        counted["faults"] += sum(what.startswith("à corriger") for what in draft.missing)
        counted["secrets"] += len(list(secrets(draft.subject + draft.body)))
        counted["taken up"] += any(said in draft.body for said in (" concerne ", " au sujet de « ", "ous avons noté "))
        motive = row.get("spec", {}).get("motive")
        if made.topic and motive:
            counted["topics"] += 1
            counted["topics right"] += motive in ALIASES.get(made.topic.id, {made.topic.id})
    total = counted["drafts"]
    print(f"{path}: {len(rows)} mails, {total} drafts, {1000 * spent / total:.1f} ms of processor time each")
    print(f"  nobody to answer: {counted['nobody to answer']}")
    print(
        f"  {100 * counted['taken up'] / total:.1f} % take up what was asked; {counted['gaps'] / total:.1f} gaps each"
    )
    print(
        f"  topics: {counted['topics']} found, {100 * counted['topics right'] / counted['topics']:.1f} % are the motive"
    )
    print(f"  faults found by the linter: {counted['faults']}; NIR or IBAN repeated: {counted['secrets']}")
    print("  " + ", ".join(f"{name} {count}" for name, count in templates.most_common()))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        main(Path(argument))
