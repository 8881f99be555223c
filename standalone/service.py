"""The loop of a service: a process beside the scrapers that makes small rounds until it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

from loguru import logger

from monitoring.etl.service_run import ServiceRun
from scrapers.errors import StoreError
from standalone.process import FileLock, Stop, report_ready
from store.backend import Backend

STOP_GRACE_S = 0.8
"""How long a round may go on after the stop signal. PM2 kills after 1.6 s unless told otherwise."""

SAME_FAILURE_LOGGED_EVERY_S = 60.0

LOCK_TRIED_EVERY_S = 1.0

LONG_PAUSE_S = 30.0
"""A pause from which on the connection is given back: an idle one costs the server a process."""

FAILED_ROUND_REPEATED_S = 3.0
"""A round that the database failed is tried again this soon, however seldom the service's rounds are."""


def wait_for_turn(lock: FileLock, stop: Stop) -> bool:
    """Wait until no other copy of this process works on the same folder; False when told to stop before that.

    PM2 can start a second copy while the first one lives (`pm2 resurrect` after its daemon was killed).
    """
    if lock.acquire():
        return True
    logger.warning("another copy of this process is at work; waiting for it to end")
    while not stop.wait(LOCK_TRIED_EVERY_S):  # the kernel tells nobody that a lock is free
        if lock.acquire():
            return True
    return False


class Service:
    """Makes rounds, says how they went in `service_status`, and outlives a database that is away.

    step         one round; answers what to show in the status. A StoreError it raises fails the round, no more;
                 anything else is a bug and ends the process
    interval_s   from one round's start to the next
    heartbeat_s  least time between two heartbeats while nothing changes for the better or worse
    promised_s   how often heartbeats are to be expected, where some rounds take longer than the others; None: every
                 round
    life         where the process's rounds and end are recorded (docs/etl.md); None: nowhere
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        step: Callable[[], Mapping[str, Any]],
        *,
        interval_s: float,
        heartbeat_s: float = 10.0,
        promised_s: float | None = None,
        life: ServiceRun | None = None,
    ) -> None:
        self.name = name
        self._backend = backend
        self._step = step
        self._interval_s = interval_s
        self._heartbeat_s = heartbeat_s
        self._promised_s = promised_s or max(interval_s, heartbeat_s)
        self._life = life
        self._ready = False
        self._failure: str | None = None
        self._failure_logged_at = 0.0
        self._heartbeat_at: float | None = None
        self._told: str | None = None
        self._crash: BaseException | None = None

    def run(self, stop: Stop) -> None:
        """Make rounds until `stop`. A round that hangs in the network does not hold up the end.

        Raises what a round raised that is not a StoreError.
        """
        worker = Thread(target=self._work, args=(stop,), name=f"{self.name}-rounds", daemon=True)
        worker.start()
        while not stop.wait(3600):
            pass
        worker.join(STOP_GRACE_S)
        if self._crash is not None:
            raise self._crash
        if worker.is_alive():
            logger.warning("stopped in the middle of a round")
            if self._life is not None:
                self._life.end(reason="stopped in the middle of a round", database=False)
        else:
            self._backend.close()

    def _work(self, stop: Stop) -> None:
        try:
            if self._life is not None:
                self._life.beat()
            while not stop.is_set():
                started = time.monotonic()
                went_well = self.round()
                pause = self._interval_s if went_well else min(self._interval_s, FAILED_ROUND_REPEATED_S)
                if pause >= LONG_PAUSE_S:
                    self._backend.close()
                stop.wait(max(0.0, started + pause - time.monotonic()))
            if self._life is not None:
                self._life.end()
        except BaseException as crash:
            self._crash = crash
            if self._life is not None:
                self._life.end("FAILED", f"{type(crash).__name__}: {crash}")
            stop.set()

    def round(self) -> bool:
        """One round with its heartbeat; whether it went well. After the first good one, PM2 is told "ready"."""
        started = time.monotonic()
        try:
            extra = self._step()
        except StoreError as error:
            self._count(started, failed=True)
            self._note_failure(error)
            self._heartbeat({})
            return False
        self._count(started, failed=False)
        if self._failure is not None:
            self._say("INFO", "works again")
            self._failure = None
        if not self._ready:
            self._ready = True
            report_ready()
        self._heartbeat(extra)
        return True

    def _count(self, started: float, *, failed: bool) -> None:
        if self._life is not None:
            self._life.round(time.monotonic() - started, failed=failed)

    def _say(self, level: str, message: str) -> None:
        if self._life is None:
            logger.log(level, "{}", message)
        else:
            self._life.log_event(level, message)

    def _note_failure(self, error: StoreError) -> None:
        now = time.monotonic()
        if self._failure is None or now - self._failure_logged_at >= SAME_FAILURE_LOGGED_EVERY_S:
            self._say("ERROR", f"round failed, will be repeated: {error}")
            self._failure_logged_at = now
        self._failure = str(error)

    def _heartbeat(self, extra: Mapping[str, Any]) -> None:
        now = time.monotonic()
        recent = self._heartbeat_at is not None and now - self._heartbeat_at < self._heartbeat_s
        if recent and (self._told is None) == (self._failure is None):
            return
        try:
            self._backend.call(
                "service_heartbeat",
                {
                    "p_service": self.name,
                    "p_expected_interval_s": max(1, round(self._promised_s)),
                    "p_error": self._failure,
                    "p_extra": dict(extra),
                },
            )
        except StoreError as error:
            # The round's own failure says the same; a heartbeat alone that fails is seen by its age.
            logger.warning("heartbeat not written: {}", error)
        else:
            self._heartbeat_at = now
            self._told = self._failure
            if self._life is not None:
                self._life.beat()
