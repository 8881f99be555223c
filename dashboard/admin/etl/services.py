"""`/admin/etl/services`: the fleet's processes, since when each runs, how often it ended and why."""

from __future__ import annotations

from starlette.requests import Request

from dashboard.admin.etl.addresses import CHIPS, SERVICES, STATUSES, choice_of, moment_of, text_of
from dashboard.live import Content, LivePage
from dashboard.site import site_of

SHOWN = 60


async def _build(request: Request) -> Content:
    """Each process as it is, and the lives of all, latest first. Raises StoreError."""
    database, params = site_of(request).database, request.query_params
    health = await database.read("get_etl_health_status", {}, max_age_s=2)
    asked = {
        "p_component": text_of(params, "component"),
        "p_status": choice_of(params, "status", STATUSES),
        "p_before": moment_of(params, "before"),
        "p_limit": SHOWN,
        "p_kind": "service",
    }
    page = await database.read("etl_executions_page", asked, max_age_s=2)
    services = [row for row in health.value["components"] if row["kind"] == "service"]
    context = {
        "services": services,
        "rows": page.value,
        "older": page.value[-1]["started_at"] if len(page.value) == SHOWN else None,
        "component": asked["p_component"],
        "status": asked["p_status"],
        "statuses": STATUSES,
        "chips": CHIPS,
    }
    failure = health.failure or page.failure
    version = [{**row, "elapsed_seconds": None} for row in (*services, *page.value)]  # ages apart
    return Content(context, version, failure, max(health.age_s, page.age_s))


services_page = LivePage(SERVICES, "etl/services", 5, _build)
