"""The queue's SQL functions (migration 0021), awaited. Each raises what `Backend.call` raises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.queue.kinds import JobKind
from store.backend import Backend


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a worker is.

    name   what it is called, as PM2 calls it
    host   its machine
    pid    its process
    seat   of a lock that it alone holds: whoever joins with the same seat proves that the one before is dead
    """

    name: str
    host: str
    pid: int
    seat: str

    def __str__(self) -> str:
        return f"{self.host}:{self.name}"


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that was given to this worker. `attempt` is this one's number; `failures`, `losses`: of those
    before."""

    id: int
    kind: str
    queue: str
    args: Mapping[str, Any]
    attempt: int
    priority: int
    failures: int
    losses: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What was given. `known` False: this worker was thought dead and must join again. `next_in_s`: until the next
    delayed
    job of its queues is due, None when there is none."""

    known: bool
    jobs: list[TakenJob]
    next_in_s: float | None


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose time has come. `due_at`: epoch s, None when no worker has ever reckoned it."""

    kind: str
    cron: str
    due_at: float | None


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a sign of life. `now`: the database's clock, epoch s; `lost`, `cancel`: ids of running jobs
    that others
    have now, or that are to stop."""

    now: float
    known: bool
    lost: frozenset[int]
    cancel: frozenset[int]
    due: list[Due]


class QueueCalls:
    """The functions, each in a thread. The backend is the worker's own, so that no job's query holds up a sign of
    life."""

    def __init__(self, backend: Backend, *, max_losses: int, silent_s: float) -> None:
        self._backend = backend
        self._max_losses = max_losses
        self._silent_s = silent_s

    async def join(self, who: Identity, queues: Sequence[str], concurrency: int, kinds: Iterable[JobKind]) -> int:
        """Begin; the worker's number from now on."""
        worker = {
            "name": who.name,
            "host": who.host,
            "pid": who.pid,
            "seat": who.seat,
            "queues": list(queues),
            "concurrency": concurrency,
        }
        answer = await asyncio.to_thread(
            self._backend.call,
            "join_worker",
            {"p_worker": worker, "p_kinds": [kind.announced() for kind in kinds], "p_max_losses": self._max_losses},
        )
        return int(answer["worker"])

    async def leave(self, worker: int) -> None:
        """End."""
        await asyncio.to_thread(self._backend.call, "leave_worker", {"p_worker": worker})

    async def beat(self, worker: int, running: Iterable[tuple[int, int]]) -> Beat:
        """A sign of life, with what runs: (job, attempt)."""
        answer = await asyncio.to_thread(
            self._backend.call,
            "beat_worker",
            {
                "p_worker": worker,
                "p_running": [list(attempt) for attempt in running],
                "p_silent_s": self._silent_s,
                "p_max_losses": self._max_losses,
            },
        )
        return Beat(
            float(answer["now"]),
            answer["known"],
            frozenset(answer["lost"]),
            frozenset(answer["cancel"]),
            [Due(each["kind"], each["cron"], each["due_at"]) for each in answer["due"]],
        )

    async def take(self, worker: int, queues: Sequence[str], limit: int) -> Taken:
        """Up to `limit` jobs to do now."""
        answer = await asyncio.to_thread(
            self._backend.call, "take_jobs", {"p_worker": worker, "p_queues": list(queues), "p_limit": limit}
        )
        return Taken(answer["known"], [TakenJob(**job) for job in answer["jobs"]], answer["next_in_s"])

    async def end(self, ended: Sequence[Mapping[str, Any]]) -> dict[int, bool]:
        """How attempts ended, in one transaction; by job, whether it counted."""
        answer = await asyncio.to_thread(self._backend.call, "end_jobs", {"p_ended": list(ended)})
        return {each["id"]: each["written"] for each in answer}

    async def fire(self, due: Due, next_at: float) -> int | None:
        """Make the job of a schedule; None when another worker has, or one of it is unfinished still."""
        answer = await asyncio.to_thread(
            self._backend.call,
            "fire_schedule",
            {"p_kind": due.kind, "p_due_at": due.due_at, "p_next_at": next_at},
        )
        job = answer["job"]
        return None if job is None or job["existing"] else int(job["id"])
