"""Proposed spellings of teams, each with who wrote it so and in which matches."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.matching.addresses import PATH, number_in, show
from dashboard.admin.matching.writing import one_of, write
from dashboard.security.forms import read_form
from dashboard.site import site_of

ROWS = 40


async def list_page(request: Request) -> Response:
    """Spellings that wait for agreement or a person, by id. Raises StoreError."""
    after = number_in(request.query_params, "after", 0)
    rows = await site_of(request).database.call(
        "list_proposed_aliases", {"p_after_alias_id": after, "p_limit": ROWS}
    )
    context = {"rows": rows, "after": rows[-1]["alias_id"] if len(rows) == ROWS else None}
    return show(request, "spellings", context, "spellings")


async def judge(request: Request) -> Response:
    """It is the team's name, or it is not. Raises FormRefused, BadInput, DatabaseRefused, StoreError.

    A spelling of a team is taken away by the same verdict; `team` then names the page to go back to.
    """
    fields = await read_form(request)
    alias_id: int = request.path_params["alias_id"]
    verdict = one_of(fields, "verdict", ("accept", "reject"))
    team_id = number_in(fields, "team", 0)
    return await write(
        request,
        "review_alias",
        {"p_alias_id": alias_id, "p_accept": verdict == "accept"},
        action=f"alias.{verdict}",
        subject=fields.get("what", "")[:120] or f"alias {alias_id}",
        reason=fields.get("reason", ""),
        back=f"{PATH}/teams/{team_id}" if team_id else f"{PATH}/spellings",
    )
