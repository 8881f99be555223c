"""Matchbook payloads to records. Pure: equal bytes, equal result.

A list is an envelope of events, each with its markets inside; older answers keep the markets beside the events,
joined by `event-id`. One event alone comes without an envelope. Every runner has an order book, of which the best
price of each side becomes a `Price`: `back`, what a customer can bet on, and `lay`, what he can bet against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from scrapers.platforms import unsaid
from scrapers.platforms.matchbook.book import Level, best_of
from scrapers.platforms.matchbook.markets import SPORT_MARKS, SPORTS, STATUS
from scrapers.platforms.matchbook.meanings import meaning_of
from scrapers.platforms.matchbook.runners import line_of_runner, selection_of
from scrapers.platforms.matchbook.sides import Sides, named_sides, sides_of
from scrapers.platforms.quotes import PriceList, Quote, on_one_line
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    keys_of,
    kickoff_of,
    load_object,
    name_of,
    object_of,
    rows_of,
    shape_error,
)
from scrapers.records import (
    MARKETS_WITH_LINE,
    Event,
    LeagueName,
    Market,
    ParsedPage,
    Period,
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Side,
    Sport,
)

LIST = "list"
"""The kind of payload that a league's list is."""

EXPECTED = "a Matchbook answer (events, one event or markets)"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the answer was asked with.

    league         id of the league asked for; "" when nobody knows
    commission     share of the net winnings that the exchange keeps
    per_page       events on a page
    pages          pages that a league is asked for
    markets_limit  markets of one event that were asked for; None when nobody knows
    events         events as their list described them, for markets alone, by id
    saved          whether an event's head may be left out (see `unsaid`)
    """

    league: str
    commission: Decimal
    per_page: int
    pages: int
    markets_limit: int | None
    events: Mapping[str, Event] = field(default_factory=dict)
    saved: bool = False


def parse(body: bytes, *, asked: Asked) -> ParsedPage:
    """Read one Matchbook body of kind "list", "event" or "markets" (markets of an event that is not described).

    Args:
        body: the response as received, UTF-8 JSON.
        asked: what was asked for.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its markets, `market:<id>` with all
        its runners, or `odd:<id>`, a runner or an entry of its book. A runner without any entry has no price and
        is no row that was left out. A list that holds fewer events than it announces has a row `cut_answer`.

    Raises:
        PayloadShapeError: not a Matchbook answer (HTML, truncated, another API, runners or prices alone).
    """
    root = load_object(body, EXPECTED)
    events, markets = root.get("events"), root.get("markets")
    if isinstance(events, list):
        if events and not any(isinstance(row, dict) for row in events):
            raise shape_error(EXPECTED, "a list whose events are not objects", body)
        reader = _Reader(LIST, asked)
        reader.check_extent(root, len(events))
        return reader.read(events, rows_of(markets))
    if "sport-id" in root and id_of(root.get("id")) is not None:
        return _Reader("event", asked).read([root], [])
    if isinstance(markets, list):
        return _Reader("markets", asked).read_markets(markets)
    if isinstance(root.get("runners"), list) and "market-type" in root:
        return _Reader("markets", asked).read_markets([root])
    raise shape_error(EXPECTED, keys_of(root), body)


@dataclass(frozen=True, slots=True)
class _Match:
    """An event's head: everything but its prices."""

    source_id: str
    sport: Sport
    league: LeagueName
    sides: Sides
    starts_at: datetime
    status: PriceStatus


