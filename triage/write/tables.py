"""Result lines as a table: CSV for a spreadsheet, Parquet for analysts. One row a message, streamed."""

import csv
import importlib.util
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from triage.write.files import whole_file

_ROWS = 5_000  # rows of one Parquet group
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # wide forms too: spreadsheets fold them
_LONGEST_CELL = 32_000  # LibreOffice and Excel cut, or refuse, longer cells
_ROW_TYPES = {"confidence_service": "double", "confidence_nature": "double"}
COLUMNS = (
    "origin", "id", "digest", "kind", "subject", "sender", "date", "service", "confidence_service", "proposed_service",
    "nature", "confidence_nature", "urgency", "urgency_reasons", "flags", "action", "reasons", "deadlines", "draft",
    "error", "text",
)  # fmt: skip


def write_csv(path: Path, lines: Iterable[str]) -> None:
    """Write result lines as CSV that French spreadsheets open: UTF-8 with BOM, `;`, no cell that starts a formula."""
    with whole_file(path) as file:
        stream = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        table = csv.writer(stream, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_MINIMAL)
        table.writerow(COLUMNS)
        for line in lines:
            table.writerow([safe_cell(value) for value in _row(json.loads(line)).values()])
        stream.flush()
        stream.detach()


def write_parquet(path: Path, lines: Iterable[str]) -> None:
    """Write result lines as Parquet, a few thousand rows at a time. Needs the extra `parquet`."""
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet

    schema = pa.schema([(name, pa.float64() if name in _ROW_TYPES else pa.string()) for name in COLUMNS])
    rows = iter(lines)
    with whole_file(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as table:
        while part := [_row(json.loads(line)) for line in islice(rows, _ROWS)]:
            table.write_table(pa.Table.from_pylist(part, schema))


def parquet_missing() -> bool:
    """Say whether the library that writes Parquet is absent."""
    return importlib.util.find_spec("pyarrow") is None


def _row(line: dict[str, Any]) -> dict[str, Any]:
    """The columns of one result line, in order; lists become `a | b`."""
    service, nature, urgency, decision = line["service"], line["nature"], line["urgency"], line["decision"]
    return {
        **{name: line[name] for name in COLUMNS[:7]},
        "service": decision["service"],
        "confidence_service": service["confidence"],
        "proposed_service": next((label for label, _ in service["ranking"]), None),
        "nature": nature["label"],
        "confidence_nature": nature["confidence"],
        "urgency": urgency["level"],
        "urgency_reasons": _joined(urgency["reasons"]),
        "flags": _joined(line["flags"]),
        "action": decision["action"],
        "reasons": _joined(decision["reasons"]),
        "deadlines": _joined(f"{deadline['name']} {deadline['due']}" for deadline in line["deadlines"]),
        "draft": line["draft"] and line["draft"]["file"],
        "error": line["error"] and f"{line['error']['type']}: {line['error']['message']}",
        "text": line["text"],
    }


def _joined(values: Iterable[str]) -> str:
    return " | ".join(values)


def safe_cell(value: Any) -> str:
    """One cell: a decimal comma, no control character, an apostrophe before what a spreadsheet would compute."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}".replace(".", ",")
    text = "".join(_visible(value))[:_LONGEST_CELL]
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _visible(text: str) -> Iterator[str]:
    return (character if character >= " " or character in "\n\t\r" else " " for character in text)
