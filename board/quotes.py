"""What every bookmaker quotes for one offer of a match, as the rows of the document.

The rows are kept as one text: a price that changed is cut out and put in, and nothing else is written anew.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from board.freshness import FreshPrice
from board.orientation import Offer

_Column = TypeVar("_Column", bound=tuple[Any, ...])

_BETWEEN = b"},{"
"""Between two rows. In no row: no string in them holds a brace (see `deep_link`)."""


class Quotes:
    """The prices of one offer, ordered by the bookmaker's slug, then by event; a column for each field.

    An event has one price of an offer. Most offers of a match have the prices of the same events and scopes, so
    equal columns of these are one.

    events  ids of the listed events; slugs: of their bookmakers
    rows    their JSON objects without the first and the last brace
    """

    __slots__ = ("events", "offer", "prices", "rows", "scopes", "slugs")

    def __init__(self, offer: Offer, prices: Iterable[FreshPrice], urls: Mapping[int, str]) -> None:
        """urls: as for `put`."""
        ordered = sorted(prices, key=_place)
        self.offer = offer
        self.slugs = _shared(tuple(price.head.slug for price in ordered))
        self.events = _shared(tuple(price.listing.event_id for price in ordered))
        self.prices = array("d", [price.price for price in ordered])
        self.scopes = _shared(tuple(price.scope_id for price in ordered))
        self.rows = _BETWEEN.join([_row(price, urls) for price in ordered])

    def __len__(self) -> int:
        return len(self.events)

    def put(self, changed: Iterable[tuple[int, FreshPrice | None]], urls: Mapping[int, str]) -> tuple[bool, bool]:
        """Put prices, by event, in the place of those that were there (None: they take part no more).

        Whether the best may be another one now, and whether it has prices of other bookmakers or scopes, or another
        number of them. urls: the pages of events that are not what the match's link leads to, by event id.
        """
        highest, best_holds, others = max(self.prices, default=0.0), True, False
        for event_id, price in changed:
            place = self.events.index(event_id) if event_id in self.events else None
            if place is not None and price is not None and self.slugs[place] == price.head.slug:
                best_holds &= self.prices[place] < highest > price.price
                others |= self._replace(place, price, urls)
                continue
            if place is not None:
                self._remove(place)
            if price is not None:
                self._insert(price, urls)
            if place is not None or price is not None:
                best_holds, others = False, True
        return not best_holds, others

    def best(self) -> bytes:
        """JSON of the highest price and who offers it. There must be one."""
        highest = max(self.prices)
        leaders = [self.slugs[self.prices.index(highest)]]
        if self.prices.count(highest) > 1:
            among = zip(self.slugs, self.prices, strict=True)
            leaders = list(dict.fromkeys(slug for slug, price in among if price == highest))
        return orjson.dumps({"price": highest, "bookmakers": leaders})

    def _replace(self, place: int, price: FreshPrice, urls: Mapping[int, str]) -> bool:
        """Put a price in the place of another one of its bookmaker; whether it stands in another scope."""
        start, end = self._span(place)
        rows = memoryview(self.rows)
        self.rows = b"".join((rows[:start], _row(price, urls), rows[end:]))  # without copies in between
        self.prices[place] = price.price
        if self.scopes[place] == price.scope_id:
            return False
        self.scopes = _shared((*self.scopes[:place], price.scope_id, *self.scopes[place + 1 :]))
        return True

    def _remove(self, place: int) -> None:
        start, end = self._span(place)
        if place:
            self.rows = self.rows[: start - len(_BETWEEN)] + self.rows[end:]
        else:
            self.rows = self.rows[end + len(_BETWEEN) :]
        del self.prices[place]
        self.events = _shared((*self.events[:place], *self.events[place + 1 :]))
        self.slugs = _shared((*self.slugs[:place], *self.slugs[place + 1 :]))
        self.scopes = _shared((*self.scopes[:place], *self.scopes[place + 1 :]))

    def _insert(self, price: FreshPrice, urls: Mapping[int, str]) -> None:
        slug, event_id, row = price.head.slug, price.listing.event_id, _row(price, urls)
        place = bisect_left(self.events, event_id, bisect_left(self.slugs, slug), bisect_right(self.slugs, slug))
        if place < len(self):
            start, _ = self._span(place)
            self.rows = self.rows[:start] + row + _BETWEEN + self.rows[start:]
        else:
            self.rows = self.rows + _BETWEEN + row if self.rows else row
        self.slugs = _shared((*self.slugs[:place], slug, *self.slugs[place:]))
        self.events = _shared((*self.events[:place], event_id, *self.events[place:]))
        self.prices.insert(place, price.price)
        self.scopes = _shared((*self.scopes[:place], price.scope_id, *self.scopes[place:]))

    def _span(self, place: int) -> tuple[int, int]:
        """Where the row at a place of the columns begins and ends in the text."""
        slug = self.slugs[place]
        start = self.rows.find(_name(slug))
        for _ in range(place - self.slugs.index(slug)):  # the bookmaker's other ones stand before it
            start = self.rows.find(_BETWEEN, start) + len(_BETWEEN)
        end = self.rows.find(_BETWEEN, start)
        return start, len(self.rows) if end < 0 else end


@lru_cache(maxsize=4096)
def _shared(column: _Column) -> _Column:
    """The column that was met first of those that are equal to this one."""
    return column


def moment(at: float) -> str:
    """Seconds since the epoch as a time of the document, whole seconds, UTC."""
    return _second(int(at))


@lru_cache(maxsize=8192)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(price: FreshPrice) -> tuple[str, int, int]:
    return price.head.slug, price.listing.event_id, price.key


@lru_cache(maxsize=4096)
def _name(slug: str) -> bytes:
    """How a row of a bookmaker begins. Nothing within a row reads so: quotes in its strings are escaped."""
    return orjson.dumps({"bookmaker": slug})[1:-1]


def _row(price: FreshPrice, urls: Mapping[int, str]) -> bytes:
    row: dict[str, Any] = {
        "bookmaker": price.head.slug,
        "price": price.price,
        "scope": str(price.scope_id),
        "last_changed": moment(price.changed_at),
    }
    if price.available is not None:
        row["available"] = price.available
    if price.commission:
        row["commission"] = price.commission
    if price.listing.event_id in urls:
        row["url"] = urls[price.listing.event_id]
    return orjson.dumps(row)[1:-1]
