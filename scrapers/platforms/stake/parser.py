"""Stake payloads to records. Pure: equal bytes, equal result.

The Brazilian REST host answers in two parts: a tournament's events, without league and without prices, and rows
of odds, one per selection, without events. What a part does not say comes from what was asked for. The answers of
stake.com say everything themselves and are read in `graphql`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from scrapers.platforms import unsaid
from scrapers.platforms.quotes import PriceList
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
    shape_error,
)
from scrapers.platforms.stake import graphql
from scrapers.platforms.stake.markets import MARKETS, Meaning
from scrapers.platforms.stake.odds import bet_of, quote_of
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
    Selection,
    Sport,
)

EVENTS = "events"
"""The kind of payload that a tournament's list is: no prices."""
ODDS = "odds"
"""The kind of payload that holds prices, of several events or of one."""

EXPECTED = "a Stake answer (events, odds or GraphQL data)"
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
"""An event's id becomes a part of the addresses that its odds are asked for at."""


def parse(
    body: bytes,
    *,
    league: LeagueName | None,
    sport: Sport | None,
    listed: Mapping[str, Event],
    saved: bool = False,
) -> ParsedPage:
    """Read one Stake body of kind "events", "odds" or "graphql".

    Args:
        body: the response as received, UTF-8 JSON.
        league: the league whose events were asked for, None when nobody knows.
        sport: its sport.
        listed: the events whose odds were asked for, by id, as their list described them.
        saved: whether odds may stand without their events (see `unsaid`).

    Returns:
        events in source order; of odds, those that have a row. Every row left out: `event:<id>` with all its odds,
        `market:<event id>/<market id>` with all its rows, or `odd:<event id>/<market id>/<column>`.

    Raises:
        PayloadShapeError: not a Stake answer (HTML, truncated, another API, an error of GraphQL).
    """
    root = load_object(body, EXPECTED)
    if isinstance(root.get("odds"), list) and "events" not in root:
        return _Odds(listed, saved=saved).read(root["odds"])
    if isinstance(root.get("events"), list) and not root.keys() & {"odds", "markets"}:
        events = root["events"]
        if events and not any(isinstance(row, dict) for row in events):
            raise shape_error(EXPECTED, "a list whose events are not objects", body)
        return _read_events(events, league, sport)
    if root.keys() & {"data", "errors"}:
        return graphql.read(root, body, EXPECTED)
    raise shape_error(EXPECTED, keys_of(root), body)


def _read_events(rows: list[Any], league: LeagueName | None, sport: Sport | None) -> ParsedPage:
    events: dict[str, Event] = {}
    rejected: list[Rejected] = []
    for value in rows:
        row = object_of(value)
        event_id = id_of(row.get("id"))
        if event_id is None or not _ID.fullmatch(event_id):
            rejected.append(Rejected("event:", Reason.BAD_EVENT, "no object with an id"))
            continue
        try:
            if event_id in events:
                raise Unreadable(Reason.DUPLICATE_EVENT)
            events[event_id] = _head(event_id, row, league, sport)
        except Unreadable as unreadable:
            rejected.append(unreadable.row(f"event:{event_id}"))
    return ParsedPage(EVENTS, tuple(events.values()), tuple(rejected))


def _head(event_id: str, row: Row, league: LeagueName | None, sport: Sport | None) -> Event:
    teams = object_of(row.get("teams"))
    home, away = name_of(teams.get("home")), name_of(teams.get("away"))
    check_sides(home, away, f"{home!r} and {away!r}")
    if league is None or sport is None:
        raise Unreadable(Reason.NO_LEAGUE, f"{home} - {away}: a tournament's list does not name it")
    starts_at = kickoff_of(row.get("dateStart"))
    if starts_at is None:
        raise Unreadable(Reason.BAD_KICKOFF, f"dateStart {row.get('dateStart')}: {home} - {away}")
    is_live = row.get("isLive")
    if is_live is not None and not isinstance(is_live, bool):
        raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"isLive {is_live!r}: {home} - {away}")
    return Event(event_id, sport, league, home, away, starts_at, Phase.LIVE if is_live else Phase.PREMATCH)


