"""Kambi's offering API: the matches of a league with one GET, no token.

`useCombined` asks for the combined layout (result and total, or spread, total and moneyline)
instead of the one active category. An unknown or empty path answers 404.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from scrapers.errors import DeclarationError
from scrapers.platforms import Context, Platform
from scrapers.platforms.kambi import parser
from scrapers.records import Event, PageRequest, ParsedPage, Sport

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

BASE = "https://us1.offering-api.kambicdn.com/offering/v2018"

COMMON = (
    ("channel_id", "1"),  # desktop
    ("client_id", "200"),
    ("lang", "pt_BR"),
    ("market", "BR"),
)

COMBINED = ("useCombined", "true")

EXTRA: dict[Sport, tuple[tuple[str, str], ...]] = {
    Sport.FOOTBALL: (),
    Sport.BASKETBALL: (("useCombinedLive", "true"),),
}

EMPTY_STATUS = frozenset({404})


class KambiOptions(BaseModel):
    """What a Kambi brand declares.

    offering               the brand's name in the API
    early_payout_category  list-view category of its early payout prices (football); None where it has none
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    offering: str = Field(pattern=r"^[a-z0-9]+$")
    early_payout_category: str | None = Field(None, pattern=r"^\d+$")


class Kambi:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "kambi"

    def options(self, declared: Mapping[str, Any]) -> KambiOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return KambiOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list per league (`league:<key>`), in football one more for early payout where it is declared.

        Raises DeclarationError for a league without a Kambi path.
        """
        options = self.options(bookmaker.options)
        headers = _headers(bookmaker)
        requests = []
        for league in leagues:
            path = league.paths.get(self.name)
            if path is None:
                raise DeclarationError(f"leagues.json: {league.key}: paths: no {self.name} path")
            plain = PageRequest(
                scope=f"league:{league.key}",
                url=f"{BASE}/{options.offering}/listView/{path}/all/matches.json",
                params=(*COMMON, COMBINED, *EXTRA[league.sport]),
                headers=headers,
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.LIST_VIEW}),
                league=league.key,
            )
            requests.append(plain)
            if options.early_payout_category and league.sport is Sport.FOOTBALL:
                requests.append(
                    PageRequest(
                        scope=f"{plain.scope}/early_payout",
                        url=plain.url,
                        params=(*plain.params, ("category", options.early_payout_category)),
                        headers=headers,
                        empty_status=EMPTY_STATUS,
                        kinds=frozenset({parser.LIST_VIEW}),
                        league=league.key,
                    )
                )
        return requests

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """One page per event, scope `event:<id>`: every market, where list views hold the headline ones only."""
        offering = self.options(bookmaker.options).offering
        return [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{BASE}/{offering}/betoffer/event/{event.source_id}.json",
                params=(*COMMON, ("excludePrePacks", "true")),
                headers=_headers(bookmaker),
                empty_status=EMPTY_STATUS,
                kinds=frozenset({parser.BET_OFFERS}),
                events=(event.source_id,),
            )
            for event in events
        ]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a list view, a betoffer answer, or a list of events; see `parser.parse`."""
        return parser.parse(body)


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (("accept", "application/json"), ("origin", bookmaker.site), ("referer", f"{bookmaker.site}/"))


PLATFORM: Platform = Kambi()
