"""Drafts put where agents work: a Maildir beside the results, or the Drafts folder of the mailbox they answer.

Each goes there once in the life of an output folder, whatever becomes of it there: the journal remembers, and a run
killed before it could finds the draft lying there.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from triage.batch.plan import Placing
from triage.batch.recipe import DRAFTS, draft_name
from triage.errors import UsageError
from triage.journal import Journal
from triage.read import connected, is_account, read_account
from triage.write import Waiting, append_drafts, drafts_folder, put_in_maildir

MAILDIR = "drafts-maildir"


def check(placing: Placing) -> None:
    """Raise UsageError or SourceError where drafts could not be put, before any work."""
    if placing.form != "imap":
        return
    accounts = [source for source in placing.sources if is_account(source)]
    if not accounts:
        raise UsageError("--drafts imap puts drafts in the mailbox that was read: name an imaps:// source, or maildir")
    for source in accounts:
        with connected(source) as client:
            drafts_folder(client.list_folders())


def place(out: Path, journal: Journal, placing: Placing) -> int:
    """Put the drafts of the present input where they have never been; returns how many."""
    if placing.form == "maildir":
        waiting = _read(out, _named(journal, MAILDIR, ""))
        return put_in_maildir(out / MAILDIR, waiting, lambda digest: journal.set_placed(MAILDIR, digest))
    return sum(_append(out, journal, source) for source in placing.sources if is_account(source))


def _append(out: Path, journal: Journal, source: str) -> int:
    account = read_account(source)
    mailbox = f"{account.scheme}://{account.user}@{account.host}:{account.port}"
    waiting = list(_named(journal, mailbox, f"{account.place};UIDVALIDITY="))
    if not waiting:
        return 0
    with connected(source) as client:
        return append_drafts(client, _read(out, waiting), lambda digest: journal.set_placed(mailbox, digest))


def _named(journal: Journal, mailbox: str, origins: str) -> Iterator[str]:
    """The mails (by digest) whose origin begins so, and whose drafts were never put in that mailbox."""
    placed = journal.placed(mailbox)
    for seen, entry in journal.in_order():
        if entry.draft and seen.copy_of is None and seen.origin.startswith(origins) and seen.digest not in placed:
            yield seen.digest


def _read(out: Path, digests: Iterable[str]) -> Iterator[Waiting]:
    """Drafts as they lie in `DIR/drafts`, corrected or not; one that an agent removed is left out."""
    for digest in digests:
        path = out / DRAFTS / draft_name(digest)
        if path.is_file():
            yield Waiting(digest, path.read_bytes())
