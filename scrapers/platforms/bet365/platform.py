"""bet365 through BetsAPI: what is on per sport, then the odds of up to ten matches with one GET.

The site itself hides its odds from everything but a person's browser (2026-01); BetsAPI sells them with bet365's
own match ids. Each request costs one of 3,600 an hour. `upcoming` can be asked per league, but hardly any of
BetsAPI's league ids are known, so the sport's whole list is read, soonest first, 50 matches a page, and other
leagues are left out. With 18 pages and 30 requests for odds a cycle of 90 s uses 1,920 requests an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.bet365 import parser, prematch
from scrapers.platforms.bet365.markets import SPORT_IDS
from scrapers.records import Event, PageRequest, ParsedPage, Sport

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

BASE = "https://api.b365api.com"

LIST = (("skip_esports", "1"),)
"""Leaves out matches of computers as far as BetsAPI marks them; the parser leaves out the others."""

SECRETS = (("token", "BETSAPI_TOKEN"),)

BATCH = 10
"""Matches that one request for odds may name."""


class Bet365Options(BaseModel):
    """What is declared of bet365.

    football_pages    pages of football's list that are read, 50 matches each; what lies beyond is weeks ahead
    basketball_pages  the same of basketball
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    football_pages: int = Field(14, ge=1, le=40)
    basketball_pages: int = Field(4, ge=1, le=40)

    def pages(self, sport: Sport) -> int:
        """How many pages of a sport's list are read."""
        return self.football_pages if sport is Sport.FOOTBALL else self.basketball_pages


class Bet365:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "bet365"

    def options(self, declared: Mapping[str, Any]) -> Bet365Options:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return Bet365Options.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """The pages of each sport's list of matches (`list:<sport>/<page>`), without odds."""
        options = self.options(bookmaker.options)
        sports = dict.fromkeys(league.sport for league in leagues)
        return [
            PageRequest(
                scope=f"list:{sport}/{page}",
                url=f"{BASE}/v1/bet365/upcoming",
                params=(*LIST, ("sport_id", SPORT_IDS[sport]), ("page", str(page))),
                headers=_headers(),
                kinds=frozenset({parser.EVENTS}),
                secrets=SECRETS,
            )
            for sport in sports
            for page in range(1, options.pages(sport) + 1)
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """The odds of each league's matches of a day (UTC), ten at a time."""
        return [
            PageRequest(
                scope=f"events:{group}",
                url=f"{BASE}/v3/bet365/prematch",
                params=(("FI", ",".join(event_ids)),),
                headers=_headers(),
                kinds=frozenset({prematch.PREMATCH}),
                events=event_ids,
                secrets=SECRETS,
            )
            for group, event_ids in _groups(bookmaker, events)
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list, odds, or the site's records; see `parser.parse`."""
        context = context or Context()
        options = context.options if isinstance(context.options, Bet365Options) else None
        asked = prematch.Asked(
            events=context.events,
            only_ours=options is not None and not context.saved,
            saved=context.saved,
        )
        return parser.parse(body, asked=asked)


def _headers() -> tuple[tuple[str, str], ...]:
    # An API for programs: it asks neither for an origin nor for a page that led here.
    return (("accept", "application/json"),)


def _groups(bookmaker: Bookmaker, events: Sequence[Event]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and match ids of each group, soonest kick-off first.

    A name has to stay the same from cycle to cycle with, as far as can be, the same matches behind it.
    """
    days: dict[str, list[str]] = {}
    for event in events:
        if event.league.source_id in bookmaker.leagues:
            days.setdefault(f"{event.league.source_id}/{event.starts_at:%Y-%m-%d}", []).append(event.source_id)
    for day, event_ids in days.items():
        ordered = sorted(event_ids)
        for place in range(0, len(ordered), BATCH):
            yield f"{day}/{place // BATCH}", tuple(ordered[place : place + BATCH])


PLATFORM: Platform = Bet365()
