"""What makes Procrastinate's worker look for jobs, or stop one: notifications, and a clock of our own."""

from __future__ import annotations

import asyncio

import orjson
from procrastinate.jobs import Notification
from procrastinate.manager import NotificationCallback

NEW_JOB: Notification = {"type": "job_inserted", "job_id": 0}
"""Look for jobs; Procrastinate's worker does not ask for which."""


class Waker:
    """Tells the worker, once it has said how it wants to be told (`wake`).

    news: whether it was told since this was last set to False; a job that is announced while the database is asked
    may have come after its look.
    """

    def __init__(self) -> None:
        self.wake: NotificationCallback | None = None
        self.news = False
        self._timer: asyncio.TimerHandle | None = None
        self._waking: asyncio.Future[None] | None = None

    async def hear(self, payload: str) -> None:
        """A notification of the database, as Procrastinate's triggers send it. Anybody may notify: what cannot be
        read
        costs a look for jobs, no more."""
        try:
            notification = orjson.loads(payload)
            known = notification["type"] == "abort_job_requested" and isinstance(notification["job_id"], int)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            known = False
        await self._tell(notification if known else NEW_JOB)

    async def stop_job(self, job_id: int) -> None:
        """Have a running job stopped."""
        await self._tell({"type": "abort_job_requested", "job_id": job_id})

    def look_in(self, seconds: float) -> None:
        """Look for jobs after so long; the soonest wish counts."""
        loop = asyncio.get_running_loop()
        due = loop.time() + max(0.0, seconds)
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        self._waking = asyncio.ensure_future(self._tell(NEW_JOB))

    async def _tell(self, notification: Notification) -> None:
        self.news = True
        if self.wake is not None:
            await self.wake(channel="", notification=notification)
