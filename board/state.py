"""The board in memory: every open price of the fleet, in columns, and what changed since somebody last asked.

A price costs 32 bytes: the prices of an event stand in arrays beside each other, and what they are for is a
number (`OfferTable`). Whoever follows the board takes the changes and looks at nothing else.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from board.offers import OfferTable


class Match(NamedTuple):
    """A match of the catalogue. `league_key` None and empty names: of a league the fleet does not know."""

    match_id: int
    sport: str
    league_key: str | None
    league: str
    country: str
    home: str
    away: str
    starts_at: int


class League(NamedTuple):
    """A league that the fleet knows."""

    key: str
    name: str
    country: str
    sport: str


class BookmakerHead(NamedTuple):
    """Where a bookmaker stands. `last_success`: seconds since the epoch, None: never yet."""

    bookmaker_id: int
    slug: str
    name: str
    family: str
    event_url: str
    commit_seq: int
    status: str
    expected_interval_s: int
    last_success: float | None


class Description(NamedTuple):
    """A match as one bookmaker lists it. `match_id` None: identity not decided, its prices wait.

    swapped    the bookmaker's home side is the match's away side
    starts_at  the bookmaker's own kick-off, seconds since the epoch
    """

    source_id: str
    match_id: int | None
    swapped: bool
    home: str
    away: str
    starts_at: int


UNDESCRIBED = Description("", None, False, "", "", 0)
"""Of an event whose prices were read before itself: they wait."""


class HeldPrice(NamedTuple):
    """An open price as it is put into a listing.

    offer       its number in the table, in the bookmaker's own orientation
    available   stake that can be matched; None where nobody says
    changed_at  seconds since the epoch
    """

    key: int
    offer: int
    scope_id: int
    price: float
    available: float | None
    commission: float
    changed_at: float


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
        before = None
        try:
            place = self.keys.index(held.key)
        except ValueError:
            self.keys.append(held.key)
            self.offers.append(held.offer)
            self.scopes.append(held.scope_id)
            self.prices.append(held.price)
            self.changed.append(held.changed_at)
        else:
            before = self.offers[place]
            self.offers[place] = held.offer
            self.scopes[place] = held.scope_id
            self.prices[place] = held.price
            self.changed[place] = held.changed_at
        if held.available is not None or held.commission:
            self.exchange = self.exchange or {}
            self.exchange[held.key] = held.available, held.commission
        elif self.exchange is not None:
            self.exchange.pop(held.key, None)
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


@dataclass(slots=True)
class Part:
    """What is held of one bookmaker, as of its commit `seq`. scopes: when each part of its offer was last seen."""

    seq: int = 0
    listings: dict[int, Listing] = field(default_factory=dict)
    scopes: dict[int, float] = field(default_factory=dict)


class Moved(NamedTuple):
    """Where a price that changed is listed, or was until now. offer: its number, as the match itself sees it."""

    listing: Listing
    offer: int


@dataclass(slots=True)
class Changes:
    """What is different since the changes were last taken.

    matches  by match id: the numbers of the contracts in which a price changed; None: anything may have
    prices   by match id and key: the very prices, of the matches that name contracts
    scopes   parts of offers that were seen at another time than before
    """

    matches: dict[int, set[int] | None] = field(default_factory=dict)
    prices: dict[int, dict[int, Moved]] = field(default_factory=dict)
    scopes: set[int] = field(default_factory=set)

    def touch(self, match_id: int) -> None:
        """Note that anything of a match may have changed."""
        self.matches[match_id] = None
        self.prices.pop(match_id, None)

    def move(self, match_id: int, contract: int, key: int, moved: Moved) -> None:
        """Note that the price under a key changed, came or went."""
        contracts = self.matches.setdefault(match_id, set())
        if contracts is not None:
            contracts.add(contract)
            self.prices.setdefault(match_id, {})[key] = moved


@dataclass(slots=True)
class Board:
    """Everything the readers need, as of `now` on the database's clock (seconds since the epoch).

    heads and parts are by bookmaker id, leagues by key, `listed` (who lists a match) by match id. A listing may
    name a match that does not stand here (yet): its prices wait. Changed through the methods only, so that
    `listed` and the changes are right.
    """

    now: float = 0.0
    heads: dict[int, BookmakerHead] = field(default_factory=dict)
    parts: dict[int, Part] = field(default_factory=dict)
    matches: dict[int, Match] = field(default_factory=dict)
    leagues: dict[str, League] = field(default_factory=dict)
    offers: OfferTable = field(default_factory=OfferTable)
    listed: dict[int, list[Listing]] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    def take_changes(self) -> Changes:
        """What changed since this was last called; the caller passes it to everybody who follows the board."""
        taken, self.changes = self.changes, Changes()
        return taken

    def set_heads(self, heads: dict[int, BookmakerHead]) -> None:
        """Take over where the bookmakers stand; one that is not among them leaves with all it offered."""
        for gone in self.parts.keys() - heads.keys():
            self.set_part(gone, Part())
            del self.parts[gone]
        for bookmaker_id, head in heads.items():
            before = self.heads.get(bookmaker_id)
            held = bookmaker_id in self.parts
            if held and before is not None and (before.slug, before.event_url) != (head.slug, head.event_url):
                for match_id in self.matches_in(bookmaker_id):
                    self.changes.touch(match_id)
        self.heads = heads

    def set_scopes(self, bookmaker_id: int, scopes: dict[int, float]) -> None:
        """Take over when the parts of a bookmaker's offer were last seen."""
        part = self.parts[bookmaker_id]
        self.changes.scopes.update(scope for scope, at in scopes.items() if part.scopes.get(scope) != at)
        part.scopes = scopes

    def set_match(self, match_id: int, match: Match | None) -> None:
        """Take over what the catalogue says of a match; None: it knows it no more."""
        if self.matches.get(match_id) == match:
            return
        if match is None:
            del self.matches[match_id]
        else:
            self.matches[match_id] = match
        self.changes.touch(match_id)

    def set_part(self, bookmaker_id: int, part: Part) -> None:
        """Put what was read anew in the place of what was held. Only what differs counts as changed."""
        before = self.parts.get(bookmaker_id, Part())
        for event_id, listing in before.listings.items():
            again = part.listings.get(event_id)
            if again == listing:
                part.listings[event_id] = listing
            else:
                self._unlist(listing)
        for event_id, listing in part.listings.items():
            if before.listings.get(event_id) is not listing:
                self._list(listing)
        self.parts[bookmaker_id] = part

    def describe(self, bookmaker_id: int, event_id: int, description: Description) -> None:
        """Take over how a bookmaker lists an event, new or known."""
        listing = self._listing(bookmaker_id, event_id)
        if listing.description != description:
            self._unlist(listing)
            listing.description = description
            self._list(listing)

    def put(self, bookmaker_id: int, event_id: int, held: HeldPrice) -> None:
        """Hold an open price."""
        listing = self._listing(bookmaker_id, event_id)
        before = listing.put(held)
        if before is None or before == held.offer:
            self._move(listing, held.key, held.offer)
        elif listing.description.match_id is not None:  # a key is one offer's for ever, unless somebody edits rows
            self.changes.touch(listing.description.match_id)

    def remove(self, bookmaker_id: int, event_id: int, key: int, offer: int) -> None:
        """Forget a price that is not open any more."""
        listing = self.parts[bookmaker_id].listings.get(event_id)
        if listing is not None and listing.remove(key):
            self._move(listing, key, offer)

    def matches_in(self, bookmaker_id: int, scopes: Collection[int] | None = None) -> Iterator[int]:
        """The matches that a bookmaker lists; with `scopes`: those it has a price of in one of them."""
        for listing in self.parts[bookmaker_id].listings.values():
            match_id = listing.description.match_id
            if match_id is not None and (scopes is None or any(scope in scopes for scope in listing.scopes)):
                yield match_id

    def _listing(self, bookmaker_id: int, event_id: int) -> Listing:
        listings = self.parts[bookmaker_id].listings
        listing = listings.get(event_id)
        if listing is None:
            listing = listings[event_id] = Listing(bookmaker_id, event_id)
        return listing

    def _move(self, listing: Listing, key: int, offer: int) -> None:
        description = listing.description
        if description.match_id is not None:
            seen = self.offers.in_view(offer, swapped=description.swapped)
            self.changes.move(description.match_id, self.offers.contract_of[seen], key, Moved(listing, seen))

    def _list(self, listing: Listing) -> None:
        match_id = listing.description.match_id
        if match_id is not None:
            self.listed.setdefault(match_id, []).append(listing)
            self.changes.touch(match_id)

    def _unlist(self, listing: Listing) -> None:
        match_id = listing.description.match_id
        if match_id is not None:
            among = self.listed[match_id]
            del among[next(place for place, other in enumerate(among) if other is listing)]
            if not among:
                del self.listed[match_id]
            self.changes.touch(match_id)
