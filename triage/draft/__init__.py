"""Message, Decision -> Draft: a reply an agent corrects and sends. Pure functions; only this package imports Jinja2."""

from triage.draft.reply import Situation, draft
from triage.draft.templates import check_template

__all__ = ["Situation", "check_template", "draft"]
