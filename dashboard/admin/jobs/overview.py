"""`/admin/jobs`: queues, what runs, who runs it, what is scheduled, what is dead; starting a job."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from dashboard.admin.jobs.addresses import CHIPS, PATH, STATUSES, brief, number_of, text_of
from dashboard.admin.jobs.starting import forms
from dashboard.live import Content, LivePage
from dashboard.secrecy import without_secrets
from dashboard.site import site_of
from monitoring.queues import WORKER_SILENT_S, living, queue_states

SHOWN = 40
RUNNING = 100
AGES = frozenset({"oldest_s", "seconds_since_heartbeat"})
DONE = ("started", "existing", "cancelled", "stopping", "over", "requeued", "discarded")
"""What came of a form, as the address says it."""


async def _build(request: Request) -> Content:
    """Everything of the queue as the database told it a moment ago. Raises StoreError."""
    site, params = site_of(request), request.query_params
    database, config = site.database, site.config
    found = await database.read("jobs_overview", {}, max_age_s=2)
    running = await database.read("list_jobs", _list(status="running", limit=RUNNING), max_age_s=2)
    status = params.get("status") if params.get("status") in STATUSES else None
    kind = text_of(params, "kind")
    before = number_of(params.get("before", ""))
    listed = await database.read("list_jobs", _list(status, kind, before, SHOWN), max_age_s=2)
    overview = found.value
    context = {
        "queues": overview["queues"],
        "states": queue_states(overview),
        "workers": overview["workers"],
        "alive": len(living(overview["workers"])),
        "silent_s": WORKER_SILENT_S,
        "schedules": overview["schedules"],
        "causes": [without_secrets(config, row) for row in overview["dead"]],
        "running": [without_secrets(config, row) for row in running.value],
        "rows": [without_secrets(config, row) for row in listed.value],
        "older": listed.value[-1]["id"] if len(listed.value) == SHOWN else None,
        "status": status,
        "kind": kind,
        "kinds": sorted({row["kind"] for row in (*overview["queues"], *overview["kinds"])}),
        "statuses": STATUSES,
        "chips": CHIPS,
        "brief": brief,
        "forms": forms(),
        "done": params.get("done") if params.get("done") in DONE else None,
        "about": number_of(params.get("about", "")),
    }
    failure = found.failure or running.failure or listed.failure
    version = [_without(AGES, overview[name]) for name in sorted(overview)]
    return Content(context, [version, context["alive"], running.value, listed.value], failure, found.age_s)


def _without(ages: frozenset[str], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what grows by itself."""
    return [{name: value for name, value in row.items() if name not in ages} for row in rows]


def _list(
    status: str | None = None, kind: str | None = None, before: int | None = None, limit: int = SHOWN
) -> dict[str, str | int | None]:
    return {"p_status": status, "p_kind": kind, "p_before": before, "p_limit": limit}


overview_page = LivePage(PATH, "jobs/overview", 5, _build)
