"""One request goes ahead, so that a wall refuses one and not all of a cycle's; and rests after failures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

SOON_S = 10.0
"""The first rest after a failure that the next cycle may not meet: long enough for the present one to end."""


class Scouts:
    """Of each class of requests one goes ahead; the others wait until it has ended, however it ended."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._ahead: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, page_class: str) -> AsyncIterator[None]:
        """The block in which a request of this class is made."""
        if page_class not in self._known:
            lock = self._ahead.setdefault(page_class, asyncio.Lock())
            async with lock:
                if page_class not in self._known:
                    try:
                        yield
                    finally:
                        self._known.add(page_class)
                        del self._ahead[page_class]
                    return
        yield

    def forget(self, page_class: str) -> None:
        """The next request of this class goes ahead again."""
        self._known.discard(page_class)


class Rest:
    """When a thing that failed may be tried again, and why it is left alone until then. Monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = float("-inf")
        self._failures = 0
        self._reason = ""

    def failed(self, reason: str, *, first_s: float, longest_s: float) -> None:
        """Begin a rest of `first_s` seconds, doubled with each failure in a row, at most `longest_s`."""
        self._until = self._clock() + min(longest_s, first_s * 2.0 ** min(self._failures, 20))
        self._failures += 1
        self._reason = reason

    def over(self) -> None:
        """It worked: the next failure counts as the first."""
        self._until = float("-inf")
        self._failures = 0

    @property
    def resting(self) -> bool:
        """Whether it is to be left alone."""
        return self._until > self._clock()

    @property
    def reason(self) -> str:
        """What the last failure was, and how long it is left alone for."""
        left = self._until - self._clock()
        return f"{self._reason}; next try in {left:.0f} s" if left > 0 else self._reason
