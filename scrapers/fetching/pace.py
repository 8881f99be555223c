"""Politeness: a minimum spacing between requests to one host, and pauses that the host asks for."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """When the next request to each host may leave. Seconds of a monotonic clock."""

    def __init__(self, spacing_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._spacing_s = spacing_s
        self._clock = clock
        self._free_at: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def paused_s(self, host: str) -> float:
        """Seconds that `host` still wants to be left alone; 0 when it does not."""
        return max(0.0, self._paused_until.get(host, 0.0) - self._clock())

    def take_turn(self, host: str) -> float:
        """Reserve the next turn at `host`; the seconds until it comes."""
        now = self._clock()
        turn = max(now, self._free_at.get(host, 0.0), self._paused_until.get(host, 0.0))
        self._free_at[host] = turn + self._spacing_s
        return turn - now

    def pause(self, host: str, seconds: float) -> None:
        """Let no further turn at `host` come within `seconds`."""
        until = self._clock() + seconds
        self._paused_until[host] = max(until, self._paused_until.get(host, 0.0))
