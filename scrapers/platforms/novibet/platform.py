"""Novibet's feeds: one per competition, one per event. Cloudflare keeps each answer for 5 minutes.

The wall lets through what a page in a browser asks. Without the gateway's headers every feed answered
500 to one client (2026); they are always sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.novibet import parser
from scrapers.platforms.novibet.parser import Competitor
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

FEEDS = "/spt/feed/marketviews"
CONTENT_GROUP = "4324"
"""Fixed, the same for every sport."""

COMMON = (
    ("lang", "pt-BR"),
    ("timeZ", "E. South America Standard Time"),
    ("oddsR", "1"),  # decimal; `price` is decimal whatever it says
    ("usrGrp", "BR"),
)

GATEWAY = (
    ("x-gw-application-name", "NoviBR"),
    ("x-gw-channel", "WebPC"),
    ("x-gw-client-layout", "Desktop"),
    ("x-gw-client-timezone", "America/Sao_Paulo"),
    ("x-gw-cms-key", "_BR"),
    ("x-gw-country-sysname", "BR"),
    ("x-gw-currency-sysname", "BRL"),
    ("x-gw-domain-key", "_BR"),
    ("x-gw-language-sysname", "pt-BR"),
    ("x-gw-odds-representation", "Decimal"),
)

EMPTY_STATUS = frozenset({622})
"""The competition has no events at present."""


class NovibetOptions(BaseModel):
    """What a Novibet brand declares.

    session_page         path on the brand's site whose page receives the cookies
    host_in_basketball   which competitor plays at home in basketball; sources contradict each other (2026)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str | None = Field(None, pattern=r"^/")
    host_in_basketball: Competitor = 1


class Novibet:
    """The platform; satisfies `scrapers.platforms.Platform`.

    clock  epoch microseconds, for the parameter that keeps an answer from being an old one out of the cache
    """

    name = "novibet"

    def __init__(self, clock: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._clock = clock

    def options(self, declared: Mapping[str, Any]) -> NovibetOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return NovibetOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One location feed per league, scope `league:<key>`. Equal but for `timestamp` from cycle to cycle."""
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{bookmaker.site}{FEEDS}/location/v2/{CONTENT_GROUP}/{league.ids[self.name]}/",
                params=(*COMMON, ("timestamp", str(self._clock()))),
                headers=_headers(bookmaker),
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """One feed per event, scope `event:<id>`: every market, where the location feed has the main ones."""
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{bookmaker.site}{FEEDS}/event/{CONTENT_GROUP}/{event.source_id}",
                params=(*COMMON, ("timestamp", str(self._clock())), ("filterAlias", "")),
                headers=_headers(bookmaker),
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a location feed or an event feed; see `parser.parse`.

        Without a context competitor 1 is at home, in basketball too.
        """
        context = context or Context()
        options = context.options if isinstance(context.options, NovibetOptions) else NovibetOptions()
        return parser.parse(body, host_in_basketball=options.host_in_basketball, context=context)


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json, text/plain, */*"),
        ("origin", bookmaker.site),
        ("referer", f"{bookmaker.site}/"),
        *GATEWAY,
    )


PLATFORM: Platform = Novibet()
