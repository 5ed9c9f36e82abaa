"""Mails that agents moved into the mailbox of a service: each is a verdict. Mailboxes are only read.

A mail that lies where the program put a copy of it is nobody's verdict, however it lies there: the journal remembers
every mailbox the program ever copied it into.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from triage.batch import NO_SERVICE
from triage.errors import SourceError, UsageError
from triage.journal import Entry, Journal
from triage.journal.corrections import Corrections
from triage.learn.corrections import Answer, label_of, said_of
from triage.parse import parse
from triage.read import imap_folders, read
from triage.read.mbox import is_mbox
from triage.types import RawMessage

_PLACES = ("new", "cur", "tmp")
_TOGETHER = 300  # contents looked up at once


class Mailbox(NamedTuple):
    """A mailbox as `read` takes it (empty: no mail), and the service whose mail it holds: None where no name fits."""

    source: str
    name: str
    service: str | None


class Moved(NamedTuple):
    """A mail an agent put into a service's mailbox."""

    entry: Entry
    answer: Answer


@dataclass
class Tally:
    """What was found, in messages. `left`: where the program put them; `told`: verdicts known already."""

    seen: int = 0
    left: int = 0
    told: int = 0
    strangers: int = 0  # not in this journal
    several: int = 0  # in the mailboxes of several services
    nameless: dict[str, int] = field(default_factory=dict)  # by mailbox: its name is no service's


def mailboxes(sources: Sequence[str], services: Mapping[str, str], renamed: Mapping[str, str]) -> list[Mailbox]:
    """The mailboxes of some sources: IMAP folders, Maildirs, mbox files, or folders of those, one for each service.

    `services`: id to name; `renamed`: name of a mailbox to service. Raises SourceError or UsageError.
    """
    found = []
    for source in sources:
        for place, name in _parts(source):
            given = renamed.get(name)
            if given is not None:
                found.append(Mailbox(place, name, label_of(given, services, "service")))
            else:
                found.append(Mailbox(place, name, _service(name, services)))
    return found


def moved(
    journal: Journal,
    corrections: Corrections,
    boxes: Sequence[Mailbox],
    tally: Tally,
    *,
    changed_only: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Moved]:
    """Verdicts that the places of mails tell; `tally` counts the rest.

    With `changed_only`, a mail that lies where the program said it belongs is no verdict either: for mailboxes that
    something else than an agent fills from results.jsonl.
    """
    places = _places(journal, boxes, tally, advance)
    services = {box.name: box.service for box in boxes}
    digests = sorted(places)
    for start in range(0, len(digests), _TOGETHER):
        part = digests[start : start + _TOGETHER]
        copied = journal.copied(part)
        for digest in part:
            told = [one.service for one in corrections.all(digest) if one.via == "folder" and one.service]
            mail = _Mail(places[digest], copied.get(digest, set()), told[-1] if told else None)
            service = _chosen(mail, services, tally)
            entry = journal.entry(digest) if service else None
            if not entry or not service:
                continue
            if changed_only and service == said_of(entry)["service"]:
                tally.left += 1
            else:
                yield Moved(entry, Answer(service=service))


class _Mail(NamedTuple):
    """Names of the mailboxes a mail lies in, of those the program copied it into, and what its place said before."""

    names: set[str]
    copied: set[str]
    told: str | None


def _chosen(mail: _Mail, services: Mapping[str, str | None], tally: Tally) -> str | None:
    """The service an agent chose by moving a mail, or None."""
    here = {service for name in mail.names if (service := services[name])}
    if not here:
        for name in mail.names - mail.copied - set(NO_SERVICE):
            tally.nameless[name] = tally.nameless.get(name, 0) + 1
        return None
    chosen = here - {services.get(name, name) for name in mail.copied}
    if not chosen and mail.told and mail.told not in here and mail.told in services.values():
        chosen = here  # moved back to where the program had put it
    if len(chosen) > 1:
        tally.several += 1
    elif not chosen:
        tally.left += 1
    elif mail.told in chosen:
        tally.told += 1
    else:
        return next(iter(chosen))
    return None


