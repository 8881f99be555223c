"""The operator's pages. Each needs a login (security/access.py)."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.admin.overview import status_page, status_part

routes = [
    Route("/admin/scraper-status", status_page),
    Route("/admin/scraper-status/part", status_part),
]
