"""`triage retrain OUT_DIR… --base CORPUS --models DIR`: learn from what agents said, release only what is not worse."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import by_option, journal_option, model_option, models_option, profile_option
from triage.cli.output import report

if TYPE_CHECKING:
    from triage.learn.retrain import Job, Trial


@click.command("retrain", short_help="Learn from agents' verdicts; release what is not worse.")
@click.argument("folders", metavar="OUT_DIR…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--base", multiple=True, required=True, type=click.Path(path_type=Path), help="Corpus to learn too; repeatable."
)
@models_option
@model_option
@click.option(
    "--judge-on",
    "judges",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Labelled corpus no release has learned from, to judge on beside the held-out verdicts; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Train and judge; release nothing.")
@click.option(
    "--margin", default=0.10, show_default=True, type=click.FloatRange(0, 1), help="How much worse one service may get."
)
@click.option("--least", default=30, show_default=True, type=click.IntRange(1), help="Held-out mails needed to judge.")
@click.option(
    "--weight",
    default=2,
    show_default=True,
    type=click.IntRange(1, 20),
    help="Texts of the base a fresh verdict is worth.",
)
@click.option(
    "--half-life", default=365.0, show_default=True, type=click.FloatRange(1), help="Days after which it is worth half."
)
@click.option(
    "--per-sender",
    default=5,
    show_default=True,
    type=click.IntRange(1),
    help="Mails one sender, or one letter, counts for.",
)
@click.option(
    "--form-sender", "forms", multiple=True, metavar="ADDRESS", help="Address a web form sends from: no single sender."
)
@click.option(
    "--no-encoder", "encoder", is_flag=True, flag_value=False, default=True, help="Train the first stage alone."
)
@click.option("--note", default="", help="Why, for the history.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures and the decision as JSON.")
@by_option
@journal_option
@profile_option
def command(
    folders: tuple[Path, ...], model: Path, dry_run: bool, note: str, as_json: bool, by: str, **options: Any
) -> int:
    """Train on the base corpora and on agents' verdicts in OUT_DIR…; release the result if it proves no worse.

    Both are judged on verdicts neither has learned from: those on the mails of three senders in ten, never learned
    by any release. The new model is refused when it is right less often, when one service gets worse by more
    than --margin beyond chance, or when it routes much less or more wrongly; the release in use then stays
    (exit code 1). Services that --profile no longer has are not learned.
    Where --models holds no release yet, --model becomes the first.
    """
    from triage.learn.retrain import adopt, attempt, publish

    job = _job(folders, model, **options)
    trial = attempt(job, report)
    lines = [*_figures(trial), *trial.judgement.reasons]
    if trial.accepted and not dry_run:
        release = publish(job, trial, by=by, why=note or "retrained from verdicts, not worse")
        lines.append(f"released {release.id}: use it with --model {job.models}")
    elif trial.accepted:
        lines.append("would be released: nothing was written")
    else:
        kept = trial.champion.id if dry_run else adopt(job, by=by).id
        lines.append(f"not released: {kept} stays in use")
    if as_json:
        decision = {"accepted": trial.accepted, "released": trial.accepted and not dry_run}
        click.echo(json.dumps({**decision, "reasons": trial.judgement.reasons, **trial.facts}, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(line)
    return 0 if trial.accepted or trial.challenger is None else 1


def _job(folders: tuple[Path, ...], model: Path, **options: Any) -> "Job":
    from triage.learn.judge import Bar
    from triage.learn.lessons import Rules
    from triage.learn.retrain import Job, labels_of
    from triage.profile import load_profile

    profile = load_profile(options["profile"])
    if options["journal"] and len(folders) > 1:
        raise click.UsageError("--journal names the journal of one OUT_DIR: give one")
    return Job(
        folders=folders,
        base=options["base"],
        models=options["models"],
        start=model,
        judges=options["judges"],
        journal=options["journal"],
        rules=Rules(
            options["weight"],
            options["half_life"],
            options["per_sender"],
            frozenset(address.lower() for address in options["forms"]),
        ),
        bar=Bar(options["margin"], options["least"]),
        encoder=options["encoder"],
        known=labels_of(profile),
    )


def _figures(trial: "Trial") -> list[str]:
    """Both models beside each other, axis by axis."""
    lines = []
    for axis, found in trial.judgement.figures.items():
        (before, after), (covered, covers) = found["accuracy"], found["coverage"]
        low, high = found["accuracy_difference_interval"]
        lines.append(
            f"{axis}, {found['rows']} held-out mails: champion right on {before:.1%}, challenger on {after:.1%} "
            f"({after - before:+.1%}, 95 % interval {low:+.1%} to {high:+.1%}; only the champion right "
            f"{found['only_first']}, only the challenger {found['only_second']}, p = {found['p_value']:.2g}); "
            f"routed {covered:.0%} -> {covers:.0%}"
        )
    return lines
