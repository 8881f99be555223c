"""A worker: takes bookmakers' cycles from the queue as jobs, runs several at once, says when the next are due.

A bookmaker that a worker collected stays its *place*: session, connection and committed state are there. While the
database is away, a worker goes on with the places it has, by its own clock; their cycles wait on disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from loguru import logger

from jobs.cycles.placing import room, surplus
from jobs.cycles.queue import CycleQueue, Done, Job, Scene, Wanted
from scrapers.declarations import Bookmaker
from scrapers.errors import DeclarationError, FleetError, StoreError, StoreUnavailableError
from standalone.memory import EXIT_TOO_HEAVY
from standalone.process import Stop, report_ready
from standalone.report import CycleReport
from standalone.run_scraper import log_report, phase_s
from standalone.scraper import Scraper
from standalone.shared_resources import SharedResources
from standalone.workers import dead_after_s

LOOK_EVERY_S = 1.0
"""How often a worker that has room looks for jobs that nobody holds; one without room does not look."""
LATE_SHARE = 0.2
"""Of its interval: a free job that waits for longer is taken by any worker, whoever has room for it."""
STANDBY_SHARE = 0.5
"""Of its interval: how soon a bookmaker is looked at again whose lease somebody outside the queue holds."""
REFUSED_LOOK_S = 30.0
"""How soon a bookmaker is looked at again that cannot be collected as it is declared."""
CLOCK_S = 0.1
"""How far our clock and the database's may disagree about when a job is due."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Place:
    """A bookmaker that this worker holds.

    due    when its next cycle is, monotonic s; while one is under way, when that began
    cycle  the one under way
    job    the attempt that stands for it; None: it was begun while the database was away
    """

    scraper: Scraper
    due: float
    cycle: asyncio.Task[CycleReport] | None = None
    job: Job | None = None


