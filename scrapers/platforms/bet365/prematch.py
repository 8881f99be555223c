"""BetsAPI's `prematch`: the odds of up to ten matches by section and market key.

Of its matches it says nothing but the id (`FI`), so it is read with what a list said about them. Sections repeat
markets: of each key the copy that was updated last counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scrapers.platforms import unsaid
from scrapers.platforms.bet365 import pipe
from scrapers.platforms.bet365.coupon import read_records
from scrapers.platforms.bet365.hierarchy import HEADER_CELL
from scrapers.platforms.bet365.markets import GAME_LINES, GRID_COLUMNS, MARKET_KEYS, SPORTS, MarketType
from scrapers.platforms.bet365.selections import (
    decimal_price,
    grid_form,
    is_third_way,
    line_in,
    may_name,
    selection_of,
)
from scrapers.platforms.quotes import Head, PriceList
from scrapers.platforms.reading import Reason, Row, Unreadable, id_of, name_of, object_of, rows_of
from scrapers.records import (
    MARKETS_WITH_LINE,
    Event,
    Market,
    ParsedPage,
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
    Sport,
)

PREMATCH = "prematch"
"""The kind of payload."""

_SPORT_IN_KEY = re.compile(r"#B(\d+)#", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a payload does not say itself.

    events        the matches asked for, by source id, as their list described them; empty for lists
    only_ours     whether a list's matches of other leagues are left out
    saved         whether an event's head may be left out (see `unsaid`)
    """

    events: Mapping[str, Event]
    only_ours: bool = False
    saved: bool = False


def records_in(rows: list[Any]) -> Iterator[pipe.Record]:
    """The site's records as BetsAPI hands them on: objects with a `type`, odds in clear."""
    for row in map(object_of, rows):
        fields = {name: value for name, value in row.items() if isinstance(value, str) and name != "type"}
        yield pipe.Record(name_of(row.get("type")), fields)


@dataclass(frozen=True, slots=True)
class _Market:
    """One copy of a market. `updated_at` is its section's, epoch s; 0 where that is not said."""

    key: str
    name: str
    rows: list[Any]
    open: bool
    updated_at: int


