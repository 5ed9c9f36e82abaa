"""`triage forget DIR`: remove a sender's mail, or old mail, from the journal and the outputs, for good."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.options import (
    by_option,
    journal_option,
    model_option,
    models_option,
    profile_option,
    run_folder_argument,
)
from triage.cli.output import printable, report

if TYPE_CHECKING:
    from triage.learn.forget import Forgotten
    from triage.learn.retrain import Job

_AGE = re.compile(r"(\d{1,5})\s*d?")


def _days(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = _AGE.fullmatch(value.strip())
    if not found:
        raise click.BadParameter(f"{value!r} is no number of days: write 180d")
    return int(found[1])


# An erasure may cost the model some of its accuracy: the person's right does not hang on a mail or two.
_PRICE = 0.05


@click.command("forget", short_help="Remove a sender, or old mail, for good.")
@run_folder_argument
@click.option("--sender", metavar="ADDRESS", help="Forget all mail of this address.")
@click.option(
    "--older-than", "days", metavar="180d", callback=_days, help="Forget all mail dated longer ago than this."
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
@click.option(
    "--retrain",
    "base",
    multiple=True,
    metavar="CORPUS",
    type=click.Path(path_type=Path),
    help="Then retrain from this base corpus, where a release of --models had learned from it; repeatable.",
)
@by_option
@journal_option
@models_option
@model_option
@profile_option
def command(
    out: Path,
    sender: str | None,
    days: int | None,
    dry_run: bool,
    base: tuple[Path, ...],
    by: str,
    journal: str | None,
    models: Path,
    model: Path,
    profile: Path,
) -> int:
    """Remove mail from the journal of OUT_DIR and from its results, drafts, tables and sorted copies; keep counts only.

    The mailbox that was read is not touched: remove the mail there too, or the next run reads it again. Exit code 1
    where files of the folder still hold the address or such a mail, which are listed, and where --retrain released
    nothing.
    """
    from triage.learn.forget import Wanted, forget_mail
    from triage.learn.judge import Bar
    from triage.learn.retrain import Job, labels_of
    from triage.profile import load_profile

    if bool(sender) == (days is not None):
        raise click.UsageError("give either --sender ADDRESS or --older-than 180d")
    if sender is not None and "@" not in sender:
        raise click.UsageError(f"--sender {sender!r} is no address")
    known = labels_of(load_profile(profile))  # a profile that cannot be read is said before anything is removed
    wanted = Wanted(sender, _day_before(days))
    found = forget_mail(out, journal, wanted, models, dry_run=dry_run)
    click.echo(_sentence(found, dry_run=dry_run))
    for path in found.left:
        report(f"{path} still holds the address or such a mail: other mail quotes it, or it was made apart: remove it")
    for release in found.learned_by:
        report(
            f"release {release.id} has learned from this mail: retrain, then `triage models prune --release "
            f"{release.number}`"
        )
    released = True
    if base and found.learned_by and not dry_run:
        job = Job(
            folders=(out,),
            base=base,
            models=models,
            start=model,
            journal=journal,
            bar=Bar(overall=_PRICE),
            known=known,
        )
        released = _retrain(job, by)
    return 0 if released and not found.left else 1


def _day_before(days: int | None) -> date | None:
    return None if days is None else datetime.now(UTC).date() - timedelta(days)


def _sentence(found: "Forgotten", *, dry_run: bool) -> str:
    counts = f"{found.mails} messages, {found.drafts} brouillons, {found.copies} copies, {found.verdicts} avis"
    return f"Seraient effacés : {counts}. Rien n'a été changé." if dry_run else f"Effacés : {counts}."


def _retrain(job: "Job", by: str) -> bool:
    """Release a model that has not learned from the forgotten mail, if it is hardly worse; says whether it was."""
    from triage.learn.retrain import attempt, publish

    trial = attempt(job, report)
    if not trial.accepted:
        report(f"not released: {printable('; '.join(trial.judgement.reasons))}")
        return False
    release = publish(job, trial, by=by, why="forgotten mail")
    click.echo(f"released {release.id}")
    return True
