"""Lines and numbers of one component: what is said, where it is said, on its way to the database and the log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from loguru import logger

from monitoring.etl import place
from monitoring.etl.pending import Pending
from monitoring.etl.rows import finite, level_of, passes


class Recorder:
    """Takes lines and metrics. Safe between threads, and quick: nothing here waits for the database or the disk.

    Args:
        component: what runs, as `etl_executions.component` has it: 'fixtures_import'.
        level: lines below it are dropped, here and in the process's log.
        clock: epoch s.
    """

    def __init__(self, component: str, *, level: str = "INFO", clock: Callable[[], float] = time.time) -> None:
        self.component = component
        self._level = level_of(level)
        self._clock = clock
        self._turn = threading.Lock()
        self._open: dict[str, None] = {}
        self._pending = Pending()

    def log_event(
        self,
        level: str,
        message: str,
        *,
        component: str | None = None,
        details: Mapping[str, Any] | None = None,
        duration_ms: float | None = None,
    ) -> None:
        """One log line, of the place where the caller works; to the process's log too.

        level: DEBUG to CRITICAL, in any case; one that is not known counts as ERROR.
        """
        known = level_of(level)
        if not passes(known, self._level):
            return
        at, who = place.current(), component or self.component
        bound = {"component": who, "execution": at.execution_id, "chunk": at.chunk_id, "fixture": at.fixture_id}
        context: dict[str, Any] = {name: value for name, value in bound.items() if value is not None}
        if details:
            context["details"] = details
        if duration_ms is not None:
            context["duration_ms"] = round(duration_ms, 1)
        logger.bind(**context).log(known, "{}", message)
        self._pending.log(
            {
                "timestamp": self._clock(),
                "level": known,
                "component": who,
                "message": message,
                "details": details or {},
                "execution_id": at.execution_id or self._only_open(),
                "chunk_id": at.chunk_id,
                "fixture_id": at.fixture_id,
                "duration_ms": duration_ms,
            }
        )

    def record_metric(
        self,
        name: str,
        value: float,
        unit: str = "",
        tags: Mapping[str, Any] | None = None,
        *,
        execution_id: str | None = None,
    ) -> None:
        """One value of a metric, of the caller's execution by default. What is no finite number is told instead."""
        if not finite(value):
            self.log_event(
                "WARNING", "a metric is no finite number", details={"metric": name, "value": repr(value)}
            )
            return
        self._pending.metric(
            {
                "timestamp": self._clock(),
                "execution_id": execution_id or place.current().execution_id or self._only_open(),
                "name": name,
                "value": float(value),
                "unit": unit,
                "tags": dict(tags or {}),
            }
        )

    def _execution(self) -> str:
        execution_id = place.current().execution_id or self._only_open()
        if execution_id is None:
            raise ValueError("no execution is open here: start one, or hand the place over (monitoring.etl.place)")
        return execution_id

    def _only_open(self) -> str | None:
        """The one open execution: where a thread that was started without a place most likely works."""
        return next(iter(self._open), None) if len(self._open) == 1 else None
