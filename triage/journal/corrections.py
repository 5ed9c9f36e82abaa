"""What agents say of outcomes, in the journal's own database: nothing is ever changed or removed but by `forget`."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text, insert, select

from triage.journal import Journal, replace_rows

_METADATA = MetaData()
# Append-only: each row is one verdict.
_CORRECTIONS = Table(
    "corrections",
    _METADATA,
    Column("number", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("service", Text),
    Column("nature", Text),
    Column("urgency", Text),
    Column("own_words", Text),
    Column("reply", Text),
    Column("note", Text),
    Column("withdrawn", Integer, nullable=False),
    Index("corrections_by_digest", "digest", "number"),
)
_CONTROL = Table(
    "control_sample",
    _METADATA,
    Column("digest", String(64), primary_key=True),
    Column("at", Text, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What an agent says of one mail; None says nothing of a field. `reply`: `used`, `changed` or `unused`."""

    service: str | None = None
    nature: str | None = None
    urgency: str | None = None
    own_words: str | None = field(default=None, repr=False)
    reply: str | None = None
    note: str | None = field(default=None, repr=False)

    @property
    def given(self) -> dict[str, str]:
        """The fields of which something is said."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS = tuple(one.name for one in fields(Opinion))


@dataclass(frozen=True, kw_only=True)
class Correction(Opinion):
    """An agent's verdict on one content (`digest`).

    `at`: ISO time in UTC; `by`: who; `via`: `command`, `sheet`, `folder`…; `model` and `said` (a JSON object, see
    triage/learn/corrections.py): what had decided and how, when the verdict was given; `withdrawn`: all that was said
    before on this content is taken back.
    """

    digest: str
    at: str
    by: str
    via: str
    model: str
    said: str = field(repr=False)
    withdrawn: bool = False


class Corrections:
    """The verdicts kept in a journal, which must be open to write; a run may go on beside."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        with journal.writing() as connection:
            _METADATA.create_all(connection)

    def add(self, corrections: Sequence[Correction]) -> None:
        """Keep verdicts, after all those before."""
        if corrections:
            with self._journal.writing() as connection:
                connection.execute(insert(_CORRECTIONS), [asdict(verdict) for verdict in corrections])

    def all(self, digest: str | None = None) -> list[Correction]:
        """All verdicts, or those on one content, oldest first."""
        columns = [column for column in _CORRECTIONS.columns if column.name != "number"]
        query = select(*columns).order_by(_CORRECTIONS.c.number)
        if digest:
            query = query.where(_CORRECTIONS.c.digest == digest)
        with self._journal.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [Correction(**row | {"withdrawn": bool(row["withdrawn"])}) for row in rows]

    def draw(self, digests: Collection[str], at: str) -> None:
        """Remember contents as drawn at random for control."""
        with self._journal.writing() as connection:
            replace_rows(connection, _CONTROL, [{"digest": one, "at": at} for one in digests])

    def control(self) -> set[str]:
        """The contents once drawn at random for control."""
        with self._journal.reading() as connection:
            return set(connection.execute(select(_CONTROL.c.digest)).scalars())
