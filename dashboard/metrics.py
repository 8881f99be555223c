"""`/metrics` for Prometheus."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from dashboard.health import PUBLISHED_STATUS
from dashboard.site import Site, site_of
from monitoring.alerts.readings.machine import spool_readings
from scrapers.errors import StoreError

if TYPE_CHECKING:
    from monitoring.metrics import FleetMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage:
    """The page and what it has counted since the first time somebody asked."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._metrics: FleetMetrics | None = None

    async def page(self, request: Request) -> Response:
        """Always 200: that the database is away is itself a metric."""
        from monitoring.metrics import FleetMetrics, Snapshot  # 3 MB that nobody pays who has no Prometheus

        site = site_of(request)
        async with self._lock:
            if self._metrics is None:
                self._metrics = FleetMetrics(begins=time.time())
            metrics = self._metrics
            try:
                status = await site.database.call("status_report", {})
                jobs = await site.database.call("jobs_overview", {})
                found = await site.database.call("metrics_report", {"p_after": metrics.counts.after})
            except StoreError:
                status, jobs, found = None, None, {"cycles": [], "alerts": []}
            metrics.counts.take(found["cycles"])
            age_s = await _feed_age_s(site)
            spools = await asyncio.to_thread(
                spool_readings, site.config.data_dir / "spool", site.config.spool_max_mb
            )
            waiting = {one.subject: (int(one.fields["cycles"]), one.fields["mb"] * 1e6) for one in spools}
            text = metrics.text(Snapshot(status, found["alerts"], waiting, age_s, jobs))
        return Response(text, headers={"content-type": CONTENT_TYPE})


async def _feed_age_s(site: Site) -> float | None:
    try:
        status = await site.documents.read(PUBLISHED_STATUS)
    except StoreError:
        return None  # the gauge is missing then, which Prometheus can alert on
    return None if status is None else status.age_s
