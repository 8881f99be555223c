"""One event of one bookmaker in columns: a price costs 32 bytes, and what it is for is a number (`OfferTable`)."""

from __future__ import annotations

from array import array
from typing import Any

from board.records import UNDESCRIBED, Description, HeldPrice


class Listing:
    """One event of one bookmaker with its open prices, a column for each field."""

    __slots__ = (
        "bookmaker_id", "changed", "description", "event_id", "exchange", "keys", "offers", "prices", "scopes",
    )  # fmt: skip

    def __init__(self, bookmaker_id: int, event_id: int, description: Description = UNDESCRIBED) -> None:
        self.bookmaker_id = bookmaker_id
        self.event_id = event_id
        self.description = description
        self.keys = array("q")
        self.offers = array("I")
        self.scopes = array("i")
        self.prices = array("d")
        self.changed = array("d")
        self.exchange: dict[int, tuple[float | None, float]] | None = None
        """Available stake and commission by key, of the prices that have any; None: none has."""

    def __len__(self) -> int:
        return len(self.keys)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same, in whatever order it came."""
        if not isinstance(other, Listing):
            return NotImplemented
        same = (self.bookmaker_id, self.event_id, self.description) == (
            other.bookmaker_id,
            other.event_id,
            other.description,
        )
        return same and len(self) == len(other) and self._rows() == other._rows()

    __hash__ = None  # type: ignore[assignment]

    def _rows(self) -> dict[int, HeldPrice]:
        return {self.keys[place]: self.at(place) for place in range(len(self.keys))}

    def at(self, place: int) -> HeldPrice:
        """The price at one place of the columns."""
        key = self.keys[place]
        available, commission = (self.exchange or {}).get(key, (None, 0.0))
        return HeldPrice(
            key,
            self.offers[place],
            self.scopes[place],
            self.prices[place],
            available,
            commission,
            self.changed[place],
        )

    def put(self, held: HeldPrice) -> int | None:
        """Hold a price in place of what was held under its key; the offer of that, None: nothing was held."""
        key, offer, scope_id, price, available, commission, changed_at = held
        before = None
        try:
            place = self.keys.index(key)
        except ValueError:
            self.keys.append(key)
            self.offers.append(offer)
            self.scopes.append(scope_id)
            self.prices.append(price)
            self.changed.append(changed_at)
        else:
            before = self.offers[place]
            self.offers[place] = offer
            self.scopes[place] = scope_id
            self.prices[place] = price
            self.changed[place] = changed_at
        if available is not None or commission:
            self.exchange = self.exchange or {}
            self.exchange[key] = available, commission
        elif self.exchange is not None:
            self.exchange.pop(key, None)
        return before

    def remove(self, key: int) -> bool:
        """Forget the price of a key; whether it was held."""
        try:
            place = self.keys.index(key)
        except ValueError:
            return False
        columns: tuple[array[Any], ...] = (self.keys, self.offers, self.scopes, self.prices, self.changed)
        for column in columns:
            last = column.pop()
            if place < len(column):
                column[place] = last
        if self.exchange is not None:
            self.exchange.pop(key, None)
        return True
