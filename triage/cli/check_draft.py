"""`triage check-draft FILE…`: what is missing from letters, or should not be in them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.options import profile_option
from triage.cli.output import printable
from triage.errors import SourceError

if TYPE_CHECKING:
    from triage.profile import Profile

_LARGEST = 5_000_000  # bytes


@click.command("check-draft", short_help="Say in French what the law or good manners miss in a letter.")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@profile_option
def command(files: tuple[Path, ...], profile: Path) -> int:
    """Check letters, .eml or text, whoever wrote them. Exit code 1 when something is missing.

    The mail that a reply quotes below itself is not checked.
    """
    from triage.profile import load_profile

    rules = load_profile(profile)
    return max([_check(path, rules) for path in files])


def _check(path: Path, profile: "Profile") -> int:
    from triage.draft import lint

    findings = lint(_letter(path), profile)
    click.echo(f"{printable(str(path))} : {f'{len(findings)} point(s) à revoir' if findings else 'rien à signaler'}")
    for finding in findings:
        click.echo(f"  – {printable(str(finding))}")
    return 1 if findings else 0


def _letter(path: Path) -> str:
    """The letter's own text, read as a mail program shows it."""
    content = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    if not content.strip():
        raise SourceError(f"{path}: is empty or over {_LARGEST:,} bytes: name the file of a letter")
    if path.suffix.lower() == ".eml":
        from triage.parse import parse
        from triage.types import RawMessage

        return _without_original(parse(RawMessage(f"file:{path}", content)).body)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _without_original(text: str) -> str:
    """The lines above the first quoted block that ends the text, and its attribution."""
    lines = text.rstrip().splitlines()
    end = len(lines)
    while end and (lines[end - 1].startswith(">") or not lines[end - 1].strip()):
        end -= 1
    if end < len(lines) and lines[end - 1].rstrip().endswith("a écrit :"):
        end -= 1
    return "\n".join(lines[:end]) + "\n"
