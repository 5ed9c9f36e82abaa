"""Masked text -> Prediction. Only this package may import spaCy and scikit-learn, and only inside functions.

The heavy modules are imported by the functions below, so that importing this package costs nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.classify.model import Model

__all__ = ["load_model"]


def load_model(folder: Path, encoder: bool = True) -> "Model":
    """Read and verify a model folder; without `encoder`, its first stage alone. Raises ModelError."""
    from triage.classify.store import load

    model = load(folder)
    return model if encoder else model.without_encoder()
