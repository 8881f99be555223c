"""How often a token may be tried: so many failures per address, so many in all. Kept in memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

ADDRESSES = 1000
"""Addresses remembered at once; the one that tried longest ago is forgotten first."""


@dataclass(slots=True)
class Bucket:
    """Tries left, refilled evenly: `size` within `per_s` seconds."""

    size: int
    per_s: float
    left: float
    at: float

    def refill(self, now: float) -> None:
        """Add what came back since the last look."""
        self.left = min(self.size, self.left + (now - self.at) * self.size / self.per_s)
        self.at = now

    @property
    def wait_s(self) -> float:
        """Seconds until one try is left."""
        return max(0.0, (1 - self.left) * self.per_s / self.size)


class LoginThrottle:
    """Counts failed logins. One address may fail 5 times in 5 minutes, all together 50 times."""

    def __init__(
        self,
        *,
        per_address: int = 5,
        overall: int = 50,
        per_s: float = 300.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._size = per_address
        self._per_s = per_s
        self._clock = clock
        self._all = Bucket(overall, per_s, overall, clock())
        self._by_address: OrderedDict[str, Bucket] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Whole seconds until `address` may try again; 0: now."""
        now = self._clock()
        waits = [bucket.wait_s for bucket in self._buckets(address, now)]
        return math.ceil(round(max(waits), 3))

    def failed(self, address: str) -> None:
        """Take note of a wrong token."""
        now = self._clock()
        if address not in self._by_address:
            self._by_address[address] = Bucket(self._size, self._per_s, self._size, now)
        for bucket in self._buckets(address, now):
            bucket.left -= 1
        self._by_address.move_to_end(address)
        while len(self._by_address) > ADDRESSES:
            self._by_address.popitem(last=False)

    def _buckets(self, address: str, now: float) -> list[Bucket]:
        found = [self._all, *filter(None, [self._by_address.get(address)])]
        for bucket in found:
            bucket.refill(now)
        return found
