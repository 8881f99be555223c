"""`/surebets` and `/duplo-green`: what stands now, as published, with links to bet; surebets that closed lately."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboard.board.calculators import UNITS
from dashboard.board.words import section_title, selection_text
from dashboard.documents import PublishedDocument
from dashboard.site import Site, site_of
from scrapers.records import Side

SHOWN = 50
"""Opportunities on one page, the best first."""
CLOSED_SHOWN = 30
MAX_AGE_S = 5.0
NEWEST = 2**63 - 1


async def surebets(request: Request) -> Response:
    """The page; its live part is asked for by itself."""
    return site_of(request).templates.page(request, "board/surebets.html", await _surebets(request))


async def surebets_part(request: Request) -> Response:
    """What of the page changes."""
    context = await _surebets(request)
    version = [
        context["open"] and context["open"].content["sequence"],
        [row["surebet_id"] for row in context["closed"]],
    ]
    return site_of(request).templates.live(
        request, "board/surebets_part.html", context, page="/surebets", version=version
    )


async def duplo_green(request: Request) -> Response:
    """The page; its live part is asked for by itself."""
    return site_of(request).templates.page(request, "board/duplo_green.html", await _duplo_greens(request))


async def duplo_green_part(request: Request) -> Response:
    """What of the page changes."""
    context = await _duplo_greens(request)
    version = context["open"] and context["open"].content["sequence"]
    return site_of(request).templates.live(
        request, "board/duplo_green_part.html", context, page="/duplo-green", version=version
    )


async def _surebets(request: Request) -> dict[str, Any]:
    site = site_of(request)
    published, recent, names = await asyncio.gather(
        site.documents.read("surebets.json"),
        site.database.read(
            "recent_surebets", {"p_before_id": NEWEST, "p_limit": 4 * CLOSED_SHOWN}, max_age_s=MAX_AGE_S
        ),
        _names(site),
    )
    closed = [row for row in recent.value if row["closed_at"] is not None][:CLOSED_SHOWN]
    return {
        **_words(request),
        "open": published,
        "listed": _listed(published, "surebets"),
        "found": len(published.content["surebets"]) if published is not None else 0,
        "closed": closed,
        "names": names,
        "calculator": _calculator_address,
    }


async def _duplo_greens(request: Request) -> dict[str, Any]:
    site = site_of(request)
    published, names = await asyncio.gather(site.documents.read("duplo-green.json"), _names(site))
    return {
        **_words(request),
        "open": published,
        "listed": _listed(published, "duplo_greens"),
        "found": published.content["found"] if published is not None else 0,
        "names": names,
    }


def _listed(published: PublishedDocument | None, what: str) -> list[dict[str, Any]]:
    """What a document lists, as long as it holds."""
    if published is None or not published.fresh:
        return []
    rows: list[dict[str, Any]] = published.content[what]
    return rows[:SHOWN]


async def _names(site: Site) -> dict[str, str]:
    """Bookmakers as people call them, by slug."""
    answer = await site.database.read("list_bookmakers", {}, max_age_s=60.0)
    return {row["slug"]: row["name"] for row in answer.value}


def _words(request: Request) -> dict[str, Any]:
    wording = site_of(request).templates.wording(request)

    def bet(leg: dict[str, Any], period: str) -> str:
        title = section_title(wording, leg["market"], period, None)
        return f"{title}: {selection_text(wording, leg['market'], leg['selection'], leg['line'], leg['side'])}"

    return {"bet": bet, "seconds_since": _seconds_since}


def _seconds_since(moment: str, published: PublishedDocument) -> float:
    """How old a moment of a document was when the document was made."""
    made = datetime.fromisoformat(published.content["generated_at"])
    return max(0.0, (made - datetime.fromisoformat(moment)).total_seconds())


def _calculator_address(surebet: dict[str, Any]) -> str:
    """The calculator with these prices; '' where it cannot do such a set."""
    legs = surebet["legs"]
    plain = all(leg["side"] == Side.BACK and not leg.get("commission") for leg in legs)
    if not plain or len(legs) not in (2, 3) or not _one_wins(legs):
        return ""
    prices = "&".join(f"price{number}={leg['price']}" for number, leg in enumerate(legs, start=1))
    outcomes = "two" if len(legs) == 2 else "three"
    return f"/calculator?kind=split&outcomes={outcomes}&{prices}&amount={surebet['outlay']:g}&unit={UNITS[0]}"


def _one_wins(legs: list[dict[str, Any]]) -> bool:
    """Whether exactly one of the bets wins whatever happens: all sides of one bet."""
    bets = {(leg["market"], leg["line"]) for leg in legs}
    return len(bets) == 1 and len({leg["selection"] for leg in legs}) == len(legs)
