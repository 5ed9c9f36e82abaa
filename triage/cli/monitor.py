"""`triage monitor DIR`: how the program fares, and whether somebody should look."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli.options import journal_option, model_option, run_folder_argument
from triage.cli.output import printable, report
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.classify.model import Model
    from triage.learn.drift import Drift
    from triage.learn.monitor import Mail

_DAY = click.DateTime(["%Y-%m-%d"])
_SEED = 1  # of the shuffles that a test draws


@click.command("monitor", short_help="Watch volumes, drift, errors and lateness; warn.")
@run_folder_argument
@click.option("--days", type=click.IntRange(1), help="Only mail of the last N days.")
@click.option("--today", type=_DAY, help="The day from which to count (default: today).")
@click.option(
    "--reference",
    "corpora",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Corpus the model has not learned, to tell drift from instead; repeatable.",
)
@click.option(
    "--from-earlier", is_flag=True, help="Tell drift from mail before the last --days, not from training texts."
)
@click.option("--budget", type=click.FloatRange(0, 1), help="Share of wrong routes allowed (default: the model's).")
@click.option("--max-overdue", type=click.IntRange(0), help="Alert where more mails are overdue than this.")
@click.option("--report", "page", type=click.Path(path_type=Path), help="Also write an HTML page here, in French.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as one JSON object.")
@journal_option
@model_option
def command(
    out: Path,
    days: int | None,
    today: datetime | None,
    corpora: tuple[Path, ...],
    from_earlier: bool,
    budget: float | None,
    max_overdue: int | None,
    page: Path | None,
    as_json: bool,
    journal: str | None,
    model: Path,
) -> int:
    """Print how the program fares on the mail of OUT_DIR, from its journal. Exit code 1 on an alert, for cron.

    Errors are estimated from the verdicts on the random control sample (`triage corrections export`), without bias.
    Drift is told service by service, from what the model remembers of its training texts, from --reference, or from
    mail before the last --days. No word, address or subject
    of a mail is in the figures or on the page.
    """
    from triage.classify import load_model
    from triage.learn.corrections import opened
    from triage.learn.monitor import Limits, mails, monitored

    if from_earlier and not days:
        raise click.UsageError("--from-earlier needs --days: what is earlier than they are is compared")
    loaded = load_model(model)
    promised: dict[str, Any] = loaded.manifest.get("metrics", {}).get("service", {})
    now = today.date() if today else datetime.now(UTC).date()
    with opened(out, journal) as (kept, corrections):
        recent, earlier = _split(list(mails(kept)), days, now)
        if not recent:
            raise UsageError(f"{out}: no mail in these {days} days: choose more --days, or another --today")
        _say_others(recent, loaded.id)
        limits = Limits(budget if budget is not None else promised.get("budget", 0.1), max_overdue)
        drift = _drift(recent, corpora, earlier if from_earlier else None, loaded, model)
        found = monitored(recent, corrections, drift, promised, limits, now)
    if page:
        from triage.learn.monitor_page import write_page

        write_page(page, found)
        report(f"page written: {page}")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for line in _lines(found):
            click.echo(printable(line))
    return 1 if found["alerts"] else 0


def _split(every: "Sequence[Mail]", days: int | None, today: date) -> "tuple[list[Mail], list[Mail]]":
    """Recent mail, and earlier mail; all is recent where no number of days is given."""
    start = today - timedelta(days) if days else date.min
    return [mail for mail in every if start < mail.day <= today or not days], [m for m in every if m.day <= start]


def _say_others(recent: "Sequence[Mail]", model: str) -> None:
    """Mail that another model decided: this one's promises and training texts say little of it."""
    others = [mail for mail in recent if mail.read and mail.model != model]
    if others:
        report(
            f"{len(others)} of {len(recent)} mails were decided by another model than {model}, whose coverage, budget "
            "and training texts they are compared with: name theirs with --model"
        )


def _drift(
    recent: "Sequence[Mail]", corpora: Sequence[Path], earlier: "Sequence[Mail] | None", model: "Model", folder: Path
) -> "Drift":
    """From the corpora where there are, else from earlier mail where it was asked for, else from the training texts."""
    from triage.classify.store import load_usual
    from triage.corpus import load_examples
    from triage.learn.drift import from_mail, from_training
    from triage.learn.monitor import reference_of, samples

    if corpora:
        return from_mail(samples(recent), reference_of(load_examples(corpora, ["service"]), model), _SEED)
    if earlier is not None:
        return from_mail(samples(recent), samples(earlier), _SEED)
    return from_training(samples(recent), load_usual(folder, model))


def _lines(found: dict[str, Any]) -> list[str]:
    from triage.learn.monitor_page import sentences

    alerts = [f"ALERTE : {one}" for one in found["alerts"]] or ["Aucune alerte."]
    return [*(sentence for _, inside in sentences(found) for sentence in inside), *alerts]
