"""Entain's betting-offer API: fixtures of a competition with one GET, all markets of a fixture with another.

Requests carry a public access id that the brand's own page says (`publicAccessId`, on `session_page`); without a
valid one the API answers 400. Fixtures are cached for 15 s by the vendor, fixture views for 12 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.errors import DeclarationError
from scrapers.platforms import Context, Platform
from scrapers.platforms.entain_cds import parser
from scrapers.platforms.entain_cds.markets import SPORT_IDS
from scrapers.records import Event, PageRequest, ParsedPage, Sport

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

COMMON = (
    ("lang", "pt-br"),
    ("country", "BR"),
    ("userCountry", "BR"),
)

LISTED = (
    ("fixtureTypes", "Standard"),
    ("state", "Latest"),
    ("offerMapping", "Filtered"),  # the grid's markets only
    ("offerCategories", "Gridable"),
    ("fixtureCategories", "Gridable,NonGridable,Other"),
)

SORTED = (
    ("isPriceBoost", "false"),
    ("statisticsModes", "None"),
    ("skip", "0"),
)

TAKE: dict[Sport, int] = {
    Sport.FOOTBALL: 100,
    # All basketball: NBA cannot be asked for by competition (HTTP 400, 2026-01).
    Sport.BASKETBALL: 400,
}
"""Fixtures per list: more than a competition ever has ahead of it, so that one page is the whole list.

Public clients take 50 to 400 (2026-01). A list that is longer all the same is refused by the parser as cut.
"""

VIEWED = (
    ("offerMapping", "All"),
    ("scoreboardMode", "Full"),
    ("state", "Latest"),
    ("includePrecreatedBetBuilder", "true"),
    ("supportVirtual", "false"),
    ("useRegionalisedConfiguration", "true"),
    ("includeRelatedFixtures", "false"),
    ("statisticsModes", "All"),
)


class EntainCdsOptions(BaseModel):
    """What a brand declares.

    session_page  path on the brand's site whose page says the public access id
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str = Field(pattern=r"^/")


class EntainCds:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = parser.PLATFORM

    def options(self, declared: Mapping[str, Any]) -> EntainCdsOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return EntainCdsOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league, scope `league:<key>`.

        Raises DeclarationError for a football league without a region.
        """
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{bookmaker.site}/cds-api/bettingoffer/fixtures",
                params=(
                    *COMMON,
                    *LISTED,
                    ("sportIds", str(SPORT_IDS[league.sport])),
                    *_competition(league),
                    *SORTED,
                    ("take", str(TAKE[league.sport])),
                    ("sortBy", "Tags"),
                ),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """The fixture view of every event, scope `event:<id>`: lists hold the markets of their grid only."""
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{bookmaker.site}/cds-api/bettingoffer/fixture-view",
                params=(*COMMON, ("fixtureIds", event.source_id), *VIEWED),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list of fixtures or a fixture view; see `parser.parse`."""
        return parser.parse(body, context=context)


def _competition(league: League) -> tuple[tuple[str, str], ...]:
    if league.sport is Sport.BASKETBALL:
        return ()
    region = league.paths.get(parser.PLATFORM)
    if region is None:
        raise DeclarationError(f"leagues.json: {league.key}: paths: no {parser.PLATFORM} region")
    return ("regionIds", region), ("competitionIds", league.ids[parser.PLATFORM])


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json, text/plain, */*"),
        ("origin", bookmaker.site),
        ("referer", f"{bookmaker.site}/"),
        ("x-bwin-browser-url", f"{bookmaker.site}/"),
        ("x-from-product", "host-app"),
        ("x-device-type", "desktop"),
    )


PLATFORM: Platform = EntainCds()
