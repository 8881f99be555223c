"""`/admin/scraper-status`: is every scraper really producing data?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from dashboard.admin.rows import COLUMNS, STATUSES, View, chosen, memory_mb, summed
from dashboard.charts import Spark, spark
from dashboard.database import Answer
from dashboard.live import Content, LivePage
from dashboard.site import site_of
from monitoring.services import service_status

PARTS, PART_S = 36, 600
"""The small curves: six hours in parts of ten minutes."""
STATUS_AGE_S, CURVES_AGE_S = 2.0, 60.0
"""How old an answer of the database may be that readers share."""


async def _build(request: Request) -> Content:
    """Cards and tables of what the database said a moment ago."""
    database = site_of(request).database
    report = await database.read("status_report", {}, max_age_s=STATUS_AGE_S)
    curves = await database.read("recent_cycles", {"p_parts": PARTS, "p_part_s": PART_S}, max_age_s=CURVES_AGE_S)
    view = View.of(request.query_params)
    scrapers = [_aged(row, report) for row in report.value["scrapers"]]
    services = [_aged(row, report) for row in report.value["services"]]
    rows = chosen(scrapers, view)
    context = {
        "view": view,
        "columns": COLUMNS,
        "statuses": STATUSES,
        "rows": rows,
        "services": [{**row, "computed_status": service_status(row)} for row in services],
        "summary": summed(scrapers),
        "curves": {name: _curve(parts) for name, parts in curves.value.items()},
        "memory_mb": memory_mb,
        "hours": PARTS * PART_S // 3600,
    }
    moving = ("seconds_since_heartbeat", "seconds_since_success", "lease_expires_at")
    rows_now = [{key: value for key, value in row.items() if key not in moving} for row in rows]
    version = [rows_now, [row["last_heartbeat"] for row in services]]
    return Content(context, version, report.failure or curves.failure, report.age_s)


def _aged(row: Mapping[str, Any], report: Answer) -> dict[str, Any]:
    """The row with its ages as of now: the answer may have been kept for a while."""
    ages = ("seconds_since_heartbeat", "seconds_since_success")
    return {**row, **{age: row[age] + report.age_s for age in ages if row.get(age) is not None}}


def _curve(parts: Sequence[Sequence[float]]) -> Spark:
    odds: list[float | None] = [None] * PARTS
    failed = [False] * PARTS
    for part, cycles, mean, failures in parts:
        if 0 <= part < PARTS:
            odds[int(part)] = mean
            failed[int(part)] = failures * 2 > cycles
    return spark(odds, failed)


status_page = LivePage("/admin/scraper-status", "overview", 15, _build)
