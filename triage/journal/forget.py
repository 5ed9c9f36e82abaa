"""Removal for good of what the journal holds of some contents; only counts without a name stay."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, inspect, select, text

from triage.journal import Entry, Journal

_METADATA = MetaData()
# What is left of forgotten mail: how many, of which month, went where.
_FORGOTTEN = Table(
    "forgotten_counts",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("mails", Integer, nullable=False),
)


def forget(journal: Journal, entries: Sequence[Entry], drafts: Iterable[str], threads: Iterable[str], at: str) -> None:
    """Delete all rows of these contents, in one transaction, and count them; `at` is the day.

    `drafts`: names of their drafts; `threads`: keys of their mails in the memory of threads. The journal must have been
    opened with its corrections, and `wipe` must follow.
    """
    rows = [{"one": entry.digest} for entry in entries]
    with journal.writing() as connection:
        _METADATA.create_all(connection)
        if not rows:
            return
        for table in _tables_of_mails(connection):
            connection.execute(text(f"DELETE FROM {table} WHERE digest = :one"), rows)  # noqa: S608  names are ours
        connection.execute(text("DELETE FROM unsettled_drafts WHERE name = :one"), [{"one": name} for name in drafts])
        if keys := [{"one": key} for key in threads]:
            connection.execute(text("DELETE FROM threads WHERE key = :one"), keys)
        connection.execute(insert(_FORGOTTEN), _counts(entries, at))


def forgotten(journal: Journal) -> list[dict[str, Any]]:
    """The counts of all mail ever forgotten."""
    with journal.writing() as connection:
        _METADATA.create_all(connection)
        return [dict(row) for row in connection.execute(select(_FORGOTTEN)).mappings()]


def _tables_of_mails(connection: Connection) -> list[str]:
    """Every table of which each row is about one mail, those that other modules keep here included."""
    found = inspect(connection)
    tables = found.get_table_names()
    return [name for name in tables if "digest" in [column["name"] for column in found.get_columns(name)]]


def _counts(entries: Sequence[Entry], at: str) -> list[dict[str, Any]]:
    counted = Counter(
        ((entry.dated or entry.done_at)[:7], entry.kind or "", entry.service or "", entry.action) for entry in entries
    )
    return [
        {"at": at, "month": month, "kind": kind, "service": service, "action": action, "mails": mails}
        for (month, kind, service, action), mails in sorted(counted.items())
    ]
