"""A worker: takes bookmakers' cycles from the queue as jobs, runs several at once, says when the next are due.

A bookmaker that a worker collected stays its place (`cycle_places.py`). While the database is away, a worker goes
on with the places it has, by its own clock; their cycles wait on disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from loguru import logger

from jobs.cycles.placing import room, surplus
from jobs.cycles.queue import CycleQueue, Job, Scene, Wanted
from scrapers.declarations import Bookmaker
from scrapers.errors import DeclarationError, FleetError, StoreError, StoreUnavailableError
from standalone.cycle.scraper import Scraper
from standalone.life import Life
from standalone.memory import EXIT_TOO_HEAVY
from standalone.process import Stop, report_ready
from standalone.run_scraper import phase_s
from standalone.shared_resources import SharedResources
from standalone.workers.cycle_places import Ended, Place, Places
from standalone.workers.names import dead_after_s
from standalone.workers.queue_line import QueueLine

LOOK_EVERY_S = 1.0
"""How often a worker that has room looks for jobs that nobody holds; one without room does not look."""
LATE_SHARE = 0.2
"""Of its interval: a free job that waits for longer is taken by any worker, whoever has room for it."""
REFUSED_LOOK_S = 30.0
"""How soon a bookmaker is looked at again that cannot be collected as it is declared."""
CLOCK_S = 0.1
"""How far our clock and the database's may disagree about when a job is due."""
CLOSES_WITHIN_S = 5.0
"""What a worker that ends grants the database to take its leases back."""


