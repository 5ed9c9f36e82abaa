"""Which changes of organisation a journal has been through."""

from typing import NamedTuple

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select

from triage.journal import Journal

_METADATA = MetaData()
_REORGANISATIONS = Table(
    "reorganisations",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("axis", Text, nullable=False),
    Column("successors", Text, nullable=False),
)


class Applied(NamedTuple):
    """One change: `digest` of its mapping file, when and by whom; `successors`: JSON, old label to its new ones."""

    digest: str
    at: str
    by: str
    name: str
    axis: str
    successors: str


class Reorganisations:
    """The changes of organisation of a journal, which must be open to write."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.writing() as connection:
            _METADATA.create_all(connection)

    def all(self) -> list[Applied]:
        """All changes, oldest first."""
        columns = [_REORGANISATIONS.c[name] for name in Applied._fields]
        with self._journal.reading() as connection:
            query = select(*columns).order_by(_REORGANISATIONS.c.number)
            return [Applied(*row) for row in connection.execute(query)]

    def add(self, applied: Applied) -> None:
        """Remember a change."""
        with self._journal.writing() as connection:
            connection.execute(insert(_REORGANISATIONS), [applied._asdict()])
