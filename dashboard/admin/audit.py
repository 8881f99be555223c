"""`/admin/audit`: what was written through the pages, by whom, and how it ended."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dashboard.site import site_of

ROWS = 60


async def audit_page(request: Request) -> Response:
    """Writes, newest first. Raises StoreError."""
    site = site_of(request)
    before = request.query_params.get("before", "")
    found = await site.database.read(
        "audit_page",
        {"p_before_id": int(before) if before.isdecimal() and len(before) < 18 else None, "p_limit": ROWS},
        max_age_s=0,
    )
    context = {
        "rows": found.value,
        "told": lambda detail: orjson.dumps(detail).decode() if detail else "",
        "older": found.value[-1]["audit_id"] if len(found.value) == ROWS else None,
        "stale_s": found.age_s if found.failure else None,
    }
    return site.templates.page(request, "admin/audit.html", context, status=503 if found.failure else 200)
