"""One process of the fleet from its start to its end, as an execution: its rounds, what went wrong, why it ended.

`ETLMonitor` is for work of minutes: it has threads, a journal and a connection of its own. A service runs for weeks
and says little, so it writes by the connection that it has, once a minute. What it said since is lost with a
process that is killed; that it was killed is found by its silence.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from loguru import logger

from monitoring.etl.chunk import Ending
from monitoring.etl.histogram import Histogram
from monitoring.etl.journal import open_journal
from monitoring.etl.pending import Pending
from monitoring.etl.recorder import Recorder
from monitoring.etl.rows import Level, Polish
from scrapers.errors import StoreError, StoreUnavailableError
from scrapers.fetching.chromium import process_mb
from store.backend import Backend

BEAT_EVERY_S = 60.0
SILENT_AFTER_S = 300
"""A process counts as dead after this. A beat comes after a round, and some rounds take minutes."""

METRICS_EVERY_S = 300.0
"""Four services then write some 8,000 values a day."""

MOST_ROWS = 1_000
"""Log lines and metrics that are kept while the database is away."""

Sent = tuple[str, Mapping[str, Any]]
"""A batch on its way: its key, by which the database knows it again, and its rows."""


class ServiceRun(Recorder):
    """Counts rounds as an execution's "fixtures". One thread calls `round` and `beat`; any may `end`. Never raises.

    Args:
        backend: the service's own; called at most once a minute.
        component: the service's name, as PM2 has it.
        journals: where the last batch waits for `send_orphans` when the database does not take it.
        config: what the execution shows of how the process was started.
        measured: whether rounds and memory become metrics; a scraper's stand in `scraper_cycles`.
        level, clock: see Recorder; clean: see ETLMonitor.
    """

    def __init__(
        self,
        backend: Backend,
        component: str,
        journals: Path,
        *,
        config: Mapping[str, Any] | None = None,
        measured: bool = True,
        level: str = "INFO",
        clean: Callable[[Any], Any] = lambda value: value,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(component, level=level, clock=clock)
        self._pending = Pending(MOST_ROWS)
        self._backend = backend
        self._journals = journals
        self._finish = Polish(clean)
        self._process = psutil.Process()
        self._measured = measured
        self._lengths = Histogram()
        self._unsent: Sent | None = None
        self._beat_at: float | None = None
        self._measured_at: float | None = None
        self._ended = False
        self._is_away = False
        self.execution_id = str(uuid4())
        self._open[self.execution_id] = None
        self._pending.start(
            {
                "execution_id": self.execution_id,
                "component": component,
                "kind": "service",
                "started_at": clock(),
                "config": dict(config or {}),
                "holder": f"{socket.gethostname()}:{os.getpid()}",
                "silent_after_s": SILENT_AFTER_S,
            }
        )
        self.log_event("INFO", "process started", details=config)

    def round(self, seconds: float, *, failed: bool = False) -> None:
        """A round is over, after so many seconds."""
        self._lengths.add(seconds * 1000)
        self._pending.progress(self.execution_id, successful=int(not failed), failed=int(failed))

    def beat(self) -> None:
        """Write what there is, if that is due; what the database does not take follows with the next one."""
        now = time.monotonic()
        if self._beat_at is not None and now - self._beat_at < BEAT_EVERY_S:
            return
        self._beat_at = now
        if self._lengths.count and (self._measured_at is None or now - self._measured_at >= METRICS_EVERY_S):
            self._measured_at = now
            self._measure()
        self._pending.progress(self.execution_id)  # a sign of life, if nothing else
        self._send()

    def end(self, status: Ending = "COMPLETED", reason: str | None = None, *, database: bool = True) -> None:
        """The process ends now. What the database does not take goes to disk, for whoever starts next.

        reason: why, where that is not that it was told to stop. database: False where a call hangs in it; what an
        earlier `end` did not bring there goes to disk then.
        """
        with self._turn:
            already, self._ended = self._ended, True
        if not already:
            self._measure()
            level: Level = "ERROR" if status == "FAILED" else "WARNING" if reason else "INFO"
            self.log_event(level, "process ended", details={"reason": reason} if reason else {})
            self._pending.finish(
                {
                    "execution_id": self.execution_id,
                    "status": status,
                    "error_message": reason,
                    "finished_at": self._clock(),
                }
            )
        if not (database and self._send()):
            self._keep()

    def _measure(self) -> None:
        if not self._measured:
            return
        for name, value in self._lengths.summary().items():
            self.record_metric(f"round.duration.{name}", value, "" if name == "count" else "ms")
        self._lengths = Histogram()
        self.record_metric("memory", process_mb(self._process), "MB")

    def _send(self) -> bool:
        """Whether the database has everything."""
        try:
            while (sent := self._next()) is not None:
                self._write(*sent)
        except StoreUnavailableError as error:
            if not self._is_away:
                logger.warning("what this process does is not recorded for now: {}", error)
            self._is_away = True
            return False
        self._is_away = False
        return True

    def _write(self, key: str, rows: Mapping[str, Any]) -> None:
        alive = [] if self._ended else [self.execution_id]
        try:
            self._backend.call("write_etl_batch", {"p_batch_key": key, "p_batch": {**rows, "alive": alive}})
        except StoreUnavailableError:
            raise
        except StoreError as error:
            # It would be refused again; what was said stands in the process's log.
            logger.error("a part of what this process did is not recorded: {}", error)
        self._sent(key)

    def _sent(self, key: str) -> None:
        # Another thread may have come to the next batch by now.
        if self._unsent is not None and self._unsent[0] == key:
            self._unsent = None

    def _keep(self) -> None:
        try:
            journal = open_journal(self._journals, self.component)
            while (sent := self._next()) is not None:
                journal.append(sent[1], key=sent[0])
                self._sent(sent[0])
            journal.close()
        except OSError as error:
            logger.error("the end of this process is not recorded: {}", error)

    def _next(self) -> Sent | None:
        """What was tried before, under its own key, else what was said since; None: nothing."""
        if self._unsent is None:
            batch = self._pending.take()
            if batch.lost:
                logger.error("{} log lines and metrics of this process found no room and are lost", batch.lost)
            self._finish(batch)
            rows = batch.rows()
            self._unsent = (str(uuid4()), rows) if rows else None
        return self._unsent
