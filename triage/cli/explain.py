"""`triage explain MESSAGE`: why a message is sorted as it is, in French."""

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from triage.cli import explained
from triage.cli.options import encoder_option, model_option, models_option, profile_option
from triage.cli.output import printable, report
from triage.errors import SourceError

if TYPE_CHECKING:
    from triage.classify.model import Model
    from triage.classify.nearest import Neighbour
    from triage.profile import Profile
    from triage.types import CleanText, Message, Outcome, RawMessage

_ACTIONS = {
    "draft": "préparer une réponse",
    "route": "transmettre au service",
    "review": "relire au service courrier",
    "ignore": "classer sans suite",
}
_KINDS = {
    "human": "écrit par une personne",
    "form": "formulaire",
    "auto_reply": "réponse automatique",
    "bounce": "avis de non-remise",
    "receipt": "accusé de réception",
    "newsletter": "lettre d'information",
    "machine": "envoi automatique",
    "suspect": "suspect",
    "empty": "vide",
}
_READ = ("human", "form", "suspect")
_CORPUS = (".jsonl", ".jsonl.gz", ".csv")


class _Read(NamedTuple):
    """One message, and what was decided of it; no decision for a text that is no mail."""

    message: "Message"
    text: "CleanText"
    outcome: "Outcome | None"


@click.command("explain", short_help="Say in French why a message is sorted as it is.")
@click.argument("source")
@click.option(
    "--rank", default=1, show_default=True, type=click.IntRange(1), help="Which message of a mailbox or corpus, from 1."
)
@click.option("--text", "is_text", is_flag=True, help="SOURCE is a plain text (- for standard input), not a mail.")
@click.option(
    "--examples",
    "corpora",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Corpus the model learned from: show the texts of the nearest examples. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of a run: SOURCE is the id or digest of a message in it, explained by the release that decided it.",
)
@models_option
@profile_option
@model_option
@encoder_option
def command(
    source: str,
    rank: int,
    out: Path | None,
    models: Path,
    is_text: bool,
    corpora: tuple[Path, ...],
    as_json: bool,
    profile: Path,
    model: Path,
    encoder: bool,
) -> int:
    """Explain the decision on one message of SOURCE (.eml file, folder, mbox, Maildir or -).

    SOURCE may also be a corpus (.jsonl, .csv) or, with --text, a plain text: then only the labels are explained, with
    any model. The weights of the words are exact: with what the model holds before reading, they add up to the
    logarithm of how many times the first label is more probable than the second.

    With --out, a message decided earlier is explained by the model that decided it: a release of --models, or --model.
    """
    if out:
        source, rank, model, encoder = _decided_earlier(out, source, models, model)
    from triage.classify import load_model
    from triage.profile import load_profile

    loaded, known = load_model(model, encoder), load_profile(profile)
    if encoder and loaded.note:
        report(loaded.note)
    found = _plain(source, rank, is_text, loaded) or _mail(source, rank, known, loaded)
    if found.outcome and found.outcome.error:
        click.echo(printable(f"Message illisible : {found.outcome.error.message}"))
        return 1
    near = _nearest(model, loaded, found.text.masked, corpora)
    if as_json:
        click.echo(json.dumps(_as_json(found, known, loaded, near), ensure_ascii=False))
    else:
        for line in _lines(found, known, loaded, near):
            click.echo(printable(line))
    return 0


def _plain(source: str, rank: int, is_text: bool, model: "Model") -> _Read | None:
    """A text that is no mail; None where the source is mail."""
    from triage.corpus import read_rows
    from triage.pipeline import text_message

    if is_text:
        with click.open_file(source, encoding="utf-8", errors="replace") as file:
            message = text_message("", file.read())
    elif source.endswith(_CORPUS):
        row = next(islice(read_rows(Path(source), list(model.axes)), rank - 1, None), None)
        if row is None:
            raise SourceError(f"{source}: has no row number {rank}: choose a smaller --rank")
        message = text_message(row.subject, row.text)
    else:
        return None
    from triage.clean import clean

    return _Read(message, clean(message), None)


def _mail(source: str, rank: int, profile: "Profile", model: "Model") -> _Read:
    """A mail and, where the model knows services of the profile, what is decided of it."""
    from triage.clean import clean
    from triage.parse import parse
    from triage.pipeline import engine_of, process
    from triage.read import read

    raw: RawMessage | None = next(islice(read(source), rank - 1, None), None)
    if raw is None:
        raise SourceError(f"{source}: has no message number {rank}: choose a smaller --rank")
    if "service" not in model.axes or not set(model.axes["service"].labels) & set(profile.services):
        message = parse(raw)
        return _Read(message, clean(message), None)
    outcome = process(engine_of(profile, model), [raw])[0]
    message = outcome.message or parse(raw)
    return _Read(message, outcome.text or clean(message), outcome)


