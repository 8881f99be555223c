"""What was served, one JSON line per odds answer, on disk before the answer leaves; and prices set by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from scrapers.records import Selection
from simulator.world import Move


@dataclass(frozen=True, slots=True)
class Entry:
    """One odds answer.

    served_at   world time, epoch s, whole seconds
    bookmaker   slug from the request's header, else the first one of the brand
    brand       "<platform>/<tenant>" whose offer it was
    request     {"host", "path", "query"}
    league      league key; several are joined by commas
    kind        which markets the answer holds (see `answers.Answer`)
    events      codes of the matches asked for by id; None for lists
    category    list category, None without
    fault       what spoiled the answer, None when it was whole
    moves       prices set by hand that were in force for the brand
    at          world time when the answer was ready, epoch s with fractions; tells answers of one second apart
    """

    served_at: int
    bookmaker: str
    brand: str
    request: dict[str, str]
    league: str
    kind: str
    events: tuple[int, ...] | None
    category: str | None
    fault: str | None
    moves: tuple[Move, ...] = ()
    at: float = 0.0


class Journal:
    """Appends entries; every line is handed to the kernel whole, so that a killed process loses none."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "served.jsonl"
        self._moves_path = folder / "moves.jsonl"
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def served(self, entry: Entry) -> None:
        """Write one answer down."""
        row = asdict(entry)
        row["moves"] = [_move_row(move) for move in entry.moves]
        os.write(self._file, orjson.dumps(row) + b"\n")

    def moved(self, move: Move) -> None:
        """Write down a price set by hand, so that it outlives this process."""
        with self._moves_path.open("ab") as file:
            file.write(orjson.dumps(_move_row(move)) + b"\n")

    def moves(self) -> list[Move]:
        """Every price ever set by hand."""
        return [_move(row) for row in _rows(self._moves_path)]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_entries(path: Path) -> Iterator[Entry]:
    """The entries of a journal, oldest first; a last line still being written is left out."""
    for row in _rows(path):
        row["moves"] = tuple(_move(move) for move in row["moves"])
        row["events"] = None if row["events"] is None else tuple(row["events"])
        yield Entry(**row)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_file():
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield orjson.loads(line)


def _move_row(move: Move) -> dict[str, Any]:
    return asdict(move) | {"price": str(move.price)}


def _move(row: dict[str, Any]) -> Move:
    return Move(**row | {"price": Decimal(row["price"]), "selection": Selection(row["selection"])})
