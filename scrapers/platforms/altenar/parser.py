"""Altenar payloads to records. Pure: equal bytes, equal result.

A list (GetEvents and its sisters) is flat arrays joined by id; an event's details hold one event,
with the same arrays, whose odd ids are arrays of arrays. Ids without an entry are ordinary: an
event names all its markets and the list carries the headline ones only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scrapers.platforms import unsaid
from scrapers.platforms.altenar.markets import EARLY_PAYOUT_OFFER, EVENT_STATUS, MARKETS, SPORTS, MarketType
from scrapers.platforms.altenar.odds import Match, has_offer, quote_of, rules_of, unpriced_lines
from scrapers.platforms.quotes import PriceList, Quote
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    check_sides,
    id_of,
    keys_of,
    kickoff_of,
    load_object,
    name_of,
    object_of,
    rows_of,
    shape_error,
)
from scrapers.records import MARKETS_WITH_LINE, Event, LeagueName, ParsedPage, Rejected, Rules

LIST, DETAIL = "list", "detail"
"""The kinds of payload that a league's list and an event's page are."""

EXPECTED = "an Altenar widget answer (a list, an event's details or a menu)"
_SIDES = re.compile(r"\s+vs\.?\s+")


def parse(body: bytes, *, saved: bool = False) -> ParsedPage:
    """Read one Altenar body of kind "list", "detail" or "menu" (which has no odds).

    Args:
        body: the response as received, UTF-8 JSON.
        saved: whether league and kick-off may be left out (see `unsaid`).

    Returns:
        events in source order, and every row left out: `event:<id>` with all its markets,
        `market:<id>` with all its odds, or `odd:<id>`.

    Raises:
        PayloadShapeError: not a widget answer (HTML, truncated, another API, the legacy API).
    """
    root = load_object(body, EXPECTED)
    if "Result" in root:
        raise shape_error(EXPECTED, "the legacy Sportsbook API (nested, root key Result)", body)
    has_odds = isinstance(root.get("markets"), list) and isinstance(root.get("odds"), list)
    if has_odds and isinstance(root.get("events"), list):
        if root["events"] and not any(isinstance(row, dict) for row in root["events"]):
            raise shape_error(EXPECTED, "a list whose events are not objects", body)
        return _Reader(LIST, root, saved=saved).read(root["events"])
    if has_odds and isinstance(root.get("sport"), dict) and id_of(root.get("id")):
        return _Reader(DETAIL, root, saved=saved).read([_event_of_details(root)])
    if "events" not in root and "odds" not in root and _is_menu(root):
        return ParsedPage("menu")
    raise shape_error(EXPECTED, keys_of(root), body)


def _is_menu(root: Row) -> bool:
    return isinstance(root.get("sports"), list) and all(
        isinstance(root.get(key), list) for key in ("champs", "categories") if key in root
    )


def _event_of_details(root: Row) -> Row:
    """The details' event in the form that a list gives it."""
    live = bool(root.get("liveTime") or root.get("ls"))
    return {
        "status": 1 if live else 0,
        **root,
        "sportId": object_of(root.get("sport")).get("id"),
        "champId": object_of(root.get("champ")).get("id"),
        "catId": object_of(root.get("category")).get("id"),
        "competitorIds": [object_of(row).get("id") for row in rows_of(root.get("competitors"))] or None,
        "marketIds": [object_of(row).get("id") for row in rows_of(root.get("markets"))],
    }


