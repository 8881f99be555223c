"""What makes rows fit for the database: levels, numbers, ids, plain text without secrets. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, get_args
from uuid import UUID

from monitoring.etl.pending import Batch, Row
from monitoring.etl.values import INTEGERS, plain_details, plain_text

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the gravest."""

RANKS: Mapping[str, int] = {level: rank for rank, level in enumerate(LEVELS)}
UNKNOWN_LEVEL: Level = "ERROR"
LONGEST_NAME = 200


def level_of(word: str) -> Level:
    """The level that a word means, in any case; ERROR for one that means none: better told too loud than lost."""
    rank = RANKS.get(word)
    if rank is None:
        rank = RANKS.get(str(word).upper(), RANKS[UNKNOWN_LEVEL])
    return LEVELS[rank]


def passes(level: Level, least: Level) -> bool:
    """Whether a line of this level is kept where `least` is asked for."""
    return RANKS[level] >= RANKS[least]


def finite(value: object) -> bool:
    """Whether it is a number that a chart can show."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@lru_cache(maxsize=256)
def as_uuid(text: object) -> str | None:
    """An execution's id as the database takes it; None for what is none."""
    try:
        return str(UUID(str(text)))
    except ValueError:
        return None


class Polish:
    """Makes a batch's rows plain. What fits no column goes into the details, so that no row is refused for it."""

    def __init__(self, clean: Callable[[Any], Any]) -> None:
        """clean: takes secrets out of a JSON-like value."""
        self._clean = clean

    def __call__(self, batch: Batch) -> None:
        """Change the batch in place."""
        for row in batch.started:
            row["config"] = plain_details(self._clean(row["config"]))
            row["component"] = self._text(row["component"], LONGEST_NAME)
        for row in (*batch.finished, *batch.chunks.values()):
            if row["error_message"] is not None:
                row["error_message"] = self._text(row["error_message"])
        for row in batch.chunks.values():
            row["chunk_id"] = self._text(row["chunk_id"], LONGEST_NAME)
        batch.chunks = {(row["execution_id"], row["chunk_id"]): row for row in batch.chunks.values()}
        for row in batch.logs:
            self._log(row)
        for row in batch.metrics:
            row["execution_id"] = as_uuid(row["execution_id"])
            row["name"] = plain_text(str(row["name"]), LONGEST_NAME)
            row["unit"] = plain_text(str(row["unit"]), LONGEST_NAME)
            row["tags"] = plain_details(self._clean(row["tags"])) if row["tags"] else {}

    def _log(self, row: Row) -> None:
        details = dict(row["details"])
        if row["execution_id"] is not None and as_uuid(row["execution_id"]) is None:
            details["execution_id"] = row["execution_id"]
            row["execution_id"] = None
        fixture = row["fixture_id"]
        if fixture is not None and not (isinstance(fixture, int) and fixture in INTEGERS):
            details["fixture_id"] = fixture
            row["fixture_id"] = None
        if row["chunk_id"] is not None:
            row["chunk_id"] = self._text(row["chunk_id"], LONGEST_NAME)
        if row["duration_ms"] is not None and not finite(row["duration_ms"]):
            details["duration_ms"] = row["duration_ms"]
            row["duration_ms"] = None
        row["message"] = self._text(row["message"])
        row["component"] = self._text(row["component"], LONGEST_NAME)
        row["details"] = plain_details(self._clean(details)) if details else {}

    def _text(self, value: object, longest: int | None = None) -> str:
        text = str(self._clean(str(value)))
        return plain_text(text) if longest is None else plain_text(text, longest)
