"""`/admin/coverage`: which active bookmakers miss which match. Shows what `coverage.json` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from dashboard.live import Content, LivePage
from dashboard.site import site_of

DOCUMENT = "coverage.json"
MATCHES_SHOWN = 200


async def _build(request: Request) -> Content:
    """The document, narrowed to what the address asks for. Raises StoreError."""
    published = await site_of(request).documents.read(DOCUMENT)
    bookmaker = request.query_params.get("bookmaker", "")
    league = request.query_params.get("league", "")
    document: Mapping[str, Any] = (
        published.content if published else {"bookmakers": [], "leagues": [], "missed": []}
    )
    missed = [row for row in document["missed"] if _is_wanted(row, bookmaker, league)]
    context = {
        "published": published,
        "bookmakers": document["bookmakers"],
        "names": {row["slug"]: row["name"] for row in document["bookmakers"]},
        "leagues": document["leagues"],
        "bookmaker": bookmaker,
        "league": league,
        "missed": missed[:MATCHES_SHOWN],
        "missed_in_all": len(missed),
    }
    return Content(context, [document.get("content_hash"), bool(published and published.fresh)])


def _is_wanted(row: Mapping[str, Any], bookmaker: str, league: str) -> bool:
    if bookmaker and bookmaker not in row["missing"]:
        return False
    return not league or (row["league"] or {}).get("key") == league


coverage_page = LivePage("/admin/coverage", "coverage", 30, _build)
