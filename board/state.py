"""The board in memory: every open price of the fleet, and what changed since somebody last asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from board.changes import Changes, Moved
from board.listing import Listing
from board.offers import OfferTable
from board.records import BookmakerHead, Description, HeldPrice, League, Match


@dataclass(slots=True)
class Part:
    """What is held of one bookmaker, as of its commit `seq`. scopes: when each part of its offer was last seen."""

    seq: int = 0
    listings: dict[int, Listing] = field(default_factory=dict)
    scopes: dict[int, float] = field(default_factory=dict)


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
            self._move(listing, held.key, held.offer, held)
        elif listing.description.match_id is not None:  # a key is one offer's for ever, unless somebody edits rows
            self.changes.touch(listing.description.match_id)

    def remove(self, bookmaker_id: int, event_id: int, key: int, offer: int) -> None:
        """Forget a price that is not open any more."""
        listing = self.parts[bookmaker_id].listings.get(event_id)
        if listing is not None and listing.remove(key):
            self._move(listing, key, offer, None)

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

    def _move(self, listing: Listing, key: int, offer: int, held: HeldPrice | None) -> None:
        description = listing.description
        if description.match_id is not None:
            seen = self.offers.in_view(offer, swapped=description.swapped)
            self.changes.move(description.match_id, self.offers.contract_of[seen], key, Moved(listing, seen, held))

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
