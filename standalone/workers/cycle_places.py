"""The places of a worker: the bookmakers it holds, which of them run, and when the others are due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from loguru import logger

from jobs.cycles.queue import Done, Job
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.run_scraper import log_report

STANDBY_SHARE = 0.5
"""Of its interval: how soon a bookmaker is looked at again whose lease somebody outside the queue holds."""


@dataclass(slots=True, eq=False)
class Place:
    """A bookmaker that a worker holds: session, connection and committed state are in its scraper.

    due    when its next cycle is, monotonic s; while one is under way, when that began
    cycle  the one under way
    job    the attempt that stands for it; None: it was begun while the database was away
    """

    scraper: Scraper
    due: float
    cycle: asyncio.Task[CycleReport] | None = None
    job: Job | None = None

    def begin(self, job: Job | None) -> None:
        """Begin a cycle."""
        self.due = time.monotonic()
        self.job = job
        self.cycle = asyncio.create_task(self.scraper.run_cycle())

    @property
    def next_due(self) -> float:
        """When the cycle is due that comes after the one under way, or the next one; monotonic s."""
        return self.due + (self.scraper.interval_s if self.cycle is not None else 0.0)


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that is over and that the queue does not know of. due: of the next cycle, monotonic s."""

    job: Job
    due: float
    free: bool = False


class Places:
    """Every place of one worker, by bookmaker."""

    def __init__(self) -> None:
        self.by_slug: dict[str, Place] = {}
        self.ended: list[Ended] = []
        self.too_heavy = False
        """Whether a cycle left the process with more memory than it may hold."""

    def running(self) -> set[asyncio.Task[CycleReport]]:
        """The cycles under way."""
        return {place.cycle for place in self.by_slug.values() if place.cycle is not None}

    def idle(self) -> Iterator[tuple[str, Place]]:
        """Those without a cycle under way."""
        return ((slug, place) for slug, place in self.by_slug.items() if place.cycle is None)

    def due(self, now: float) -> list[Place]:
        """Idle ones whose cycle is due, the latest first."""
        return sorted((place for _, place in self.idle() if place.due <= now), key=lambda place: place.due)

    def to_spare(self, count: int) -> list[str]:
        """So many bookmakers that may go to another worker, those that are due last.

        Not those of which cycles wait on this machine's disk: nobody else could send them.
        """
        untold = {ended.job.slug for ended in self.ended}
        free = [
            (place.due, slug) for slug, place in self.idle() if slug not in untold and not place.scraper.spooled
        ]
        return [slug for _, slug in sorted(free, reverse=True)[:count]]

    def lost(self, mine: Collection[str]) -> list[str]:
        """Idle ones that are not this worker's any more; `mine`: what the queue says is."""
        untold = {ended.job.slug for ended in self.ended}
        return [slug for slug, _ in self.idle() if slug not in mine and slug not in untold]

    def unknown(self, running: Collection[Job]) -> list[Job]:
        """Attempts that are this worker's as far as the queue knows, and that it does not run."""
        known = {place.job for place in self.by_slug.values()} | {ended.job for ended in self.ended}
        return [job for job in running if job not in known]

    def read_reports(self) -> list[CycleReport]:
        """Of the cycles that are over; also notes when the next ones are due, and what the queue is to be told."""
        now = time.monotonic()
        reports = []
        for place in self.by_slug.values():
            if place.cycle is None or not place.cycle.done():
                continue
            report, job = place.cycle.result(), place.job
            reports.append(report)
            if report.standby_of is not None:
                due = now + STANDBY_SHARE * place.scraper.interval_s
            else:
                due = max(now, place.next_due) if report.asked else now + report.resume_in_s
            place.due, place.cycle, place.job = due, None, None
            log_report(place.scraper, report)
            self.too_heavy = self.too_heavy or report.too_heavy is not None
            if job is not None:
                self.ended.append(Ended(job, due, free=report.standby_of is not None))
        return reports

    def told(self, ended: Ended) -> Done:
        """What the queue is told of an attempt now. Its bookmaker may have had other cycles meanwhile."""
        place = self.by_slug.get(ended.job.slug)
        due = ended.due if place is None else place.next_due
        return Done(ended.job, max(0.0, due - time.monotonic()), ended.free)

    async def drop(self, slugs: Collection[str], why: str, *, within_s: float) -> None:
        """Close these places for other workers; a database that takes longer is not waited for."""
        if slugs:
            logger.info("this worker gives up {}: {}", ", ".join(slugs), why)
        closing = [self.by_slug.pop(slug).scraper.close(hand_over=True) for slug in slugs]
        try:
            async with asyncio.timeout(within_s):
                for fault in await asyncio.gather(*closing, return_exceptions=True):
                    if isinstance(fault, BaseException):
                        logger.warning("a place was not closed well: {!r}", fault)
        except TimeoutError:
            logger.warning("giving back the leases of {} takes long", ", ".join(slugs))
