"""What Procrastinate's worker asks of its database, answered by our SQL.

Procrastinate's own manager ends a job by its id alone, whoever has it now; leaves those of a worker that was
pruned, or that came back under its name, running for ever (its issue #1518); and raises when the database is away,
which ends the worker. So the worker's loop is Procrastinate's (slots, aborting, graceful stop) and its words are
these. Attempts settle themselves (`attempts`), so what Procrastinate says of a finished task changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from loguru import logger
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback

from jobs.queue.attempts import Attempts
from jobs.queue.calls import Identity, QueueCalls, TakenJob
from jobs.queue.kinds import JobKind
from jobs.queue.outage import Outage
from jobs.queue.schedules import next_time
from jobs.queue.waking import Waker
from scrapers.errors import StoreError

AWAY_RETRIED_AFTER_S = 2.0
UNKNOWN_KIND = "fleet:unknown_kind"
"""The task that jobs run as whose kind nobody here knows. No kind's name holds a colon."""


Key = tuple[int, int]
"""A job's id and the number of the attempt."""


class QueueManager(JobManager):
    """One worker's conversation with the queue.

    kinds      what it can do of these queues, announced when it joins
    known      names of everything it can do
    on_beat    called after each sign of life that was heard
    poll_s     how often to look for jobs while nothing tells of new ones
    listening  whether something does
    """

    def __init__(
        self,
        calls: QueueCalls,
        outage: Outage,
        attempts: Attempts,
        who: Identity,
        queues: Sequence[str],
        concurrency: int,
        kinds: Sequence[JobKind],
        *,
        known: Collection[str],
        on_beat: Callable[[], Awaitable[None]],
        poll_s: float,
    ) -> None:
        super().__init__(BaseConnector())  # which nothing is asked of
        self._calls = calls
        self._outage = outage
        self._attempts = attempts
        self._who = who
        self._queues = queues
        self._concurrency = concurrency
        self._kinds = {kind.name: kind for kind in kinds}
        self._known = known
        self._on_beat = on_beat
        self._poll_s = poll_s
        self.listening = False
        self._number = 0
        self._joining = asyncio.Lock()
        self._held: dict[Key, TakenJob] = {}
        """Jobs of this worker, from their taking until their end is written."""
        self._ready: list[TakenJob] = []
        """Of these, those that no slot has taken up yet."""
        self.waker = Waker()

    @property
    def running(self) -> int:
        """Jobs held now."""
        return len(self._held)

    def held(self, job: Job) -> TakenJob:
        """What was taken as this job of Procrastinate's."""
        return self._held[_key_of(job)]

    # Joining and leaving

    async def register_worker(self) -> int:
        """Join the queue; waits until the database is there."""
        while True:
            try:
                await self._join()
                await self._beat()
            except StoreError as error:
                self._outage.began(error)
                await asyncio.sleep(AWAY_RETRIED_AFTER_S)
            else:
                self._outage.ended()
                return self._number

    async def unregister_worker(self, worker_id: int) -> None:
        """Give back what no slot took up, and leave; what is unsettled goes to others. A database that is away sees
        it by the silence."""
        back = [{"id": job.id, "attempt": job.attempt, "end": "back"} for job in self._ready]
        try:
            if back:
                await self._calls.end(back)
            await self._calls.leave(self._number)
        except StoreError as error:
            logger.warning("the queue was not told that this worker ends: {}", error)

    async def prune_stalled_workers(self, seconds_since_heartbeat: float) -> list[int]:
        """Nothing: every sign of life does that, and gives the jobs back in the same transaction."""
        return []

    async def _join(self) -> None:
        self._number = await self._calls.join(self._who, self._queues, self._concurrency, self._kinds.values())

    async def _join_again(self, number: int) -> None:
        """This worker was thought dead as `number`: what it runs belongs to others now."""
        async with self._joining:
            if self._number != number:
                return
            logger.warning("this worker was thought dead; joining again without {} jobs", len(self._held))
            await self._give_up(set(self._held))
            await self._join()

    # Signs of life

    async def update_heartbeat(self, worker_id: int) -> None:
        """One sign of life, and what the answer asks for."""
        try:
            await self._beat()
        except StoreError as error:
            self._outage.began(error)
        else:
            self._outage.ended()

    async def _beat(self) -> None:
        number = self._number
        held = set(self._held)
        beat = await self._calls.beat(number, held)
        if not beat.known:
            await self._join_again(number)
            return
        await self._give_up({key for key in held & self._held.keys() if key[0] in beat.lost})
        for job_id in beat.cancel:
            await self.waker.stop_job(job_id)
        for due in beat.due:
            kind = self._kinds.get(due.kind)
            if kind is not None and kind.cron == due.cron:
                made = await self._calls.fire(due, next_time(due.cron, beat.now))
                if made is not None:
                    logger.info("the schedule of {} made job {}", due.kind, made)
        await self._on_beat()

    async def list_jobs_to_abort_async(self, queue: str | None = None) -> Iterable[int]:
        """Nothing: `_beat` hears of them."""
        return ()

    async def _give_up(self, keys: set[Key]) -> None:
        """Forget those that wait for a slot, and stop the others: their ends count for nothing any more."""
        for waiting in [job for job in self._ready if (job.id, job.attempt) in keys]:
            self._ready.remove(waiting)
            del self._held[waiting.id, waiting.attempt]
        for key in keys & self._held.keys():
            self._attempts.lost.add(key)
            await self.waker.stop_job(key[0])

    # Jobs

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """The next job to do, None when there is none; asks for as many as there are free slots."""
        while not self._ready:
            self.waker.news = False
            number = self._number
            try:
                taken = await self._calls.take(number, self._queues, max(1, self._concurrency - len(self._held)))
                if not taken.known:
                    await self._join_again(number)
                    continue
            except StoreError as error:
                self._outage.began(error)
                self.waker.look_in(AWAY_RETRIED_AFTER_S)
                return None
            self._outage.ended()
            for job in taken.jobs:
                self._held[job.id, job.attempt] = job
                self._ready.append(job)
            # A job that was announced during the call may have come after its look.
            if not taken.jobs and not self.waker.news:
                self._look_again(taken.next_in_s)
                return None
        job = self._ready.pop(0)
        return Job(
            id=job.id,
            status=Status.DOING.value,
            queue=job.queue,
            priority=job.priority,
            lock=None,
            queueing_lock=None,
            task_name=job.kind if job.kind in self._known else UNKNOWN_KIND,
            attempts=job.attempt - 1,
        )

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """The attempt has settled how it ended; the slot is free."""
        self._held.pop(_key_of(job), None)

    # Being told

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """Remember how the worker wants to be told. Ends when it is cancelled."""
        self.waker.wake = on_notification
        await asyncio.get_running_loop().create_future()

    def _look_again(self, next_in_s: float | None) -> None:
        wishes = [next_in_s, None if self.listening else self._poll_s]
        soonest = min((wish for wish in wishes if wish is not None), default=None)
        if soonest is not None:
            self.waker.look_in(soonest)


def _key_of(job: Job) -> Key:
    assert job.id is not None
    return job.id, job.attempts + 1
