"""Log lines of one component, as `logging` has them; they know where they were said (monitoring.etl.place)."""

from __future__ import annotations

import traceback
from contextlib import AbstractContextManager
from typing import Any

from monitoring.etl.place import Place, within
from monitoring.etl.recorder import Recorder


class ETLLogger:
    """Says things for good: in the database, and in the process's log. Nothing here waits for the database.

    Keyword arguments of a line are its details; `duration_ms` among them has a column of its own.
    """

    def __init__(self, monitor: Recorder, component: str | None = None) -> None:
        """monitor: an ETLMonitor, or a ServiceRun. component: which part speaks; the monitor's own by default."""
        self._monitor = monitor
        self._component = component or monitor.component

    def debug(self, message: str, **details: Any) -> None:
        """What only helps to find an error. Kept where the monitor's level is DEBUG."""
        self._say("DEBUG", message, details)

    def info(self, message: str, **details: Any) -> None:
        """What happened."""
        self._say("INFO", message, details)

    def warning(self, message: str, **details: Any) -> None:
        """What is not as it should be and did not hinder."""
        self._say("WARNING", message, details)

    def error(self, message: str, **details: Any) -> None:
        """What failed."""
        self._say("ERROR", message, details)

    def critical(self, message: str, **details: Any) -> None:
        """What ends the work."""
        self._say("CRITICAL", message, details)

    def exception(self, message: str, error: BaseException, **details: Any) -> None:
        """What failed, with the exception and where it was raised."""
        trace = "".join(traceback.format_exception(error))
        self._say(
            "ERROR", message, {**details, "error": f"{type(error).__name__}: {error}", "trace": trace[-3000:]}
        )

    def fixture(self, fixture_id: int) -> AbstractContextManager[Place]:
        """Work on one fixture for the length of a block: `with log.fixture(19134567):`."""
        return within(fixture_id=fixture_id)

    def _say(self, level: str, message: str, details: dict[str, Any]) -> None:
        duration_ms = details.pop("duration_ms", None)
        self._monitor.log_event(level, message, component=self._component, details=details, duration_ms=duration_ms)
