"""A database that is away, told once and not with every attempt to reach it."""

from __future__ import annotations

import time

from loguru import logger

from scrapers.errors import StoreError

SAME_FAILURE_LOGGED_EVERY_S = 60.0


class Outage:
    """Whether calls fail now. `failure`: why the last one did; None when it went well."""

    def __init__(self) -> None:
        self.failure: str | None = None
        self._logged_at = 0.0

    def began(self, error: StoreError) -> None:
        """A call failed; it will be made again."""
        now = time.monotonic()
        if self.failure is None or now - self._logged_at >= SAME_FAILURE_LOGGED_EVERY_S:
            logger.error("the queue is not reached, will be tried again: {}", error)
            self._logged_at = now
        self.failure = str(error)

    def ended(self) -> None:
        """A call went well."""
        if self.failure is not None:
            logger.info("the queue is reached again")
            self.failure = None
