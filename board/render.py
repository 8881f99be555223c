"""Matches as text: JSON made once for each contract and kept, in which only the moments of sight are overwritten.

Every cycle of a bookmaker moves `last_seen` of all its prices, and nothing else of most of them. The moments have a
fixed width, so they are replaced in place; a contract is written anew only when one of its prices is different.
"""

from __future__ import annotations

import re
import zlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import orjson

from board.freshness import FreshPrice, Limits, prices_of_match
from board.links import deep_link
from board.offers import Contract
from board.state import Board, Match
from scrapers.records import Market, Period, Rules, Selection, Side

COMPRESSION = 1
"""Of zlib. The text repeats itself so much that higher levels gain little and cost several times as much."""

_MARKET_ORDER = {market.value: place for place, market in enumerate(Market)}
_PERIOD_ORDER = {period.value: place for place, period in enumerate(Period)}
_SELECTION_ORDER = {selection.value: place for place, selection in enumerate(Selection)}
_RULES_ORDER = {rules.value: place for place, rules in enumerate(Rules)}

# Inside a JSON string a quotation mark follows a backslash, so neither pattern is ever found in a name.
_LAST_SEEN = re.compile(rb'"last_seen":"')
_CLOCKS = re.compile(rb'"last_seen":"[^"]*","last_changed":"[^"]*",')

Document = dict[str, Any]


class Links:
    """The links of a match's prices: one for each event, made when it is first asked for."""

    def __init__(self) -> None:
        self._by_event: dict[int, str] = {}

    def of(self, price: FreshPrice) -> str:
        """The page of a price's event; '' where none is known."""
        listing, event = price.listing, price.listing.description
        link = self._by_event.get(listing.event_id)
        if link is None:
            link = self._by_event[listing.event_id] = deep_link(
                price.head.event_url,
                event_id=event.source_id,
                home=event.home,
                away=event.away,
                sport=price.match.sport,
            )
        return link


class Block:
    """One contract of a match as JSON text.

    scopes, offsets, bookmakers   per price, in the order of the text: where it was seen, where in the text that
                                  moment stands, and whose it is
    digest       SHA-256 of the text without its moments
    stays_until  when the clock alone makes it another (seconds since the epoch)
    """

    __slots__ = ("bookmakers", "digest", "offsets", "scopes", "stays_until", "text")

    def __init__(self, contract: Contract, prices: Iterable[FreshPrice], links: Links) -> None:
        by_selection: dict[str, list[FreshPrice]] = {}
        for price in prices:
            by_selection.setdefault(price.offer.selection, []).append(price)
        selections, ordered = [], []
        for selection in sorted(by_selection, key=lambda word: _place(_SELECTION_ORDER, word)):
            inside = sorted(by_selection[selection], key=_price_place)
            ordered += inside
            selections.append(
                {
                    "selection": selection,
                    "prices": [_price(price, links) for price in inside],
                    "best": _best(inside),
                }
            )
        text = orjson.dumps({**contract._asdict(), "selections": selections})
        self.text = bytearray(text)
        self.digest = sha256(_CLOCKS.sub(b"", text)).digest()
        self.scopes = array("i", (price.scope_id for price in ordered))
        self.offsets = array("I", (found.end() for found in _LAST_SEEN.finditer(text)))
        self.bookmakers = array("h", (price.head.bookmaker_id for price in ordered))
        self.stays_until = min(price.stays_until for price in ordered)

    def stamp(self, moments: Mapping[int, bytes]) -> bool:
        """Overwrite when the prices of these scopes were seen; whether there are any."""
        text, stamped = self.text, False
        for scope, offset in zip(self.scopes, self.offsets, strict=True):
            if scope in moments:
                seen_at = moments[scope]
                text[offset : offset + len(seen_at)] = seen_at
                stamped = True
        return stamped


