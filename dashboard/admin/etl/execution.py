"""`/admin/etl/execution?id=...`: one execution, its chunks, its curves, why what failed failed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from starlette.requests import Request

from dashboard.admin.etl.addresses import CHIPS, EXECUTION, STATUSES, choice_of, text_of, uuid_of, worded
from dashboard.charts import Chart, chart
from dashboard.errors import NotFound
from dashboard.live import Content, LivePage
from dashboard.site import site_of
from monitoring.etl.alerts import execution_alerts, worst_first
from monitoring.etl.histogram import SUMMARY, spreads_of

CHUNKS = 500
POINTS = 60
MARKS = 4
"""Moments named below a curve."""

CURVES = 12
SUMMED = tuple(f".{end}" for end in SUMMARY if end != "p95")
"""Ends of metrics' names that say of a histogram what its p95 says best; they stand in the table."""

Row = Mapping[str, Any]


class Curve(NamedTuple):
    """A metric drawn. label: its name and tags."""

    label: str
    unit: str
    chart: Chart


async def _build(request: Request) -> Content:
    """Everything of one execution. Raises NotFound, StoreError."""
    site, params = site_of(request), request.query_params
    execution_id = uuid_of(params, "id")
    if execution_id is None:
        raise NotFound
    found = await site.database.read("get_etl_execution_summary", {"p_execution_id": execution_id}, max_age_s=2)
    if found.value is None:
        raise NotFound
    asked = {
        "p_execution_id": execution_id,
        "p_status": choice_of(params, "status", STATUSES),
        "p_after_chunk_id": text_of(params, "after") or "",
        "p_limit": CHUNKS,
    }
    chunks = await site.database.read("etl_chunks_page", asked, max_age_s=2)
    series = await site.database.read(
        "etl_metric_series", {"p_execution_id": execution_id, "p_parts": POINTS}, max_age_s=5
    )
    wording = site.templates.wording(request)
    spreads, others = spreads_of(found.value["metrics"])
    alerts = worst_first(execution_alerts(found.value, site.config.etl))
    context = {
        "run": found.value,
        "alerts": [worded(alert, wording) for alert in alerts],
        "chunks": chunks.value,
        "more": chunks.value[-1]["chunk_id"] if len(chunks.value) == CHUNKS else None,
        "status": asked["p_status"],
        "statuses": STATUSES,
        "spreads": spreads,
        "others": others,
        "ends": SUMMARY,
        "curves": [_curve(row) for row in series.value if _is_drawn(row)][:CURVES],
        "chips": CHIPS,
    }
    failure = found.failure or chunks.failure or series.failure
    return Content(context, [found.value, chunks.value, series.value], failure, found.age_s)


def _is_drawn(row: Row) -> bool:
    """Whether it says something as a curve: more than a point, nothing below the ground line."""
    return (
        not row["name"].endswith(SUMMED) and len(row["points"]) > 1 and all(mean >= 0 for _, mean in row["points"])
    )


def _curve(row: Row) -> Curve:
    values: list[float | None] = [None] * POINTS
    for part, mean in row["points"]:
        values[part] = mean
    # Published every few seconds: parts between two values are no gaps.
    known = [index for index, value in enumerate(values) if value is not None]
    for before, after in pairwise(known):
        values[before:after] = [values[before]] * (after - before)
    begins, ends = row["begins"], row["ends"]
    marks = [begins + (ends - begins) * n / MARKS for n in range(MARKS + 1)]
    tags = " ".join(f"{name}={value}" for name, value in row["tags"].items())
    drawn = chart(values, [False] * POINTS, marks, begins=begins, ends=ends, width=360.0, height=130.0)
    return Curve(f"{row['name']} {tags}".strip(), row["unit"], drawn)


execution_page = LivePage(EXECUTION, "etl/execution", 5, _build)
