"""The operator's pages. Each needs a login (security/access.py)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.admin import alerts, etl, jobs, matching
from dashboard.admin.audit import audit_page
from dashboard.admin.coverage import coverage_page
from dashboard.admin.overview import status_page
from dashboard.admin.scraper import failure_file, failure_page, scraper_page


async def front(request: Request) -> Response:
    """The first of these pages."""
    return RedirectResponse(status_page.path, 303)


routes = [
    Route("/admin", front),
    *status_page.routes,
    Route("/admin/scraper-status/{slug}", scraper_page),
    Route("/admin/scraper-status/{slug}/failure/{outcome}", failure_page),
    Route("/admin/scraper-status/{slug}/failure/{outcome}/file", failure_file),
    *coverage_page.routes,
    *matching.routes,
    *etl.routes,
    *jobs.routes,
    *alerts.routes,
    Route("/admin/audit", audit_page),
]
