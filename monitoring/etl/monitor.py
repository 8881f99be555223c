"""Executions, their chunks and numbers, for whoever does the work."""

from __future__ import annotations

import atexit
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from monitoring.etl import place
from monitoring.etl.chunk import CANCELLATIONS, Chunk, Ending
from monitoring.etl.journal import MOST_BYTES
from monitoring.etl.place import Place
from monitoring.etl.recorder import Recorder
from monitoring.etl.rows import Level, Polish
from monitoring.etl.writer import Writer
from store.backend import Backend

BEAT_EVERY_S = 2.0
"""How often an open execution gives a sign of life, and metrics that changed are published."""

SILENT_AFTER_S = 30
"""Without a heartbeat for so long, an execution's process counts as dead."""

START_WAITS_S = 2.0
FINISH_WAITS_S = 5.0
"""What the database is granted at the beginning and the end of an execution; what it did not take follows later."""


class ETLMonitor(Recorder):
    """Writes down what the executions of one component do. Safe between threads; nothing here raises a StoreError
    but the two questions, `get_execution_summary` and `get_health_status`.

    Args:
        backend: its own: the work would wait for the monitor on a shared one. Closed with the monitor.
        folder: where journals lie; all processes of a machine share it.
        component, level, clock: see Recorder.
        clean: takes secrets out of a JSON-like value (`standalone.redaction`).
    """

    def __init__(
        self,
        backend: Backend,
        folder: Path,
        component: str,
        *,
        level: str = "INFO",
        clean: Callable[[Any], Any] = lambda value: value,
        most_bytes: int = MOST_BYTES,
        beat_every_s: float = BEAT_EVERY_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(component, level=level, clock=clock)
        self._backend = backend
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._publishers: list[Callable[[str | None], None]] = []
        self._beat_every_s = beat_every_s
        self._beat_at = time.monotonic()
        self._writer = Writer(
            backend,
            self._pending,
            folder,
            component,
            alive=self._open_executions,
            tick=self._tick,
            finish=Polish(clean),
            most_bytes=most_bytes,
        )
        atexit.register(self.close)

    # -- executions

    def start_execution(
        self, *, total_fixtures: int = 0, total_chunks: int = 0, config: Mapping[str, Any] | None = None
    ) -> str:
        """Open an execution; its id, a UUID. The caller, and what it starts from now on, works in it.

        Returns once the database knows it, or has not answered for START_WAITS_S.
        """
        execution_id = str(uuid4())
        with self._turn:
            self._open[execution_id] = None
        self._pending.start(
            {
                "execution_id": execution_id,
                "component": self.component,
                "started_at": self._clock(),
                "config": dict(config or {}),
                "holder": self._holder,
                "silent_after_s": SILENT_AFTER_S,
            }
        )
        place.enter(Place(execution_id))
        self.plan(total_fixtures=total_fixtures, total_chunks=total_chunks)
        self.log_event("INFO", "execution started", details=config)
        self._writer.flush(START_WAITS_S)
        return execution_id

    def finish_execution(
        self, execution_id: str, status: Ending = "COMPLETED", error_message: str | None = None
    ) -> bool:
        """End an execution; whether the database knows it by now (else it will). Once over, it stays as it is."""
        with self._turn:
            if self._open.pop(execution_id, self) is self:
                return True
        with place.at(Place(execution_id)):
            self._publish(execution_id)
            level: Level = "INFO" if status == "COMPLETED" else "ERROR" if status == "FAILED" else "WARNING"
            details = {"error": error_message} if error_message else {}
            self.log_event(level, f"execution {status.lower()}", details=details)
        self._pending.finish(
            {
                "execution_id": execution_id,
                "status": status,
                "error_message": error_message,
                "finished_at": self._clock(),
            }
        )
        if place.current().execution_id == execution_id:
            place.enter(Place())
        return self._writer.flush(FINISH_WAITS_S)

    @contextmanager
    def execution(
        self, *, total_fixtures: int = 0, total_chunks: int = 0, config: Mapping[str, Any] | None = None
    ) -> Iterator[str]:
        """An execution for the length of a block; its id. What ends the block ends it: an exception as FAILED with
        its text, an interrupt or a cancelled task as CANCELLED."""
        execution_id = self.start_execution(total_fixtures=total_fixtures, total_chunks=total_chunks, config=config)
        try:
            yield execution_id
        except CANCELLATIONS as end:
            self.finish_execution(execution_id, "CANCELLED", type(end).__name__)
            raise
        except BaseException as error:
            self.finish_execution(execution_id, "FAILED", _cause(error))
            raise
        self.finish_execution(execution_id)

    def plan(self, *, total_fixtures: int = 0, total_chunks: int = 0) -> None:
        """Add to what the caller's execution has before it. Raises ValueError outside of any."""
        if total_fixtures or total_chunks:
            self._pending.progress(self._execution(), total_fixtures=total_fixtures, total_chunks=total_chunks)

    def progress(self, *, successful: int = 0, failed: int = 0, skipped: int = 0) -> None:
        """Fixtures that the caller's execution is done with. Within a chunk, tell the chunk instead (`Chunk.add`).

        Raises ValueError outside of any execution.
        """
        self._pending.progress(self._execution(), successful=successful, failed=failed, skipped=skipped)

    @contextmanager
    def chunk(self, chunk_id: str, *, total_fixtures: int = 0) -> Iterator[Chunk]:
        """A chunk of the caller's execution, for the length of a block, which works in it.

        An exception ends it as FAILED with its text and goes on to the caller. Raises ValueError outside of any
        execution.
        """
        chunk = Chunk(self._pending, self._execution(), chunk_id, total_fixtures, self._clock)
        with place.at(
            replace(place.current(), execution_id=chunk.execution_id, chunk_id=chunk_id, fixture_id=None)
        ):
            try:
                yield chunk
            except CANCELLATIONS as end:
                chunk.end("CANCELLED", type(end).__name__)
                raise
            except BaseException as error:
                chunk.end("FAILED", _cause(error))
                self.log_event("ERROR", "chunk failed", details={"error": _cause(error)})
                raise
            if chunk.reason is not None:
                self.log_event("ERROR", "chunk failed", details={"error": chunk.reason})
            chunk.end("COMPLETED" if chunk.reason is None else "FAILED", chunk.reason)

    def publish_with(self, publisher: Callable[[str | None], None]) -> None:
        """Call this now and then, and with its id before an execution ends: it records metrics (performance)."""
        self._publishers.append(publisher)

    # -- looking

    def get_execution_summary(self, execution_id: str | None = None) -> dict[str, Any] | None:
        """`get_etl_execution_summary` (migration 0019): the latest one by default; None: there is none.

        What was said until now is in it, if the database answers. Raises StoreError.
        """
        self._writer.flush(FINISH_WAITS_S)
        found: dict[str, Any] | None = self._backend.call(
            "get_etl_execution_summary", {"p_execution_id": execution_id}
        )
        return found

    def get_health_status(self) -> dict[str, Any]:
        """`get_etl_health_status` (migration 0019). Raises StoreError."""
        found: dict[str, Any] = self._backend.call("get_etl_health_status", {})
        return found

    # -- the end

    @property
    def lost(self) -> int:
        """Lines and metrics that found no room, in memory or on disk, since the start."""
        return self._writer.lost

    def flush(self, timeout_s: float = FINISH_WAITS_S) -> bool:
        """Bring everything to the disk and, within `timeout_s`, to the database; whether that has it."""
        return self._writer.flush(timeout_s)

    def close(self, timeout_s: float = FINISH_WAITS_S) -> bool:
        """Flush and end; whether the database has everything. What it has not is on disk, for the next process."""
        atexit.unregister(self.close)
        return self._writer.close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- within

    def _open_executions(self) -> list[str]:
        with self._turn:
            return list(self._open)

    def _tick(self) -> None:
        if time.monotonic() - self._beat_at >= self._beat_every_s:
            self._beat_at = time.monotonic()
            self._publish(None)
            for execution_id in self._open_executions():
                self._pending.progress(execution_id)

    def _publish(self, execution_id: str | None) -> None:
        for publisher in list(self._publishers):
            publisher(execution_id)


def _cause(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
