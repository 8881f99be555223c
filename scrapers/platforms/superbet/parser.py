"""Superbet payloads to records. Pure: equal bytes, equal result.

A list (v2 by-date) and an event's details have one shape: events with flat rows, one per selection. The
newer v3 shape nests the rows in markets; it is turned into v2's before anything is read.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.labels import WINNERS
from scrapers.platforms.quotes import PriceList, Quote, on_one_line
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
from scrapers.platforms.superbet.markets import (
    EVENT_STATUS,
    FINISHED,
    MARKETS,
    OFFER_STATE,
    OFFERED,
    PRICE_BOOST_TAG,
    SPORTS,
    VIRTUAL_TOURNAMENTS,
    MarketType,
)
from scrapers.platforms.superbet.odds import Match, line_key, meaning_of, odd_id, quote_of
from scrapers.platforms.superbet.v3 import event_from_v3
from scrapers.records import Event, LeagueName, ParsedPage, Period, Phase, Rejected, Rules, Sport

LIST, DETAIL = "list", "detail"
"""The kinds of payload that a league's list and an event's own page are."""

EXPECTED = "a Superbet answer (a list of events, one event's markets or the dictionary)"
_PLATFORM = "superbet"
_SEPARATOR = "·"
_OTHER_SEPARATOR = " - "
_EVENT_ID = re.compile(r"\d{1,18}", re.ASCII)
_UTC_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def parse(body: bytes, *, context: Context | None = None) -> ParsedPage:
    """Read one Superbet body of kind "list", "detail", "v3" (a list or details) or "struct" (no odds).

    Args:
        body: the response as received, UTF-8 JSON.
        context: fills in what a trimmed event does not say (its sides, kick-off, league), and says that a body
            is one event's details. Without it, a single event with several markets is taken for details.

    Returns:
        events in source order, and every row left out: `event:<id>` with all its rows, `market:<id>`, a market
        line with all its selections, or `odd:<id>`. Details that hold fewer selections than they
        announce have a row `cut_answer`.

    Raises:
        PayloadShapeError: not an offer answer (HTML, truncated, the compact form), or one that reports an error.
    """
    context = context or Context()
    root = load_object(body, EXPECTED)
    if root.get("error"):
        raise shape_error(EXPECTED, f"an answer that reports an error ({str(root['error'])[:80]})", body)
    data, events = root.get("data"), root.get("events")
    if isinstance(data, dict) and isinstance(data.get("tournaments"), list):
        return ParsedPage("struct")
    if isinstance(data, list):
        if data and not any("eventId" in object_of(row) for row in data):
            raise shape_error(EXPECTED, "a list whose events have no eventId", body)
        kind = DETAIL if context.events or (context.league is None and _has_many_markets(data)) else LIST
        return _Reader(kind, context).read(data)
    if isinstance(events, list) and (not events or any("fixture" in object_of(row) for row in events)):
        return _Reader("v3", context).read([event_from_v3(row) for row in events])
    raise shape_error(EXPECTED, keys_of(root), body)


def _has_many_markets(rows: list[Any]) -> bool:
    """Whether this can only be an event's details: a list shows the main market of each event."""
    if len(rows) != 1:
        return False
    odds = rows_of(object_of(rows[0]).get("odds"))
    return len({id_of(object_of(odd).get("marketId")) for odd in odds}) > 1


