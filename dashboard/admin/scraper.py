"""`/admin/scraper-status/<slug>`: one scraper, its cycles, what failed and what it says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.failures import SHOWN_BYTES, kept_body, kept_failures
from dashboard.admin.logs import log_files, tail
from dashboard.admin.rows import memory_mb
from dashboard.charts import Chart, chart
from dashboard.errors import NotFound
from dashboard.site import site_of
from scrapers.declarations import SLUG

SPANS: Mapping[int, tuple[int, int]] = {6: (72, 1), 24: (96, 3), 168: (168, 24)}
"""Hours shown -> points of the curve, and hours from one mark of the time axis to the next."""
DEFAULT_HOURS = 24
CYCLES = 40
ACTIONS = 10
NEWEST = 2**62


async def scraper_page(request: Request) -> Response:
    """The page. Raises NotFound, StoreError."""
    site, slug = site_of(request), _slug(request)
    hours = next((span for span in SPANS if str(span) == request.query_params.get("hours")), DEFAULT_HOURS)
    points, step = SPANS[hours]
    database = site.database
    found = await database.read(
        "scraper_page", {"p_scraper": slug, "p_hours": hours, "p_parts": points}, max_age_s=5
    )
    row = found.value["row"]
    if row is None:
        raise NotFound
    cycles = await database.read("scraper_cycles_page", _page_args(request, slug), max_age_s=2)
    actions = await database.read(
        "watchdog_actions",
        {"p_scraper": slug, "p_before_action_id": NEWEST, "p_limit": ACTIONS},
        max_age_s=5,
    )
    folder, logs = site.config.data_dir / "failures", log_files(site.config.logs, row)
    context = {
        "row": row,
        "age_s": found.age_s,
        "stale_s": found.age_s if found.failure else None,
        "hours": hours,
        "spans": tuple(SPANS),
        "outcomes": sorted(found.value["outcomes"].items(), key=lambda pair: -pair[1]),
        "chart": _chart(found.value["curve"], points, hours, step),
        "cycles": cycles.value,
        "older": cycles.value[-1]["started_at"] if len(cycles.value) == CYCLES else None,
        "actions": actions.value,
        "failures": await asyncio.to_thread(kept_failures, folder, slug),
        "lines": await asyncio.to_thread(tail, logs, slug),
        "memory_mb": memory_mb(row),
    }
    return site.templates.page(request, "admin/scraper.html", context, status=503 if found.failure else 200)


async def failure_page(request: Request) -> Response:
    """A kept body as text, its beginning. Raises NotFound."""
    slug, outcome, body = await _failure(request)
    failures = kept_failures(site_of(request).config.data_dir / "failures", slug)
    context = {
        "slug": slug,
        "outcome": outcome,
        "failure": next((failure for failure in failures if failure.outcome == outcome), None),
        "text": body[:SHOWN_BYTES].decode(errors="replace"),
        "shown": min(len(body), SHOWN_BYTES),
        "size": len(body),
    }
    return site_of(request).templates.page(request, "admin/failure.html", context)


async def failure_file(request: Request) -> Response:
    """The kept body as a file to save: never shown by the browser, whatever it holds. Raises NotFound."""
    slug, outcome, body = await _failure(request)
    headers = {"content-disposition": f'attachment; filename="{slug}-{outcome}.body"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


async def _failure(request: Request) -> tuple[str, str, bytes]:
    slug, outcome = _slug(request), request.path_params["outcome"]
    folder = site_of(request).config.data_dir / "failures"
    body = await asyncio.to_thread(kept_body, folder, slug, outcome)
    if body is None:
        raise NotFound
    return slug, outcome, body


def _slug(request: Request) -> str:
    slug: str = request.path_params["slug"]
    if not SLUG.fullmatch(slug):
        raise NotFound
    return slug


def _page_args(request: Request, slug: str) -> dict[str, Any]:
    try:
        before: float | None = float(request.query_params["before"])
    except (KeyError, ValueError):
        before = None
    return {"p_scraper": slug, "p_before": before, "p_limit": CYCLES}


def _chart(curve: list[list[float]], points: int, hours: int, step: int) -> Chart:
    odds: list[float | None] = [None] * points
    failed = [False] * points
    for part, _, mean, _, _, failures, _ in curve:
        if 0 <= part < points:
            odds[int(part)] = mean
            failed[int(part)] = failures > 0
    now = time.time()
    begins = now - hours * 3600
    first = begins // (step * 3600) * (step * 3600) + step * 3600
    marks = [at for n in range(hours // step + 1) if (at := first + n * step * 3600) <= now]
    return chart(odds, failed, marks, begins=begins, ends=now)
