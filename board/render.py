"""Matches as text: kept, deflated and check-summed one by one, so that a round writes what changed and no more.

When a part of a bookmaker's offer was last seen moves with every one of its cycles. It stands in the head of the
document, once for each part, and the matches only name the parts: no match moves with the clocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from board.changes import Moved
from board.freshness import FreshPrice, Limits, price_of, prices_of_match
from board.links import deep_link
from board.listing import Listing
from board.orientation import Offer
from board.packing import Segment, segment
from board.quotes import Quotes, moment
from board.records import Match
from board.state import Board
from scrapers.records import Market, Period, Rules, Selection, Side

__all__ = ["Document", "MatchText", "match_row", "moment"]

_MARKET_ORDER = {market.value: place for place, market in enumerate(Market)}
_PERIOD_ORDER = {period.value: place for place, period in enumerate(Period)}
_SELECTION_ORDER = {selection.value: place for place, selection in enumerate(Selection)}
_RULES_ORDER = {rules.value: place for place, rules in enumerate(Rules)}
_SIDE_ORDER = {side.value: place for place, side in enumerate(Side)}

_END = b"}]}]}]}"
"""What follows a match's last row."""

Document = dict[str, Any]


class MatchText:
    """A match as JSON text, as of one match of the catalogue and one set of listings.

    quotes       by offer number, in the order of the document; without any, the match has no price
    listed       how many prices it lists, by bookmaker slug
    scopes       how many, by the part of the offer that they were seen in
    stays_until  not before then does the clock alone make it another (seconds since the epoch)
    pieces       the text: its header; of each offer what stands before its rows, and they; its end
    packed       the same, deflated
    """

    __slots__ = (
        "_openings", "_urls", "listed", "match", "packed", "pieces", "quotes", "scopes",
        "stays_until",
    )  # fmt: skip
    listed: Counter[str]
    packed: Segment
    pieces: list[bytes]
    scopes: Counter[int]

    def __init__(
        self, board: Board, match: Match, fresh: dict[int, frozenset[int]], *, now: float, limits: Limits
    ) -> None:
        """`fresh`: what `fresh_scopes` answers for the same `now`."""
        self.match = match
        listings = board.listed.get(match.match_id, [])
        main = _main_listings(listings)
        self._urls = {
            listing.event_id: url
            for listing in listings
            if main[listing.bookmaker_id] is not listing and (url := _link(board, match, listing))
        }
        by_offer: dict[Offer, list[FreshPrice]] = {}
        for price in prices_of_match(board, match.match_id, fresh, now=now, limits=limits):
            by_offer.setdefault(price.offer, []).append(price)
        number = board.offers.number
        self.quotes = {number(offer): Quotes(offer, prices, self._urls) for offer, prices in by_offer.items()}
        self.pieces = []
        self.stays_until = min((price.stays_until for prices in by_offer.values() for price in prices), default=0.0)
        if self.quotes:
            self._count(board)
            self._order()
            self._seal()

    def put(
        self,
        board: Board,
        moved: Mapping[int, Moved],
        fresh: dict[int, frozenset[int]],
        *,
        now: float,
        limits: Limits,
    ) -> None:
        """Take over the prices under these keys as they stand now."""
        by_offer: dict[int, list[tuple[int, FreshPrice | None]]] = {}
        for listing, number, held in moved.values():
            price = None
            if held is not None:
                price = price_of(board, self.match, listing, number, held, fresh, now=now, limits=limits)
            by_offer.setdefault(number, []).append((listing.event_id, price))
            if price is not None:
                self.stays_until = min(self.stays_until, price.stays_until)
        offers, others, led = set(self.quotes), False, set()
        for number, changed in by_offer.items():
            quotes = self.quotes.get(number)
            if quotes is None:
                quotes = self.quotes[number] = Quotes(board.offers.offers[number], (), self._urls)
            other_best, other_columns = quotes.put(changed, self._urls)
            others |= other_columns
            if other_best:
                led.add(number)
            if not quotes:
                del self.quotes[number]
        if not self.quotes:
            return
        if others:
            self._count(board)
        if offers != self.quotes.keys():
            self._order()
        else:
            for place, (number, quotes) in enumerate(self.quotes.items()):
                if number in led:
                    self.pieces[2 * place + 1] = self._lead(place, quotes)
                if number in by_offer:
                    self.pieces[2 * place + 2] = quotes.rows
        self._seal()

    def _count(self, board: Board) -> None:
        """Count whose prices it has, and write its header, which links to them."""
        self.listed, self.scopes = Counter(), Counter()
        for quotes in self.quotes.values():
            self.listed.update(quotes.slugs)
            self.scopes.update(quotes.scopes)
        main = _main_listings(board.listed[self.match.match_id]).values()
        links = {board.heads[listing.bookmaker_id].slug: _link(board, self.match, listing) for listing in main}
        listed = {slug: url for slug, url in sorted(links.items()) if url and slug in self.listed}
        self.pieces[:1] = [_header(self.match, listed)]

    def _order(self) -> None:
        """Put the quotes into the order of the document, and write all of them."""
        self.quotes = dict(sorted(self.quotes.items(), key=lambda item: offer_place(item[1].offer)))
        offers = [quotes.offer for quotes in self.quotes.values()]
        self._openings = [_opening(before, offer) for before, offer in zip((None, *offers), offers, strict=False)]
        del self.pieces[1:]
        for place, quotes in enumerate(self.quotes.values()):
            self.pieces += (self._lead(place, quotes), quotes.rows)
        self.pieces.append(_END)

    def _lead(self, place: int, quotes: Quotes) -> bytes:
        """What stands before the rows of an offer."""
        opening = self._openings[place]
        return opening + quotes.best() + b',"prices":[{' if quotes.offer.side == Side.BACK else opening

    def _seal(self) -> None:
        self.packed = segment(b"".join(self.pieces))


