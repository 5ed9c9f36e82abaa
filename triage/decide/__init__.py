"""Message, CleanText, Predictions, Facts -> Decision. Pure functions; only this package imports `holidays`."""

from triage.decide.decision import decide

__all__ = ["decide"]
