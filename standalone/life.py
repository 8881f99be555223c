"""A scraper's process as an execution: its cycles are the rounds, and why it ended is said (docs/etl.md)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from monitoring.etl.service_run import ServiceRun
from standalone.cycle.report import CycleReport


class Life:
    """From the first cycle that asked a bookmaker to the end of the process. `async with`; not for two tasks.

    One that only stood by while another process was at work leaves no trace: it would close that one's.
    """

    def __init__(self, run: ServiceRun | None) -> None:
        """run: None: nothing is recorded, as when a person asks for one cycle."""
        self._run = run
        self._has_begun = False
        self._reason: str | None = None

    async def cycle(self, report: CycleReport) -> None:
        """A cycle is over. Call it before the database's connection is given back."""
        if self._run is None:
            return
        if report.asked:
            self._has_begun = True
            self._run.round(report.duration_ms / 1000, failed=not report.success)
        if report.too_heavy:
            self._reason = f"reinício por memória / ended for its memory: {report.too_heavy}"
        if self._has_begun:
            await asyncio.to_thread(self._run.beat)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._run is None or not self._has_begun:
            return
        if value is None:
            await asyncio.to_thread(self._run.end, "COMPLETED", self._reason)
        else:
            await asyncio.to_thread(self._run.end, "FAILED", f"{type(value).__name__}: {value}")
