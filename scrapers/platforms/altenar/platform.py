"""Altenar's SB2 widget API: one GET per league and one per event, answered for the brand that `integration` names.

The lists are public at some brands; others want the token that their own page receives
(`session_page` is the page that mints it). Answers are cached for 3 s by the vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.altenar import parser
from scrapers.platforms.altenar.markets import SPORT_IDS
from scrapers.records import Event, PageRequest, ParsedPage

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

BASE = "https://sb2frontend-altenar2.biahosted.com/api/widget"

COMMON = (
    ("culture", "pt-BR"),
    # As JavaScript's Date.getTimezoneOffset(): UTC-3 is +180. It groups by date only; times stay UTC.
    ("timezoneOffset", "180"),
    ("deviceType", "1"),
    ("numFormat", "en-GB"),
    ("countryCode", "BR"),
)

ALL_EVENTS = ("eventCount", "0")


class AltenarOptions(BaseModel):
    """What an Altenar brand declares.

    integration   the brand's name in the API
    session_page  path on the brand's site whose page receives the API token; None where none is needed
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    integration: str = Field(pattern=r"^[A-Za-z0-9_-]+$")
    session_page: str | None = Field(None, pattern=r"^/")


class Altenar:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "altenar"

    def options(self, declared: Mapping[str, Any]) -> AltenarOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return AltenarOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league, scope `league:<key>`."""
        integration = self.options(bookmaker.options).integration
        headers = _headers(bookmaker)
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{BASE}/GetEvents",
                params=(
                    *COMMON,
                    ALL_EVENTS,
                    ("integration", integration),
                    ("sportId", str(SPORT_IDS[league.sport])),
                    ("champIds", league.ids[self.name]),
                ),
                headers=headers,
                kinds=frozenset({parser.LIST}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """One page per event, scope `event:<id>`: every market, where lists hold the headline ones only.

        At Aposta1 the second match result (super odds) stands nowhere else.
        """
        integration = self.options(bookmaker.options).integration
        headers = _headers(bookmaker)
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{BASE}/GetEventDetails",
                params=(
                    *COMMON,
                    ("integration", integration),
                    ("eventId", event.source_id),
                    ("showNonBoosts", "false"),
                ),
                headers=headers,
                kinds=frozenset({parser.DETAIL}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list, one event's details, or a menu; see `parser.parse`."""
        return parser.parse(body, saved=context is not None and context.saved)


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (("accept", "application/json"), ("origin", bookmaker.site), ("referer", f"{bookmaker.site}/"))


PLATFORM: Platform = Altenar()
