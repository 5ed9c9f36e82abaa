"""`triage pseudonymise CORPUS`: a corpus that may leave the house."""

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triage.cli.output import report, table
from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.learn.pseudonymise import Account

_KEY_BYTES = 32


@click.command("pseudonymise", short_help="Replace persons, addresses and numbers in a corpus.")
@click.argument("corpus", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", "target", required=True, type=click.Path(path_type=Path), help="The new corpus (JSON Lines).")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="File of the secret key, made where it is not there (default: none kept).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON object.")
def command(corpus: Path, target: Path, key: Path | None, as_json: bool) -> None:
    """Write CORPUS (JSON Lines) anew with invented persons, addresses and numbers, the same for the same ones.

    Where the corpus has annotated `facts`, the share of them that was found is printed: what is missed stays in clear,
    so reread before the corpus leaves the house. The same --key gives the same pseudonyms in another corpus; who has it
    can tell whether a name they think of is there. Fields that are not known are left out, and named.
    """
    from triage.learn.pseudonymise import pseudonymise
    from triage.learn.pseudonyms import Pseudonyms

    if target.exists() and target.samefile(corpus):
        raise UsageError(f"{target}: is the corpus itself: choose another --out")
    account = pseudonymise(corpus, target, Pseudonyms(_key(key)))
    if as_json:
        click.echo(json.dumps(_figures(account), ensure_ascii=False))
        return
    click.echo(f"{account.rows} textes, {sum(account.replaced.values())} passages remplacés")
    rows = [(kind, str(account.found[kind]), str(count)) for kind, count in account.annotated.most_common()]
    if rows:
        rows.append(("total", str(account.found.total()), str(account.annotated.total())))
        table(("donnée annotée", "trouvées", "en tout"), rows)
    else:
        report("the corpus annotates no facts: how many were missed is not known; reread a sample")
    if account.dropped:
        report(f"fields left out: {', '.join(sorted(account.dropped))}")


def _key(path: Path | None) -> bytes:
    if path is None:
        return secrets.token_bytes(_KEY_BYTES)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) < _KEY_BYTES // 2:
        raise UsageError(f"{path}: is no key: give 16 bytes or more, or name a file that is not there")
    return key


def _figures(account: "Account") -> dict[str, object]:
    total = account.annotated.total()
    return {
        "rows": account.rows,
        "replaced": dict(account.replaced.most_common()),
        "recall": account.found.total() / total if total else None,
        "annotated": {k: {"found": account.found[k], "all": n} for k, n in account.annotated.most_common()},
        "fields_left_out": sorted(account.dropped),
    }
