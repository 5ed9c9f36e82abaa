"""Message, CleanText, Predictions, Facts -> Decision. Pure functions; only this package imports `holidays`.

decision        everything put together: flags, urgency, deadlines, what to do
urgency         from what the mail says happens, and the dates it cites
deadlines       which deadlines run, and from when          counting        how a delay is counted, and why so
working_days    days an administration works
"""

from triage.decide.deadlines import Course, deadlines
from triage.decide.decision import decide
from triage.decide.working_days import check_holidays

__all__ = ["Course", "check_holidays", "deadlines", "decide"]