class _Reader:
    """One payload, indexed by id."""

    def __init__(self, kind: str, root: Row, *, saved: bool) -> None:
        self.kind = kind
        self.saved = saved
        self.rejected: list[Rejected] = []
        # Details carry one champ, category and sport each, lists carry arrays of them.
        self.champs = _by_id([*rows_of(root.get("champs")), root.get("champ")])
        self.categories = _by_id([*rows_of(root.get("categories")), root.get("category")])
        self.competitors = _by_id(rows_of(root.get("competitors")))
        self.odds = self._index_odds(root["odds"])
        self.markets = self._index_markets(root["markets"])
        self.unused_odds = dict.fromkeys(self.odds)
        for market in self._every_market(root):
            for odd_id in _odd_ids(market):
                self.unused_odds.pop(odd_id, None)
        for market in rows_of(root.get("childMarkets")):
            self._reject_market(id_of(object_of(market).get("id")), market, Reason.UNKNOWN_MARKET)
        pages = root.get("pageCount")
        if isinstance(pages, int) and pages > 1:
            self.rejected.append(Rejected("page", Reason.CUT_ANSWER, f"page {root.get('page')} of {pages}"))

    def read(self, rows: list[Any]) -> ParsedPage:
        """Every event of `rows`; whatever no event and no market names is rejected at the end."""
        events: dict[str, Event] = {}
        unclaimed = dict.fromkeys(self.markets)
        for row in rows:
            event_id = id_of(object_of(row).get("id"))
            if event_id is None:
                self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
                continue
            markets = [market_id for market_id in _ids(row.get("marketIds")) if market_id in unclaimed]
            for market_id in markets:
                del unclaimed[market_id]
            if event_id in events:
                self._reject_event(event_id, Reason.DUPLICATE_EVENT, name_of(row.get("name")))
                continue
            try:
                match = self._match(event_id, row)
            except Unreadable as unreadable:
                self._reject_event(event_id, unreadable.reason, unreadable.detail)
                continue
            events[event_id] = self._event(match, row, [self.markets[market_id] for market_id in markets])
        for market_id in unclaimed:
            self._reject_market(market_id, self.markets[market_id], Reason.UNKNOWN_EVENT)
        for odd_id in self.unused_odds:
            self.rejected.append(Rejected(f"odd:{odd_id}", Reason.UNKNOWN_ODD))
        return ParsedPage(self.kind, tuple(events.values()), tuple(self.rejected))

    def _reject_event(self, event_id: str, reason: Reason, detail: str) -> None:
        self.rejected.append(Rejected(f"event:{event_id}", reason, detail))

    def _reject_market(self, market_id: str | None, market: object, reason: Reason) -> None:
        row = object_of(market)
        count = sum(odd_id in self.odds for odd_id in _odd_ids(row))
        detail = f"type {id_of(row.get('typeId'))} {name_of(row.get('name'))!r}, {count} selections"
        self.rejected.append(Rejected(f"market:{market_id or ''}", reason, detail))

    def _index_odds(self, rows: list[Any]) -> dict[str, Row]:
        odds: dict[str, Row] = {}
        for row in rows:
            odd_id = id_of(object_of(row).get("id"))
            if odd_id is None:
                self.rejected.append(Rejected("odd:", Reason.BAD_ODD, "no object with an id"))
            elif odd_id in odds:
                self.rejected.append(Rejected(f"odd:{odd_id}", Reason.DUPLICATE_SELECTION, "the same id twice"))
            else:
                odds[odd_id] = row
        return odds

    def _index_markets(self, rows: list[Any]) -> dict[str, Row]:
        """Markets by id. Of several copies (bet builder) the one with more odds stays; display copies never do."""
        markets: dict[str, Row] = {}
        for row in rows:
            market_id = id_of(object_of(row).get("id"))
            if market_id is None:
                self._reject_market(None, row, Reason.BAD_MARKET)
            elif row.get("isAlt"):
                self._reject_market(market_id, row, Reason.DUPLICATE_MARKET)
            elif market_id not in markets:
                markets[market_id] = row
            elif len(_odd_ids(row)) > len(_odd_ids(markets[market_id])):
                self._reject_market(market_id, markets[market_id], Reason.DUPLICATE_MARKET)
                markets[market_id] = row
            else:
                self._reject_market(market_id, row, Reason.DUPLICATE_MARKET)
        return markets

    @staticmethod
    def _every_market(root: Row) -> Iterator[Row]:
        for key in ("markets", "childMarkets"):
            yield from (row for row in rows_of(root.get(key)) if isinstance(row, dict))

    def _match(self, event_id: str, row: Row) -> Match:
        name = name_of(row.get("name"))
        sport_id = row.get("sportId")
        sport = SPORTS.get(sport_id) if isinstance(sport_id, int) else None
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {sport_id}: {name}")
        if row.get("et") not in (0, None):
            raise Unreadable(Reason.NOT_A_MATCH, f"event type {row.get('et')}: {name}")
        status = row.get("status")
        phase = EVENT_STATUS.get(status) if isinstance(status, int) else None
        if phase is None:
            raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"status {status}: {name}")
        home, away, sides = self._sides(row, name)
        starts_at = unsaid.KICKOFF if self._lacks(row, "startDate") else kickoff_of(row.get("startDate"))
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"startDate {row.get('startDate')}: {name}")
        league = unsaid.LEAGUE if self._lacks(row, "champId") else self._league(row, name)
        return Match(event_id, sport, league, home, away, starts_at, phase, sides)

    def _lacks(self, row: Row, key: str) -> bool:
        return self.saved and row.get(key) is None

    def _league(self, row: Row, name: str) -> LeagueName:
        champ_id = id_of(row.get("champId"))
        if champ_id is None:
            raise Unreadable(Reason.NO_LEAGUE, name)
        champ = self.champs.get(champ_id, {})
        category = self.categories.get(id_of(row.get("catId")) or "", {})
        return LeagueName(champ_id, name_of(champ.get("name")), name_of(category.get("name")))

    def _sides(self, row: Row, name: str) -> tuple[str, str, tuple[str | None, str | None]]:
        """Home and away by the competitors, whose array may be incomplete; then by the event's name."""
        ids: list[str | None] = [id_of(value) for value in rows_of(row.get("competitorIds"))]
        split = _SIDES.split(name)
        if len(ids) > 2 or (len(ids) == 1 and len(split) != 2):
            raise Unreadable(Reason.NOT_A_MATCH, f"{len(ids)} competitors: {name}")
        if len(ids) == 2:
            home, away = (name_of(self.competitors.get(side or "", {}).get("name")) for side in ids)
            sides = (ids[0], ids[1])
        else:
            home, away, sides = "", "", (None, None)
        if not (home and away):
            if len(split) != 2 or not all(split):
                raise Unreadable(Reason.NO_SIDES, name)
            home, away = split
        check_sides(home, away, name)
        return home, away, sides

    def _event(self, match: Match, row: Row, markets: list[Row]) -> Event:
        prices = PriceList(self.rejected)
        types = MARKETS[match.sport]
        known: list[tuple[Row, MarketType, list[tuple[str, Row]]]] = []
        for market in markets:
            type_id = market.get("typeId")
            kind = types.get(type_id) if isinstance(type_id, int) else None
            if kind is None:
                self._reject_market(id_of(market.get("id")), market, Reason.UNKNOWN_MARKET)
                continue
            odds = [(odd_id, self.odds[odd_id]) for odd_id in _odd_ids(market) if odd_id in self.odds]
            known.append((market, kind, odds))
        # Where an odd carries the offer itself, the event's own mark says nothing about the other markets.
        marked = any(has_offer(odd, EARLY_PAYOUT_OFFER) for _, _, odds in known for _, odd in odds)
        event_pays_early = not marked and has_offer(row, EARLY_PAYOUT_OFFER)
        for market, kind, odds in known:
            rules = rules_of(market, kind, odds, event_pays_early=event_pays_early)
            self._read_market(match, market, kind, rules, odds, prices)
        return match.with_prices(prices.taken())

    def _read_market(
        self,
        match: Match,
        market: Row,
        kind: MarketType,
        rules: Rules,
        odds: list[tuple[str, Row]],
        prices: PriceList,
    ) -> None:
        read: list[Quote] = []
        for odd_id, odd in odds:
            try:
                read.append(quote_of(match, kind, market, odd_id, odd))
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(f"odd:{odd_id}"))
        unpriced = unpriced_lines(read) if kind.market in MARKETS_WITH_LINE else frozenset()
        for quote in read:
            if quote.line in unpriced:
                detail = f"both sides of {kind.market} {quote.line} at {quote.value}"
                self.rejected.append(Rejected(quote.source_id, Reason.PLACEHOLDER_PRICE, detail))
        prices.add_all(kind.market, kind.period, rules, (quote for quote in read if quote.line not in unpriced))


def _by_id(rows: Iterable[Any]) -> dict[str, Row]:
    return {key: row for row in rows if isinstance(row, dict) and (key := id_of(row.get("id"))) is not None}


def _ids(value: object) -> list[str]:
    """Ids of a list or of a list of lists (columns), each once, in order."""
    ids: dict[str, None] = {}
    for item in rows_of(value):
        for part in item if isinstance(item, list) else (item,):
            key = id_of(part)
            if key is not None:
                ids[key] = None
    return list(ids)


def _odd_ids(market: Row) -> list[str]:
    if "desktopOddIds" not in market and "mobileOddIds" not in market:
        return _ids(market.get("oddIds"))
    columns = (_ids(market.get(key)) for key in ("oddIds", "desktopOddIds", "mobileOddIds"))
    return list(dict.fromkeys(odd_id for ids in columns for odd_id in ids))