class _Reader:
    """One payload."""

    def __init__(self, kind: str, context: Context) -> None:
        self._kind = kind
        self._context = context
        self._listed = context.events
        self._rejected: list[Rejected] = []

    def read(self, rows: list[Any]) -> ParsedPage:
        """Every event of `rows`."""
        events: dict[str, Event] = {}
        for row in map(object_of, rows):
            event_id = id_of(row.get("eventId")) or ""
            if not _EVENT_ID.fullmatch(event_id):
                self._rejected.append(Rejected(f"event:{event_id}", Reason.BAD_EVENT, "no object with an id"))
                continue
            try:
                if event_id in events:
                    raise Unreadable(Reason.DUPLICATE_EVENT, name_of(row.get("matchName")))
                match = self._match(event_id, row)
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(f"event:{event_id}"))
                continue
            events[event_id] = self._event(match, row)
        return ParsedPage(self._kind, tuple(events.values()), tuple(self._rejected))

    def _match(self, event_id: str, row: Row) -> Match:
        name = name_of(row.get("matchName"))
        listed = self._listed.get(event_id)
        if self._listed and listed is None:
            raise Unreadable(Reason.UNKNOWN_EVENT, f"not the event asked for: {name}")
        sport = _sport(row, listed)
        if sport is None:
            raise Unreadable(Reason.UNKNOWN_SPORT, f"sport {row.get('sportId')}: {name}")
        if listed is None and self._context.saved:
            listed = unsaid.nameless(event_id, sport)
        tournament = name_of(row.get("tournamentName"))
        if tournament.lower().startswith(VIRTUAL_TOURNAMENTS):
            raise Unreadable(Reason.NOT_A_MATCH, f"tournament {tournament!r}: {name}")
        phase, offered = _phase(row, name)
        home, away = _sides(row, name, listed)
        starts_at = _kickoff(row)
        if starts_at is None and listed is not None and not (row.get("utcDate") or row.get("matchDate")):
            starts_at = listed.starts_at
        if starts_at is None:
            raise Unreadable(Reason.BAD_KICKOFF, f"utcDate {row.get('utcDate')}: {name}")
        tags = row.get("matchTags")
        boosted = isinstance(tags, str) and PRICE_BOOST_TAG in map(str.strip, tags.split(","))
        league = self._league(row, tournament, listed, name)
        return Match(event_id, sport, league, home, away, starts_at, phase, offered, boosted)

    def _league(self, row: Row, tournament: str, listed: Event | None, name: str) -> LeagueName:
        tournament_id = id_of(row.get("tournamentId"))
        asked = self._context.league
        if tournament_id is not None:
            if asked is not None and asked.ids[_PLATFORM] != tournament_id:
                raise Unreadable(Reason.OTHER_LEAGUE, f"tournament {tournament_id} {tournament!r}: {name}")
            return LeagueName(tournament_id, tournament)
        if listed is not None:
            return listed.league if listed.league.source_id else LeagueName("", tournament)
        if asked is None:
            raise Unreadable(Reason.NO_LEAGUE, name)
        return LeagueName(asked.ids[_PLATFORM], tournament)

    def _event(self, match: Match, row: Row) -> Event:
        prices = PriceList(self._rejected)
        # One market line each. A market's id alone does not tell its lines apart.
        lines: dict[tuple[str | None, str], list[Row]] = {}
        shown = set()
        for number, odd in enumerate(rows_of(row.get("odds"))):
            if not isinstance(odd, dict):
                self._rejected.append(Rejected("odd:", Reason.BAD_ODD, "no object"))
                continue
            lines.setdefault(line_key(odd), []).append(odd)
            if odd.get("offerStateId") in (None, OFFER_STATE[Phase.PREMATCH]):
                shown.add(id_of(odd.get("uuid")) or number)
        for (market_id, key), odds in lines.items():
            meaning = meaning_of(match, odds)
            if meaning is None:
                detail = f"id {market_id} {name_of(odds[0].get('marketName'))!r}, {len(odds)} selections"
                self._rejected.append(Rejected(f"market:{key}", Reason.UNKNOWN_MARKET, detail))
            else:
                self._read_line(match, meaning, odds, prices)
        if self._kind == DETAIL:
            announced = object_of(object_of(row.get("counts")).get("odds")).get("1")
            if isinstance(announced, int) and len(shown) < announced:
                detail = f"event {match.source_id}: {len(shown)} selections of {announced}"
                self._rejected.append(Rejected("page", Reason.CUT_ANSWER, detail))
        return match.with_prices(prices.taken())

    def _read_line(self, match: Match, meaning: MarketType, odds: list[Row], prices: PriceList) -> None:
        read: list[Quote] = []
        for odd in odds:
            try:
                read.append(quote_of(match, meaning, odd))
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(f"odd:{odd_id(odd)}"))
        if not on_one_line(read, self._rejected):
            return
        boosted = match.boosted and meaning.market in WINNERS
        rules = Rules.BOOSTED if boosted else Rules.STANDARD
        prices.add_all(meaning.market, Period.MATCH, rules, read)


def _sport(row: Row, listed: Event | None) -> Sport | None:
    """The event's sport: as it says; else as its list said, else the one that its markets belong to."""
    number = row.get("sportId")
    if number is not None:
        return SPORTS.get(number) if isinstance(number, int) else None
    if listed is not None:
        return listed.sport
    ids = (odd.get("marketId") for odd in map(object_of, rows_of(row.get("odds"))))
    return unsaid.sport_of(MARKETS, (market_id for market_id in ids if _is_int(market_id)))


def _phase(row: Row, name: str) -> tuple[Phase, bool]:
    """Whether the event has begun, and whether its offer is open. Raises Unreadable when it is over or withdrawn.

    A kick-off still ahead proves nothing, so every sign of a live offer counts.
    """
    status = object_of(row.get("metadata")).get("status")
    phase = Phase.PREMATCH
    if status is not None:
        known = EVENT_STATUS.get(status) if isinstance(status, str) else None
        if known is None:
            raise Unreadable(Reason.UNKNOWN_EVENT_STATUS, f"status {status}: {name}")
        phase = known
    states = object_of(row.get("offerStateStatus"))
    if states.get(str(OFFER_STATE[Phase.LIVE])) == OFFERED:
        phase = Phase.LIVE
    state = states.get(str(OFFER_STATE[phase]), OFFERED)
    if state == FINISHED and phase is Phase.PREMATCH:
        # A match that was listed anew stays in the list under its old id.
        raise Unreadable(Reason.NOT_OFFERED, f"the pre-match offer is finished: {name}")
    return phase, state == OFFERED


def _sides(row: Row, name: str, listed: Event | None) -> tuple[str, str]:
    """Home and away: the host is named first, in American sports too (2026-02).

    " - " separates sides only where both teams have an id: specials are called "League - Champion".
    """
    if not name:
        if listed is None:
            raise Unreadable(Reason.NO_SIDES, "no matchName")
        return listed.home, listed.away
    teams = id_of(row.get("homeTeamId")) and id_of(row.get("awayTeamId"))
    parts = name.split(_OTHER_SEPARATOR if teams and _SEPARATOR not in name else _SEPARATOR)
    if len(parts) != 2:
        raise Unreadable(Reason.NOT_A_MATCH, f"{len(parts)} sides: {name}")
    home, away = parts[0].strip(), parts[1].strip()
    check_sides(home, away, name)
    return home, away


def _kickoff(row: Row) -> datetime | None:
    """`utcDate`; where it is missing `matchDate`, which is UTC too although it names no zone."""
    if row.get("utcDate") is not None:
        return kickoff_of(row["utcDate"])
    text = row.get("matchDate")
    if not isinstance(text, str) or not _UTC_WITHOUT_ZONE.fullmatch(text):
        return None
    return kickoff_of(f"{text}+00:00")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
