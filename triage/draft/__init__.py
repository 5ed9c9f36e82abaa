"""Message, Decision -> Draft: a reply an agent corrects and sends. Pure functions; only this package imports Jinja2."""

from triage.draft.reply import Situation, broken_templates, draft

__all__ = ["Situation", "broken_templates", "draft"]