def _decided_earlier(out: Path, name: str, models: Path, model: Path) -> tuple[str, int, Path, bool]:
    """Where a message of a run lies, and the model that decided it, with its stages."""
    from triage.batch import shared_journal
    from triage.learn.past import past

    with shared_journal(out) as journal:
        found = past(journal, name, models, model)
    report(f"decided {found.entry.done_at[:10]} by {found.entry.model}: explained with {found.model}")
    return found.source, found.rank, found.model, found.encoder


def _nearest(folder: Path, model: "Model", text: str, corpora: Sequence[Path]) -> list["Neighbour"]:
    from triage.classify.nearest import nearest, reference, reread
    from triage.classify.store import load_remembered
    from triage.corpus import read_rows

    remembered = load_remembered(folder, model)
    if remembered is None:
        report(f"{folder}: keeps no examples: train the model again to see the nearest ones")
        return []
    near = nearest(model, remembered, text)
    if not corpora:
        return near
    wanted = {one.reference: one for one in near}
    rows = (row for path in corpora for row in read_rows(path, list(model.axes), lambda _: None))
    pairs = [
        (wanted[found], row.example())
        for row in rows
        if (found := reference(row.id)) in wanted and dict(row.labels).items() >= wanted[found].labels.items()
    ]
    if not pairs:
        report("the nearest examples are not in the corpus given: name with --examples what the model learned from")
    return reread(model, text, pairs) or near


def _reader(found: _Read, profile: "Profile") -> explained.Reader:
    from triage.clean import Trace

    names = {label.id: label.name for label in (*profile.services.values(), *profile.natures.values())}
    return explained.Reader(found.message, Trace(found.message, found.text), names)


def _as_json(found: _Read, profile: "Profile", model: "Model", near: Sequence["Neighbour"]) -> dict[str, Any]:
    from triage.classify.explain import explain
    from triage.write import record

    reader = _reader(found, profile)
    told = explain(model, found.text.masked)
    return (record(found.outcome, None) if found.outcome else {"subject": found.message.subject}) | {
        "model": model.id,
        "explanation": {axis: explained.as_json(one, reader) for axis, one in told.items()},
        "examples": [explained.example_json(one) for one in near[:10]],
    }


def _lines(found: _Read, profile: "Profile", model: "Model", near: Sequence["Neighbour"]) -> list[str]:
    """Lines of French an agent can read."""
    message = found.message
    lines = [f"Objet : {message.subject or '(sans objet)'}"]
    if found.outcome:
        reason = f" ({message.kind_reason.rstrip('.')})" if message.kind_reason else ""
        lines.append(f"Type : {_KINDS[message.kind]}{reason}")
    if not found.outcome or message.kind in _READ:
        lines += _labels(found, profile, model, near)
    return lines + (_decided(found.outcome) if found.outcome else [])


def _labels(found: _Read, profile: "Profile", model: "Model", near: Sequence["Neighbour"]) -> list[str]:
    from triage.classify.explain import explain

    reader = _reader(found, profile)
    told = explain(model, found.text.masked)
    lines = [line for one in told.values() for line in ("", *explained.axis_lines(one, reader))]
    if near:
        lines += ["", *explained.example_lines(near, reader)]
    return [*lines, "", f"À citer : « {explained.quotation(next(iter(told.values())), reader)} »"]


def _decided(outcome: "Outcome") -> list[str]:
    """What was decided, beyond the labels."""
    decision = outcome.decision
    if decision is None:
        return []
    lines = ["", f"Urgence : {decision.urgency.level}", *(f"  – {reason}" for reason in decision.urgency.reasons)]
    if decision.flags:
        lines.append(f"Drapeaux : {', '.join(decision.flags)}")
    for deadline in decision.deadlines:
        doubt = "" if deadline.confirmed else ", à confirmer"
        lines.append(f"Échéance, {deadline.label} : {deadline.due:%d/%m/%Y} ({deadline.source}{doubt})")
        lines.append(f"  – {deadline.computed}")
    lines += ["", f"Décision : {_ACTIONS[decision.action]}", *(f"  – {reason}" for reason in decision.reasons)]
    if outcome.draft:
        gaps = outcome.draft.missing
        lines.append(f"Brouillon : modèle « {outcome.draft.template} », {len(gaps)} élément(s) à compléter")
        lines += [f"  – {gap}" for gap in gaps]
    return lines
