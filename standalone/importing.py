"""A run that begins and ends, of fixtures or of results: what it comes to, whatever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from scrapers.errors import FleetError
from standalone.process import Stop

EXIT_SOME_FAILED, EXIT_NOT_DONE, EXIT_STOPPED = 1, 2, 130
"""Some parts failed and the others are done; the run could not be done; it was told to stop."""


class Report(Protocol):
    """What a run did."""

    @property
    def some_failed(self) -> bool:
        """Whether parts of it failed, each a matter of its own."""


R = TypeVar("R", bound=Report)
R_co = TypeVar("R_co", bound=Report, covariant=True)


class Importer(Protocol[R_co]):
    """The work of a run; its report grows with it."""

    @property
    def report(self) -> R_co:
        """What it did so far."""

    def run(self) -> Coroutine[Any, Any, object]:
        """Do what is due. Raises FleetError when that cannot be done at all."""


@dataclass(frozen=True, slots=True)
class Ended(Generic[R]):
    """How a run ended. `error` None: it came to its end; `stopped`: by a signal; `performance`: its timings."""

    report: R
    execution_id: str
    error: FleetError | None = None
    stopped: bool = False
    performance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> Any:
        """As `etl_executions` has it. A part that failed is its own matter."""
        return "CANCELLED" if self.stopped else "FAILED" if self.error is not None else "COMPLETED"

    @property
    def exit_code(self) -> int:
        """0 when everything that was due is done."""
        if self.stopped:
            return EXIT_STOPPED
        if self.error is not None:
            return EXIT_NOT_DONE
        return EXIT_SOME_FAILED if self.report.some_failed else 0


async def to_the_end(importer: Importer[R], execution_id: str, stop: Stop) -> Ended[R]:
    """Until it is done, fails, or `stop` is raised; then what is under way at the database is waited for."""
    work = asyncio.create_task(importer.run())
    stopping = asyncio.create_task(stop.wait_async())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not work.done():
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return Ended(importer.report, execution_id, stopped=True)
    error = work.exception()
    if error is None or isinstance(error, FleetError):
        return Ended(importer.report, execution_id, error)
    raise error
