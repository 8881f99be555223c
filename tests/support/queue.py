"""A worker by hand: takes jobs and ends them through the queue's own functions, without a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store.backend import Backend

LOSSES = 3


class HandWorker:
    """A living worker of some queues, as the database sees it."""

    def __init__(self, backend: Backend, *queues: str, name: str = "worker", kinds: Any = ()) -> None:
        self._backend = backend
        self._queues = list(queues)
        worker = {
            "name": name,
            "host": "host",
            "pid": 1,
            "seat": f"host:{name}",
            "queues": self._queues,
            "concurrency": 4,
        }
        args = {"p_worker": worker, "p_kinds": list(kinds), "p_max_losses": LOSSES}
        self.number: int = backend.call("join_worker", args)["worker"]

    def take(self, limit: int = 10) -> list[dict[str, Any]]:
        """Begin jobs that wait."""
        args = {"p_worker": self.number, "p_queues": self._queues, "p_limit": limit}
        taken: list[dict[str, Any]] = self._backend.call("take_jobs", args)["jobs"]
        return taken

    def end(self, job: Mapping[str, Any], end: str, **more: Any) -> None:
        """End a job that was taken: done, retry, dead, cancelled, back."""
        ended = {"id": job["id"], "attempt": job["attempt"], "end": end, **more}
        (answer,) = self._backend.call("end_jobs", {"p_ended": [ended]})
        assert answer["written"]

    def bury(self, job: Mapping[str, Any], reason: str, fingerprint: str, traceback: str = "Traceback ...") -> None:
        """Give a job up for good."""
        self.end(job, "dead", error=reason, reason=reason, traceback=traceback, fingerprint=fingerprint)


def enqueue(backend: Backend, *jobs: Mapping[str, Any]) -> list[int]:
    """Their ids."""
    return [answer["id"] for answer in backend.call("enqueue_jobs", {"p_jobs": [dict(job) for job in jobs]})]
