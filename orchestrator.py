"""Everything once, in one process: the cycles of all bookmakers side by side, for debugging."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

from scrapers.declarations import Bookmaker
from scrapers.errors import DeclarationError
from standalone.cycle.report import CycleReport
from standalone.cycle.scraper import Scraper
from standalone.shared_resources import SharedResources

AT_ONCE = 4

Progress = Callable[[str, str, CycleReport | None], None]
"""Called with slug, phase ("waiting", "collecting", "done") and, when done, the report."""


async def collect_once(
    resources: SharedResources, bookmakers: Iterable[Bookmaker], progress: Progress, publish: Callable[[], None]
) -> dict[str, CycleReport]:
    """One cycle of each bookmaker, a few at a time; reports by slug. A failing one never stops the others.

    `publish` is called when all are done and none has given its lease back: a scraper that has stopped is
    offline, and what it left is not published.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    reports: dict[str, CycleReport] = {}

    async def one(bookmaker: Bookmaker) -> None:
        progress(bookmaker.slug, "waiting", None)
        async with gate:
            progress(bookmaker.slug, "collecting", None)
            try:
                scraper = Scraper(bookmaker, resources, mode="debug", hurry=True)
            except DeclarationError as error:
                report = CycleReport(outcome=error.outcome, error=str(error), asked=False)
            else:
                held.push_async_callback(scraper.close)
                report = await scraper.run_cycle()
            reports[bookmaker.slug] = report
            progress(bookmaker.slug, "done", report)

    async with AsyncExitStack() as held:
        async with asyncio.TaskGroup() as group:
            for bookmaker in bookmakers:
                group.create_task(one(bookmaker))
        await asyncio.to_thread(publish)
    return reports
