"""The structure of a payload, apart from what it says: which keys stand where, and of which type. Pure.

A bookmaker that changes its payload shows here first, often while the parser still finds something to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import orjson

LOOKED_AT = 3
"""Elements looked at of each list: the first, the middle and the last. Rows of one list are alike."""
MAP_SIZE = 40
"""An object with more keys than this is a map from ids to rows, as one whose keys are numbers."""
PATHS_MAX = 2000

Shape = Mapping[str, frozenset[str]]
"""Place -> types seen there. Places read like `events[].id`, `odds.*.price`; null is no type."""


def shape_of(body: bytes) -> Shape:
    """The shape of a JSON body; of text that is no JSON, the record types and keys of its `|`-separated parts.

    Empty for a body of neither kind.
    """
    found: dict[str, set[str]] = {}
    try:
        _walk(orjson.loads(body), "", found)
    except orjson.JSONDecodeError:
        _records(body, found)
    return {place: frozenset(types) for place, types in found.items()}


def fingerprint(places: Iterable[str]) -> str:
    """Twelve hexadecimal digits that name a set of places, whatever their order."""
    return blake2b("\n".join(sorted(places)).encode(), digest_size=6).hexdigest()


def _walk(value: Any, place: str, found: dict[str, set[str]]) -> None:
    if len(found) >= PATHS_MAX:
        return
    types = found.setdefault(place, set())
    if isinstance(value, dict):
        types.add("object")
        is_map = len(value) > MAP_SIZE or any(key.isdecimal() for key in value)
        for key, inner in _some(list(value.items())) if is_map else value.items():
            _walk(inner, f"{place}.{'*' if is_map else key}", found)
    elif isinstance(value, list):
        types.add("list")
        for inner in _some(value):
            _walk(inner, f"{place}[]", found)
    elif isinstance(value, bool):
        types.add("bool")
    elif isinstance(value, int | float):
        types.add("number")
    elif isinstance(value, str):
        types.add("text")


def _some(rows: list[Any]) -> list[Any]:
    if len(rows) <= LOOKED_AT:
        return rows
    return [rows[0], rows[len(rows) // 2], rows[-1]]


def _records(body: bytes, found: dict[str, set[str]]) -> None:
    for record in body.decode(errors="replace").split("|"):
        kind, _, fields = record.partition(";")
        if not kind.isalnum() or len(kind) > 4:
            continue
        for pair in fields.split(";"):
            key, is_pair, _ = pair.partition("=")
            if is_pair and len(found) < PATHS_MAX:
                found.setdefault(f"{kind}.{key}", set()).add("text")
