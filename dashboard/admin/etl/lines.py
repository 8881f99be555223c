"""`/admin/etl/logs`: log lines as they come, narrowed to what the address asks for."""

from __future__ import annotations

from starlette.requests import Request

from dashboard.admin.etl.addresses import CHIPS, LINES, choice_of, number_of, text_of, uuid_of
from dashboard.live import Content, LivePage
from dashboard.site import site_of
from monitoring.etl.rows import LEVELS

SHOWN = 200


async def _build(request: Request) -> Content:
    """The newest lines, or those before the address's `before`. Raises StoreError."""
    params = request.query_params
    wanted = {
        "execution_id": uuid_of(params, "execution"),
        "chunk_id": text_of(params, "chunk"),
        "fixture_id": number_of(params, "fixture"),
        "component": text_of(params, "component"),
        "min_level": choice_of(params, "level", LEVELS),
        "text": text_of(params, "q"),
    }
    args = {"p_filter": wanted, "p_before_log_id": number_of(params, "before"), "p_limit": SHOWN}
    page = await site_of(request).database.read("etl_logs_page", args, max_age_s=1)
    context = {
        "lines": page.value,
        "wanted": wanted,
        "levels": LEVELS,
        "older": page.value[-1]["log_id"] if len(page.value) == SHOWN else None,
        "chips": CHIPS,
    }
    return Content(context, [row["log_id"] for row in page.value], page.failure, page.age_s)


lines_page = LivePage(LINES, "etl/lines", 2, _build)
