"""How the queues are doing, judged once for pages, metrics, `/health/ready` and alerts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Overview = Mapping[str, Any]
"""What `jobs_overview` answers."""

WORKER_SILENT_S = 30.0
"""A worker that has said nothing for so long is thought dead: others take its jobs (jobs/queue/worker.py)."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue with all of its kinds.

    waiting   jobs that could be run now
    delayed   jobs whose time has not come
    running   jobs under way
    oldest_s  how long the oldest waiting job could have been run; None: none waits
    workers   living ones that take jobs of this queue
    """

    queue: str
    waiting: int
    delayed: int
    running: int
    oldest_s: float | None
    workers: int

    @property
    def abandoned(self) -> bool:
        """Whether jobs wait that nobody is there to run."""
        return self.waiting > 0 and self.workers == 0


def queue_states(overview: Overview) -> list[QueueState]:
    """Every queue that has unfinished jobs or a living worker, by name."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in overview["queues"]:
        rows.setdefault(row["queue"], []).append(row)
    workers = living(overview["workers"])
    for worker in workers:
        for queue in worker["queues"]:
            rows.setdefault(queue, [])
    return [_state(queue, rows[queue], workers) for queue in sorted(rows)]


def living(workers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The workers that gave a sign of life lately."""
    return [worker for worker in workers if worker["seconds_since_heartbeat"] < WORKER_SILENT_S]


def _state(queue: str, rows: Sequence[Mapping[str, Any]], workers: Sequence[Mapping[str, Any]]) -> QueueState:
    ages = [row["oldest_s"] for row in rows if row["oldest_s"] is not None]
    return QueueState(
        queue,
        waiting=sum(row["waiting"] for row in rows),
        delayed=sum(row["delayed"] for row in rows),
        running=sum(row["running"] for row in rows),
        oldest_s=max(ages, default=None),
        workers=sum(queue in worker["queues"] for worker in workers),
    )
