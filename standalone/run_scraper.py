"""One bookmaker's scraper as a process: `run_scraper.py --scraper SLUG [--interval N]`."""

from __future__ import annotations

import asyncio
import sys
import time
import zlib
from collections.abc import Coroutine, Sequence
from typing import Any

import click
from loguru import logger

from scrapers.errors import FleetError
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.etl import open_service_run
from standalone.life import Life
from standalone.logs import configure_logs
from standalone.memory import EXIT_TOO_HEAVY
from standalone.process import Stop, end_after, report_ready
from standalone.settings import load_settings
from standalone.shared_resources import SharedResources

LONG_REST_S = 5.0
"""A rest from which on the connection is not worth its place: in a fleet of nineteen, a server process of about
15 MB for each, and one of the few sessions of a pooler (2026-11-22). Opening it again takes some 5 ms."""
DRAIN_EVERY_S = 3.0
"""How often a rest looks whether the database is back, while cycles wait on disk."""


def phase_s(slug: str, interval_s: float, spread_s: float) -> float:
    """Seconds from a scraper process being ready to its first cycle: the same share of the interval every time.

    Processes start together and keep their distance from then on, so this is also when in each interval they ask.

    Args:
        spread_s: the most that the first cycles lie apart.
    """
    return zlib.crc32(slug.encode()) / 2**32 * min(interval_s, spread_s)


async def run(
    scraper: Scraper, stop: Stop, *, once: bool = False, first_in_s: float = 0.0, life: Life | None = None
) -> int:
    """Cycle after cycle, one start per interval, until the flag is raised; a running cycle is given up then.

    The exit code: 0, or EXIT_TOO_HEAVY after a cycle that left the process with too much memory.

    first_in_s: how long after being ready the first one starts. life: where the process is recorded; None: nowhere.
    """
    async with life or Life(None) as recorded:
        return await _cycles(scraper, stop, recorded, once=once, first_in_s=first_in_s)


async def _cycles(scraper: Scraper, stop: Stop, life: Life, *, once: bool, first_in_s: float) -> int:
    try:
        report = await until_stopped(scraper.prepare(), stop)
        report_ready()
        if report is not None:
            log_report(scraper, report)
        await rest([scraper], first_in_s, stop)
        while not stop.is_set():
            begin = time.monotonic()
            report = await until_stopped(scraper.run_cycle(), stop)
            if report is None:
                return 0
            log_report(scraper, report)
            await life.cycle(report)
            if once:
                return 0
            if report.too_heavy:
                return EXIT_TOO_HEAVY
            pause = scraper.interval_s - (time.monotonic() - begin) if report.asked else report.resume_in_s
            await rest([scraper], pause, stop)
        return 0
    finally:
        await scraper.close()


async def rest(scrapers: Sequence[Scraper], seconds: float, stop: Stop) -> bool:
    """Wait until the flag is raised, at most `seconds`; True when it was.

    What cycles left on disk while the database was away is sent meanwhile, as soon as it is back. A long rest
    gives the database's connection back.
    """
    end = time.monotonic() + seconds
    if seconds >= LONG_REST_S:
        for scraper in scrapers:
            await scraper.disconnect()
    while (left := end - time.monotonic()) > 0 and not stop.is_set():
        for scraper in scrapers:
            await scraper.drain()
        await stop.wait_async(min(left, DRAIN_EVERY_S))
    return stop.is_set()


async def until_stopped(work: Coroutine[Any, Any, CycleReport | None], stop: Stop) -> CycleReport | None:
    """The report of a step of a scraper; None when the flag was raised before it was done.

    What a cycle had not committed by then is simply not committed: the next process starts from the database.
    """
    step = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait_async())
    done, waiting = await asyncio.wait({step, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return step.result() if step in done else None


_waiting_for: dict[str, str] = {}


def log_report(scraper: Scraper, report: CycleReport) -> None:
    """One line per cycle; while the bookmaker is not asked, one line when that begins."""
    slug = scraper.bookmaker.slug
    if not report.asked:
        reason = f"stands by: {report.standby_of} is at work" if report.standby_of else f"waits: {report.error}"
        if _waiting_for.get(slug) != reason:
            _waiting_for[slug] = reason
            logger.warning("{} {}", slug, reason)
        return
    _waiting_for.pop(slug, None)
    level = "INFO" if report.success else "WARNING"
    cycle = report.started_at.isoformat() if report.started_at else None
    logger.bind(scraper=slug, cycle=cycle, outcome=str(report.outcome), **report.details).log(
        level,
        "{} {}: {} events, {} prices, {} changes, {} rejected in {} ms{}",
        slug,
        report.outcome,
        report.events,
        report.collected,
        report.changes,
        report.rejected,
        report.duration_ms,
        f" - {report.error}" if report.error else "",
    )
    if report.too_heavy:
        logger.bind(scraper=slug, cycle=cycle).warning(
            "{}: the process is too heavy and ends, for the next one to start: {}", slug, report.too_heavy
        )


@click.command()
@click.option("--scraper", "slug", required=True, help="slug of the bookmaker, as in scrapers/bookmakers.json")
@click.option("--interval", type=click.IntRange(min=1), help="seconds between cycle starts; default: declared")
@click.option("--once", is_flag=True, help="one cycle, then end")
def main(slug: str, interval: int | None, once: bool) -> None:
    """Collect one bookmaker's odds until stopped."""
    stop = Stop().listen()
    end_after(stop)
    try:
        settings = load_settings()
        name = f"scraper-{slug}"
        configure_logs(name, settings.log_level, settings.secrets)
        resources = SharedResources(settings)
        bookmaker = resources.registry.bookmaker(slug)
        scraper = Scraper(
            bookmaker,
            resources,
            mode="parallel",
            interval_s=interval,
            hurry=once,
            memory_limit_mb=bookmaker.memory_mb,
        )
        life = None
        if not once:
            life = Life(open_service_run(settings, resources.backend, name, measured=False))
        phase = 0.0 if once else phase_s(slug, scraper.interval_s, settings.start_spread_s)
        code = asyncio.run(run(scraper, stop, once=once, first_in_s=phase, life=life))
        resources.close()
    except FleetError as error:
        logger.error("{}", error)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