class _Odds:
    """The rows of one answer, event by event and market by market."""

    def __init__(self, listed: Mapping[str, Event], *, saved: bool) -> None:
        self.listed = listed
        self.saved = saved
        self.rejected: list[Rejected] = []

    def read(self, rows: list[Any]) -> ParsedPage:
        """Every row; those of events that were not asked for are rejected, as nobody knows whose they are."""
        by_event: dict[str, dict[str, list[Row]]] = {}
        for value in rows:
            row = object_of(value)
            event_id, market_id = id_of(row.get("eventId")), id_of(row.get("marketId"))
            if event_id is None or market_id is None:
                self.rejected.append(Rejected("odd:", Reason.BAD_ODD, "no object with eventId and marketId"))
            else:
                by_event.setdefault(event_id, {}).setdefault(market_id, []).append(row)
        events = []
        for event_id, markets in by_event.items():
            head = self.listed.get(event_id) or self._nameless(event_id, markets)
            if head is None:
                detail = f"{sum(map(len, markets.values()))} selections, and no list that says who plays"
                self.rejected.append(Rejected(f"event:{event_id}", Reason.UNKNOWN_EVENT, detail))
            else:
                events.append(self._event(head, markets))
        return ParsedPage(ODDS, tuple(events), tuple(self.rejected))

    def _nameless(self, event_id: str, market_ids: Iterable[str]) -> Event | None:
        """An event of a saved file, when its markets tell the sport."""
        if not self.saved:
            return None
        sport = unsaid.sport_of(
            MARKETS, [known for market_id in market_ids for known in (market_id, market_id.partition("_")[0])]
        )
        return None if sport is None else unsaid.nameless(event_id, sport)

    def _event(self, head: Event, markets: Mapping[str, list[Row]]) -> Event:
        prices = PriceList(self.rejected)
        for market_id, rows in markets.items():
            meaning, suffix = _meaning(head.sport, market_id)
            if meaning is None:
                detail = (
                    f"{', '.join(dict.fromkeys(name_of(row.get('name')) for row in rows))}: {len(rows)} selections"
                )
                source_id = f"market:{head.source_id}/{market_id}"
                self.rejected.append(Rejected(source_id, Reason.UNKNOWN_MARKET, detail))
            else:
                self._read_market(head, meaning, market_id, suffix, rows, prices)
        return replace(head, prices=prices.taken())

    def _read_market(
        self, head: Event, meaning: Meaning, market_id: str, suffix: str, rows: list[Row], prices: PriceList
    ) -> None:
        read: list[tuple[str, Market, Selection, Decimal | None, Decimal | None, PriceStatus]] = []
        for row in rows:
            column = id_of(row.get("columnId")) or ""
            source_id = f"odd:{head.source_id}/{market_id}/{column}"
            try:
                market, selection, line = bet_of(head, meaning, suffix, row)
                value, status = quote_of(row)
            except Unreadable as unreadable:
                self.rejected.append(unreadable.row(source_id))
                continue
            read.append((source_id, market, selection, line, value, status))
        sides: dict[Decimal | None, set[Selection]] = {}
        for _, market, selection, line, _, _ in read:
            if market is Market.HANDICAP:
                sides.setdefault(line, set()).add(selection)
        for source_id, market, selection, line, value, status in read:
            if market is Market.HANDICAP and len(sides[line]) == 1:
                # Without its mirror image the sign of a line may not be what we take it for.
                detail = f"{selection} {line} without the other side"
                self.rejected.append(Rejected(source_id, Reason.LINE_CONFLICT, detail))
                continue
            prices.add(source_id, market, Period.MATCH, meaning.rules, line, selection, value, status)


def _meaning(sport: Sport, market_id: str) -> tuple[Meaning | None, str]:
    """What an id means, and what follows it behind a `_`, which only a market with a line may have."""
    known = MARKETS[sport]
    if market_id in known:
        return known[market_id], ""
    base, _, suffix = market_id.partition("_")
    meaning = known.get(base)
    if meaning is None or not MARKETS_WITH_LINE.issuperset(meaning.markets):
        return None, ""
    return meaning, suffix
