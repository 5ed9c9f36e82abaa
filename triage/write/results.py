"""The JSON object of a message (docs/architecture.md, contract of `results.jsonl`): all keys, always."""

from typing import Any

from triage.types import Deadline, Decision, Draft, Fact, Outcome, Prediction

RANKED = 3
_NOTHING: dict[str, Any] = {"label": None, "confidence": 0.0, "ranking": [], "evidence": []}


def record(outcome: Outcome, draft_file: str | None) -> dict[str, Any]:
    """One JSON-ready object. `draft_file` is the path of the draft relative to the output folder, or None."""
    message, text, decision = outcome.message, outcome.text, outcome.decision
    return {
        "origin": outcome.origin,
        "id": message.id if message else None,
        "digest": outcome.digest,
        "kind": message.kind if message else None,
        "subject": message.subject if message else None,
        "sender": message.sender.address if message and message.sender else None,
        "date": message.date.isoformat() if message and message.date else None,
        "text": text.body if text else "",
        "segments": [{"kind": s.kind, "start": s.start, "end": s.end} for s in text.segments] if text else [],
        "service": _prediction(outcome.service),
        "nature": _prediction(outcome.nature),
        "urgency": {
            "level": decision.urgency.level if decision else "normale",
            "reasons": list(decision.urgency.reasons) if decision else [],
        },
        "flags": list(decision.flags) if decision else [],
        "facts": [_fact(fact) for fact in outcome.facts],
        "decision": _decision(decision, outcome),
        "deadlines": [_deadline(deadline) for deadline in decision.deadlines] if decision else [],
        "draft": _draft(outcome.draft, draft_file),
        "error": {"type": outcome.error.type, "message": outcome.error.message} if outcome.error else None,
    }


def _prediction(prediction: Prediction | None) -> dict[str, Any]:
    if prediction is None:
        return dict(_NOTHING)
    return {
        "label": prediction.label,
        "confidence": round(prediction.confidence, 6),
        "ranking": [[label, round(probability, 6)] for label, probability in prediction.ranking[:RANKED]],
        "evidence": [[term, weight] for term, weight in prediction.evidence],
    }


def _decision(decision: Decision | None, outcome: Outcome) -> dict[str, Any]:
    if decision is None:
        reason = f"message illisible : {outcome.error.message}" if outcome.error else "non traité"
        return {"action": "review", "service": None, "reasons": [reason]}
    return {"action": decision.action, "service": decision.service, "reasons": list(decision.reasons)}


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "type": fact.type,
        "value": fact.value,
        "text": fact.text,
        "start": fact.start,
        "end": fact.end,
        "role": fact.role,
    }


def _deadline(deadline: Deadline) -> dict[str, Any]:
    return {
        "name": deadline.name,
        "due": deadline.due.isoformat(),
        "source": deadline.source,
        "confirmed": deadline.confirmed,
        "label": deadline.label,
        "computed": deadline.computed,
        "effect": deadline.effect,
        "extended": deadline.extended.isoformat() if deadline.extended else None,
    }


def _draft(draft: Draft | None, file: str | None) -> dict[str, Any] | None:
    if draft is None or file is None:
        return None
    return {
        "template": draft.template,
        "file": file,
        "subject": draft.subject,
        "missing": list(draft.missing),
        "sources": list(draft.sources),
    }
