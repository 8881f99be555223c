"""What is known of executions as a file: JSON whole, or CSV with one row for each thing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from scrapers.errors import DeclarationError

Document = Mapping[str, Any]
"""Name of a section -> a row or rows; anything else stands in the JSON alone."""

FORMATS = (".json", ".csv")
KIND = "record"
"""Column of a CSV that says which section a row is of."""


def write_export(path: Path, document: Document) -> int:
    """Write the file whole, replacing it; how many rows it holds. What it is like its name's end says.

    Raises DeclarationError when the name ends otherwise, or the file cannot be written.
    """
    check_export(path)
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2) if path.suffix == ".json" else as_csv(document)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise DeclarationError(f"{path}: não pode ser escrito / cannot be written: {error}") from error
    return sum(1 for _ in _rows(document))


def check_export(path: Path) -> None:
    """Raises DeclarationError when the name does not end in one of FORMATS: before the work, not after it."""
    if path.suffix not in FORMATS:
        raise DeclarationError(f"{path}: termine em .json ou .csv / the name must end in .json or .csv")


def as_csv(document: Document) -> bytes:
    """One table of all sections: its columns are those of all rows; nested values stand in it as JSON."""
    rows = list(_rows(document))
    columns = list(dict.fromkeys((KIND, *(name for row in rows for name in row))))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def _rows(document: Document) -> Iterable[dict[str, Any]]:
    for section, content in document.items():
        for row in [content] if isinstance(content, Mapping) else content if isinstance(content, list) else []:
            if isinstance(row, Mapping):
                yield {KIND: section, **row}


def _cell(value: Any) -> Any:
    """A value of a CSV. Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, Mapping | list):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
