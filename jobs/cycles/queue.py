"""What a cycle worker says to the database, and hears from it (migrations 0021 and 0023)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from store.backend import Backend

KIND = "scrape_cycle"
MAX_LOSSES = 3
"""How many workers may die over a job before it is dead. Cycles are made anew then; see `fleet_free_cycles`."""


class Wanted(NamedTuple):
    """A bookmaker that a worker may collect. first_in_s: how long a job made for it anew waits, seconds."""

    slug: str
    first_in_s: float


class Job(NamedTuple):
    """One attempt at a bookmaker's cycle."""

    id: int
    attempt: int
    slug: str


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that is over. in_s: when the next cycle is due, seconds from now; free: any worker may take it."""

    job: Job
    in_s: float
    free: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is at work, as of a heartbeat.

    held     queue of a living worker of this kind -> how many bookmakers it holds
    mine     bookmakers that this worker holds -> seconds until the next cycle of each, below 0 when it is late
    running  the attempts that are this worker's, as far as the database knows
    jobs     bookmakers of this kind, held or free
    late     free ones that have waited for too long
    buried   workers that were found dead just now; what they held is free
    """

    held: Mapping[str, int]
    mine: Mapping[str, float]
    running: Sequence[Job]
    jobs: int
    late: int
    buried: Sequence[str]


class CycleQueue:
    """The cycles of one kind, seen by one worker. Calls raise what Backend.call raises and may be repeated.

    kind    "http" or "browser": the queue whose jobs are free to any worker of this kind
    own     this worker's own queue; as short as a channel of Postgres' notifications has to be (40 bytes)
    holder  this worker's name, unlike any other's, as leases and people see it
    """

    def __init__(self, backend: Backend, *, kind: str, own: str, holder: str, host: str, pid: int) -> None:
        self.kind = kind
        self.own = own
        self.holder = holder
        self._backend = backend
        self._host = host
        self._pid = pid
        self._number: int | None = None

    @property
    def _me(self) -> dict[str, Any]:
        about = {"queue": self.own, "kind": self.kind, "holder": self.holder, "host": self._host}
        return {"p_worker": about | {"number": self._number}}

    def heartbeat(self, wanted: Sequence[Wanted], *, slots: int, dead_after_s: float, late_after_s: float) -> Scene:
        """Say that this worker lives, bury those that do not, make jobs that are missing.

        Args:
            wanted: every bookmaker that this worker may collect, all of its kind.
            slots: how many cycles it runs at once; for those who look.
            dead_after_s: after so long a silence a worker counts as dead.
            late_after_s: a free job that waits for longer is late.
        """
        if self._number is None:
            self._number = self._join(slots)
        answer = self._beat(wanted, dead_after_s, late_after_s)
        if not answer["known"]:
            # Somebody took us for dead. What we were running is not ours any more, what waits for us still is.
            self._number = self._join(slots)
            answer = self._beat(wanted, dead_after_s, late_after_s)
        running = [Job(*row) for row in answer["running"]]
        return Scene(answer["held"], answer["mine"], running, answer["jobs"], answer["late"], answer["buried"])

    def take(self, *, own: int, free: int) -> list[Job]:
        """Cycles that are due, now this worker's: at most `own` that it holds and `free` that nobody holds."""
        taken = []
        for queue, limit in ((self.own, own), (self.kind, free)):
            if limit > 0 and self._number is not None:
                args = {"p_worker": self._number, "p_queues": [queue], "p_limit": limit}
                taken += self._backend.call("take_jobs", args)["jobs"]
        return [Job(row["id"], row["attempt"], row["args"]["bookmaker"]) for row in taken]

    def end(self, done: Sequence[Done]) -> None:
        """End these attempts and make the jobs of the next cycles, all at once.

        Where an attempt is not this worker's any more, nothing is made: whoever has it now makes the next one.
        """
        self._end(
            {
                "id": one.job.id,
                "attempt": one.job.attempt,
                "end": "done",
                "keep": False,
                "enqueue": [
                    {
                        "kind": KIND,
                        "queue": self.kind if one.free else self.own,
                        "unique_key": f"cycle:{one.job.slug}",
                        "args": {"bookmaker": one.job.slug},
                        "delay_s": max(0.0, one.in_s),
                    }
                ],
            }
            for one in done
        )

    def give_back(self, jobs: Sequence[Job]) -> None:
        """These attempts were not made after all; the jobs wait where they were taken from."""
        self._end({"id": job.id, "attempt": job.attempt, "end": "back"} for job in jobs)

    def hand_back(self, slugs: Sequence[str]) -> None:
        """Make the waiting cycles of bookmakers that this worker holds free to all."""
        self._backend.call("hand_back_cycles", self._me | {"p_bookmakers": list(slugs)})

    def leave(self) -> None:
        """End well: everything that this worker holds is free at once."""
        if self._number is not None:
            self._backend.call("leave_cycles", self._me)

    def _join(self, slots: int) -> int:
        about = {
            "name": f"worker-{self.holder.rpartition('/')[2]}",
            "host": self._host,
            "pid": self._pid,
            "seat": self.holder,
            "queues": [self.kind, self.own],
            "concurrency": slots,
        }
        args = {"p_worker": about, "p_kinds": [], "p_max_losses": MAX_LOSSES}
        number: int = self._backend.call("join_worker", args)["worker"]
        return number

    def _beat(self, wanted: Sequence[Wanted], dead_after_s: float, late_after_s: float) -> dict[str, Any]:
        answer: dict[str, Any] = self._backend.call(
            "cycle_heartbeat",
            self._me
            | {
                "p_wanted": [list(one) for one in wanted],
                "p_dead_after_s": dead_after_s,
                "p_late_after_s": late_after_s,
            },
        )
        return answer

    def _end(self, ended: Any) -> None:
        rows = list(ended)
        if rows:
            self._backend.call("end_jobs", {"p_ended": rows})
