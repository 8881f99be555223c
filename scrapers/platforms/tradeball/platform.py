"""Tradeball's list for guests: today and the next days, each in pages, all leagues together.

The endpoint for customers (`feedDball`) wants a token and the cookies of an account; this one wants neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.tradeball import parser
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

DAYS = 4
"""Today and the next three."""

BRASILIA = timezone(timedelta(hours=-3))
"""Whose date a day is. Of the zones that the service may count in it is the last to change, so that the list of
today and the dated ones may overlap, but leave no day out."""

FILTER: Mapping[str, Any] = {"line": 1, "periodTypeId": 1, "tradingTypeId": 2, "marketId": 2}
"""The main line of the whole match; 2 is the market of the newest client, for today and for dated lists."""

SORT = (("property", "created_at"), ("direction", "desc"))


class TradeballOptions(BaseModel):
    """What the bookmaker declares.

    utc_offset_minutes  how far the clock of its kick-offs is ahead of UTC. The newest public client takes an hour
                        (mid 2026), older ones differ: weak, and in a zone with summer time it would change
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    utc_offset_minutes: int = Field(60, ge=-840, le=840)


class Tradeball:
    """The platform; satisfies `scrapers.platforms.Platform`.

    clock  the present, aware UTC: the dated lists follow from it
    """

    name = "tradeball"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._app_id = str(uuid4())

    def options(self, declared: Mapping[str, Any]) -> TradeballOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return TradeballOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """The pages of every day: scope `day:<days from today>`, of further pages `day:<day>/<page>`.

        The lists hold every league; `leagues` changes nothing.
        """
        today = self._clock().astimezone(BRASILIA).date()
        found = []
        for day in range(DAYS):
            chosen = {**FILTER, **({"date": (today + timedelta(days=day)).isoformat()} if day else {})}
            for page in range(parser.PAGES):
                found.append(
                    PageRequest(
                        scope=f"day:{day}/{page + 1}" if page else f"day:{day}",
                        url=f"{bookmaker.site}/api/feedDballGuest/list",
                        params=self._params(chosen, page),
                        headers=(
                            ("accept", "application/json, text/plain, */*"),
                            ("x-requested-with", "XMLHttpRequest"),
                            ("referer", f"{bookmaker.site}/dballTradingFeed"),
                        ),
                        kinds=parser.FURTHER_KINDS if page else parser.FIRST_KINDS,
                    )
                )
        return found

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """None: lists are all."""
        return []

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a page of a day's list; see `parser.parse`."""
        options = context.options if context is not None else None
        offset = (options or TradeballOptions()).utc_offset_minutes
        return parser.parse(body, utc_offset=timedelta(minutes=offset))

    def _params(self, chosen: Mapping[str, Any], page: int) -> tuple[tuple[str, str], ...]:
        return (
            ("page", str(page + 1)),
            ("filter", orjson.dumps(chosen).decode()),
            ("start", str(page * parser.PAGE_SIZE)),
            ("limit", str(parser.PAGE_SIZE)),
            ("sort", orjson.dumps([dict(SORT)]).decode()),
            ("requiredDictionaries[]", "LeagueGroup"),
            ("version", "0"),
            ("currencyId", "4"),
            ("uniqAppId", self._app_id),
            ("locale", "pt"),
        )


PLATFORM: Platform = Tradeball()