class _Reader:
    """One payload's events, in order, and what was left out."""

    def __init__(self, kind: str, asked: Asked) -> None:
        self.kind = kind
        self.asked = asked
        self.rejected: list[Rejected] = []

    def check_extent(self, root: Row, count: int) -> None:
        """Reject "page" when the bookmaker lists more events than this page and those asked for beside it hold."""
        asked, total = self.asked, root.get("total")
        offset = root.get("offset")
        first = offset if isinstance(offset, int) else 0
        is_last = first + asked.per_page >= asked.pages * asked.per_page
        if not isinstance(total, int):
            if is_last and count >= asked.per_page:
                self.rejected.append(Rejected("page", Reason.CUT_ANSWER, f"{count} events, a full last page"))
        elif count < (total - first if is_last else min(asked.per_page, total - first)):
            detail = f"events {first} to {first + count} of {total}"
            self.rejected.append(Rejected("page", Reason.CUT_ANSWER, detail))

    def read(self, rows: list[Any], beside: list[Any]) -> ParsedPage:
        """Every event of `rows`, with its own markets and those `beside` the events."""
        named = {event_id for row in rows if (event_id := id_of(object_of(row).get("id"))) is not None}
        by_event: dict[str, list[Any]] = {}
        for market in beside:
            event_id = id_of(object_of(market).get("event-id"))
            if event_id in named:
                by_event.setdefault(event_id, []).append(market)
            else:
                self._reject_market(market, Reason.UNKNOWN_EVENT)
        events: dict[str, Event] = {}
        for row in rows:
            match = self._match(object_of(row), events)
            if match is not None:
                markets = [*rows_of(row.get("markets")), *by_event.get(match.source_id, [])]
                events[match.source_id] = self._event(match, row, markets)
        return ParsedPage(self.kind, tuple(events.values()), tuple(self.rejected))

    def read_markets(self, markets: list[Any]) -> ParsedPage:
        """Markets alone, of events that a list described, or that a saved file leaves out."""
        by_event: dict[str, list[Any]] = {}
        for market in markets:
            by_event.setdefault(id_of(object_of(market).get("event-id")) or "", []).append(market)
        events = []
        for event_id, own in by_event.items():
            head = self.asked.events.get(event_id) or self._nameless(event_id, own)
            if head is None:
                for market in own:
                    self._reject_market(market, Reason.UNKNOWN_EVENT)
                continue
            match = _Match(
                event_id,
                head.sport,
                head.league,
                named_sides(head.home, head.away),
                head.starts_at,
                PriceStatus.OPEN,
            )
            events.append(self._event(match, {}, own))
        return ParsedPage(self.kind, tuple(events), tuple(self.rejected))

    def _nameless(self, event_id: str, markets: list[Any]) -> Event | None:
        """An event of a saved file, when its markets tell the sport."""
        kinds = (name_of(object_of(market).get("market-type")) for market in markets)
        sport = unsaid.sport_of(SPORT_MARKS, kinds) if self.asked.saved else None
        return None if sport is None else unsaid.nameless(event_id, sport)

    def _reject_market(self, market: object, reason: Reason, remark: str = "") -> None:
        row = object_of(market)
        count = len(rows_of(row.get("runners")))
        kind, name = name_of(row.get("market-type")), name_of(row.get("name-original")) or name_of(row.get("name"))
        detail = f"type {kind!r} {name!r}, {count} selections{remark}"
        self.rejected.append(Rejected(f"market:{id_of(row.get('id')) or ''}", reason, detail))

    def _match(self, row: Row, seen: Mapping[str, Event]) -> _Match | None:
        event_id = id_of(row.get("id"))
        if event_id is None:
            self.rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
            return None
        try:
            if event_id in seen:
                raise Unreadable(Reason.DUPLICATE_EVENT, name_of(row.get("name")))
            return self._head(event_id, row)
        except Unreadable as unreadable:
            self.rejected.append(unreadable.row(f"event:{event_id}"))
            return None

    def _head(self, event_id: str, row: Row) -> _Match:
        name = name_of(row.get("name"))
        sport = SPORTS.get(id_of(row.get("sport-id")) or "")
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {row.get('sport-id')}: {name}")
        status = _status(row, Reason.UNKNOWN_EVENT_STATUS, name)
        sides = sides_of(row, sport)
        starts_at = kickoff_of(row.get("start"))
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"start {row.get('start')}: {name}")
        league = _league(row, self.asked.league)
        if league is None:
            raise Unreadable(Reason.NO_LEAGUE, name)
        return _Match(event_id, sport, league, sides, starts_at, status)

    def _event(self, match: _Match, row: Row, markets: list[Any]) -> Event:
        prices = PriceList(self.rejected)
        limit = self.asked.markets_limit
        if limit is not None and len(markets) >= limit:
            detail = f"event {match.source_id} has {len(markets)} markets, as many as were asked for"
            self.rejected.append(Rejected("page", Reason.CUT_ANSWER, detail))
        for market in markets:
            if not isinstance(market, dict):
                self._reject_market(market, Reason.BAD_MARKET)
                continue
            meaning = meaning_of(match.sport, match.sides, market)
            if meaning is None:
                self._reject_market(market, Reason.UNKNOWN_MARKET)
                continue
            try:
                status = _worse(match.status, _status(market, Reason.UNKNOWN_STATUS, ""))
            except Unreadable as unreadable:
                self._reject_market(market, unreadable.reason, f", {unreadable.detail}")
                continue
            self._read_market(match, meaning, market, status, prices)
        is_live = any(part.get("in-running-flag") or part.get("live") for part in (row, *map(object_of, markets)))
        return Event(
            match.source_id,
            match.sport,
            match.league,
            match.sides.home,
            match.sides.away,
            match.starts_at,
            Phase.LIVE if is_live else Phase.PREMATCH,
            prices.taken(),
        )

    def _read_market(
        self, match: _Match, meaning: Market, market: Row, status: PriceStatus, prices: PriceList
    ) -> None:
        read: list[tuple[Quote, dict[Side, Level]]] = []
        for runner in rows_of(market.get("runners")):
            row = object_of(runner)
            source_id = f"odd:{id_of(row.get('id')) or ''}"
            try:
                if row.get("withdrawn"):
                    raise Unreadable(Reason.NOT_OFFERED, "withdrawn")
                selection = selection_of(meaning, match.sides, row)
                with_line = meaning in MARKETS_WITH_LINE
                line = line_of_runner(market, match.sides, row, selection) if with_line else None
                own_status = _worse(status, _status(row, Reason.UNKNOWN_STATUS, ""))
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            best, faults = best_of(rows_of(row.get("prices")))
            self.rejected.extend(Rejected(source_id, fault.reason, fault.detail) for fault in faults)
            read.append((Quote(source_id, selection, line, None, own_status), best))
        # One market is one line.
        if not on_one_line([quote for quote, _ in read], self.rejected):
            return
        for quote, best in read:
            for side in Side:
                level = best.get(side)
                if level is None and quote.status is PriceStatus.OPEN:
                    continue  # nobody offers this side
                prices.add(
                    quote.source_id,
                    meaning,
                    Period.MATCH,
                    Rules.STANDARD,
                    quote.line,
                    quote.selection,
                    level.value if level else None,
                    quote.status,
                    side=side,
                    available=level.available if level else None,
                    commission=self.asked.commission,
                )


