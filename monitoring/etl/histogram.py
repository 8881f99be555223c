"""How values are spread, in fixed buckets: little memory however many there were, and percentiles from it. Pure."""

from __future__ import annotations

import math

BUCKETS_A_DECADE = 20
"""Bounds lie at 10^(n/20): a percentile is at most 6 % away from the value it stands for."""
SMALLEST = 1e-6
"""What is less, zero and below included, is counted in one bucket."""
LOWEST = math.floor(math.log10(SMALLEST) * BUCKETS_A_DECADE) - 1
PERCENTILES = (50, 95, 99)


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
        """count, mean, max and percentiles (p50, p95, p99); empty without values."""
        if not self.count:
            return {}
        found = {f"p{percent}": self.percentile(percent) or 0.0 for percent in PERCENTILES}
        return {"count": float(self.count), "mean": self.total / self.count, **found, "max": self.highest}
