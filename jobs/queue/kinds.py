"""What a job can be. Kinds are data: whoever runs a worker hands it those that it can do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scrapers.errors import DeclarationError

if TYPE_CHECKING:
    from jobs.queue.context import JobContext

Handler = Callable[["JobContext", Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
"""Does the job with these arguments; what it answers is kept and must be JSON. It is cancelled (CancelledError)
when the job is, when its time is up, and when the worker ends and the grace is over."""

NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job.

    name       lower snake case: what `enqueue_jobs` calls it
    queue      which workers take it
    priority   higher goes first
    retries    how often a failed attempt is made again at most; what cannot help is not retried (`retrying`)
    timeout_s  how long one attempt may take
    cron       five fields, in UTC, when a job of it is to be made; None: never by itself
    args       the arguments of a job that the schedule makes
    keep       whether a job that is done stays, with its result, until its retention
    """

    name: str
    handler: Handler
    queue: str = "default"
    priority: int = 0
    retries: int = 5
    timeout_s: float = 600.0
    cron: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    keep: bool = True

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or not NAME.fullmatch(self.queue):
            raise DeclarationError(f"{self.name!r}: kinds and queues are called in lower snake case")
        if self.retries < 0 or self.timeout_s <= 0:
            raise DeclarationError(f"{self.name}: expected retries of 0 or more and a timeout above 0")
        if self.cron is not None:
            from jobs.queue.schedules import check_cron  # croniter; a kind without a schedule needs none

            check_cron(self.cron)

    def announced(self) -> dict[str, Any]:
        """The kind as `join_worker` takes it."""
        return {
            "kind": self.name,
            "queue": self.queue,
            "priority": self.priority,
            "cron": self.cron,
            "args": dict(self.args),
        }


def by_name(kinds: Iterable[JobKind]) -> dict[str, JobKind]:
    """Kinds by name. Raises DeclarationError for two of one name."""
    found: dict[str, JobKind] = {}
    for kind in kinds:
        if kind.name in found:
            raise DeclarationError(f"two kinds of job are called {kind.name}")
        found[kind.name] = kind
    return found
