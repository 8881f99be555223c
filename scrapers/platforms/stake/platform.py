"""stake.bet.br: a tournament's events with one GET, their odds with others.

`/tournament/<id>/live-upcoming` lists events without prices. `/events/odds` gives the main markets of several
events, `/events/<id>/odds` every market of one: early payout and the moneyline stand nowhere else. Answered only
to a browser that navigates to the address itself (2026-01); about half a second a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field

from scrapers.platforms import Context, Platform
from scrapers.platforms.stake import parser
from scrapers.records import Event, LeagueName, PageRequest, ParsedPage, Sport

if TYPE_CHECKING:
    from scrapers.declarations import Bookmaker, League

PATH = "/api/v1/br/pt-br"
BATCH = 25
"""Events in one request for odds. No limit is known; a league rarely lists more."""


class StakeOptions(BaseModel):
    """What a brand on this host declares.

    session_page  path on the brand's site whose page lets the browser in; None where none is needed
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_page: str | None = Field(None, pattern=r"^/")


class Stake:
    """The platform; satisfies `scrapers.platforms.Platform`."""

    name = "stake"

    def options(self, declared: Mapping[str, Any]) -> StakeOptions:
        """Validate a bookmaker's `options`; raises pydantic.ValidationError."""
        return StakeOptions.model_validate(declared)

    def requests(self, bookmaker: Bookmaker, leagues: Sequence[League]) -> list[PageRequest]:
        """One list of events per league, scope `league:<key>`: no prices."""
        return [
            PageRequest(
                scope=f"league:{league.key}",
                url=f"{_base(bookmaker)}/tournament/{league.ids[self.name]}/live-upcoming",
                headers=_headers(bookmaker),
                kinds=frozenset({parser.EVENTS}),
                league=league.key,
            )
            for league in leagues
        ]

    def details(self, bookmaker: Bookmaker, events: Sequence[Event]) -> list[PageRequest]:
        """The odds: first of each football league together, `events:<league id>/<n>`, then `event:<id>` of each.

        Basketball has no batch: the moneyline is on the pages of single events only.
        """
        batches: dict[str, list[str]] = {}
        of_league: dict[str, list[Event]] = {}
        for event in events:
            if event.sport is Sport.FOOTBALL:
                of_league.setdefault(event.league.source_id, []).append(event)
        for league, listed in of_league.items():
            # An event keeps its batch as others come and go; only a league that grows much is dealt anew.
            count = -(-len(listed) // BATCH)
            for event in listed:
                number = crc32(event.source_id.encode()) % count
                batches.setdefault(f"events:{league}/{number}", []).append(event.source_id)
        headers = _headers(bookmaker)
        together = [
            PageRequest(
                scope=scope,
                url=f"{_base(bookmaker)}/events/odds",
                params=(("events", ",".join(ids)),),
                headers=headers,
                kinds=frozenset({parser.ODDS}),
                events=tuple(ids),
            )
            for scope, ids in batches.items()
        ]
        alone = [
            PageRequest(
                scope=f"event:{event.source_id}",
                url=f"{_base(bookmaker)}/events/{event.source_id}/odds",
                headers=headers,
                kinds=frozenset({parser.ODDS}),
                events=(event.source_id,),
            )
            for event in events
        ]
        return [*together, *alone]

    def parse(self, body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
        """Read a tournament's events, rows of odds, or an answer of stake.com; see `parser.parse`.

        Odds without their events (but in a saved file), and events without their league, are rejected whole:
        nothing in the payload tells them.
        """
        asked = context.league if context else None
        league = LeagueName(asked.ids[self.name], asked.name, asked.country) if asked else None
        sport = asked.sport if asked else None
        listed = context.events if context else {}
        saved = context is not None and context.saved
        return parser.parse(body, league=league, sport=sport, listed=listed, saved=saved)


def _base(bookmaker: Bookmaker) -> str:
    return f"https://sbweb.{bookmaker.site.removeprefix('https://')}{PATH}"


def _headers(bookmaker: Bookmaker) -> tuple[tuple[str, str], ...]:
    return (
        ("accept", "application/json"),
        ("accept-language", "pt-BR"),
        ("referer", f"{bookmaker.site}/"),
    )


PLATFORM: Platform = Stake()
