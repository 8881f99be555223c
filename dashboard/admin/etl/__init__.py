"""`/admin/etl`: what imports did, one execution down to its chunks and curves, the fleet's processes from start to
end, log lines as they come."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.admin.etl.execution import execution_page
from dashboard.admin.etl.lines import lines_page
from dashboard.admin.etl.overview import overview_page
from dashboard.admin.etl.services import services_page

routes: list[Route] = [
    *overview_page.routes,
    *execution_page.routes,
    *services_page.routes,
    *lines_page.routes,
]
