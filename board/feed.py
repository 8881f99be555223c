"""The document `odds.json`: what every bookmaker offers now, match by match. Pure.

docs/feed/odds.schema.json is its contract. Prices are decimal odds with the stake included; lines are goals or
points from the match's home side; times are UTC. A bookmaker that lists a match with the sides swapped is
turned round, so that everything reads in the match's own view. An empty `matches` means that no price is fresh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from board.freshness import FreshPrice, fresh_prices
from board.links import deep_link
from board.orientation import mirrored
from board.state import Board, HeldEvent, Match, Offer
from scrapers.records import Market, Period, Rules, Selection, Side

if TYPE_CHECKING:
    import hashlib

VERSION = 2

CLOCKS = frozenset(
    {"sequence", "generated_at", "valid_until", "content_hash", "last_success", "last_seen", "last_changed"}
)
"""Fields that say when, not what: `content_hash` leaves them out."""

_MARKET_ORDER = {market.value: place for place, market in enumerate(Market)}
_PERIOD_ORDER = {period.value: place for place, period in enumerate(Period)}
_SELECTION_ORDER = {selection.value: place for place, selection in enumerate(Selection)}
_RULES_ORDER = {rules.value: place for place, rules in enumerate(Rules)}

Document = dict[str, Any]
_Key = TypeVar("_Key")
_Item = TypeVar("_Item")
_Clock = Callable[[float], str]
_LinkOf = Callable[[str, HeldEvent, str], str]


class Feed(NamedTuple):
    """A document made: its JSON text, and what it says of itself."""

    body: bytes
    sequence: int
    content_hash: str
    bookmakers: int
    """How many have a price in it."""
    matches: int
    prices: int


def build_feed(
    board: Board, *, now: float, sequence: int, valid_for_s: float, max_age_s: float, simulated: bool
) -> Feed:
    """The document for `now` (seconds since the epoch). Equal boards give equal documents, order included.

    Matches are written one after the other, so that the whole stands in memory as text only.

    Args:
        board: the followed board; only its fresh prices are listed.
        sequence: number of this document; grows from one published document to the next.
        valid_for_s: how long a reader may rely on the document.
        max_age_s: allowed age of a price at the standard interval (see `freshness.max_age_of`).
        simulated: whether the odds come from anything but the bookmakers themselves.
    """
    # Few moments, events and kinds of offer among many prices.
    clock, link, turned = cache(_iso), cache(_link), cache(mirrored)
    listed: defaultdict[str, int] = defaultdict(int)
    by_match: defaultdict[int, list[tuple[Offer, FreshPrice]]] = defaultdict(list)
    for fresh in fresh_prices(board, now=now, max_age_s=max_age_s):
        offer = turned(fresh.price.offer) if fresh.event.swapped else fresh.price.offer
        by_match[fresh.match.match_id].append((offer, fresh))
        listed[fresh.head.slug] += 1
    document: Document = {
        "version": VERSION,
        "sequence": sequence,
        "generated_at": clock(now),
        "valid_until": clock(now + valid_for_s),
        "simulated": simulated,
        "content_hash": "",
        "bookmakers": [
            {
                "slug": head.slug,
                "name": head.name,
                "family": head.family,
                "status": head.status,
                "last_success": None if head.last_success is None else clock(head.last_success),
                "prices": listed[head.slug],
            }
            for head in sorted(board.heads.values(), key=lambda head: head.slug)
        ],
        "matches": [],
    }
    hashed = _hash_of_head(document)
    order = sorted(
        (board.matches[match_id] for match_id in by_match), key=lambda match: (match.starts_at, match.match_id)
    )
    for match in order:
        row = _match(match, by_match.pop(match.match_id), clock, link)
        hashed.update(orjson.dumps(_timeless(row)))
        document["matches"].append(orjson.Fragment(orjson.dumps(row)))
    document["content_hash"] = hashed.hexdigest()
    return Feed(
        orjson.dumps(document),
        sequence,
        document["content_hash"],
        sum(1 for count in listed.values() if count),
        len(order),
        sum(listed.values()),
    )


def content_hash(document: Document) -> str:
    """SHA-256, in hex, of what a document says; sequence, hash and clocks (`CLOCKS`) left out.

    Over the compact JSON of everything but the matches, followed by that of each match.
    """
    hashed = _hash_of_head(document)
    for match in document["matches"]:
        hashed.update(orjson.dumps(_timeless(match)))
    return hashed.hexdigest()


def _hash_of_head(document: Document) -> hashlib._Hash:
    return sha256(orjson.dumps(_timeless({name: v for name, v in document.items() if name != "matches"})))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(item) for name, item in value.items() if name not in CLOCKS}
    if isinstance(value, list):
        return [_timeless(item) for item in value]
    return value


def _match(match: Match, offers: list[tuple[Offer, FreshPrice]], clock: _Clock, link: _LinkOf) -> Document:
    markets = _grouped(offers, lambda entry: (entry[0].market, entry[0].period, entry[0].line, entry[0].rules))
    return {
        "match_id": match.match_id,
        "sport": match.sport,
        "league": {"key": match.league_key, "name": match.league, "country": match.country},
        "home": match.home,
        "away": match.away,
        "starts_at": clock(match.starts_at),
        "markets": [
            {
                "market": market,
                "period": period,
                "line": line,
                "rules": rules,
                "selections": [
                    _selection(selection, entries, clock, link)
                    for selection, entries in sorted(
                        _grouped(inside, lambda entry: entry[0].selection).items(),
                        key=lambda item: _place(_SELECTION_ORDER, item[0]),
                    )
                ],
            }
            for (market, period, line, rules), inside in sorted(markets.items(), key=_market_place)
        ],
    }


def _selection(selection: str, entries: list[tuple[Offer, FreshPrice]], clock: _Clock, link: _LinkOf) -> Document:
    ordered = sorted(
        entries,
        key=lambda entry: (
            entry[0].side,
            entry[1].head.slug,
            -entry[1].price.price,
            entry[1].key,
        ),
    )
    return {
        "selection": selection,
        "prices": [_price(offer, fresh, clock, link) for offer, fresh in ordered],
        "best": _best(ordered),
    }


def _price(offer: Offer, fresh: FreshPrice, clock: _Clock, link: _LinkOf) -> Document:
    price = fresh.price
    row: Document = {
        "bookmaker": fresh.head.slug,
        "price": price.price,
        "side": offer.side,
        "last_seen": clock(fresh.seen_at),
        "last_changed": clock(price.changed_at),
        "url": link(fresh.head.event_url, fresh.event, fresh.match.sport),
    }
    if price.available is not None:
        row["available"] = price.available
    if price.commission:
        row["commission"] = price.commission
    return row


def _link(template: str, event: HeldEvent, sport: str) -> str:
    return deep_link(template, event_id=event.source_id, home=event.home, away=event.away, sport=sport)


def _best(ordered: list[tuple[Offer, FreshPrice]]) -> Document | None:
    """The highest back price and who offers it; None when there are only lay prices."""
    backs = [fresh for offer, fresh in ordered if offer.side == Side.BACK]
    if not backs:
        return None
    highest = max(fresh.price.price for fresh in backs)
    leaders = dict.fromkeys(fresh.head.slug for fresh in backs if fresh.price.price == highest)
    return {"price": highest, "bookmakers": list(leaders)}


def _grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _place(order: Mapping[str, int], word: str) -> tuple[int, str]:
    """Where a word stands: known ones as declared, unknown ones after them by name."""
    return order.get(word, len(order)), word


def _market_place(item: tuple[tuple[str, str, float | None, str], Any]) -> tuple[Any, ...]:
    market, period, line, rules = item[0]
    place = _place(_PERIOD_ORDER, period), _place(_MARKET_ORDER, market)
    return *place, line is not None, line or 0.0, _place(_RULES_ORDER, rules)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
