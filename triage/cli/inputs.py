"""What several commands open: a model, and labelled corpora. What is lacking in either is said on standard error."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.cli.output import report

if TYPE_CHECKING:
    from triage.classify.examples import Example
    from triage.classify.model import Model

_MOST_SHOWN = 10


def open_model(folder: Path, encoder: bool = True) -> "Model":
    """The model of a folder, or its first stage alone; says so where the second cannot be used. Raises ModelError."""
    from triage.classify import load_model

    model = load_model(folder, encoder)
    if encoder and model.note:
        report(model.note)
    return model


def open_examples(corpora: Sequence[Path], axes: Sequence[str], traits: bool = False) -> tuple[list["Example"], int]:
    """The usable rows of some corpora, and how many were refused; the first of these are named. Raises CorpusError."""
    from triage.corpus import load_examples

    refused: list[str] = []
    examples = load_examples(corpora, axes, refuse=lambda error: refused.append(str(error)), traits=traits)
    for reason in refused[:_MOST_SHOWN]:
        report(reason)
    if len(refused) > _MOST_SHOWN:
        report(f"… and {len(refused) - _MOST_SHOWN} more rows that cannot be used")
    return examples, len(refused)
