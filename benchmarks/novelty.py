"""How often a model abstains on texts it should not judge, and on the mails it should.

    python benchmarks/novelty.py [MODEL [CORPUS]]

`strange.jsonl` holds short texts in other languages, gibberish, code, and French about other subjects (recipes, sport,
press, novels…). Those of the part `building` were looked at while the rule was made, those of `measure` never were.
CORPUS (the validation part by default) is read as written and in four kinds of bad spelling.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from triage.classify import load_model
from triage.classify.model import Model
from triage.classify.noise import NOISES
from triage.corpus import load_examples
from triage.pipeline import cleaned_text

ROOT = Path(__file__).parents[1]


def abstentions(model: Model, texts: Sequence[str]) -> tuple[int, int]:
    """How many texts are left to people: in all, and for being too new."""
    found = [predicted["service"] for predicted in model.predict(texts)]
    new = [p for p in found if "trop éloigné" in p.abstention or "aucun mot" in p.abstention]
    return sum(p.label is None for p in found), len(new)


def main(arguments: Sequence[str]) -> None:
    model = load_model(Path(arguments[0]) if arguments else ROOT / "models" / "commune", encoder=False)
    corpus = Path(arguments[1]) if len(arguments) > 1 else ROOT / "samples" / "commune" / "validation.jsonl"
    rows = [json.loads(line) for line in (ROOT / "benchmarks" / "strange.jsonl").read_text("utf-8").splitlines()]
    for part in ("building", "measure"):
        kinds = Counter(row["kind"] for row in rows if row["part"] == part)
        print(f"\n| texts to abstain on ({part}) | texts | abstained | for being too new |\n|---|--:|--:|--:|")
        for kind in [*kinds, "all"]:
            chosen = [r for r in rows if r["part"] == part and kind in (r["kind"], "all")]
            left, new = abstentions(model, [cleaned_text(r["subject"], r["text"]).masked for r in chosen])
            print(f"| {kind} | {len(chosen)} | {left} | {new} |")
    mails = [e.text for e in load_examples([corpus], ["service"]) if "service" in e.labels]
    print("\n| mails | texts | abstained | for being too new |\n|---|--:|--:|--:|")
    for name, noise in {"as written": lambda text, _: text, **NOISES}.items():
        left, new = abstentions(model, [noise(text, np.random.default_rng(i)) for i, text in enumerate(mails)])
        print(f"| {name} | {len(mails)} | {left} | {new} |")


if __name__ == "__main__":
    main(sys.argv[1:])
