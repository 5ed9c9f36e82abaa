"""`triage explain MESSAGE`: why a message is sorted as it is, in French."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.options import encoder_option, model_option, models_option, profile_option
from triage.cli.output import printable, report
from triage.errors import SourceError

if TYPE_CHECKING:
    from triage.profile import Profile
    from triage.types import Outcome, Prediction

_ACTIONS = {
    "draft": "préparer une réponse",
    "route": "transmettre au service",
    "review": "relire au service courrier",
    "ignore": "classer sans suite",
}


@click.command("explain", short_help="Say in French why a message is sorted as it is.")
@click.argument("source")
@click.option(
    "--rank", default=1, show_default=True, type=click.IntRange(1), help="Which message of a mailbox, from 1."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of a run: SOURCE is the id or digest of a message in it, explained by the release that decided it.",
)
@models_option
@profile_option
@model_option
@encoder_option
def command(source: str, rank: int, out: Path | None, models: Path, profile: Path, model: Path, encoder: bool) -> int:
    """Explain the decision on one message of SOURCE (.eml file, folder, mbox, Maildir or -).

    With --out, a message decided earlier is explained by the model that decided it: a release of --models, or --model.
    """
    if out:
        source, rank, model, encoder = _decided_earlier(out, source, models, model)
    from triage.pipeline import load_engine, process
    from triage.read import read

    engine = load_engine(profile, model, encoder)
    raw = next(islice(read(source), rank - 1, None), None)
    if raw is None:
        raise SourceError(f"{source}: has no message number {rank}: choose a smaller --rank")
    outcome = process(engine, [raw])[0]
    for line in explanation(engine.profile, outcome):
        click.echo(printable(line))
    return 1 if outcome.error else 0


def _decided_earlier(out: Path, name: str, models: Path, model: Path) -> tuple[str, int, Path, bool]:
    """Where a message of a run lies, and the model that decided it, with its stages."""
    from triage.batch import shared_journal
    from triage.learn.past import past

    with shared_journal(out) as journal:
        found = past(journal, name, models, model)
    report(f"decided {found.entry.done_at[:10]} by {found.entry.model}: explained with {found.model}")
    return found.source, found.rank, found.model, found.encoder


def explanation(profile: "Profile", outcome: "Outcome") -> list[str]:
    """Lines of French an agent can read."""
    if outcome.error or not (
        outcome.message and outcome.text and outcome.decision and outcome.service and outcome.nature
    ):
        return [f"Message illisible : {outcome.error.message if outcome.error else ''}"]
    message, decision = outcome.message, outcome.decision
    lines = [
        f"Objet : {message.subject or '(sans objet)'}",
        f"Type : {message.kind} ({message.kind_reason})" if message.kind_reason else f"Type : {message.kind}",
    ]
    if message.kind in ("human", "form", "suspect"):
        names = {label.id: label.name for label in (*profile.services.values(), *profile.natures.values())}
        lines += ["", *_axis("Service", outcome.service, names), "", *_axis("Nature", outcome.nature, names)]
    lines += ["", f"Urgence : {decision.urgency.level}", *(f"  – {reason}" for reason in decision.urgency.reasons)]
    if decision.flags:
        lines.append(f"Drapeaux : {', '.join(decision.flags)}")
    for deadline in decision.deadlines:
        doubt = "" if deadline.confirmed else ", à confirmer"
        lines.append(f"Échéance {deadline.name} : {deadline.due:%d/%m/%Y} ({deadline.source}{doubt})")
    lines += ["", f"Décision : {_ACTIONS[decision.action]}", *(f"  – {reason}" for reason in decision.reasons)]
    if outcome.draft:
        lines.append(
            f"Brouillon : modèle « {outcome.draft.template} », {len(outcome.draft.missing)} élément(s) à compléter"
        )
        lines += [f"  – {gap}" for gap in outcome.draft.missing]
    return lines


def _axis(title: str, prediction: "Prediction", names: dict[str, str]) -> list[str]:
    ranked = [f"{names.get(label, label)} ({share:.0%})".replace("%", " %") for label, share in prediction.ranking[:2]]
    lines = [f"{title} : {', devant '.join(ranked) or 'non prédit par ce modèle'}"]
    if prediction.abstention:
        lines.append(f"  Le programme ne tranche pas : {prediction.abstention}.")
    lines += _words("Mots qui ont compté pour", [(t, w) for t, w in prediction.evidence if w > 0])
    return lines + _words("Mots qui ont compté contre", [(t, w) for t, w in prediction.evidence if w < 0])


def _words(title: str, terms: list[tuple[str, float]]) -> list[str]:
    if not terms:
        return []
    return [f"  {title} : " + ", ".join(f"« {term} » ({weight:+.1f})" for term, weight in terms).replace(".", ",")]
