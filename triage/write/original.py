"""The mail a draft answers, quoted below it as mail programs do: `> ` lines under a line that says who wrote when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from triage.types import Draft, Outcome

LONGEST_ORIGINAL = 4_000  # characters
MOST_LINES = 100
_NUMBERS = ("nir", "iban")
_NOT_QUOTED = "[Message d'origine non repris : il contient des données que la réponse ne doit pas répéter.]"
_CUT = "[…]"
_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905


def quoted_original(draft: Draft, outcome: Outcome, timezone: str) -> str:
    """What stands below the reply: attribution and the sender's own words, quoted and cut at 4,000 characters.

    Nothing where the reply does not go to the person who wrote; a line of French in their place where the mail holds
    numbers no letter repeats, or was flagged.
    """
    message, text, decision = outcome.message, outcome.text, outcome.decision
    if message is None or text is None or not text.body.strip() or not _to_writer(draft, outcome):
        return ""
    if (decision and decision.flags) or any(fact.type in _NUMBERS for fact in outcome.facts):
        return f"{_NOT_QUOTED}\n"
    lines = text.body[:LONGEST_ORIGINAL].splitlines()
    cut = len(text.body) > LONGEST_ORIGINAL or len(lines) > MOST_LINES
    shown = [*lines[:MOST_LINES], *([_CUT] if cut else [])]
    written = None if text.forwarded else message.date  # of a forward, only its day of forwarding is known for sure
    return "\n".join([_attribution(draft, written, timezone), *(f"> {line}".rstrip() for line in shown)]) + "\n"


def _to_writer(draft: Draft, outcome: Outcome) -> bool:
    """Whether the reply goes to who wrote the words: the sender, the first writer of a forward, a form's author."""
    message, text = outcome.message, outcome.text
    if message is None or text is None:
        return False
    writer = text.forwarded.sender if text.forwarded else message.sender
    return message.kind == "form" or (writer is not None and writer.address.lower() == draft.to.address.lower())


def _attribution(draft: Draft, written: datetime | None, timezone: str) -> str:
    who = " ".join(draft.to.name.split()) or draft.to.address
    return f"{_when(written, timezone)}{who} a écrit :"


def _when(moment: datetime | None, timezone: str) -> str:
    """« Le 5 janvier 2026 à 09:30, », on the administration's clock."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(timezone))
    day = "1er" if local.day == 1 else str(local.day)
    return f"Le {day} {_MONTHS[local.month - 1]} {local.year} à {local:%H:%M}, "
