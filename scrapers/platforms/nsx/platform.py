"""NSX Bet's back-end: one market of many matches with one GET, then every market of one match.

Public, but Cloudflare refuses plain clients more often than not; a browser that has opened the bookmaker's
page is answered (2026-02). Nothing is paged. No limit is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.nsx import parser
from scrapers.platforms.nsx.markets import LIST_MARKET, SPORT_IDS
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

BASE = "https://prod-global-bff-events.bet6.com.br/api"

EMPTY_STATUS = frozenset({404})


class NsxOptions(BaseModel):
    """What an NSX brand declares.

    session_page  path on the brand's site that opens a session
    provider      the feed that details are asked from; None leaves the choice to the bookmaker
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str | None = Field(None, pattern=r"^/")
    provider: str | None = Field(None, pattern=r"^[a-z0-9_-]+$")


class Nsx:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "nsx"

    def options(self, declared: Mapping[str, Any]) -> NsxOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return NsxOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league, of its main market, scope `league:<key>`."""
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{BASE}/odds/1/events-by-seasons",
                params=(
                    ("sport_id", str(SPORT_IDS[league.sport])),
                    ("category_id", "0"),
                    ("tournament_id", league.ids[self.name]),
                    ("markets", str(LIST_MARKET[league.sport])),
                    ("filter_time_event", ""),
                ),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """Every market of each event, scope `event:<id>`."""
        provider = self.options(bookmaker.options).provider
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{BASE}/event-odds/{event.source_id}",
                params=(
                    ("languageId", "1"),
                    ("marketIds", ""),
                    ("outcomeIds", ""),
                    ("statusId", "0"),  # before the match
                    *((("provider", provider),) if provider else ()),
                ),
                headers=_headers(bookmaker),
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list, one event's markets in any of their shapes, or the tournaments; see `parser.parse`."""
        return parser.parse(body, context=context)


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json"),
        ("accept-language", "pt-BR"),
        ("origin", bookmaker.site),
        ("referer", f"{bookmaker.site}/"),
    )


PLATFORM: Platform = Nsx()