class CycleWorker:
    """One worker. `run` is to be called once.

    slots  cycles at once; one that hangs keeps no other waiting until all hang
    """

    def __init__(
        self,
        resources: SharedResources,
        queue: CycleQueue,
        bookmakers: Mapping[str, Bookmaker],
        *,
        slots: int,
        memory_limit_mb: int | None = None,
    ) -> None:
        """bookmakers: all that this worker may collect, by slug."""
        self._resources = resources
        self._queue = queue
        self._bookmakers = bookmakers
        self._slots = slots
        self._heartbeat_s = resources.settings.worker_heartbeat_s
        self._memory_limit_mb = memory_limit_mb
        spread_s = resources.settings.start_spread_s
        self._wanted = [Wanted(slug, phase_s(slug, one.interval_s, spread_s)) for slug, one in bookmakers.items()]
        self._late_after_s = LATE_SHARE * min((one.interval_s for one in bookmakers.values()), default=30)
        self._places = Places()
        self._left: dict[str, float] = {}
        """Bookmakers that wait for this worker and have no place yet -> when they are due, monotonic s."""
        self._room = 0
        self._look_at = 0.0
        self._line = QueueLine()
        self.turned_at = time.monotonic()
        """When its loop last made a turn, monotonic s."""

    async def run(self, stop: Stop, life: Life | None = None) -> int:
        """Cycles until the flag is raised; those under way are given up then.

        life: where the process is recorded; None: nowhere. The exit code: 0, or EXIT_TOO_HEAVY when the process
        should start anew for its memory; its places wait.
        """
        async with life or Life(None) as recorded:
            return await self._cycles(stop, recorded)

    async def _cycles(self, stop: Stop, life: Life) -> int:
        places = self._places
        stopping = asyncio.create_task(stop.wait_async())
        pulse = asyncio.create_task(self._keep_heartbeat(stop))
        try:
            while not stop.is_set():
                self.turned_at = time.monotonic()
                if pulse.done():
                    pulse.result()
                for report in places.read_reports():
                    await life.cycle(report)
                await self._tell_ended()
                if places.too_heavy and not places.running():
                    return EXIT_TOO_HEAVY
                await self._start_due()
                await asyncio.wait(
                    {stopping, pulse, *places.running()},
                    timeout=self._until_next(),
                    return_when=asyncio.FIRST_COMPLETED,
                )
            return 0
        finally:
            for task in (stopping, pulse):
                task.cancel()
            await asyncio.gather(stopping, pulse, return_exceptions=True)
            await self._close()

    # -- who is there --------------------------------------------------------------------------------------

    async def _keep_heartbeat(self, stop: Stop) -> None:
        ready = False
        while not stop.is_set():
            begin = time.monotonic()
            try:
                async with self._line.turn:
                    await self._settle(await self._line.ask(self._beat))
                if not ready:
                    ready = True
                    report_ready()
            except StoreError as error:
                self._line.note_away(error)
            await stop.wait_async(max(0.0, begin + self._heartbeat_s - time.monotonic()))

    def _beat(self) -> Scene:
        return self._queue.heartbeat(
            self._wanted,
            slots=self._slots,
            dead_after_s=dead_after_s(self._resources.settings),
            late_after_s=self._late_after_s,
        )

    async def _settle(self, scene: Scene) -> None:
        """Give up what is not ours any more, note what waits for us, and free what is more than our share."""
        places, own = self._places, self._queue.own
        for holder in scene.buried:
            logger.warning("worker {} is silent; what it held is free", holder)
        await places.drop(places.lost(scene.mine), "another worker has it", within_s=self._heartbeat_s)
        now = time.monotonic()
        # Of a process before this one: its places are made when their cycles are due.
        self._left = {slug: now + in_s for slug, in_s in scene.mine.items() if slug not in places.by_slug}
        # An answer of `take` that never came: those jobs are ours, and nobody runs them.
        unknown = places.unknown(scene.running)
        await self._line.ask(lambda: self._queue.give_back(unknown))

        self._room = max(scene.late, room(own, scene.held, scene.jobs))
        spare = places.to_spare(surplus(own, scene.held, scene.jobs))
        if spare:
            await places.drop(spare, "another worker has room for it", within_s=self._heartbeat_s)
            await self._line.ask(lambda: self._queue.hand_back(spare))

    # -- cycles --------------------------------------------------------------------------------------------

    async def _start_due(self) -> None:
        """Take jobs for the free slots: of due places, those that a process before this one left, free ones."""
        async with self._line.turn:
            now = time.monotonic()
            slots = 0 if self._places.too_heavy else self._slots - len(self._places.running())
            due = self._places.due(now)
            left = [slug for slug, due_at in self._left.items() if due_at <= now]
            own = min(slots, len(due) + len(left))
            free = max(0, min(slots - own, self._room)) if now >= self._look_at else 0
            if own + free <= 0:
                return
            if free:
                self._look_at = now + LOOK_EVERY_S
            try:
                for job in await self._line.ask(lambda: self._queue.take(own=own, free=free)):
                    self._start(job)
            except StoreUnavailableError as error:
                self._line.note_away(error)
                for place in due[:slots]:
                    place.begin(None)
            except StoreError as error:
                self._line.note_away(error)
            for place in due:
                if place.cycle is None:
                    place.due = now + CLOCK_S
            self._left.update(dict.fromkeys(self._left.keys() & set(left), now + LOOK_EVERY_S))

    def _start(self, job: Job) -> None:
        """Begin the cycle of a job that was taken, unless there is nothing to do for it now."""
        now = time.monotonic()
        place = self._places.by_slug.get(job.slug)
        if place is None:
            try:
                place = Place(self._scraper(job.slug), now)
            except FleetError as error:
                logger.error("{} cannot be collected here: {}", job.slug, error)
                self._places.ended.append(Ended(job, now + REFUSED_LOOK_S, free=True))
                return
            self._places.by_slug[job.slug] = place
            if self._left.pop(job.slug, None) is None:
                self._room -= 1
        elif place.cycle is not None or place.due > now + CLOCK_S:
            # Its cycle was begun without this job, while the database was away.
            self._places.ended.append(Ended(job, place.next_due))
            return
        place.begin(job)

    async def _tell_ended(self) -> None:
        """Say which attempts are over; while nobody can be told, they wait."""
        places = self._places
        if not places.ended:
            return
        try:
            async with self._line.turn:
                telling = places.ended[:]
                done = [places.told(ended) for ended in telling]
                await self._line.ask(lambda: self._queue.end(done))
                del places.ended[: len(telling)]
                # One whose next cycle began meanwhile goes with the heartbeat after it.
                gone = {ended.job.slug for ended in telling if ended.free} & {slug for slug, _ in places.idle()}
                await places.drop(gone, "a process outside the queue collects it", within_s=self._heartbeat_s)
        except StoreError as error:
            self._line.note_away(error)

    def _until_next(self) -> float:
        """Seconds until there may be something to start."""
        if self._places.too_heavy or len(self._places.running()) >= self._slots:
            return LOOK_EVERY_S
        now = time.monotonic()
        return max(0.0, min([LOOK_EVERY_S, *(place.due - now for _, place in self._places.idle())]))

    def _scraper(self, slug: str) -> Scraper:
        """Raises DeclarationError: this machine does not know the bookmaker, or declares it wrongly."""
        if slug not in self._bookmakers:
            raise DeclarationError(f"{slug} is not declared, or is not a bookmaker of these workers")
        return Scraper(
            self._bookmakers[slug],
            self._resources,
            mode=f"workers-{self._queue.kind}",
            memory_limit_mb=self._memory_limit_mb,
            worker=self._queue.holder,
        )

    async def _close(self) -> None:
        """Give up the cycles under way and free every place; after too much memory they wait for this worker."""
        places = self._places
        places.read_reports()  # what ended just now has committed
        running = places.running()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        unfinished = [place.job for place in places.by_slug.values() if place.job is not None]
        try:
            await self._tell_ended()
            await places.drop([*places.by_slug], "it ends", within_s=CLOSES_WITHIN_S)
            await self._line.ask(lambda: self._queue.give_back(unfinished))
            if not places.too_heavy:
                await self._line.ask(self._queue.leave)
        except StoreError as error:
            logger.warning("the queue was not told that this worker ends; it will be found silent: {}", error)
        self._line.close()
