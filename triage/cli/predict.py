"""`triage predict --model DIR < in.jsonl > out.jsonl`: label texts."""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from triage.cli.options import axis_option, encoder_option, model_option
from triage.cli.output import report
from triage.errors import ModelError

_TOGETHER = 256


@click.command("predict", short_help="Label texts read from standard input.")
@model_option
@axis_option
@encoder_option
def command(model: Path, axis: str, encoder: bool) -> None:
    """Read JSON lines (`text`, optional `subject`) and print them with `label`, `confidence` and `ranking`.

    `label` is null when the model abstains; `ranking` is always filled.
    """
    from triage.classify import load_model
    from triage.corpus import read_texts

    loaded = load_model(model, encoder)
    if encoder and loaded.note:
        report(loaded.note)
    if axis not in loaded.axes:
        raise ModelError(f"{model}: has no axis {axis!r} (it has {', '.join(loaded.axes)}): choose another --axis")
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    texts = read_texts(sys.stdin)
    while part := list(islice(texts, _TOGETHER)):
        for line in _labelled(loaded.predict([text for _, text in part]), [content for content, _ in part], axis):
            click.echo(line)


def _labelled(predictions: list[Any], contents: list[dict[str, Any]], axis: str) -> Iterator[str]:
    for content, found in zip(contents, predictions, strict=True):
        prediction = found[axis]
        added = {
            "label": prediction.label,
            "confidence": round(prediction.confidence, 6),
            "ranking": [[label, round(probability, 6)] for label, probability in prediction.ranking],
        }
        yield json.dumps(content | added, ensure_ascii=False)
