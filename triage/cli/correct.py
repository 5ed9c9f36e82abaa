"""`triage correct ID --service X`: an agent's verdict on one message."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from triage.cli.options import by_option, journal_option, profile_option, run_folder_option
from triage.cli.output import printable

if TYPE_CHECKING:
    from triage.learn.corrections import Standing


@click.command("correct", short_help="Say what was right for one message.")
@click.argument("message", metavar="ID")
@click.option("--service", help="The service whose it is (id or name).")
@click.option("--nature", help="What kind of request it is (id or name).")
@click.option("--urgency", help="critique, haute, normale or basse.")
@click.option("--own-words", type=click.File(encoding="utf-8"), help="File holding what the sender newly wrote (or -).")
@click.option("--reply", type=click.Choice(["used", "changed", "unused"]), help="What became of the draft.")
@click.option("--note", help="A remark; never learned from.")
@click.option("--confirm", "confirmed", is_flag=True, help="All else that the program said is right.")
@click.option("--withdraw", "withdrawn", is_flag=True, help="Take back every verdict given on this message.")
@by_option
@run_folder_option
@journal_option
@profile_option
def command(
    message: str, own_words: TextIO | None, by: str, out: Path, journal: str | None, profile: Path, **said: Any
) -> None:
    """Record a verdict on message ID: its Message-ID, or eight or more digits of its digest (see results.jsonl).

    On each field the last verdict wins; all are kept. Verdicts are what `triage retrain` learns from.
    """
    from triage.learn.corrections import Answer, Names, checked, find, opened, record, standing
    from triage.profile import load_profile

    answer = Answer(own_words=own_words.read().strip() or None if own_words else None, **said)
    if answer.is_empty:
        raise click.UsageError("say what is right: --service, --nature, --urgency…, --confirm or --withdraw")
    answer = checked(Names.of(load_profile(profile)), answer)
    with opened(out, journal) as (known, corrections):
        entry = find(known, message)
        record(corrections, entry, answer, by=by, via="command")
        stands = standing(corrections.all(entry.digest)).get(entry.digest)
    click.echo(printable(_sentence(entry.digest, stands)))


def _sentence(digest: str, stands: "Standing | None") -> str:
    if stands is None:
        return f"{digest[:12]} : plus aucun avis"
    said = (
        ("service", stands.service),
        ("nature", stands.nature),
        ("urgence", stands.urgency),
        ("réponse", stands.reply),
        ("mots de l'auteur", stands.own_words and "corrigés"),
        ("remarque", stands.note),
    )
    held = ", ".join(f"{name} {value}" for name, value in said if value)
    return f"{digest[:12]} : {held} (le programme proposait {stands.said['proposed'] or 'rien'})"
