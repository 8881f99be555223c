"""Teams with their spellings and logos, leagues, bookmakers: found and corrected by hand."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.admin.matching.addresses import PATH, number_in, show
from dashboard.admin.matching.writing import write
from dashboard.errors import BadInput, NotFound
from dashboard.security.forms import read_form
from dashboard.site import site_of
from normalizer.names import fold
from normalizer.spelling import spelling
from scrapers.registry import load_registry

ROWS = 50
LEAGUES = 1000
"""More than anybody declares."""
TEXT_MAX = 200


async def teams_page(request: Request) -> Response:
    """Teams whose name or a spelling holds the words asked for. Raises StoreError."""
    text = request.query_params.get("q", "").strip()[:TEXT_MAX]
    after = number_in(request.query_params, "after", 0)
    args = {"p_words": fold(text).split(), "p_sport": None, "p_after_team_id": after, "p_limit": ROWS}
    rows = await site_of(request).database.call("find_teams", args)
    context = {"rows": rows, "text": text, "after": rows[-1]["team_id"] if len(rows) == ROWS else None}
    return show(request, "teams", context, "teams")


async def team_page(request: Request) -> Response:
    """One team. Raises NotFound, StoreError."""
    return show(request, "team", {"team": await _team(request)}, "teams")


async def edit_team(request: Request) -> Response:
    """Name, country, category, logo. Raises FormRefused, BadInput, NotFound, DatabaseRefused, StoreError."""
    fields, team = await read_form(request), await _team(request)
    names = ("name", "country", "category", "logo_url")
    changes = {name: fields[name].strip()[:TEXT_MAX] for name in names if name in fields}
    changes = {name: value for name, value in changes.items() if value != team[name]}
    if "name" in changes:
        read = spelling(changes["name"], changes.get("category", team["category"]))
        changes |= {"folded": read["folded"]}
    return await write(
        request,
        "edit_team",
        {"p_team_id": team["team_id"], "p_changes": changes},
        action="team.edit",
        subject=team["name"],
        reason=fields.get("reason", ""),
        back=f"{PATH}/teams/{team['team_id']}",
    )


async def add_spelling(request: Request) -> Response:
    """Another spelling of a team. Raises FormRefused, BadInput, NotFound, DatabaseRefused, StoreError."""
    fields, team = await read_form(request), await _team(request)
    text = fields.get("spelling", "").strip()[:TEXT_MAX]
    if not text:
        raise BadInput("matching.bad_field")
    return await write(
        request,
        "add_alias",
        {"p_team_id": team["team_id"], "p_spelling": spelling(text, team["category"])},
        action="alias.add",
        subject=f"{text} = {team['name']}",
        reason=fields.get("reason", ""),
        back=f"{PATH}/teams/{team['team_id']}",
    )


async def leagues_page(request: Request) -> Response:
    """Every league. Raises StoreError."""
    rows = await site_of(request).database.call("list_leagues", {"p_after_league_id": 0, "p_limit": LEAGUES})
    return show(request, "leagues", {"rows": rows}, "leagues")


async def edit_league(request: Request) -> Response:
    """Name and country; these go before what is declared. Raises FormRefused, DatabaseRefused, StoreError."""
    fields, key = await read_form(request), request.path_params["league_key"][:TEXT_MAX]
    changes = {name: fields[name].strip()[:TEXT_MAX] for name in ("name", "country") if name in fields}
    return await write(
        request,
        "edit_league",
        {"p_league_key": key, "p_changes": changes},
        action="league.edit",
        subject=key,
        reason=fields.get("reason", ""),
        back=f"{PATH}/leagues",
    )


async def bookmakers_page(request: Request) -> Response:
    """Every bookmaker: what is declared, and its logo. Raises StoreError."""
    report = await site_of(request).database.read("status_report", {}, max_age_s=2)
    logos = {row["scraper_name"]: row["bookmaker_logo"] for row in report.value["scrapers"]}
    declared = load_registry().bookmakers.values()
    rows = [(bookmaker, logos.get(bookmaker.slug, "")) for bookmaker in declared]
    return show(request, "bookmakers", {"rows": rows}, "bookmakers")


async def edit_bookmaker(request: Request) -> Response:
    """The logo; all else is declared in a file. Raises FormRefused, DatabaseRefused, StoreError."""
    fields, slug = await read_form(request), request.path_params["slug"][:TEXT_MAX]
    return await write(
        request,
        "edit_bookmaker",
        {"p_slug": slug, "p_changes": {"logo": fields.get("logo", "").strip()[:TEXT_MAX]}},
        action="bookmaker.edit",
        subject=slug,
        reason=fields.get("reason", ""),
        back=f"{PATH}/bookmakers",
    )


async def _team(request: Request) -> dict[str, Any]:
    found: dict[str, Any] | None = await site_of(request).database.call(
        "team_details", {"p_team_id": request.path_params["team_id"]}
    )
    if found is None:
        raise NotFound
    return found
