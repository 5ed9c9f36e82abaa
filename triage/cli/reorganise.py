"""`triage reorganise MAPPING TARGET…`: corpora, verdicts and statistics follow a change of organisation."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.options import by_option, journal_option, profile_option
from triage.cli.output import printable, report
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.learn.mapping import Reorganisation
    from triage.learn.reorganise import Moved


@click.command("reorganise", short_help="Rename, merge, split, retire services everywhere.")
@click.argument("mapping", type=click.Path(path_type=Path))
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", type=click.Path(path_type=Path), help="Folder for the new corpora.  [default: beside the old]")
@click.option("--in-place", is_flag=True, help="Replace .jsonl corpora instead of writing beside them.")
@click.option("--dry-run", is_flag=True, help="Count; write nothing.")
@by_option
@journal_option
@profile_option
def command(
    mapping: Path,
    targets: tuple[Path, ...],
    to: Path | None,
    in_place: bool,
    dry_run: bool,
    by: str,
    journal: str | None,
    profile: Path,
) -> None:
    """Bring each TARGET into the labels of the new organisation: corpora, and output folders of `triage apply`.

    MAPPING is a TOML file of blocks, which all happen at once:

    \b
        [[rename]]                      [[merge]]
        from = "voirie"                 from = ["cimetieres", "etat_civil"]
        to = "espace_public"            to = "etat_civil"
    \b
        [[split]]                       [[retire]]
        from = "education"              from = "zfe"
        to = ["scolaire", "jeunesse"]

    The profile must be that of the new organisation already (`triage check MAPPING --profile DIR`). A corpus is written
    beside, as NAME.MAPPING.jsonl. In an output folder, agents' verdicts and the outcomes counted in statistics follow
    in the journal, which keeps what was said before; its results.jsonl follows at the next `triage apply`. What a split
    leaves open is for `triage label NAME.MAPPING.jsonl --out NAME.MAPPING.labels.jsonl`, which asks for few labels.
    """  # noqa: D301  click wants the character
    from triage.learn.mapping import read_mapping

    change = read_mapping(mapping)
    if found := against_profile(change, profile):
        for fault in found[:-1]:
            report(fault)
        raise UsageError(found[-1])
    if in_place and to:
        raise click.UsageError("give either --to or --in-place")
    for target in targets:
        if (target / "journal.sqlite").is_file() or (journal and target.is_dir()):
            lines = _folder(target, change, by, journal, dry=dry_run)
        else:
            lines = _corpus(target, change, to, in_place=in_place, dry=dry_run)
        for line in lines:
            click.echo(printable(line))
    if dry_run:
        click.echo("dry run: nothing was written")


def against_profile(mapping: "Reorganisation", folder: Path) -> list[str]:
    """What contradicts the profile, one line each; nothing for an axis that no profile describes."""
    from triage.learn.mapping import faults
    from triage.profile import load_profile

    profile = load_profile(folder)
    known = {"service": set(profile.services), "nature": set(profile.natures)}.get(mapping.axis)
    return [] if known is None else faults(mapping, known, folder / f"{mapping.axis}s.toml")


def described(mapping: "Reorganisation") -> str:
    """What the mapping holds, counted."""
    counts = Counter(change.kind for change in mapping.changes)
    return f"axis {mapping.axis}, " + ", ".join(f"{n} {kind}" for kind, n in counts.items())


def _corpus(path: Path, mapping: "Reorganisation", folder: Path | None, *, in_place: bool, dry: bool) -> Iterator[str]:
    from triage.learn.reorganise import beside, rewrite_corpus

    if in_place and not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise UsageError(f"{path}: only .jsonl corpora are replaced: leave --in-place out, a .jsonl is written beside")
    to = path if in_place else beside(path, mapping, folder)
    if folder and not dry:
        folder.mkdir(parents=True, exist_ok=True)
    moved = rewrite_corpus(path, mapping, None if dry else to)
    yield f"{path}{'' if dry else f' -> {to}'}: {_counted(moved, 'texts')}"
    yield from _details(moved)


def _folder(out: Path, mapping: "Reorganisation", by: str, url: str | None, *, dry: bool) -> Iterator[str]:
    from triage.batch.place import alone
    from triage.learn.corrections import opened
    from triage.learn.reorganise import follow

    with alone(out), opened(out, url) as (journal, corrections):
        found = follow(journal, corrections, mapping, by, dry=dry)
    yield f"{out}, verdicts: {_counted(found.verdicts, 'mails with a verdict')}"
    yield from _details(found.verdicts)
    yield f"{out}, outcomes: {_counted(found.outcomes, 'outcomes')}"
    yield from _details(found.outcomes)


def _counted(moved: "Moved", what: str) -> str:
    said = f"{moved.seen} {what}, {moved.renamed} follow"
    if moved.split:
        said += f", {moved.split} wait for a human"
    return said + (f", {moved.retired} lose their label" if moved.retired else "")


def _details(moved: "Moved") -> Iterator[str]:
    yield from (f"  {name}: {count}" for name, count in sorted(moved.labels.items()))
