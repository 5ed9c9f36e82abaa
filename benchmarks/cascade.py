"""Accuracy, coverage and speed against the share of mail that the second stage reads again.

    python benchmarks/cascade.py [MODEL [CORPUS]]

The share is set by the confidence under which the model reads a text again.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from triage.classify import load_model
from triage.classify.evaluate import evaluate
from triage.corpus import load_examples

ROOT = Path(__file__).parents[1]
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)


def main() -> None:
    given = [Path(argument) for argument in sys.argv[1:3]]
    defaults = [ROOT / "models" / "commune", ROOT / "samples" / "commune" / "test.jsonl"]
    folder, corpus = [*given, *defaults[len(given) :]]
    model = load_model(folder)
    axis = next(iter(model.axes))
    examples = [example for example in load_examples([corpus], [axis]) if axis in example.labels]
    texts = [example.text for example in examples]
    confidence = model.without_encoder().probabilities(texts)[axis].max(axis=1)
    model.probabilities(texts[:1])
    print(f"{corpus.name}: {len(examples)} texts, model {model.id}")
    print("share read again  accuracy  acceptable  macro-F1  coverage  routed right  mails/s")
    for share in SHARES:
        limit = float(np.quantile(confidence, share)) if share < 1 else 2.0
        version = replace(model, reread_below=limit)
        version.featurizer.transform(texts)
        start = time.perf_counter()
        version.probabilities(texts)
        speed = len(texts) / (time.perf_counter() - start)
        f = evaluate(version, examples, axis).figures()
        print(
            f"{share:16.0%}  {f['accuracy']:8.3f}  {f['acceptable']:10.3f}  {f['macro_f1']:8.3f}  {f['coverage']:8.3f}"
            f"  {f['routed_accuracy'] or 0:12.3f}  {speed:7.0f}"
        )


if __name__ == "__main__":
    main()
