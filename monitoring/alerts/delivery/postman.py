"""Carries messages from the outboxes to their receivers, each receiver on its own and in order.

A receiver that fails is tried again, later each time; what waits for it waits in the outbox, and nobody else is
held up. A message is noted as delivered after its receiver took it: if the process dies in between, it is sent
again with the same key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from loguru import logger

from monitoring.alerts.delivery import DeliveryError, Target
from monitoring.alerts.memory import Outbox, Waiting
from scrapers.errors import StoreError

BATCH = 20
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0
STORE_RETRY_S = 5.0
GIVE_UP_AFTER_S = 24 * 3600.0
"""A message that is a day old helps nobody any more, and would bury what is new."""


class Postman:
    """One thread for each target."""

    def __init__(
        self, targets: Sequence[Target], outboxes: Sequence[Outbox], *, first_retry_s: float = FIRST_RETRY_S
    ) -> None:
        self._routes = [_Route(target, outboxes, first_retry_s) for target in targets]

    def start(self) -> None:
        """Begin with what waits from before."""
        for route in self._routes:
            route.start()

    def notify(self) -> None:
        """There may be something new."""
        for route in self._routes:
            route.wake()

    def stop(self, within_s: float) -> None:
        """Deliver nothing more; what is under way has `within_s` to end, so that it need not be sent again."""
        end = time.monotonic() + within_s
        for route in self._routes:
            route.end()
        for route in self._routes:
            route.join(max(0.0, end - time.monotonic()))


class _Route(threading.Thread):
    """The way to one target."""

    def __init__(self, target: Target, outboxes: Sequence[Outbox], first_retry_s: float) -> None:
        super().__init__(name=f"to-{target.name}", daemon=True)
        self._target = target
        self._outboxes = outboxes
        self._first_retry_s = first_retry_s
        self._woken = threading.Event()
        self._ends = threading.Event()
        self._failures = 0
        self._arrived: set[str] = set()
        """Keys of messages that arrived and could not be noted as delivered yet."""

    def wake(self) -> None:
        """Look into the outboxes."""
        self._woken.set()

    def end(self) -> None:
        """End after the message under way."""
        self._ends.set()
        self._woken.set()

    def run(self) -> None:
        """Until the end."""
        while not self._ends.is_set():
            self._woken.clear()
            try:
                pause_s = self._carry()
            except Exception:
                # Nothing is lost: it waits in the outbox, and the log says why it does.
                logger.exception("a bug on the way to {}", self._target.name)
                pause_s = LONGEST_RETRY_S
            if pause_s is None:
                self._woken.wait()
            else:
                self._ends.wait(pause_s)

    def _carry(self) -> float | None:
        """Deliver what is due. Seconds until the next try, None when nothing waits."""
        more = False
        pause_s: float | None = None
        for outbox in self._outboxes:
            try:
                batch = outbox.due(self._target.name, BATCH)
                for waiting in batch:
                    if self._ends.is_set():
                        return 0.0
                    failed_s = self._deliver(outbox, waiting)
                    if failed_s is not None:
                        # Order is kept, and who does not take one message now will hardly take the next.
                        return failed_s
                more = more or len(batch) == BATCH
            except StoreError as error:
                logger.debug("outbox not reached, it is looked at again: {}", error)
                pause_s = STORE_RETRY_S
        return 0.0 if more else pause_s

    def _deliver(self, outbox: Outbox, waiting: Waiting) -> float | None:
        """Send one message and note how it went; seconds to wait when it failed. Raises StoreError."""
        name, key = self._target.name, waiting.message.message_key
        if key not in self._arrived:
            try:
                self._target.send(waiting.message)
            except DeliveryError as error:
                give_up = time.time() - waiting.created_at > GIVE_UP_AFTER_S
                logger.log(
                    "ERROR" if give_up else "WARNING",
                    "message {} {}: {}",
                    key,
                    "is given up" if give_up else "did not arrive, it is sent again",
                    error,
                )
                self._failures += 1
                pause_s = min(LONGEST_RETRY_S, self._first_retry_s * 2.0 ** min(self._failures - 1, 10))
                outbox.settle(waiting, name, str(error), give_up=give_up)
                return pause_s
            self._failures = 0
            self._arrived.add(key)
        outbox.settle(waiting, name, None)
        self._arrived.discard(key)
        if self._target.gap_s:
            self._ends.wait(self._target.gap_s)
        return None
