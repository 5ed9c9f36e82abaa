"""Accuracy on the test mails as written, without accents, in capitals, with typing errors and in SMS spelling.

    python benchmarks/robustness.py [MODEL [CORPUS]]

The noisy versions are derived from the received text (subject and body, quotes included) by a seeded script and pass
through the whole chain; they are stored nowhere.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from triage.classify import load_model
from triage.classify.evaluate import evaluate
from triage.classify.noise import NOISES, Noise
from triage.corpus import Row, read_rows

ROOT = Path(__file__).parents[1]
SEED = 1


def noisy_row(row: Row, noise: Noise, generator: np.random.Generator) -> Row:
    return replace(row, subject=noise(row.subject, generator), text=noise(row.text, generator))


def main() -> None:
    given = [Path(argument) for argument in sys.argv[1:3]]
    defaults = [ROOT / "models" / "commune", ROOT / "samples" / "commune" / "test.jsonl"]
    folder, corpus = [*given, *defaults[len(given) :]]
    model = load_model(folder)
    axes = list(model.axes)
    rows = list(read_rows(corpus, axes))
    versions = {"as_written": rows} | {
        name: [noisy_row(row, noise, generator) for row in rows]
        for name, noise in NOISES.items()
        for generator in [np.random.default_rng(SEED)]
    }
    print(f"{corpus.name}: {len(rows)} rows, model {model.id}")
    print(f"{'version':16} {'axis':8} accuracy  acceptable  macro-F1  coverage  routed right")
    for name, version in versions.items():
        examples = [row.example() for row in version]
        for axis in axes:
            f = evaluate(model, examples, axis).figures()
            print(
                f"{name:16} {axis:8} {f['accuracy']:8.3f}  {f['acceptable']:10.3f}  {f['macro_f1']:8.3f}"
                f"  {f['coverage']:8.3f}  {f['routed_accuracy'] or 0:12.3f}"
            )


if __name__ == "__main__":
    main()
