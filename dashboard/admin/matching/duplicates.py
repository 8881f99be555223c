"""Teams and matches that were likely created twice: merge them, or keep them apart for good."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.matching.addresses import PATH, number_in, show
from dashboard.admin.matching.writing import one_of, write
from dashboard.errors import BadInput
from dashboard.security.forms import read_form
from dashboard.site import site_of

ROWS = 25


async def list_page(request: Request) -> Response:
    """Pairs of teams, then pairs of matches. Raises StoreError."""
    database = site_of(request).database
    asked = request.query_params
    first = {
        "p_after_keep": number_in(asked, "keep", 0),
        "p_after_gone": number_in(asked, "gone", 0),
        "p_limit": ROWS,
    }
    teams = await database.call("list_team_duplicates", first)
    matches = await database.call("list_match_duplicates", {"p_after_keep": 0, "p_after_gone": 0, "p_limit": ROWS})
    context = {"teams": teams, "matches": matches, "more": teams[-1] if len(teams) == ROWS else None}
    return show(request, "duplicates", context, "duplicates")


async def judge(request: Request) -> Response:
    """The pair is one, or two. Raises FormRefused, BadInput, DatabaseRefused, StoreError."""
    fields = await read_form(request)
    subject = one_of(fields, "subject", ("teams", "matches"))
    verdict = one_of(fields, "verdict", ("merge", "apart"))
    keep, gone = number_in(fields, "keep", 0), number_in(fields, "gone", 0)
    if not keep or not gone:
        raise BadInput("matching.bad_field")
    if verdict == "apart":
        function, args = "keep_apart", {"p_subject": subject, "p_one": keep, "p_other": gone}
    elif subject == "teams":
        function, args = "merge_teams", {"p_keep": keep, "p_gone": gone}
    else:
        # How they lie to each other is what the teams they share say.
        function, args = "merge_matches", {"p_keep": keep, "p_gone": gone, "p_swapped": None}
    return await write(
        request,
        function,
        args,
        action=f"{subject}.{verdict}",
        subject=f"{keep} + {gone}",
        reason=fields.get("reason", ""),
        back=f"{PATH}/duplicates",
    )
