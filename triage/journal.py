"""What was done to which message: the memory that lets a run stop anywhere and go on.

A row is written once its outcome is complete and its draft lies on disk. Keys are origin and digest, so that a
mailbox that grew, or two mails with one Message-ID, are told apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from triage.errors import UsageError

_METADATA = MetaData()
_OUTCOMES = Table(
    "outcomes",
    _METADATA,
    Column("origin", Text, primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("recipe", Text, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("record", Text, nullable=False),
)
_ORDER = Table(
    "input_order",
    _METADATA,
    Column("position", Integer, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)


class Entry(NamedTuple):
    """One message's outcome: `record` is its line of results.jsonl."""

    origin: str
    digest: str
    recipe: str
    failed: bool
    record: str


class Journal:
    """The journal of one output folder. Raises UsageError when its file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine: Engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _careful)
        try:
            _METADATA.create_all(self._engine)
            path.chmod(0o600)
        except (SQLAlchemyError, OSError) as error:
            raise UsageError(f"{path}: the journal cannot be used: choose another --out or delete this file") from error

    def done(self) -> dict[tuple[str, str], str]:
        """(origin, digest) of every message with an outcome -> the recipe that made it."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_OUTCOMES.c.origin, _OUTCOMES.c.digest, _OUTCOMES.c.recipe))
            return {(origin, digest): recipe for origin, digest, recipe in rows}

    def add(self, entries: Sequence[Entry]) -> None:
        """Keep outcomes, in one transaction; an earlier outcome of the same message is replaced."""
        if not entries:
            return
        with self._engine.begin() as connection:
            for entry in entries:
                connection.execute(
                    delete(_OUTCOMES).where(_OUTCOMES.c.origin == entry.origin, _OUTCOMES.c.digest == entry.digest)
                )
            connection.execute(insert(_OUTCOMES), [entry._asdict() for entry in entries])

    def set_order(self, keys: Iterable[tuple[str, str]]) -> None:
        """Remember the order of the present input."""
        with self._engine.begin() as connection:
            connection.execute(delete(_ORDER))
            rows = [{"position": i, "origin": origin, "digest": digest} for i, (origin, digest) in enumerate(keys)]
            for start in range(0, len(rows), 10_000):
                connection.execute(insert(_ORDER), rows[start : start + 10_000])

    def in_order(self) -> Iterator[Entry]:
        """Outcomes of the present input, in its order."""
        joined = select(_OUTCOMES).join(
            _ORDER, (_ORDER.c.origin == _OUTCOMES.c.origin) & (_ORDER.c.digest == _OUTCOMES.c.digest)
        )
        with self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=500).execute(joined.order_by(_ORDER.c.position)):
                yield Entry(row.origin, row.digest, row.recipe, bool(row.failed), row.record)

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def _careful(connection: object, _record: object) -> None:
    """WAL: what is committed survives a killed process, and readers never wait."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
