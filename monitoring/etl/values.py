"""Values as the database takes them: whatever is logged becomes plain JSON, and no line is too long. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

LONGEST_MESSAGE = 4_000
LARGEST_DETAILS = 16_000
"""Bytes of a line's details as JSON; more is kept as cut text."""
DEEPEST = 12
INTEGERS = range(-(2**63), 2**63)
"""What `bigint` and a JSON number can hold."""


def plain_text(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Text that Postgres stores: no NUL, no half of a surrogate pair, cut visibly at `longest`."""
    stored = text.replace("\0", "�").encode(errors="replace").decode()
    return stored if len(stored) <= longest else stored[: longest - 1] + "…"


def plain(value: Any, depth: int = 0) -> Any:
    """Any value as plain JSON data; what JSON does not know becomes text, NaN and infinities too."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value in INTEGERS else str(value)
    if isinstance(value, float):
        return float(value) if abs(value) <= 1.7976931348623157e308 else str(value)
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {plain_text(str(name)): plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < DEEPEST:
        return [plain(inner, depth + 1) for inner in value]
    if isinstance(value, date):  # datetime is one
        return value.isoformat()
    return plain_text(str(value), LARGEST_DETAILS)


def plain_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Details of a log line: plain, and no larger than LARGEST_DETAILS."""
    made: dict[str, Any] = plain(details)
    written = orjson.dumps(made)
    if len(written) <= LARGEST_DETAILS:
        return made
    return {"cut": plain_text(written.decode(), LARGEST_DETAILS // 4), "bytes": len(written)}
