"""Kaizen's site API: one list per league, one page per event, on the bookmaker's own host.

The wall (Cloudflare and a script of its own) lets through what a page in a browser asks; in Brazil the lists of
football have also come to a plain client with the page's cookies, those of basketball never (2026-02).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.kaizen import parser
from scrapers.platforms.kaizen.markets import SPORT_CODES
from scrapers.records import Event, PageRequest, ParsedPage, Sport

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

PARTS = "s,stnf,c,mb"
"""The parts of an answer that are asked for; their meaning is not known, the site sends the whole."""

MAIN_TAB = "0"
"""`bt` of an event's page: the first group of its tabs."""

_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


class KaizenOptions(BaseModel):
    """What a Kaizen brand declares.

    session_page  path on the brand's site whose page receives the cookies
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str | None = Field(None, pattern=r"^/")


class Kaizen:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "kaizen"

    def options(self, declared: Mapping[str, Any]) -> KaizenOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return KaizenOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league, scope `league:<key>`. Football and basketball have different addresses."""
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{bookmaker.site}{path}",
                params=(*asked, ("req", PARTS)),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
            for path, asked in (_list_of(league.sport, league.ids[self.name]),)
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """One page per event, scope `event:<id>`: the lines that lists leave out."""
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{bookmaker.site}/api/odds/{_slug(event)}/{event.source_id}/",
                params=(("bt", MAIN_TAB), ("req", PARTS)),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a league's list, an event's page or a live overview; see `parser.parse`."""
        return parser.parse(body, context=context or Context())


def _list_of(sport: Sport, league_id: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and parameters of a league's list."""
    if sport is Sport.FOOTBALL:
        return "/api/league/hot/upcoming/", (("leagueId", league_id),)
    return f"/api/sports/{SPORT_CODES[sport]}/hot/trending/leagues/{league_id}/events/", ()


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json, text/plain, */*"),
        ("accept-language", "pt-BR"),
        ("origin", bookmaker.site),
        ("referer", f"{bookmaker.site}/"),
    )


def _slug(event: Event) -> str:
    """The event's place in a page address. The site does not compare it with the event (2026-02)."""
    plain = unicodedata.normalize("NFKD", f"{event.home} {event.away}").encode("ascii", "ignore").decode()
    return _NOT_IN_SLUGS.sub("-", plain.lower()).strip("-") or "evento"


PLATFORM: Platform = Kaizen()
