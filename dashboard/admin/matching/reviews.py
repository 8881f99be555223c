"""The verdicts, merges and edits so far: what each touched, and taking one back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.matching.addresses import NEWEST, PATH, number_in, show
from dashboard.admin.matching.writing import write
from dashboard.errors import NotFound
from dashboard.security.forms import read_form
from dashboard.site import site_of

ROWS = 40


async def list_page(request: Request) -> Response:
    """Newest first. Raises StoreError."""
    before = number_in(request.query_params, "before", NEWEST)
    rows = await site_of(request).database.call("list_reviews", {"p_before_review_id": before, "p_limit": ROWS})
    context = {"rows": rows, "before": rows[-1]["review_id"] if len(rows) == ROWS else None}
    return show(request, "reviews", context, "reviews")


async def effects_page(request: Request) -> Response:
    """Events as they were and as they are, with their prices. Raises NotFound, StoreError."""
    review_id: int = request.path_params["review_id"]
    effects = await site_of(request).database.call("review_effects", {"p_review_id": review_id})
    if effects is None:
        raise NotFound
    return show(request, "effects", {"effects": effects, "row": effects["review"]}, "reviews")


async def undo(request: Request) -> Response:
    """Take it back with everything it touched. Raises FormRefused, DatabaseRefused, StoreError."""
    fields = await read_form(request)
    review_id: int = request.path_params["review_id"]
    return await write(
        request,
        "undo_review",
        {"p_review_id": review_id},
        action="review.undo",
        subject=str(review_id),
        reason=fields.get("reason", ""),
        back=f"{PATH}/reviews",
    )