def _status(row: Row, unknown: Reason, name: str) -> PriceStatus:
    """Whether an event, market or runner can be bet on; raises Unreadable when it is over or says nothing known."""
    word = row.get("status")
    if not isinstance(word, str) or word not in STATUS:
        raise Unreadable(unknown, f"status {word}: {name}" if name else f"status {word}")
    status = STATUS[word]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {word}: {name}" if name else f"status {word}")
    return status


def _worse(one: PriceStatus, other: PriceStatus) -> PriceStatus:
    return one if one is PriceStatus.SUSPENDED else other


def _league(row: Row, asked: str) -> LeagueName | None:
    """The league that was asked for when the event carries its tag, else the competition that it is tagged with."""
    tags = [object_of(tag) for tag in rows_of(row.get("meta-tags"))]
    country = next((name_of(tag.get("name")) for tag in tags if tag.get("type") == "COUNTRY"), "")
    competitions = [tag for tag in tags if tag.get("type") == "COMPETITION"]
    chosen = [tag for tag in tags if asked and tag.get("url-name") == asked] or competitions
    for tag in chosen:
        source_id = id_of(tag.get("url-name")) or id_of(tag.get("id"))
        if source_id is not None:
            return LeagueName(source_id, name_of(tag.get("name")), country)
    return LeagueName(asked, "", country) if asked and not tags else None
