"""What a bookmaker usually sends, so that a cycle can tell that it changed: amounts, and the shape of its pages."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from loguru import logger

from scrapers.shape import Shape, fingerprint

CYCLES = 100
"""How many cycles "usually" looks back: 50 minutes at the standard interval."""
LEARNED_AFTER = 20
"""Cycles, or pages of a kind, before anything is judged by them."""
SAVE_EVERY_S = 300.0
NAMED = 8
"""How many places of a changed page are named."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a page differs from all pages of its kind so far. Empty lists: not at all, or too few are known.

    lost      places that every page had
    new       places that no page had
    retyped   places that hold another type now
    """

    fingerprint: str
    lost: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether a reader may miss something: what is only new breaks nobody."""
        return bool(self.lost or self.retyped)

    def as_json(self) -> dict[str, Any]:
        """As the status keeps it: the first of each."""
        named = {"lost": self.lost, "new": self.new, "retyped": self.retyped}
        return {"fingerprint": self.fingerprint, **{key: list(v[:NAMED]) for key, v in named.items() if v}}


@dataclass(slots=True)
class _Known:
    """One kind of page. `places`: place -> [on how many pages, types...]."""

    pages: int = 0
    places: dict[str, list[Any]] = field(default_factory=dict)


class Expectation:
    """Of one bookmaker; kept in a file, so that a restart does not forget it.

    An unreadable file counts as none: it is learned anew within minutes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._events: list[int] = []
        self._prices: list[int] = []
        self._known: dict[str, _Known] = {}
        self._saved_at = time.monotonic()
        try:
            kept = orjson.loads(path.read_bytes())
            self._events, self._prices = list(kept["events"]), list(kept["prices"])
            self._known = {kind: _Known(row["pages"], row["places"]) for kind, row in kept["kinds"].items()}
        except FileNotFoundError:
            pass
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            logger.warning("what {} usually sends is not readable and is learned anew: {}", path.stem, error)

    def usual(self) -> tuple[float, float] | None:
        """The median of events and of prices per cycle; None while too few cycles are known."""
        if len(self._prices) < LEARNED_AFTER:
            return None
        return median(self._events), median(self._prices)

    def change(self, kind: str, shape: Shape) -> Change:
        """How a page of this kind differs from those before it."""
        name = fingerprint(shape)
        known = self._known.get(kind)
        if known is None or known.pages < LEARNED_AFTER:
            return Change(name)
        lost = (place for place, row in known.places.items() if row[0] == known.pages and place not in shape)
        new = (place for place in shape if place not in known.places)
        retyped = (
            place
            for place, types in shape.items()
            if place in known.places and len(known.places[place]) > 1 and types - set(known.places[place][1:])
        )
        return Change(name, tuple(lost), tuple(new), tuple(retyped))

    def learn(self, events: int, prices: int, shapes: Mapping[str, Shape]) -> None:
        """Take in a cycle: how much came, and the shapes of its pages that need no further attention."""
        self._events = [*self._events, events][-CYCLES:]
        self._prices = [*self._prices, prices][-CYCLES:]
        for kind, shape in shapes.items():
            known = self._known.setdefault(kind, _Known())
            known.pages += 1
            for place, types in shape.items():
                row = known.places.setdefault(place, [0])
                row[0] += 1
                row.extend(sorted(types.difference(row[1:])))
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write the file, atomically. A disk that refuses is logged: the expectation in memory serves on."""
        self._saved_at = time.monotonic()
        kept = {
            "events": self._events,
            "prices": self._prices,
            "kinds": {kind: {"pages": known.pages, "places": known.places} for kind, known in self._known.items()},
        }
        half = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half.write_bytes(orjson.dumps(kept))
            os.replace(half, self._path)
        except OSError as error:
            logger.warning("what a bookmaker usually sends could not be kept in {}: {}", self._path, error)
