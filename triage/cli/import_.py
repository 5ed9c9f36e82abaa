"""`triage import SOURCE… --out corpus.jsonl`: a corpus from mail that people have sorted already."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.options import columns_option, pairs, profile_option
from triage.cli.output import printable, progress, report, table

if TYPE_CHECKING:
    from triage.learn.collect import Collected

_MOST_SHOWN = 10


@click.command("import", short_help="Make a corpus of sorted mailboxes or an export.")
@click.argument("sources", metavar="SOURCE…", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Corpus to write (.jsonl).")
@click.option("--force", is_flag=True, help="Replace the corpus that is there.")
@click.option(
    "--as", "renamed", multiple=True, metavar="NAME=LABEL", help="Label of a mailbox or of a cell; repeatable."
)
@columns_option
@profile_option
def command(
    sources: tuple[str, ...], out: Path, force: bool, renamed: tuple[str, ...], columns: dict[str, str], profile: Path
) -> int:
    """Make a corpus of mail that is sorted already. Mailboxes are only read.

    A SOURCE is an IMAP folder (imaps://user@host/Services/* for all below it), a Maildir, an mbox file, a folder of
    those or of .eml files, or a CSV export of another tool. The label of a mail is the name of its mailbox; a name of
    the profile's services becomes its id, any other stays as it is. Automatic mail, copies, and mails that lie under
    two labels are left out and counted. Then: `triage check`, `triage train`.
    """
    from triage.learn.collect import Collected, collect
    from triage.profile import load_profile
    from triage.write import whole_file

    if out.exists() and not force:
        raise click.UsageError(f"{out} exists: choose another --out, or replace it with --force")
    names = {service.id: service.name for service in load_profile(profile).services.values()}
    found = Collected()
    with progress("mails") as advance:
        rows = collect(sources, names, pairs(renamed, "--as"), columns, found, advance)
    if not rows:
        for reason in found.refused[:_MOST_SHOWN]:
            report(reason)
        raise click.UsageError("not one labelled mail was found: nothing was written")
    with whole_file(out) as file:
        file.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    _tell(found, out, len(rows), set(names))
    return 1 if found.refused else 0


def _tell(found: "Collected", out: Path, rows: int, known: set[str]) -> None:
    for reason in found.refused[:_MOST_SHOWN]:
        report(reason)
    if len(found.refused) > _MOST_SHOWN:
        report(f"… and {len(found.refused) - _MOST_SHOWN} more")
    left_out = (
        (found.machine, "automatic"),
        (found.empty, "empty"),
        (found.copies, "copies"),
        (found.several, "under two labels"),
        (len(found.refused), "refused"),
    )
    said = ", ".join(f"{count} {why}" for count, why in left_out if count)
    table(
        ("label", "mails", ""),
        [
            (label, str(count), "" if label in known else "not a service of the profile")
            for label, count in found.labels.most_common()
        ],
    )
    click.echo(printable(f"{out}: {rows} mails, {len(found.labels)} labels" + (f"; left out: {said}" if said else "")))
