"""`/admin/jobs`: the queue down to single jobs, starting and cancelling them, and what is dead."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.admin.jobs.addresses import DEAD, PATH
from dashboard.admin.jobs.dead import cause_page, decide, preview
from dashboard.admin.jobs.job import cancel, job_page
from dashboard.admin.jobs.overview import overview_page
from dashboard.admin.jobs.starting import start

routes: list[Route] = [
    *overview_page.routes,
    *job_page.routes,
    *cause_page.routes,
    Route(f"{PATH}/start", start, methods=["POST"]),
    Route(f"{PATH}/cancel", cancel, methods=["POST"]),
    Route(DEAD, preview),
    Route(DEAD, decide, methods=["POST"]),
]
