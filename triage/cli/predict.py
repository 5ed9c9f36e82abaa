"""`triage predict --model DIR < in.jsonl > out.jsonl`: label texts."""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.inputs import open_model
from triage.cli.options import axis_option, encoder_option, model_option
from triage.cli.output import report
from triage.errors import CorpusError, ModelError

if TYPE_CHECKING:
    from triage.types import Prediction

_TOGETHER = 256


@click.command("predict", short_help="Label texts read from standard input.")
@model_option
@axis_option
@encoder_option
def command(model: Path, axis: str, encoder: bool) -> int:
    """Read JSON lines (`text`, optional `subject`) and print them with `label`, `confidence` and `ranking`.

    `label` is null when the model abstains; `ranking` is always filled. A line that cannot be read is named, and
    printed with its `error` and an empty `ranking`, so that every line has its answer (exit code 1).
    """
    from triage.corpus import read_texts

    loaded = open_model(model, encoder)
    if axis not in loaded.axes:
        raise ModelError(f"{model}: has no axis {axis!r} (it has {', '.join(loaded.axes)}): choose another --axis")
    sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")  # type: ignore[union-attr]
    texts = read_texts(sys.stdin)
    failed = 0
    while part := list(islice(texts, _TOGETHER)):
        predictions = iter(loaded.predict([text for _, text in part if isinstance(text, str)]))
        for content, text in part:
            if isinstance(text, str):
                added = _prediction(next(predictions)[axis])
            else:
                failed += 1
                report(str(text))
                added = _refused(text)
            click.echo(json.dumps(content | added, ensure_ascii=False))
    return 1 if failed else 0


def _prediction(found: "Prediction") -> dict[str, Any]:
    return {
        "label": found.label,
        "confidence": round(found.confidence, 6),
        "ranking": [[label, round(probability, 6)] for label, probability in found.ranking],
    }


def _refused(error: CorpusError) -> dict[str, Any]:
    return {"label": None, "confidence": 0.0, "ranking": [], "error": {"type": "CorpusError", "message": str(error)}}
