"""An opportunity: a surebet with a life, and its legs as they stand on the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from board.freshness import FreshPrice
from board.links import deep_link
from board.records import Match
from board.state import Board
from board.surebets import Leg


class Ending(StrEnum):
    """Why a surebet closed."""

    KICKOFF = "kickoff"
    REVOKED = "revoked"
    """A leg's event does not belong to the match any more, or the match is gone from the catalogue."""
    BOOKMAKER_SILENT = "bookmaker_silent"
    """Nobody has seen a leg within its freshness limit, or its scraper is not to be trusted."""
    LEG_GONE = "leg_gone"
    """Withdrawn or suspended."""
    PRICE_MOVED = "price_moved"
    DOUBTED = "doubted"
    """Its prices stand, and a gate turns it down now."""
    SUPERSEDED = "superseded"
    """Its prices stand, and better sets of the match take its place in the list."""
    GENERATOR_STOPPED = "generator_stopped"
    """Nobody looked when it ended; it closed when it was last seen."""


class HeldLeg(NamedTuple):
    """One bet of an opportunity, and the price on the board behind it.

    event_id, key  the bookmaker's event and the price, as the board knows them
    stake, outlay  see `board.surebets.Leg`
    available      stake that can be matched; None where nobody says
    changed_at     of the price, seconds since the epoch
    """

    bookmaker_id: int
    bookmaker: str
    family: str
    event_id: int
    key: int
    market: str
    line: float | None
    selection: str
    side: str
    rules: str
    price: float
    commission: float
    available: float | None
    stake: float
    outlay: float
    changed_at: float
    url: str

    def seen_at(self, board: Board) -> float | None:
        """When the bookmaker last listed it, seconds since the epoch; None when the board holds it no more."""
        part = board.parts.get(self.bookmaker_id)
        listing = None if part is None else part.listings.get(self.event_id)
        if part is None or listing is None or self.key not in listing.keys:
            return None
        return part.scopes.get(listing.scopes[listing.keys.index(self.key)])


class Sight(NamedTuple):
    """What an opportunity is at one moment. Amounts are those of `board.surebets.Surebet`; profits as JSON rows."""

    edge: float
    outlay: float
    worst: float
    best: float
    legs: tuple[HeldLeg, ...]
    profits: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class Opportunity:
    """A surebet from its opening to its end. Times in seconds since the epoch, the database's clock.

    surebet_id    its row; None: not recorded yet
    confirmed_at  when every leg had been read again and it still stood; None: not yet
    last_seen_at  the last round in which it stood
    ending        why it closed, `detail` whose leg or which gates; None: it is open
    sights        how often all of its legs were read anew, the opening included; `sight_at` the last time
    gaps, gap_s   how often it was away for a moment and came back, and for how long in all
    """

    key: str
    period: str
    match: Match
    sight: Sight
    best_sight: Sight
    first_edge: float
    opened_at: float
    last_seen_at: float
    sight_at: float
    surebet_id: int | None = None
    confirmed_at: float | None = None
    closed_at: float | None = None
    ending: Ending | None = None
    detail: str = ""
    sights: int = 1
    gaps: int = 0
    gap_s: float = 0.0


def held_leg(leg: Leg, price: FreshPrice) -> HeldLeg:
    """A leg with the board's price behind it."""
    quote, listing, event = leg.quote, price.listing, price.listing.description
    return HeldLeg(
        price.head.bookmaker_id,
        quote.bookmaker,
        price.head.family,
        listing.event_id,
        price.key,
        quote.market,
        quote.line,
        quote.selection,
        quote.side,
        quote.rules,
        quote.price,
        quote.commission,
        quote.available,
        leg.stake,
        leg.outlay,
        price.changed_at,
        deep_link(
            price.head.event_url,
            event_id=event.source_id,
            home=event.home,
            away=event.away,
            sport=price.match.sport,
        ),
    )
