"""Superbet's offer API: a tournament's matches with their main market, then every market of one match.

The lists answer a window of time and are never paged. Times are UTC; the blank inside a date may travel
as `+` or `%20`, a `%2B` is refused with 400. A removed match answers 404. No limit is published: clients
that ask for 1-8 matches at a time were not refused (2026-08).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from scrapers.platforms import Context, Platform
from scrapers.platforms.superbet import parser
from scrapers.platforms.superbet.markets import SPORT_IDS
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

BASE = "https://production-superbet-offer-br.freetls.fastly.net/v2/pt-BR"

AHEAD = timedelta(days=30)
"""How far ahead the lists look."""

EMPTY_STATUS = frozenset({404})


class SuperbetOptions(BaseModel):
    """What a Superbet brand declares: nothing, the host is the country's."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Superbet:
    """The platform; satisfies `scrapers.platforms.Platform`. `clock` tells the present, aware UTC."""

    name = "superbet"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock

    def options(self, declared: Mapping[str, Any]) -> SuperbetOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return SuperbetOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league, scope `league:<key>`, from the beginning of today (UTC) on."""
        today = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{BASE}/events/by-date",
                params=(
                    ("offerState", "prematch"),
                    ("sportId", str(SPORT_IDS[league.sport])),
                    ("tournamentIds", league.ids[self.name]),
                    ("startDate", f"{today:%Y-%m-%d %H:%M:%S}"),
                    ("endDate", f"{today + AHEAD:%Y-%m-%d %H:%M:%S}"),
                ),
                headers=_headers(bookmaker),
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """Every market of each event, scope `event:<id>`."""
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{BASE}/events/{event.source_id}",
                headers=_headers(bookmaker),
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list, one event's markets, either in the v3 shape, or the dictionary; see `parser.parse`."""
        return parser.parse(body, context=context)


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json"),
        ("accept-language", "pt-BR"),
        ("origin", bookmaker.site),
        ("referer", f"{bookmaker.site}/"),
    )


PLATFORM: Platform = Superbet()
