"""The operator's pages. Each needs a login (security/access.py)."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.admin.overview import status_page, status_part
from dashboard.admin.scraper import failure_file, failure_page, scraper_page

routes = [
    Route("/admin/scraper-status", status_page),
    Route("/admin/parts/scraper-status", status_part),
    Route("/admin/scraper-status/{slug}", scraper_page),
    Route("/admin/scraper-status/{slug}/failure/{outcome}", failure_page),
    Route("/admin/scraper-status/{slug}/failure/{outcome}/file", failure_file),
]
