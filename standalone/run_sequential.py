"""Many scrapers, one after the other, in one process: the same cycles in a fraction of the memory.

    run_sequential.py --mode all|light|heavy

`light` are the bookmakers read over plain HTTP, `heavy` those whose page must hand out a session. There is no
pause between cycles except that no bookmaker is asked more often than its own interval.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

import click
from loguru import logger

from scrapers.declarations import Bookmaker
from scrapers.errors import FleetError
from scrapers.registry import Registry
from standalone.cycle.scraper import Scraper
from standalone.etl import open_service_run
from standalone.life import Life
from standalone.logs import configure_logs
from standalone.memory import EXIT_TOO_HEAVY
from standalone.pm2_apps import SEQUENTIAL_MEMORY_MB
from standalone.process import Stop, end_after, report_ready
from standalone.run_scraper import log_report, rest, until_stopped
from standalone.settings import load_settings
from standalone.shared_resources import SharedResources

RELOAD_EVERY_ROUNDS = 10
TRANSPORTS = {"all": ("http", "browser"), "light": ("http",), "heavy": ("browser",)}


def chosen(registry: Registry, mode: str) -> list[Bookmaker]:
    """The bookmakers of a mode, in declared order."""
    return [registry.bookmaker(slug) for slug, b in registry.bookmakers.items() if b.transport in TRANSPORTS[mode]]


@dataclass(slots=True)
class Turn:
    """One bookmaker's place in the queue. Times are monotonic; spacing_s is how far its cycles lie apart."""

    scraper: Scraper
    due: float = 0.0
    started: float | None = None
    spacing_s: float = 0.0

    def begins(self) -> None:
        """Note the start of a cycle, and tell the status view how often one can be expected in this mode."""
        now = time.monotonic()
        declared = self.scraper.bookmaker.interval_s
        self.spacing_s = declared if self.started is None else now - self.started
        self.started = now
        self.scraper.expect_interval(round(max(declared, self.spacing_s)))


async def run(
    resources: SharedResources,
    mode: str,
    stop: Stop,
    *,
    rounds: int | None = None,
    memory_limit_mb: int | None = None,
    life: Life | None = None,
) -> int:
    """The scraper that is due longest goes next, until the flag is raised (or `rounds` are done).

    The exit code: 0, or EXIT_TOO_HEAVY after a cycle that left the process with more memory than `memory_limit_mb`.

    A round is as many cycles as there are scrapers. One bad scraper never keeps the others waiting longer than
    its own deadline. life: where the process is recorded; None: nowhere.
    """
    bookmakers = chosen(resources.registry, mode)
    if not bookmakers:
        logger.warning("no bookmaker is {}: nothing to do", mode)
    async with AsyncExitStack() as held:
        recorded = await held.enter_async_context(life or Life(None))
        turns = []
        for bookmaker in bookmakers:
            scraper = Scraper(bookmaker, resources, mode=f"sequential-{mode}", memory_limit_mb=memory_limit_mb)
            held.push_async_callback(scraper.close)
            turns.append(Turn(scraper))
        report_ready()
        cycles = 0
        while not stop.is_set() and (rounds is None or cycles < rounds * len(turns)):
            if not turns:
                await stop.wait_async()
                return 0
            turn = min(turns, key=lambda turn: turn.due)
            if await rest([turn.scraper for turn in turns], turn.due - time.monotonic(), stop):
                return 0
            turn.begins()
            report = await until_stopped(turn.scraper.run_cycle(), stop)
            if report is None:
                return 0
            log_report(turn.scraper, report)
            await recorded.cycle(report)
            if report.too_heavy:
                return EXIT_TOO_HEAVY
            begun = turn.started or 0.0
            turn.due = begun + (turn.scraper.bookmaker.interval_s if report.asked else report.resume_in_s)
            cycles += 1
            if cycles % (RELOAD_EVERY_ROUNDS * len(turns)) == 0:
                resources.reload()
        return 0


@click.command()
@click.option("--mode", type=click.Choice(sorted(TRANSPORTS)), default="all", show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), help="end after so many rounds; default: never")
def main(mode: str, rounds: int | None) -> None:
    """Collect the odds of many bookmakers in one process until stopped."""
    stop = Stop().listen()
    end_after(stop)
    try:
        settings = load_settings()
        name = f"scraper-seq-{mode}"
        configure_logs(name, settings.log_level, settings.secrets)
        resources = SharedResources(settings, keep_catalogue=True)
        life = Life(open_service_run(settings, resources.backend, name, measured=False)) if rounds is None else None
        limit_mb = SEQUENTIAL_MEMORY_MB
        code = asyncio.run(run(resources, mode, stop, rounds=rounds, memory_limit_mb=limit_mb, life=life))
        resources.close()
    except FleetError as error:
        logger.error("{}", error)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
