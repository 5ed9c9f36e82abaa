"""What was done to which message: the memory that lets a run stop anywhere and go on.

An outcome belongs to a content (its SHA-256), so that a mail that moved, or lies twice in a mailbox, is decided once;
where each mail was seen, and in which order, is kept beside. What agents say of outcomes lies in the same database, in
the tables of `corrections.py`. SQLite in WAL mode, or PostgreSQL by URL. Not one secret is kept: neither the URL nor
anything of the command line.
"""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from triage.errors import UsageError

_UID = re.compile(r";UIDVALIDITY=(\d{1,20});UID=(\d{1,20})$")
# 1: outcomes by origin and digest; 2: outcomes by digest, messages, drafts, timings; 3: every mailbox a
# mail was copied into. A journal of format 2 gets what is new when it is opened to write.
_FORMAT = "3"
_LOCK = 7_714_263  # the advisory lock of a run, the same number everywhere
_METADATA = MetaData()
_FACTS = Table("facts", _METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
_OUTCOMES = Table(
    "outcomes",
    _METADATA,
    Column("digest", String(64), primary_key=True),
    Column("model", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("service", Text),
    Column("urgency", Text, nullable=False),
    Column("kind", Text),
    Column("dated", Text),
    Column("read_seconds", Float, nullable=False),
    Column("classify_seconds", Float, nullable=False),
    Column("decide_seconds", Float, nullable=False),
    Column("done_at", Text, nullable=False),
    Column("draft", String(64)),
    Column("sorted_into", Text),
    Column("record", Text, nullable=False),
)
_MESSAGES = Table(
    "messages",
    _METADATA,
    Column("origin", Text, primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("uidvalidity", Text),
    Column("uid", Text),
    Column("run", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("copy_of", Text),
    Index("messages_in_order", "run", "position"),
    Index("firsts_by_digest", "digest", "run", "copy_of"),  # a content may lie a hundred thousand times in a mailbox
)
_DRAFTS = Table(
    "unsettled_drafts",
    _METADATA,
    Column("name", String(64), primary_key=True),
    Column("content", LargeBinary),
    Column("previous", String(64)),
)
_THREADS = Table(
    "threads",
    _METADATA,
    Column("key", String(32), primary_key=True),
    Column("moment", Text, nullable=False),
    Column("position", Integer, nullable=False),
)
_PLACED = Table(
    "placed_drafts",
    _METADATA,
    Column("place", Text, primary_key=True),
    Column("digest", String(64), primary_key=True),
)
_COPIED = Table(
    "copied_mails",
    _METADATA,
    Column("digest", String(64), primary_key=True),
    Column("mailbox", Text, primary_key=True),
)
_PREFIX = re.compile(r"[0-9a-f]{8,64}$")
_START_OF_RECORD = 1_100  # characters; a Message-ID line is 998 long at most
_ID = re.compile(r'\{"id": ("(?:[^"\\]|\\.)*")')


class Known(NamedTuple):
    """What the journal says of a content that was done before; `draft` is the SHA-256 of the draft written."""

    recipe: str
    failed: bool
    dated: str | None
    draft: str | None
    sorted_into: str | None
    action: str
    service: str | None


class Entry(NamedTuple):
    """The outcome of one content; `record` is its line of results.jsonl without the origin. Seconds of work."""

    digest: str
    model: str
    profile: str
    failed: bool
    action: str
    service: str | None
    urgency: str
    kind: str | None
    dated: str | None
    read_seconds: float
    classify_seconds: float
    decide_seconds: float
    done_at: str
    draft: str | None
    sorted_into: str | None
    record: str


class Unsettled(NamedTuple):
    """A draft that may not lie on disk yet. `content` None: the file must go; `previous`: digest of the one before."""

    name: str
    content: bytes | None
    previous: str | None


class Seen(NamedTuple):
    """A message of the present input; `copy_of` is the origin of an earlier one with the same content."""

    origin: str
    digest: str
    position: int
    copy_of: str | None


class Begun(NamedTuple):
    """When a mail was received (ISO) and where it first stood in its input; 0 in an input that is finished."""

    moment: str
    position: int


class Journal:
    """The journal of one output folder.

    `place` is a path or a database URL. What only adds corrections need not be `alone`: a run may go on beside it.
    Raises UsageError when it cannot be used, and later when it cannot be written.
    """

    def __init__(self, place: Path | str, *, read_only: bool = False, alone: bool = True) -> None:
        self._place = str(place) if isinstance(place, Path) else "the journal's database"
        self._engine = _engine(place, read_only)
        self._sqlite = self._engine.dialect.name == "sqlite"
        self._run = 0
        self._lock: Connection | None = None
        remedy = (
            "choose another --out or delete this file" if self._sqlite else "check its URL, the server, your rights"
        )
        try:
            with self._guarded(f"used: {remedy}"):
                if not read_only:
                    self._create(place, alone=alone)
                self._run = self._number()
        except UsageError:
            self.close()
            raise

    def _create(self, place: Path | str, *, alone: bool) -> None:
        if alone and not self._sqlite:
            self._lock = self._engine.connect()  # kept open: the lock lasts as long as the connection
            if not self._lock.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})")).scalar():
                raise UsageError("another run is using the journal's database: wait for it to end")
        tables = inspect(self._engine).get_table_names()
        if "outcomes" in tables and "facts" not in tables:
            raise UsageError(
                f"{self._place}: made by an older triage: delete it to start over, or choose another --out"
            )
        _METADATA.create_all(self._engine)
        if isinstance(place, Path):
            place.chmod(0o600)
        known = self._fact("format") or _FORMAT
        if int(known) > int(_FORMAT):
            raise UsageError(f"{self._place}: made by a newer triage (format {known}): upgrade this one")
        if known == "2":
            self._note_copies()
        if self._fact("format") != _FORMAT:
            self._set_fact("format", _FORMAT)

    def _note_copies(self) -> None:
        """Where format 2 had copied mails last: the mailboxes of earlier copies it did not keep."""
        query = select(_OUTCOMES.c.digest, _OUTCOMES.c.sorted_into).where(_OUTCOMES.c.sorted_into.is_not(None))
        with self.writing() as connection:
            rows = [{"digest": digest, "mailbox": _mailbox(at)} for digest, at in connection.execute(query)]
            replace_rows(connection, _COPIED, rows)

    def start_run(self) -> None:
        """Start a run: the messages seen from now on make the present input."""
        self._run = self._number() + 1
        self._set_fact("run", str(self._run))

    def belongs_to(self, token: str) -> None:
        """Tie the journal to the output folder that keeps this token. Raises UsageError when it is another folder's."""
        known = self._fact("folder")
        if known is None:
            self._set_fact("folder", token)
        elif known != token:
            raise UsageError(
                f"{self._place}: is the journal of another output folder: use one database for each --out, or empty it"
            )

    def known(self, digests: Collection[str]) -> dict[str, Known]:
        """What is known of these contents (a few hundred at most)."""
        columns = [_OUTCOMES.c[name] for name in ("model", "profile", "failed", *Known._fields[2:])]
        with self.reading() as connection:
            rows = connection.execute(select(_OUTCOMES.c.digest, *columns).where(_OUTCOMES.c.digest.in_(digests)))
            return {row[0]: Known(f"{row[1]} {row[2]}", bool(row[3]), *row[4:]) for row in rows}

    def see(self, keys: Sequence[tuple[str, str]], start: int) -> list[Seen]:
        """Note that these messages (origin, digest) come next, from `start` on; one seen in this run is left out."""
        with self.writing() as connection:
            found = self._placed(connection, keys, start)
            replace_rows(connection, _MESSAGES, [_row(seen, self._run) for seen in found])
        return found

    def _placed(self, connection: Connection, keys: Sequence[tuple[str, str]], start: int) -> list[Seen]:
        origin, digest, here = _MESSAGES.c.origin, _MESSAGES.c.digest, _MESSAGES.c.run == self._run
        same = select(origin, digest).where(here, origin.in_({one for one, _ in keys}))
        firsts = select(digest, origin).where(here, digest.in_({one for _, one in keys}), _MESSAGES.c.copy_of.is_(None))
        already = {(row[0], row[1]) for row in connection.execute(same)}
        first = {row[0]: row[1] for row in connection.execute(firsts)}
        return _new(keys, already, first, start)

    def add(self, entries: Sequence[Entry], drafts: Sequence[Unsettled]) -> None:
        """Keep outcomes and the drafts they ask for, in one transaction; earlier outcomes are replaced."""
        if not entries:
            return
        with self.writing() as connection:
            replace_rows(connection, _OUTCOMES, [entry._asdict() for entry in entries])
            replace_rows(connection, _DRAFTS, [draft._asdict() for draft in drafts])

    def set_sorted(self, places: dict[str, str]) -> None:
        """Remember where copies of mails (by digest) were put."""
        with self.writing() as connection:
            change = (
                update(_OUTCOMES).where(_OUTCOMES.c.digest == bindparam("one")).values(sorted_into=bindparam("place"))
            )
            if places:
                connection.execute(change, [{"one": digest, "place": place} for digest, place in places.items()])
                copied = [{"digest": digest, "mailbox": _mailbox(place)} for digest, place in places.items()]
                replace_rows(connection, _COPIED, copied)

    def copied(self, digests: Collection[str]) -> dict[str, set[str]]:
        """The names of all mailboxes these contents (a few hundred at most) were ever copied into."""
        found: dict[str, set[str]] = {}
        with self.reading() as connection:
            for digest, mailbox in connection.execute(select(_COPIED).where(_COPIED.c.digest.in_(digests))):
                found.setdefault(digest, set()).add(mailbox)
        return found

    def rename_mailboxes(self, new_names: Mapping[str, str]) -> None:
        """Take mails once copied into a mailbox as copied into the one that bears its new name, too."""
        with self.writing() as connection:
            found = connection.execute(select(_COPIED).where(_COPIED.c.mailbox.in_(new_names))).all()
            rows = [{"digest": digest, "mailbox": new_names[mailbox]} for digest, mailbox in found]
            replace_rows(connection, _COPIED, list({(row["digest"], row["mailbox"]): row for row in rows}.values()))

    def entries(self) -> Iterator[Entry]:
        """All outcomes, by digest, whether or not their messages are in the present input."""
        columns = [_OUTCOMES.c[name] for name in Entry._fields]
        with self.reading() as connection:
            for row in connection.execution_options(yield_per=500).execute(
                select(*columns).order_by(_OUTCOMES.c.digest)
            ):
                yield Entry(*row)

    def entry(self, digest: str) -> Entry | None:
        """The outcome of one content."""
        query = select(*(_OUTCOMES.c[name] for name in Entry._fields)).where(_OUTCOMES.c.digest == digest)
        with self.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Entry(*row) if row else None

    def models(self) -> set[str]:
        """What decided the outcomes: model ids with the stages used."""
        with self.reading() as connection:
            return set(connection.execute(select(_OUTCOMES.c.model).distinct()).scalars())

    def origins(self, digest: str) -> list[str]:
        """Where a content was seen, the last run first."""
        query = select(_MESSAGES.c.origin).where(_MESSAGES.c.digest == digest)
        with self.reading() as connection:
            return list(connection.execute(query.order_by(_MESSAGES.c.run.desc(), _MESSAGES.c.position)).scalars())

    def find(self, name: str) -> list[str]:
        """The digests of the contents that a Message-ID, or the first eight digits or more of a digest, names."""
        if _PREFIX.match(name):
            digest = _OUTCOMES.c.digest
            query = select(digest).where(digest >= name, digest < f"{name}g").limit(3)  # by its index, unlike LIKE
            with self.reading() as connection:
                if found := list(connection.execute(query).scalars()):
                    return found
        return [digest for digest, known in self.message_ids() if known == name]

    def message_ids(self) -> Iterator[tuple[str, str]]:
        """(digest, Message-ID) of all contents that could be read."""
        start = func.substr(_OUTCOMES.c.record, 1, _START_OF_RECORD)
        with self.reading() as connection:
            for digest, text_ in connection.execution_options(yield_per=2_000).execute(
                select(_OUTCOMES.c.digest, start)
            ):
                if found := _ID.match(text_):
                    yield digest, json.loads(found[1])

    def placed(self, place: str) -> set[str]:
        """The mails (by digest) whose drafts were once put in `place`, a name for one mailbox."""
        with self.reading() as connection:
            return set(connection.execute(select(_PLACED.c.digest).where(_PLACED.c.place == place)).scalars())

    def set_placed(self, place: str, digest: str) -> None:
        """Remember that the draft for a mail was put in `place`: never again, whatever becomes of it there."""
        with self.writing() as connection:
            replace_rows(connection, _PLACED, [{"place": place, "digest": digest}])

    def unsettled(self) -> Iterator[Unsettled]:
        """Drafts that an interrupted run may not have put on disk."""
        for name in self._unsettled_names():
            with self.reading() as connection:
                yield Unsettled(*connection.execute(select(_DRAFTS).where(_DRAFTS.c.name == name)).one())

    def _unsettled_names(self) -> list[str]:
        with self.reading() as connection:
            return list(connection.execute(select(_DRAFTS.c.name).order_by(_DRAFTS.c.name)).scalars())

    def settle(self) -> None:
        """Forget the drafts' contents: all of them lie safely on disk."""
        with self.writing() as connection:
            connection.execute(delete(_DRAFTS))

    def note_begun(self, mails: Mapping[str, Begun]) -> None:
        """Remember mails by a key, unless they are known already."""
        known = self.begun(mails)
        rows = [{"key": key, **one._asdict()} for key, one in mails.items() if key not in known]
        if rows:
            with self.writing() as connection:
                connection.execute(insert(_THREADS), rows)

    def begun(self, keys: Collection[str]) -> dict[str, Begun]:
        """Those of these mails that are known (a few thousand at most)."""
        if not keys:
            return {}
        with self._guarded("read"), self._engine.connect() as connection:
            rows = connection.execute(select(_THREADS).where(_THREADS.c.key.in_(keys)))
            return {row[0]: Begun(row[1], row[2]) for row in rows}

    def finish(self) -> None:
        """The input was taken to its end: whatever comes in another one comes later."""
        with self.writing() as connection:
            connection.execute(update(_THREADS).where(_THREADS.c.position > 0).values(position=0))

    def in_order(self) -> Iterator[tuple[Seen, Entry]]:
        """The present input with its outcomes, in order."""
        columns = [_MESSAGES.c[name] for name in Seen._fields] + [_OUTCOMES.c[name] for name in Entry._fields]
        joined = select(*columns).join(_OUTCOMES, _OUTCOMES.c.digest == _MESSAGES.c.digest)
        query = joined.where(_MESSAGES.c.run == self._run).order_by(_MESSAGES.c.position)
        with self.reading() as connection:
            for row in connection.execution_options(yield_per=500).execute(query):
                yield Seen(*row[:4]), Entry(*row[4:])

    def wipe(self) -> None:
        """Overwrite what was deleted: no byte of it stays in the database's files. Raises UsageError while read."""
        with self._guarded("wiped"), self._engine.connect() as opened:
            connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            if not self._sqlite:
                connection.execute(text("VACUUM FULL"))
                return
            connection.execute(text("PRAGMA secure_delete=ON"))
            connection.execute(text("VACUUM"))
            if connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]:
                raise UsageError(
                    f"{self._place}: another program reads it: end it and run again, to overwrite the rest"
                )

    def close(self) -> None:
        """Release the file or the database."""
        if self._lock is not None:
            self._lock.close()
        self._engine.dispose()

    def _number(self) -> int:
        return int(self._fact("run") or 0)

    def _fact(self, name: str) -> str | None:
        with self.reading() as connection:
            value: str | None = connection.execute(select(_FACTS.c.value).where(_FACTS.c.name == name)).scalar()
            return value

    def _set_fact(self, name: str, value: str) -> None:
        with self.writing() as connection:
            connection.execute(delete(_FACTS).where(_FACTS.c.name == name))
            connection.execute(insert(_FACTS).values(name=name, value=value))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection; every fault is a UsageError."""
        with self._guarded("read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are committed together at the end; every fault is a UsageError."""
        with (
            self._guarded("written (is the disk full?): free some space and run again: what is done is kept"),
            self._engine.begin() as connection,
        ):
            yield connection

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        """Turn what a database says, which may quote a record, into one line of ours."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise UsageError(f"{self._place}: the journal cannot be {doing}") from error


def _mailbox(place: str) -> str:
    return Path(place).name.removesuffix(".mbox")


def _row(seen: Seen, run: int) -> dict[str, Any]:
    found = _UID.search(seen.origin)
    validity, uid = found.groups() if found else (None, None)
    return {**seen._asdict(), "run": run, "uidvalidity": validity, "uid": uid}


def _new(
    keys: Sequence[tuple[str, str]], already: set[tuple[str, str]], first: dict[str, str], start: int
) -> list[Seen]:
    found: list[Seen] = []
    for origin, digest in keys:
        if (origin, digest) not in already:
            already.add((origin, digest))
            found.append(Seen(origin, digest, start + len(found), first.get(digest)))
            first.setdefault(digest, origin)
    return found


def replace_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, in the place of those with the same primary key: both databases know how, in one statement."""
    if not rows:
        return
    connection.execute(_replacement(connection.dialect.name, table), list(rows))


@cache
def _replacement(dialect: str, table: Table) -> Insert:
    """The statement of `replace_rows`, made once."""
    new = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    keys = [column.name for column in table.primary_key]
    values = {column.name: new.excluded[column.name] for column in table.c if column.name not in keys}
    over: Insert = (
        new.on_conflict_do_update(index_elements=keys, set_=values) if values else new.on_conflict_do_nothing()
    )
    return over


def _engine(place: Path | str, read_only: bool) -> Engine:
    if isinstance(place, str):
        return _database(place)
    if read_only:
        # After a clean end there is no -wal file, and then nothing beside the journal need be written to read it.
        still = "" if place.with_name(place.name + "-wal").exists() else "&immutable=1"
        url = f"sqlite:///file:{quote(str(place.absolute()))}?mode=ro{still}&uri=true"
        return create_engine(url)
    try:
        os.close(os.open(place, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UsageError(f"{place}: the journal cannot be used ({error.strerror}): choose another --out") from error
    engine = create_engine(URL.create("sqlite", database=str(place)))
    event.listen(engine, "connect", _careful)
    return engine


def _database(url: str) -> Engine:
    """A database named on the command line, where no password belongs: others could read it there."""
    try:
        parsed = make_url(url)
        if parsed.password:
            raise UsageError("--journal: give the password in PGPASSWORD or ~/.pgpass, not on the command line")
        if parsed.get_backend_name() != "postgresql":
            raise UsageError(
                "--journal: only PostgreSQL serves as one: give a URL like postgresql+psycopg://user@host/base"
            )
        return create_engine(parsed)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError("--journal: no database URL: give one like postgresql+psycopg://user@host/base") from error
    except ImportError as error:
        raise UsageError(
            f"--journal: the driver {error.name} is not installed: pip install 'triage[postgres]'"
        ) from error


def _careful(connection: object, _record: object) -> None:
    """WAL: what is committed survives a killed process, and readers never wait."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
