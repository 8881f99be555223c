"""The dead man's switch: a ping to a service outside (such as healthchecks.io) that alarms when it stays away."""

from __future__ import annotations

import threading
import time

from loguru import logger

EVERY_S = 60.0
TIMEOUT_S = 10.0


class DeadMan:
    """Pings while somebody says that all is well; nothing without an address."""

    def __init__(self, url: str | None, *, every_s: float = EVERY_S) -> None:
        self._url = url
        self._every_s = every_s
        self._pinged_at: float | None = None
        self._last: threading.Thread | None = None
        self._failed = False

    def alive(self) -> None:
        """All is well. Returns at once; pings at most once in `every_s`, and never twice at a time."""
        now = time.monotonic()
        recent = self._pinged_at is not None and now - self._pinged_at < self._every_s
        if self._url is None or recent or (self._last is not None and self._last.is_alive()):
            return
        self._pinged_at = now
        self._last = threading.Thread(target=self._ping, args=(self._url,), name="dead-man", daemon=True)
        self._last.start()

    def _ping(self, url: str) -> None:
        import httpx

        try:
            httpx.get(url, timeout=TIMEOUT_S).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The address is a secret, and httpx's messages name it.
            if not self._failed:
                logger.warning("dead-man ping failed: {}", type(error).__name__)
            self._failed = True
        else:
            self._failed = False
