"""`/health`: this process answers. `/health/ready`: the fleet can do its work, or why not."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.site import Site, site_of
from monitoring.health import (
    Check,
    check_feed,
    check_jobs,
    check_migrations,
    check_outbound,
    check_scrapers,
    check_services,
    check_spools,
    report,
)
from monitoring.results import check_results
from scrapers.errors import StoreError

READY_AGE_S = 3.0
"""Who asks more often gets the same answer: anybody may ask."""
OUTBOUND_AGE_S = 30.0
RESULTS_OF = "ogol"
"""Whose results are looked at."""
PUBLISHED_STATUS = "status.json"
"""The smallest of the published files; all are published in the same rounds."""


async def alive(request: Request) -> Response:
    """200 while the process takes requests, whatever the rest of the fleet does."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """`/health/ready`, with its last answer."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._answered_at = -READY_AGE_S
        self._answer: dict[str, Any] = {}
        self._outbound: tuple[float, Check] | None = None

    async def page(self, request: Request) -> Response:
        """200 when every check is fine, else 503; both with all of them as JSON."""
        async with self._lock:
            if time.monotonic() - self._answered_at >= READY_AGE_S:
                self._answer = report(await self._checks(site_of(request)))
                self._answered_at = time.monotonic()
        return JSONResponse(self._answer, 200 if self._answer["status"] == "ready" else 503)

    async def _checks(self, site: Site) -> list[Check]:
        config = site.config
        checks, outbound, feed, spools = await asyncio.gather(
            self._database(site),
            self._reached(site),
            self._feed(site),
            asyncio.to_thread(check_spools, config.data_dir / "spool", config.spool_max_mb),
        )
        return [*checks, feed, outbound, spools]

    async def _database(self, site: Site) -> list[Check]:
        try:
            applied = await site.database.call("applied_migrations", {})
            status = await site.database.call("status_report", {})
            jobs = await site.database.call("jobs_overview", {})
            results = await site.database.call("results_health", {"p_source": RESULTS_OF})
        except StoreError as error:
            return [Check("database", str(error))]
        return [
            Check("database"),
            check_migrations(applied),
            check_services(status["services"], site.config.services),
            check_scrapers(status["scrapers"]),
            check_jobs(jobs),
            check_results(results),
        ]

    async def _feed(self, site: Site) -> Check:
        try:
            status = await site.documents.read(PUBLISHED_STATUS)
        except StoreError as error:
            return Check("storage", str(error))
        return check_feed(*((status.age_s, status.overdue_s) if status else (None, None)))

    async def _reached(self, site: Site) -> Check:
        now = time.monotonic()
        if self._outbound is None or now - self._outbound[0] >= OUTBOUND_AGE_S:
            self._outbound = (now, await asyncio.to_thread(check_outbound, site.config.outbound))
        return self._outbound[1]
