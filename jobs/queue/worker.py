"""A worker: Procrastinate's loop with our manager, the writing of endings and the listening beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from loguru import logger
from procrastinate.app import App
from procrastinate.connector import BaseConnector
from procrastinate.job_context import AbortReason
from procrastinate.job_context import JobContext as ProcrastinateContext
from procrastinate.worker import Worker

from jobs.queue.attempts import Asked, Attempts
from jobs.queue.calls import Identity, QueueCalls
from jobs.queue.causes import Clean
from jobs.queue.endings import Endings
from jobs.queue.kinds import JobKind, by_name
from jobs.queue.manager import UNKNOWN_KIND, QueueManager
from jobs.queue.outage import Outage
from store.backend import Backend
from store.listening import Listener

CHANNEL = "procrastinate_queue_v1#{}"
"""Of one queue; Procrastinate's triggers notify there (migration 0021)."""

REASONS = {AbortReason.USER_REQUEST: Asked.CANCELLED, AbortReason.SHUTDOWN: Asked.BACK}


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """How a worker behaves.

    concurrency  jobs at once
    beat_s       seconds between two signs of life
    silent_s     after so long without one, others take a worker's jobs; several times beat_s
    poll_s       seconds between two looks for jobs where the database does not notify
    slow_poll_s  the same where it does
    grace_s      what running jobs are granted after the signal to stop; PM2's kill_timeout must be longer
    max_losses   after so many workers died over it, a job is dead
    """

    concurrency: int = 2
    beat_s: float = 10.0
    silent_s: float = 30.0
    poll_s: float = 1.0
    slow_poll_s: float = 5.0
    grace_s: float = 5.0
    max_losses: int = 5


class JobWorker:
    """Takes jobs of `queues` and does them until it is told to stop.

    kinds    what it can do; a job of another kind on its queues is dead at once
    backend  the queue's own connection
    work     the handlers'
    url      where to listen; None: only polled
    clean    takes secrets out of what is kept of a failure
    on_beat  called when it has joined, and after every sign of life that was heard; a StoreError of it is the
             queue's
    """

    def __init__(
        self,
        who: Identity,
        queues: Sequence[str],
        kinds: Sequence[JobKind],
        *,
        backend: Backend,
        work: Backend,
        url: Callable[[], str] | None,
        clean: Clean,
        limits: WorkerLimits,
        on_beat: Callable[[], Awaitable[None]],
    ) -> None:
        self.who = who
        self._limits = limits
        self._stopping = asyncio.Event()
        self.outage = Outage()
        calls = QueueCalls(backend, max_losses=limits.max_losses, silent_s=limits.silent_s)
        self._endings = Endings(calls, self.outage)
        known = by_name(kinds)
        self._attempts = Attempts(
            known, self._endings, worker=str(who), backend=work, clean=clean, stopping=self._stopping
        )
        self._manager = QueueManager(
            calls,
            self.outage,
            self._attempts,
            who,
            queues,
            limits.concurrency,
            [kind for kind in kinds if kind.queue in queues],
            known=known.keys(),
            on_beat=on_beat,
            poll_s=limits.poll_s,
        )
        self._worker = self._procrastinate(queues, known)
        self._listener = None if url is None else self._listening(url, queues)

    @property
    def running(self) -> int:
        """Jobs that this worker holds now."""
        return self._manager.running

    @property
    def listening(self) -> bool:
        """Whether the database tells of new jobs; they are polled where it does not."""
        return self._manager.listening

    @property
    def ended(self) -> dict[str, int]:
        """How many attempts ended how (done, retry, dead, cancelled, back) since the process began."""
        return dict(self._attempts.ended)

    def stop(self) -> None:
        """Take no more jobs, tell the running ones, and end when they have or their grace is over."""
        self._stopping.set()
        self._worker.stop()  # type: ignore[no-untyped-call]

    async def run(self) -> None:
        """Work until `stop`; what had no time to end was given back. The database may come and go."""
        beside = [asyncio.create_task(self._endings.run(), name="endings")]
        if self._listener is not None:
            beside.append(asyncio.create_task(self._listener.run(), name="listener"))
        working = asyncio.create_task(self._worker.run(), name="worker")  # type: ignore[no-untyped-call]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping, *beside}, return_when=asyncio.FIRST_COMPLETED)
            for task in (working, *beside):
                if task.done():
                    await task  # nothing of this ends by itself: it failed
            if self._worker.worker_id is None:
                working.cancel()  # the database has never been there
            with contextlib.suppress(asyncio.CancelledError):
                await working
            if not self._stopping.is_set():
                raise RuntimeError("the worker's loop ended by itself; the log says why")
        finally:
            for task in (working, stopping, *beside):
                task.cancel()
            await asyncio.gather(working, stopping, *beside, return_exceptions=True)

    def _procrastinate(self, queues: Sequence[str], kinds: dict[str, JobKind]) -> Worker:
        app = App(connector=BaseConnector())
        app.job_manager = self._manager

        async def perform(context: ProcrastinateContext) -> None:
            def asked() -> Asked | None:
                reason = context.abort_reason()
                return None if reason is None else REASONS[reason]

            await self._attempts.perform(self._manager.held(context.job), asked)

        for name in (*kinds, UNKNOWN_KIND):
            app.task(name=name, pass_context=True)(perform)
        return Worker(
            app,
            queues=list(queues),
            name=self.who.name,
            concurrency=self._limits.concurrency,
            fetch_job_polling_interval=self._limits.slow_poll_s,
            shutdown_graceful_timeout=self._limits.grace_s,
            install_signal_handlers=False,
            update_heartbeat_interval=self._limits.beat_s,
        )

    def _listening(self, url: Callable[[], str], queues: Sequence[str]) -> Listener:
        def hearing(works: bool) -> None:
            if works and not self._manager.listening:
                logger.debug("the database notifies of new jobs")
                self._manager.waker.look_in(0)  # what was announced while nobody heard
            self._manager.listening = works

        channels = [CHANNEL.format(queue) for queue in queues]
        return Listener(
            url, channels, self._manager.waker.hear, hearing, application_name=f"{self.who.name}-listener"
        )
