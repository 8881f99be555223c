"""Events without a match: both sides of each candidate beside the event's own, why it waits, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.matching.addresses import PATH, number_in, show
from dashboard.admin.matching.writing import one_of, write
from dashboard.errors import BadInput, NotFound
from dashboard.security.forms import read_form
from dashboard.site import site_of
from normalizer.spelling import side_spellings
from scrapers.registry import load_registry
from store.backend import Backend

ROWS = 20


async def list_page(request: Request) -> Response:
    """Events that wait, by id. Raises StoreError."""
    database = site_of(request).database
    bookmaker = request.query_params.get("bookmaker", "")[:40]
    rows = await database.call(
        "waiting_events",
        {
            "p_bookmaker": bookmaker or None,
            "p_after_event_id": number_in(request.query_params, "after", 0),
            "p_limit": ROWS,
        },
    )
    context = {
        "rows": rows,
        "bookmaker": bookmaker,
        "bookmakers": sorted(load_registry().bookmakers),
        "after": rows[-1]["event_id"] if len(rows) == ROWS else None,
    }
    return show(request, "waiting", context, "waiting")


async def event_page(request: Request) -> Response:
    """One event with its diagnosis, step by step. Raises NotFound, StoreError."""
    event_id: int = request.path_params["event_id"]
    row, lines = await site_of(request).database.run(
        "event_for_diagnosis", lambda backend: _diagnosed(backend, event_id)
    )
    if row is None:
        raise NotFound
    return show(request, "event", {"row": row, "lines": lines}, "waiting")


async def judge(request: Request) -> Response:
    """The event is this match, or is not. Raises FormRefused, BadInput, NotFound, DatabaseRefused, StoreError."""
    fields = await read_form(request)
    event_id: int = request.path_params["event_id"]
    verdict = one_of(fields, "verdict", ("accept", "reject"))
    match_id = number_in(fields, "match_id", 0)
    if not match_id:
        raise BadInput("matching.bad_field")
    event = await site_of(request).database.call("event_for_review", {"p_event_id": event_id})
    if event is None:
        raise NotFound
    args = {
        "p_event_id": event_id,
        "p_match_id": match_id,
        "p_accept": verdict == "accept",
        "p_swapped": fields.get("swapped") == "yes",
        "p_sides": side_spellings(event),
    }
    what = f"{event['bookmaker']}: {event['home_name']} x {event['away_name']}"
    return await write(
        request,
        "review_event",
        args,
        action=f"event.{verdict}",
        subject=what,
        reason=fields.get("reason", ""),
        back=PATH,
    )


def _diagnosed(backend: Backend, event_id: int) -> tuple[Mapping[str, Any] | None, list[str]]:
    """The event and how it would be decided now; (None, []) when there is none. Raises StoreError."""
    # The matcher and its tables are 20 MB that most readers of these pages never need.
    from normalizer.leagues import DeclaredLeague, LeagueNames
    from normalizer.matching import explain
    from normalizer.waiting import catalogue_of, event_of

    row = backend.call("event_for_diagnosis", {"p_event_id": event_id})
    if row is None:
        return None, []
    declared = load_registry().leagues.values()
    leagues = LeagueNames(DeclaredLeague(one.key, one.name, one.country, one.sport) for one in declared)
    around = backend.call("catalogue_around", {"p_event_id": event_id})
    return row, explain(event_of(row, leagues), catalogue_of(around))
