"""What the rows of the lists beside `odds.json` have in common: a match, and a price somebody may bet on."""

from __future__ import annotations

from typing import NamedTuple

from board.freshness import FreshPrice
from board.links import deep_link
from board.quotes import moment
from board.records import Match
from board.render import Document
from board.state import Board


class RowPrice(NamedTuple):
    """A price in a row. Equal while it says the same: when it was last seen is looked up on the board.

    family      whose trading desk made it; the bookmaker itself where it belongs to none
    price       decimal odds as listed, stake included
    commission  share of the net winnings that the exchange keeps
    available   stake that can be matched; None where nobody says
    changed_at  seconds since the epoch
    """

    bookmaker_id: int
    event_id: int
    scope_id: int
    bookmaker: str
    family: str
    selection: str
    rules: str
    price: float
    commission: float = 0.0
    available: float | None = None
    changed_at: float = 0.0

    @property
    def net(self) -> float:
        """The price after commission, stake included."""
        return net(self.price, self.commission)


def net(price: float, commission: float) -> float:
    """A price after the exchange's share of the winnings, stake included."""
    return 1 + (price - 1) * (1 - commission)


def row_price(price: FreshPrice) -> RowPrice:
    """What a row says of a price that takes part."""
    head = price.head
    return RowPrice(
        head.bookmaker_id,
        price.listing.event_id,
        price.scope_id,
        head.slug,
        head.family or head.slug,
        price.offer.selection,
        price.offer.rules,
        price.price,
        price.commission,
        price.available,
        price.changed_at,
    )


def price_row(price: RowPrice, match: Match, board: Board) -> Document:
    """A price of a match with both its clocks and its link, as of the board."""
    head, part = board.heads[price.bookmaker_id], board.parts[price.bookmaker_id]
    event = part.listings[price.event_id].description
    row: Document = {
        "bookmaker": price.bookmaker,
        "family": price.family,
        "selection": price.selection,
        "rules": price.rules,
        "price": price.price,
        "last_seen": moment(part.scopes[price.scope_id]),
        "last_changed": moment(price.changed_at),
        "url": deep_link(
            head.event_url, event_id=event.source_id, home=event.home, away=event.away, sport=match.sport
        ),
    }
    if price.available is not None:
        row["available"] = price.available
    if price.commission:
        row["commission"] = price.commission
    return row