class CycleWorker:
    """The places of one worker. `run` is to be called once.

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
        self._places: dict[str, Place] = {}
        self._left: dict[str, float] = {}
        """Bookmakers that wait for this worker and have no place yet -> when they are due, monotonic s."""
        self._ended: list[Done] = []
        self._room = 0
        self._look_at = 0.0
        self._too_heavy = False
        self._away = False
        # A cycle's call may wait for minutes in a thread; what the queue is told must never wait behind it.
        self._line = ThreadPoolExecutor(1, thread_name_prefix="queue")
        self._turn = asyncio.Lock()
        """Held while the queue is asked and its answer applied, so that answers are applied in order."""

    async def run(self, stop: Stop) -> int:
        """Cycles until the flag is raised; those under way are given up then.

        The exit code: 0, or EXIT_TOO_HEAVY when the process should start anew for its memory; its places wait.
        """
        stopping = asyncio.create_task(stop.wait_async())
        pulse = asyncio.create_task(self._keep_heartbeat(stop))
        try:
            while not stop.is_set():
                if pulse.done():
                    pulse.result()
                self._read_reports()
                await self._tell_ended()
                if self._too_heavy and not self._running():
                    return EXIT_TOO_HEAVY
                await self._start_due()
                await asyncio.wait(
                    {stopping, pulse, *self._running()},
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
                async with self._turn:
                    await self._settle(await self._ask(self._beat))
                if not ready:
                    ready = True
                    report_ready()
            except StoreError as error:
                self._note_away(error)
            await stop.wait_async(max(0.0, begin + self._heartbeat_s - time.monotonic()))

    def _beat(self) -> Scene:
        return self._queue.heartbeat(
            self._wanted,
            slots=self._slots,
            dead_after_s=dead_after_s(self._resources.settings),
            late_after_s=self._late_after_s,
        )

    async def _settle(self, scene: Scene) -> None:
        """Give up what is not ours any more, take up what waits for us, and free what is more than our share."""
        for holder in scene.buried:
            logger.warning("worker {} is silent; what it held is free", holder)
        ending = {done.job.slug for done in self._ended}
        for slug in self._idle(self._places):
            if slug not in scene.mine and slug not in ending:
                await self._drop(slug, "another worker has it")
        now = time.monotonic()
        # Of a process before this one: its places are made when their cycles are due.
        self._left = {slug: now + due_in_s for slug, due_in_s in scene.mine.items() if slug not in self._places}
        # An answer of `take` that never came: those jobs are ours, and nobody runs them.
        known = {place.job for place in self._places.values()} | {done.job for done in self._ended}
        unknown = [job for job in scene.running if job not in known]
        await self._ask(lambda: self._queue.give_back(unknown))

        self._room = max(scene.late, room(self._queue.own, scene.held, scene.jobs))
        can_go = [slug for slug in self._idle(self._places) if slug not in ending and not self._spooled(slug)]
        latest_first = sorted(can_go, key=self._due_of, reverse=True)
        spare = latest_first[: surplus(self._queue.own, scene.held, scene.jobs)]
        for slug in spare:
            await self._drop(slug, "another worker has room for it")
        if spare:
            await self._ask(lambda: self._queue.hand_back(spare))

    async def _drop(self, slug: str, why: str) -> None:
        logger.info("{} leaves this worker: {}", slug, why)
        await self._places.pop(slug).scraper.close(hand_over=True)

    # -- cycles --------------------------------------------------------------------------------------------

    async def _start_due(self) -> None:
        now = time.monotonic()
        slots = 0 if self._too_heavy else self._slots - len(self._running())
        due = sorted((slug for slug in self._idle(self._places) if self._places[slug].due <= now), key=self._due_of)
        left = [slug for slug, due_at in self._left.items() if due_at <= now]
        own = min(slots, len(due) + len(left))
        free = min(slots - own, self._room) if now >= self._look_at else 0
        if own + free <= 0:
            return
        if free:
            self._look_at = now + LOOK_EVERY_S
        try:
            async with self._turn:
                for job in await self._ask(lambda: self._queue.take(own=own, free=free)):
                    self._start(job)
        except StoreUnavailableError as error:
            self._note_away(error)
            for slug in due[:slots]:
                self._begin(self._places[slug])
        except StoreError as error:
            self._note_away(error)
        for slug in due:
            if self._places[slug].cycle is None:
                self._places[slug].due = now + CLOCK_S
        self._left.update(dict.fromkeys(left, now + LOOK_EVERY_S))

    def _start(self, job: Job) -> None:
        """Begin the cycle of a job that was taken, unless there is nothing to do for it now."""
        now = time.monotonic()
        place = self._places.get(job.slug)
        if place is None:
            try:
                place = Place(self._scraper(job.slug), now)
            except FleetError as error:
                logger.error("{} cannot be collected here: {}", job.slug, error)
                self._ended.append(Done(job, REFUSED_LOOK_S, free=True))
                return
            self._places[job.slug] = place
            if self._left.pop(job.slug, None) is None:
                self._room -= 1
        elif place.cycle is not None or place.due > now + CLOCK_S:
            # Its cycle was begun without this job, while the database was away.
            self._ended.append(Done(job, max(place.due, now + CLOCK_S) - now))
            return
        place.job = job
        self._begin(place)

    def _begin(self, place: Place) -> None:
        place.due = time.monotonic()
        place.cycle = asyncio.create_task(place.scraper.run_cycle())

    def _read_reports(self) -> None:
        """Of the cycles that are over: when the next ones are due, and what the queue is to be told."""
        now = time.monotonic()
        for place in self._places.values():
            if place.cycle is None or not place.cycle.done():
                continue
            report, job = place.cycle.result(), place.job
            place.cycle = place.job = None
            log_report(place.scraper, report)
            if report.standby_of is not None:
                place.due = now + STANDBY_SHARE * place.scraper.interval_s
            elif report.asked:
                place.due = max(now, place.due + place.scraper.interval_s)
            else:
                place.due = now + report.resume_in_s
            self._too_heavy = self._too_heavy or report.too_heavy is not None
            if job is not None:
                self._ended.append(Done(job, place.due - now, free=report.standby_of is not None))

    async def _tell_ended(self) -> None:
        """Say which attempts are over; while nobody can be told, they wait here."""
        if not self._ended:
            return
        telling = self._ended[:]
        try:
            async with self._turn:
                await self._ask(lambda: self._queue.end(telling))
                self._ended = self._ended[len(telling) :]
                for done in telling:
                    if done.free and done.job.slug in self._places:
                        await self._drop(done.job.slug, "a process outside the queue collects it")
        except StoreError as error:
            self._note_away(error)

    def _running(self) -> set[asyncio.Task[CycleReport]]:
        return {place.cycle for place in self._places.values() if place.cycle is not None}

    def _idle(self, slugs: Iterable[str]) -> list[str]:
        return [slug for slug in slugs if self._places[slug].cycle is None]

    def _due_of(self, slug: str) -> float:
        return self._places[slug].due

    def _spooled(self, slug: str) -> bool:
        """Whether cycles of it wait on this machine's disk, where no other worker could send them."""
        return self._places[slug].scraper.spooled > 0

    def _until_next(self) -> float:
        """Seconds until there may be something to start."""
        if len(self._running()) >= self._slots:
            return LOOK_EVERY_S
        dues = [self._places[slug].due for slug in self._idle(self._places)]
        return max(0.0, min([LOOK_EVERY_S, *(due - time.monotonic() for due in dues)]))

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

    # -- talking to the database ---------------------------------------------------------------------------

    async def _ask(self, call: Callable[[], T]) -> T:
        answer = await asyncio.get_running_loop().run_in_executor(self._line, call)
        if self._away:
            self._away = False
            logger.info("the queue is reached again")
        return answer

    def _note_away(self, error: StoreError) -> None:
        if not self._away:
            self._away = True
            logger.warning("the queue is not reached; going on with {} bookmakers: {}", len(self._places), error)

    async def _close(self) -> None:
        """Give up the cycles under way and free every place; after too much memory they wait for this worker."""
        running = self._running()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        closing = [place.scraper.close(hand_over=True) for place in self._places.values()]
        for fault in await asyncio.gather(*closing, return_exceptions=True):
            if fault is not None:
                logger.warning("a place was not closed well: {!r}", fault)
        unfinished = [place.job for place in self._places.values() if place.job is not None]
        try:
            await self._tell_ended()
            await self._ask(lambda: self._queue.give_back(unfinished))
            if not self._too_heavy:
                await self._ask(self._queue.leave)
        except StoreError as error:
            logger.warning("the queue was not told that this worker ends; it will be found silent: {}", error)
        self._line.shutdown(wait=False)
