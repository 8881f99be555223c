"""One chunk of an execution, while it is worked on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Literal

from monitoring.etl.pending import Pending

Ending = Literal["COMPLETED", "FAILED", "CANCELLED"]
CANCELLATIONS = (KeyboardInterrupt, SystemExit, asyncio.CancelledError)
"""Exceptions by which work is stopped rather than failing."""


class Chunk:
    """Counts what became of a chunk's fixtures; the execution's numbers are the sum. Safe between threads.

    reason  why it failed although its block went on; None: it did not
    """

    def __init__(
        self,
        pending: Pending,
        execution_id: str,
        chunk_id: str,
        total_fixtures: int,
        clock: Callable[[], float],
    ) -> None:
        """Begins it. total_fixtures: planned; 0: not known. clock: epoch s."""
        self.execution_id = execution_id
        self.chunk_id = chunk_id
        self.reason: str | None = None
        self._pending = pending
        self._clock = clock
        self._turn = threading.Lock()
        self._started_at = clock()
        self._total = total_fixtures
        self._successful = self._failed = self._skipped = 0
        self._write("RUNNING", None, None)

    def add(self, *, successful: int = 0, failed: int = 0, skipped: int = 0) -> None:
        """Fixtures that are done with."""
        with self._turn:
            self._successful += successful
            self._failed += failed
            self._skipped += skipped
            self._write("RUNNING", None, None)
        self._pending.progress(self.execution_id, successful=successful, failed=failed, skipped=skipped)

    def plan(self, total_fixtures: int) -> None:
        """How many fixtures it has, once that is known."""
        with self._turn:
            self._total = total_fixtures
            self._write("RUNNING", None, None)

    def fail(self, reason: str) -> None:
        """It ends as failed, for this reason, though nothing is raised."""
        self.reason = reason

    def end(self, status: Ending, reason: str | None) -> None:
        """It is over. Called by `ETLMonitor.chunk`."""
        with self._turn:
            self._write(status, self._clock(), reason)
        self._pending.progress(self.execution_id, chunks=1)

    def _write(self, status: str, finished_at: float | None, reason: str | None) -> None:
        self._pending.chunk(
            {
                "execution_id": self.execution_id,
                "chunk_id": self.chunk_id,
                "status": status,
                "started_at": self._started_at,
                "finished_at": finished_at,
                "total_fixtures": self._total,
                "successful": self._successful,
                "failed": self._failed,
                "skipped": self._skipped,
                "error_message": reason,
            }
        )
