"""Matchbook's exchange API as the Brazilian brands serve it: a league's events with all their order books.

The host is `mexchange-api.` before the brand's own. Readable without login; refuses plain clients at times with a
page of HTML (2026-02), so a browser session stands behind it. No published limit; public clients leave 200 ms
between requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.matchbook import parser
from scrapers.platforms.matchbook.markets import ASKED_TYPES, SPORT_TAGS
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

PER_PAGE = 100
MARKETS_LIMIT = 100
"""Markets of one event to ask for; with 30, as public clients do, a match with many lines would be cut."""


class MatchbookOptions(BaseModel):
    """What a brand on Matchbook's engine declares.

    session_page  path on the brand's site whose page hands out the session; None where none is needed
    commission    share of the net winnings that the exchange keeps. It is not in the payload; 4.5 % is what a tool
                  for BetBra books (2026), to be confirmed with the brand
    pages         pages of 100 events that a league is asked for; more events than that are a cut answer
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str | None = Field(None, pattern=r"^/")
    commission: Decimal = Field(Decimal("0.045"), ge=0, lt=1)
    pages: int = Field(1, ge=1, le=5)


class Matchbook:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "matchbook"

    def options(self, declared: Mapping[str, Any]) -> MatchbookOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return MatchbookOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """The pages of each league's list: `league:<key>`, from the second one on `league:<key>/<number>`.

        Sorted by start, so that an event stands on one page whatever is bet meanwhile.
        """
        options = self.options(bookmaker.options)
        headers = (
            ("accept", "application/json"),
            ("origin", bookmaker.site),
            ("referer", f"{bookmaker.site}/"),
        )
        return [
            PageRequest(
                scope=f"league:{league.key}" + (f"/{page + 1}" if page else ""),
                url=f"https://mexchange-api.{bookmaker.site.removeprefix('https://')}/api/events",
                params=(
                    ("offset", str(page * PER_PAGE)),
                    ("per-page", str(PER_PAGE)),
                    ("tag-url-names", f"{league.ids[self.name]},{SPORT_TAGS[league.sport]}"),
                    ("market-types", ",".join(ASKED_TYPES)),
                    ("markets-limit", str(MARKETS_LIMIT)),
                    ("sort-by", "start"),
                    ("sort-direction", "asc"),
                ),
                headers=headers,
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
            for page in range(options.pages)
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """None: lists hold every market."""
        return []

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list of events, one event or markets; see `parser.parse`."""
        context = context or Context()
        options: MatchbookOptions = context.options or MatchbookOptions()
        asked = parser.Asked(
            league=context.league.ids[self.name] if context.league else "",
            commission=options.commission,
            per_page=PER_PAGE,
            pages=options.pages,
            markets_limit=MARKETS_LIMIT if context.league else None,
            events=context.events,
            saved=context.saved,
        )
        return parser.parse(body, asked=asked)


PLATFORM: Platform = Matchbook()
