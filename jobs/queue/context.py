"""What a handler is given besides its arguments."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from store.backend import Backend

if TYPE_CHECKING:
    from loguru import Logger


@dataclass(slots=True)
class JobContext:
    """One attempt of one job.

    job_id    the job's
    kind, queue
    attempt   1 for the first; with the job's id it names this attempt and no other
    failures  attempts that failed before
    worker    'host:name' of who runs it
    backend   the database, for what the job writes; not the connection that the queue itself uses
    log       names job, kind and attempt in each line
    stopping  set when the worker is about to end: what can stop at a good place should, and raise `JobStopped`;
              what
              has not ended when the grace is over is cancelled, and its job given back either way
    """

    job_id: int
    kind: str
    queue: str
    attempt: int
    failures: int
    worker: str
    backend: Backend
    log: Logger
    stopping: asyncio.Event
    following: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def fence(self) -> dict[str, int]:
        """Arguments for SQL that writes what the job is about.

        A function that takes them and calls `hold_job` writes nothing once this attempt is over, and one that calls
        `complete_job` ends the job in its own transaction, so that what it writes happens exactly once.
        """
        return {"p_id": self.job_id, "p_attempt": self.attempt}

    async def call(self, function: str, args: Mapping[str, Any]) -> Any:
        """`backend.call` without holding up the other jobs. Raises what that raises."""
        return await asyncio.to_thread(self.backend.call, function, args)

    def then(self, *jobs: Mapping[str, Any]) -> None:
        """Enqueue jobs (as `enqueue_jobs` takes them) in the transaction that ends this attempt as done."""
        self.following.extend(jobs)


class JobStopped(Exception):
    """Raised by a handler that stopped at a good place, unfinished, because it was asked to."""