def _places(
    journal: Journal, boxes: Sequence[Mailbox], tally: Tally, advance: Callable[[], None]
) -> dict[str, set[str]]:
    """The names of the mailboxes each mail of the journal lies in, by digest."""
    found: dict[str, set[str]] = defaultdict(set)
    ids: dict[str, list[str]] = {}
    for box in boxes:
        for digest in _digests(journal, box, ids, tally, advance):
            found[digest].add(box.name)
    return found


def _digests(
    journal: Journal, box: Mailbox, ids: dict[str, list[str]], tally: Tally, advance: Callable[[], None]
) -> Iterator[str]:
    """The digests, in the journal, of the mails in a mailbox: by content, else by Message-ID.

    Mail programs and servers add headers and change line ends: the content of a moved mail may be another one.
    """
    for part in _chunks(box.source):
        known = journal.known({sha256(raw.content).hexdigest() for raw in part})
        for raw in part:
            advance()
            tally.seen += 1
            digest = sha256(raw.content).hexdigest()
            if digest in known:
                yield digest
                continue
            if not ids:
                ids.update(_by_message_id(journal))
            same = ids.get(_message_id(raw), [])
            if len(same) == 1:
                yield same[0]
            else:
                tally.strangers += 1


def _message_id(raw: RawMessage) -> str:
    try:
        return parse(raw).id
    except Exception:  # noqa: BLE001  nothing in a mail may stop the others
        return ""


def _by_message_id(journal: Journal) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for digest, known in journal.message_ids():
        found[known].append(digest)
    return dict(found) or {"": []}


def _chunks(source: str) -> Iterator[list[RawMessage]]:
    part: list[RawMessage] = []
    for raw in read(source) if source else ():
        part.append(raw)
        if len(part) == 64:
            yield part
            part = []
    if part:
        yield part


def _parts(source: str) -> Iterator[tuple[str, str]]:
    """(source, name) of the mailboxes in a source."""
    path = Path(source)
    if "://" in source and source.endswith("/*"):
        for folder in imap_folders(source):
            yield from _parts(folder)
    elif "://" in source:
        yield source, unquote(source.partition(";")[0].rstrip("/").rpartition("/")[2])
    elif not path.exists():
        raise SourceError(f"{source}: no such folder: give the folder that holds the services' mailboxes")
    elif path.is_file():
        yield source, path.stem
    else:
        yield from _inside(path)


def _inside(path: Path) -> Iterator[tuple[str, str]]:
    """The mailboxes in a folder, itself included; an empty one has no source to read."""
    if _is_maildir(path) or any(part.suffix.lower() in (".eml", ".msg") for part in path.iterdir()):
        yield _unless_empty(path), path.name.lstrip(".")
    for part in sorted(path.iterdir()):
        if part.is_dir() and not part.is_symlink() and part.name not in _PLACES:
            yield from _inside(part)
        elif part.suffix == ".mbox":
            yield str(part) if part.stat().st_size else "", part.stem
        elif not part.suffix and is_mbox(str(part)):  # as Thunderbird names its folders
            yield str(part), part.name


def _is_maildir(path: Path) -> bool:
    return any((path / place).is_dir() for place in _PLACES)


def _unless_empty(path: Path) -> str:
    places = [path / place for place in ("new", "cur") if (path / place).is_dir()] if _is_maildir(path) else [path]
    return str(path) if any(any(place.iterdir()) for place in places) else ""


def _service(name: str, services: Mapping[str, str]) -> str | None:
    """The service a mailbox is named after, itself or its last level (`Services.Voirie`)."""
    for part in (name, name.rpartition(".")[2]):
        try:
            return label_of(part, services, "service")
        except UsageError:
            continue
    return None