class Prematch:
    """One `prematch` answer."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.rejected: list[Rejected] = []

    def read(self, rows: list[Any]) -> ParsedPage:
        events: dict[str, Event] = {}
        seen: set[str] = set()
        for row in map(object_of, rows):
            event_id = id_of(row.get("FI"))
            if event_id is None:
                self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an FI"))
                continue
            try:
                if event_id in seen:
                    raise Unreadable(Reason.DUPLICATE_EVENT)
                seen.add(event_id)
                events[event_id] = self._event(event_id, row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(f"event:{event_id}"))
        for event_id, event in self.asked.events.items():
            if event_id not in seen:
                detail = f"asked for and not answered: {event.home} - {event.away}"
                self.rejected.append(Rejected(f"event:{event_id}", Reason.UNKNOWN_EVENT, detail))
        return ParsedPage(PREMATCH, tuple(events.values()), tuple(self.rejected))

    def _event(self, event_id: str, row: Row) -> Event:
        sections = list(_sections(row))
        sport_ids = {
            found[1] for section in sections if (found := _SPORT_IN_KEY.search(name_of(section.get("key"))))
        }
        foreign = sorted(sport_ids - SPORTS.keys())
        if foreign:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {', '.join(foreign)}")
        if any(isinstance(section.get("sp"), list) for section in sections):
            return self._event_of_records(event_id, sections)
        known = self.asked.events.get(event_id)
        if known is None and self.asked.saved:
            known = _nameless(event_id, sport_ids, sections)
        if known is None:
            detail = "odds without teams, league and kick-off, which stand in the list that led here"
            raise Unreadable(Reason.UNKNOWN_EVENT, detail)
        if any(SPORTS[sport_id] is not known.sport for sport_id in sport_ids):
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {', '.join(sport_ids)}, listed as {known.sport}")
        match = Head(event_id, known.sport, known.league, known.home, known.away, known.starts_at, Phase.PREMATCH)
        prices = PriceList(self.rejected)
        for market in self._markets(event_id, sections):
            self._read_market(match, market, prices)
        return match.with_prices(prices.taken())

    def _event_of_records(self, event_id: str, sections: list[Row]) -> Event:
        """An answer to `raw=1`: sections of the site's records, whose `EV` may lack the `FI`."""
        records = [record for section in sections for record in records_in(rows_of(section.get("sp")))]
        named = [
            pipe.Record(record.kind, {"FI": event_id, **record.fields}) if record.kind == "EV" else record
            for record in records
        ]
        page = read_records(named, self.asked.events, saved=self.asked.saved)
        own = next((event for event in page.events if event.source_id == event_id), None)
        refused = next((row for row in page.rejected if row.source_id == f"event:{event_id}"), None)
        if own is None:
            reason = Reason(refused.reason) if refused is not None else Reason.UNKNOWN_EVENT
            raise Unreadable(reason, refused.detail if refused is not None else "records without their event")
        self.rejected += page.rejected
        return own

    def _markets(self, event_id: str, sections: list[Row]) -> list[_Market]:
        """Each market once, in the order of first sight: the copy with odds that was updated last."""
        chosen: dict[str, _Market] = {}
        for section in sections:
            for market in _markets_of(section):
                other = chosen.get(market.key)
                if other is None:
                    chosen[market.key] = market
                    continue
                newer = (bool(market.rows), market.updated_at) > (bool(other.rows), other.updated_at)
                kept, left = (market, other) if newer else (other, market)
                chosen[market.key] = kept
                if left.rows:
                    self._reject_market(event_id, left, Reason.DUPLICATE_MARKET)
        return list(chosen.values())

    def _reject_market(self, event_id: str, market: _Market, reason: Reason) -> None:
        detail = f"{market.name!r}, {len(market.rows)} selections"
        self.rejected.append(Rejected(f"market:{event_id}/{market.key}", reason, detail))

    def _read_market(self, match: Head, market: _Market, prices: PriceList) -> None:
        if not market.rows:
            return
        rows = [object_of(row) for row in market.rows]
        kind = MARKET_KEYS[match.sport].get(market.key)
        read: list[tuple[MarketType | None, Row]]
        if kind is not None:
            read = [(kind, row) for row in rows]
        elif market.key == GAME_LINES and match.sport is Sport.BASKETBALL:
            read = list(_grid(rows))
        else:
            self._reject_market(match.source_id, market, Reason.UNKNOWN_MARKET)
            return
        if any(kind is not None and _is_third(kind.market, row) for kind, row in read):
            self._reject_market(match.source_id, market, Reason.UNKNOWN_MARKET)
            return
        for kind, row in read:
            source_id = f"odd:{id_of(row.get('id')) or ''}"
            if kind is None:
                self.rejected.append(Rejected(source_id, Reason.UNKNOWN_MARKET, f"{market.name!r}: {_shown(row)}"))
                continue
            try:
                selection, line, value = _selection(match, kind, row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            status = PriceStatus.OPEN if market.open and value is not None else PriceStatus.SUSPENDED
            prices.add(source_id, kind.market, kind.period, Rules.STANDARD, line, selection, value, status)


def _nameless(event_id: str, sport_ids: set[str], sections: list[Row]) -> Event:
    """The event of a saved file; its sport by the sections, else (2017) the one whose markets these are."""
    keys = (market.key for section in sections for market in _markets_of(section))
    told = {SPORTS[sport_id] for sport_id in sport_ids}
    sport = told.pop() if len(told) == 1 else unsaid.sport_of(MARKET_KEYS, keys)
    if sport is None:
        raise Unreadable(Reason.UNKNOWN_SPORT, "no section names the sport, and no market is one of ours")
    return unsaid.nameless(event_id, sport)


def _sections(row: Row) -> Iterator[Row]:
    """The sections of an event's odds: `main` first, then as they come, then those of the list `others`."""
    if isinstance(row.get("main"), dict):
        yield row["main"]
    for name, section in row.items():
        if name != "main" and isinstance(section, dict):
            yield section
    for section in rows_of(row.get("others")):
        if isinstance(section, dict):
            yield section


def _markets_of(section: Row) -> Iterator[_Market]:
    """The markets of a section: a list of selections (v1) or an object that holds one as `odds` (v3)."""
    updated = id_of(section.get("updated_at")) or ""
    updated_at = int(updated) if updated.isascii() and updated.isdecimal() and len(updated) <= 12 else 0
    for key, value in object_of(section.get("sp")).items():
        inner = object_of(value)
        rows = value if isinstance(value, list) else rows_of(inner.get("odds"))
        is_open = id_of(inner.get("open")) != "0"
        yield _Market(key, name_of(inner.get("name")) or key, rows, is_open, updated_at)


def _grid(rows: list[Row]) -> Iterator[tuple[MarketType | None, Row]]:
    """The priced cells of a grid, each with its market.

    The headers come first, then each side's cells in the headers' order. A cell's own name, else the header at its
    place, has to agree with the form of its line; where a side lacks cells, the form decides among the headers.
    """
    headers = [GRID_COLUMNS.get(_text(row, "name").casefold()) for row in rows if _is_header(row)]
    cells = [row for row in rows if not _is_header(row)]
    counts = Counter(_text(row, "header") for row in cells)
    places: Counter[str] = Counter()
    for row in cells:
        side = _text(row, "header")
        place = places[side]
        places[side] += 1
        form = grid_form(_text(row, "handicap"))
        name = _text(row, "name")
        if name:
            market = GRID_COLUMNS.get(name.casefold())
        elif counts[side] == len(headers):
            market = headers[place]
        else:
            market = form if not headers or (form in headers and None not in headers) else None
        yield (MarketType(market) if market is not None and market is form else None), row


def _is_header(row: Row) -> bool:
    return (id_of(row.get("id")) or "").startswith(HEADER_CELL) and not _text(row, "odds")


def _is_third(market: Market, row: Row) -> bool:
    two_ways = market not in (Market.MATCH_RESULT, Market.DOUBLE_CHANCE)
    return two_ways and is_third_way(_text(row, name) for name in ("header", "name", "opp"))


def _selection(match: Head, kind: MarketType, row: Row) -> tuple[Selection, Decimal | None, Decimal | None]:
    texts = [_text(row, name) for name in ("handicap", "goals", "opp", "name")]
    marks = [_text(row, "header"), *(text for text in texts if may_name(kind.market, text))]
    selection = selection_of(kind.market, marks, match)
    line = line_in(texts, selection) if kind.market in MARKETS_WITH_LINE else None
    odds = _text(row, "odds")
    if not odds and row.get("odds") != "":
        raise Unreadable(Reason.BAD_PRICE, f"odds {row.get('odds')!r}"[:80])
    return selection, line, decimal_price(odds)


def _text(row: Row, name: str) -> str:
    """A field that should be a text, also where it is a number; empty for anything else."""
    value = row.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return name_of(value)


def _shown(row: Row) -> str:
    return " ".join(part for name in ("header", "name", "handicap") if (part := _text(row, name)))
