"""`/admin/etl`: health, what is wrong, and executions, latest first; services apart (`services`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from dashboard.admin.etl.addresses import CHIPS, PATH, STATUSES, choice_of, moment_of, text_of, worded
from dashboard.charts import Spark, spark
from dashboard.live import Content, LivePage
from dashboard.site import site_of
from monitoring.etl.alerts import component_alerts, worst_first

SHOWN = 40
CURVE = 30
"""Executions of a component's curve."""

Row = Mapping[str, Any]


async def _build(request: Request) -> Content:
    """Cards, alerts and tables of what the database said a moment ago. Raises StoreError."""
    site, params = site_of(request), request.query_params
    database = site.database
    health = await database.read("get_etl_health_status", {}, max_age_s=2)
    asked = {
        "p_component": text_of(params, "component"),
        "p_status": choice_of(params, "status", STATUSES),
        "p_before": moment_of(params, "before"),
        "p_limit": SHOWN,
        "p_kind": "run",
    }
    page = await database.read("etl_executions_page", asked, max_age_s=2)
    known = health.value["components"]
    components = [row for row in known if row["kind"] == "run"]
    curves = {}
    for component in components:
        args = {"p_component": component["component"], "p_limit": CURVE}
        past = await database.read("etl_executions_page", args, max_age_s=15)
        curves[component["component"]] = _curve(past.value)
    wording = site.templates.wording(request)
    alerts = worst_first([one for row in known for one in component_alerts(row, site.config.etl)])
    context = {
        "health": health.value,
        "components": components,
        "alerts": [(alert, worded(alert, wording)) for alert in alerts],
        "curves": curves,
        "rows": page.value,
        "older": page.value[-1]["started_at"] if len(page.value) == SHOWN else None,
        "component": asked["p_component"],
        "status": asked["p_status"],
        "statuses": STATUSES,
        "chips": CHIPS,
    }
    version = [{name: value for name, value in health.value.items() if name != "checked_at"}, page.value]
    return Content(context, version, health.failure or page.failure, max(health.age_s, page.age_s))


def _curve(rows: Sequence[Row]) -> Spark:
    """How long executions took that are over, the earliest first; those that failed are marked."""
    ordered = [row for row in rows[::-1] if row["status"] != "RUNNING"]
    seconds = [row["elapsed_seconds"] for row in ordered]
    return spark(seconds, [row["status"] == "FAILED" for row in ordered])


overview_page = LivePage(PATH, "etl/overview", 5, _build)
