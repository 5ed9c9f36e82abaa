"""Message, Decision -> Draft: a reply an agent corrects and sends. Pure functions; only this package imports Jinja2."""

from triage.draft.knowledge import Library, broken_texts, load_library, wants_texts
from triage.draft.letters import failed_letter_examples, text_folders
from triage.draft.lint import Finding, lint
from triage.draft.reply import broken_templates, draft, draft_with, why_no_draft
from triage.draft.situation import Passage, Situation, chosen_template
from triage.draft.texts import texts_digest

__all__ = [
    "Finding",
    "Library",
    "Passage",
    "Situation",
    "broken_templates",
    "broken_texts",
    "chosen_template",
    "draft",
    "draft_with",
    "failed_letter_examples",
    "lint",
    "load_library",
    "text_folders",
    "texts_digest",
    "wants_texts",
    "why_no_draft",
]