def _main_listings(listings: list[Listing]) -> dict[int, Listing]:
    """By bookmaker id the listing that its link leads to: of several the one with the lowest event id."""
    main: dict[int, Listing] = {}
    for listing in listings:
        if main.setdefault(listing.bookmaker_id, listing).event_id > listing.event_id:
            main[listing.bookmaker_id] = listing
    return main


def _link(board: Board, match: Match, listing: Listing) -> str:
    """The page of a listed event; '' where none is known."""
    event = listing.description
    template = board.heads[listing.bookmaker_id].event_url
    return deep_link(template, event_id=event.source_id, home=event.home, away=event.away, sport=match.sport)


def match_row(match: Match) -> Document:
    """Which match a row of a document is about."""
    return {
        "match_id": match.match_id,
        "sport": match.sport,
        "league": {"key": match.league_key, "name": match.league, "country": match.country},
        "home": match.home,
        "away": match.away,
        "starts_at": moment(match.starts_at),
    }


def _header(match: Match, links: Mapping[str, str]) -> bytes:
    return orjson.dumps({**match_row(match), "links": links})[:-1] + b',"markets":['


@lru_cache(maxsize=65_536)
def _opening(before: Offer | None, offer: Offer) -> bytes:
    """What stands between the last row of the offer before (None: there is none) and the first of this one, or, of
    back prices, the best of them."""
    same_contract = before is not None and before[:3] == offer[:3] and before.rules == offer.rules
    if before is not None and same_contract and before.selection == offer.selection:
        return b'}],"lay":[{'  # back before lay
    parts = []
    if before is not None:
        parts.append(b"}]}," if same_contract else b"}]}]},")
    if not same_contract:
        contract = {"market": offer.market, "period": offer.period, "line": offer.line, "rules": offer.rules}
        parts.append(orjson.dumps(contract)[:-1] + b',"selections":[')
    parts.append(orjson.dumps({"selection": offer.selection})[:-1])
    parts.append(b',"best":null,"prices":[],"lay":[{' if offer.side == Side.LAY else b',"best":')
    return b"".join(parts)


def _place(order: Mapping[str, int], word: str) -> tuple[int, str]:
    """Where a word stands: known ones as declared, unknown ones after them by name."""
    return order.get(word, len(order)), word


@lru_cache(maxsize=65_536)
def offer_place(offer: Offer) -> tuple[Any, ...]:
    """Where the quotes of an offer stand in their match."""
    return (
        _place(_PERIOD_ORDER, offer.period),
        _place(_MARKET_ORDER, offer.market),
        offer.line is not None,
        offer.line or 0.0,
        _place(_RULES_ORDER, offer.rules),
        _place(_SELECTION_ORDER, offer.selection),
        _place(_SIDE_ORDER, offer.side),
    )
