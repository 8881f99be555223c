"""How values are spread, in fixed buckets: little memory however many there were, and percentiles from it. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

BUCKETS_A_DECADE = 20
"""Bounds lie at 10^(n/20): a percentile is at most 6 % away from the value it stands for."""
SMALLEST = 1e-6
"""What is less, zero and below included, is counted in one bucket."""
LOWEST = math.floor(math.log10(SMALLEST) * BUCKETS_A_DECADE) - 1
PERCENTILES = (50, 95, 99)
SUMMARY = ("count", "mean", *(f"p{percent}" for percent in PERCENTILES), "max")
"""What a histogram is published as: `<name>.<one of these>`."""


class Histogram:
    """Counts of values by bucket. Not safe between threads."""

    __slots__ = ("_buckets", "count", "highest", "lowest", "total")

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.lowest = math.inf
        self.highest = -math.inf

    def add(self, value: float) -> None:
        """Count one finite value."""
        self.count += 1
        self.total += value
        if value < self.lowest:
            self.lowest = value
        if value > self.highest:
            self.highest = value
        bucket = LOWEST if value < SMALLEST else math.floor(math.log10(value) * BUCKETS_A_DECADE)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    @property
    def mean(self) -> float | None:
        """The arithmetic mean; None without values."""
        return self.total / self.count if self.count else None

    def percentile(self, percent: float) -> float | None:
        """The value that `percent` % of all do not exceed (nearest rank); None without values.

        It is the middle of its bucket on the logarithmic scale, within the lowest and highest value.
        """
        if not self.count:
            return None
        rank = max(1, math.ceil(percent / 100 * self.count))
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                middle = self.lowest if bucket == LOWEST else 10 ** ((bucket + 0.5) / BUCKETS_A_DECADE)
                return min(max(middle, self.lowest), self.highest)
        return self.highest

    def summary(self) -> dict[str, float]:
        """Its values by the words of SUMMARY; empty without values."""
        if not self.count:
            return {}
        found = {f"p{percent}": self.percentile(percent) or 0.0 for percent in PERCENTILES}
        return {"count": float(self.count), "mean": self.total / self.count, **found, "max": self.highest}


class Spread(NamedTuple):
    """A histogram as it was published: its latest values, by the end of the metric's name."""

    name: str
    unit: str
    tags: Mapping[str, Any]
    values: Mapping[str, float]


def spreads_of(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Spread], list[Mapping[str, Any]]]:
    """Metrics of an execution (`get_etl_execution_summary`) that are histograms, put together, and all others."""
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        name, _, end = row["name"].rpartition(".")
        if end in SUMMARY:
            found.setdefault((name, str(row["tags"])), {})[end] = row
    whole = {key: ends for key, ends in found.items() if len(ends) == len(SUMMARY)}
    spreads = [
        Spread(name, ends["mean"]["unit"], ends["mean"]["tags"], {end: ends[end]["last"] for end in SUMMARY})
        for (name, _), ends in whole.items()
    ]
    taken = {id(row) for ends in whole.values() for row in ends.values()}
    return spreads, [row for row in rows if id(row) not in taken]