class MatchText:
    """A match with a price, as JSON text. blocks: by contract number, in the order of the document."""

    __slots__ = ("_packed", "blocks", "digest", "header", "listed", "match", "stays_until")

    def __init__(self, match: Match) -> None:
        self.match = match
        self.header = b""
        self.blocks: dict[int, Block] = {}
        self.digest = b""
        self.stays_until = 0.0
        self.listed: Counter[int] = Counter()
        """How many prices it lists, by bookmaker id."""
        self._packed: bytes | None = None

    def write(
        self,
        board: Board,
        fresh: dict[int, frozenset[int]],
        *,
        now: float,
        limits: Limits,
        contracts: Collection[int] | None,
    ) -> None:
        """Write these contracts anew; None: the whole match. Without blocks afterwards, it has no price."""
        self._packed = None
        by_contract: dict[int, list[FreshPrice]] = {}
        for price in prices_of_match(
            board, self.match.match_id, fresh, now=now, limits=limits, contracts=contracts
        ):
            by_contract.setdefault(price.contract, []).append(price)
        blocks = {} if contracts is None else {n: b for n, b in self.blocks.items() if n not in contracts}
        known, links = board.offers.contracts, Links()
        blocks |= {number: Block(known[number], prices, links) for number, prices in by_contract.items()}
        self.blocks = dict(sorted(blocks.items(), key=lambda item: _contract_place(known[item[0]])))
        self.listed = Counter()
        for block in self.blocks.values():
            self.listed.update(block.bookmakers)
        self.header = _header(self.match)
        hashed = sha256(self.header)
        for block in self.blocks.values():
            hashed.update(block.digest)
        self.digest = hashed.digest()
        self.stays_until = min((block.stays_until for block in self.blocks.values()), default=0.0)

    def stamp(self, moments: Mapping[int, bytes]) -> None:
        """Overwrite when the prices of these scopes were seen."""
        for block in self.blocks.values():
            if block.stamp(moments):
                self._packed = None

    def pieces(self) -> list[bytes | bytearray]:
        """The text, in pieces to be joined."""
        pieces: list[bytes | bytearray] = [self.header]
        for block in self.blocks.values():
            pieces += (block.text, b",")
        pieces[-1] = b"]}"
        return pieces

    def packed(self) -> bytes:
        """The text as a segment of a deflate stream that ends on a byte and refers to nothing before it."""
        if self._packed is None:
            self._packed = pack(self.pieces())
        return self._packed


def pack(pieces: Iterable[bytes | bytearray], *, last: bool = False) -> bytes:
    """Text as a segment of a raw deflate stream; `last`: the one that ends the stream."""
    deflate = zlib.compressobj(COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = [deflate.compress(piece) for piece in pieces]
    return b"".join((*packed, deflate.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)))


def match_digest(match: Document) -> bytes:
    """What `MatchText.digest` is, from the document of a match."""
    plain = {name: value for name, value in match.items() if name != "markets"}
    hashed = sha256(_open(plain))
    for market in match["markets"]:
        hashed.update(sha256(_CLOCKS.sub(b"", orjson.dumps(market))).digest())
    return hashed.digest()


@lru_cache(maxsize=4096)
def moment(at: float) -> str:
    """Seconds since the epoch as a time of the document, whole seconds, UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _header(match: Match) -> bytes:
    return _open(
        {
            "match_id": match.match_id,
            "sport": match.sport,
            "league": {"key": match.league_key, "name": match.league, "country": match.country},
            "home": match.home,
            "away": match.away,
            "starts_at": moment(match.starts_at),
        }
    )


def _open(plain: Document) -> bytes:
    return orjson.dumps(plain)[:-1] + b',"markets":['


def _price(price: FreshPrice, links: Links) -> Document:
    row: Document = {
        "bookmaker": price.head.slug,
        "price": price.price,
        "side": price.offer.side,
        "last_seen": moment(price.seen_at),
        "last_changed": moment(price.changed_at),
        "url": links.of(price),
    }
    if price.available is not None:
        row["available"] = price.available
    if price.commission:
        row["commission"] = price.commission
    return row


def _price_place(price: FreshPrice) -> tuple[str, str, float, int]:
    return price.offer.side, price.head.slug, -price.price, price.key


def _best(ordered: list[FreshPrice]) -> Document | None:
    """The highest back price and who offers it; None when there are only lay prices."""
    backs = [price for price in ordered if price.offer.side == Side.BACK]
    if not backs:
        return None
    highest = max(price.price for price in backs)
    leaders = dict.fromkeys(price.head.slug for price in backs if price.price == highest)
    return {"price": highest, "bookmakers": list(leaders)}


def _place(order: Mapping[str, int], word: str) -> tuple[int, str]:
    """Where a word stands: known ones as declared, unknown ones after them by name."""
    return order.get(word, len(order)), word


@lru_cache(maxsize=65_536)
def _contract_place(contract: Contract) -> tuple[Any, ...]:
    market, period, line, rules = contract
    place = _place(_PERIOD_ORDER, period), _place(_MARKET_ORDER, market)
    return *place, line is not None, line or 0.0, _place(_RULES_ORDER, rules)
