"""Superbet payloads to records. Pure: equal bytes, equal result.

A list (v2 by-date) and an event's details have one shape: events with flat rows, one per selection. The
newer v3 shape nests the rows in markets; it is turned into v2's before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from scrapers.platforms import Context, unsaid
from scrapers.platforms.labels import PLAIN_NAMES, TEAM_MARKETS, WINNERS
from scrapers.platforms.quotes import Head, PriceList, Quote, home_view, on_one_line
from scrapers.platforms.reading import (
    Reason,
    Row,
    Unreadable,
    id_of,
    keys_of,
    kickoff_of,
    line_of,
    load_object,
    name_of,
    number_of,
    object_of,
    rows_of,
    shape_error,
    written_line,
)
from scrapers.platforms.superbet.markets import (
    ASIAN_HANDICAP,
    ASIAN_HANDICAP_NAME,
    EVENT_STATUS,
    FINISHED,
    MARKETS,
    ODD_STATUS,
    ODD_STATUS_V3,
    OFFER_STATE,
    OFFER_STATUS_V3,
    OFFERED,
    PRICE_BOOST_TAG,
    SPORTS,
    VIRTUAL_TOURNAMENTS,
    MarketType,
)
from scrapers.records import (
    MARKETS_WITH_LINE,
    SELECTIONS,
    Event,
    LeagueName,
    ParsedPage,
    Period,
    Phase,
    PriceStatus,
    Rejected,
    Rules,
    Selection,
    Sport,
)

LIST, DETAIL = "list", "detail"
"""The kinds of payload that a league's list and an event's own page are."""

EXPECTED = "a Superbet answer (a list of events, one event's markets or the dictionary)"
_PLATFORM = "superbet"
_SEPARATOR = "·"
_OTHER_SEPARATOR = " - "
_EVENT_ID = re.compile(r"\d{1,18}", re.ASCII)
_UTC_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_TEAM_LINE = re.compile(r"(.*) \(([+-]?\d+(?:[.,]\d+)?)\)", re.ASCII)
_TOTAL_LINE = re.compile(r"(.*) (\d+(?:[.,]\d+)?)", re.ASCII)


def parse(body: bytes, *, fetched_at: datetime, context: Context | None = None) -> ParsedPage:
    """Read one Superbet body of kind "list", "detail", "v3" (a list or details) or "struct" (no odds).

    Args:
        body: the response as received, UTF-8 JSON.
        fetched_at: when its last byte arrived, aware UTC. The payload tells by itself whether an
            event is live, so nothing is derived from it.
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
        return _Reader("v3", context).read([_from_v3(row) for row in events])
    raise shape_error(EXPECTED, keys_of(root), body)


def _has_many_markets(rows: list[Any]) -> bool:
    """Whether this can only be an event's details: a list shows the main market of each event."""
    if len(rows) != 1:
        return False
    odds = rows_of(object_of(rows[0]).get("odds"))
    return len({id_of(object_of(odd).get("marketId")) for odd in odds}) > 1


def _from_v3(row: object) -> Row:
    """A v3 event in v2's words."""
    event = object_of(row)
    fixture = object_of(event.get("fixture"))
    states = object_of(fixture.get("offer_state_status"))
    return {
        "eventId": event.get("event_id"),
        "matchName": fixture.get("event_name"),
        "utcDate": fixture.get("utc_date"),
        "matchDate": fixture.get("event_date"),
        "sportId": fixture.get("sport_id"),
        "tournamentId": fixture.get("tournament_id"),
        "matchTags": fixture.get("event_tags"),
        "offerStateStatus": {
            key: OFFER_STATUS_V3.get(state) if isinstance(state, int) else None for key, state in states.items()
        },
        "metadata": event.get("inplay_stats_metadata"),
        "odds": [odd for market in rows_of(event.get("markets")) for odd in _odds_from_v3(market)],
    }


def _odds_from_v3(market: object) -> Iterator[object]:
    head = object_of(market)
    if not isinstance(head.get("odds"), list):
        yield None  # a market without its odds is no market: counted like an odd that is no object
        return
    for odd in head["odds"]:
        if not isinstance(odd, dict):
            yield odd
            continue
        more = object_of(odd.get("metadata"))
        status = odd.get("status")
        known = ODD_STATUS_V3.get(status) if isinstance(status, int) else None
        yield {
            "uuid": odd.get("uuid"),
            "marketUuid": more.get("market_line_uuid"),
            "marketId": head.get("id"),
            "marketName": head.get("name"),
            "outcomeId": more.get("outcome_id"),
            "code": more.get("code"),
            "name": more.get("name"),
            "price": odd.get("price"),
            "status": "hidden" if odd.get("display") is False else known or f"v3 {status}",
            "offerStateId": more.get("offer_state_id"),
            "specifiers": more.get("specifiers"),
        }


@dataclass(frozen=True, slots=True)
class _Match(Head):
    """An event's head. `offered`: whether anything of it can be bet on; `boosted`: whether its winner is."""

    offered: bool
    boosted: bool


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

    def _match(self, event_id: str, row: Row) -> _Match:
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
        return _Match(event_id, sport, league, home, away, starts_at, phase, offered, boosted)

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

    def _event(self, match: _Match, row: Row) -> Event:
        prices = PriceList(self._rejected)
        # One market line each. A market's id alone does not tell its lines apart.
        lines: dict[tuple[str | None, str], list[Row]] = {}
        shown = set()
        for number, odd in enumerate(rows_of(row.get("odds"))):
            if not isinstance(odd, dict):
                self._rejected.append(Rejected("odd:", Reason.BAD_ODD, "no object"))
                continue
            lines.setdefault(_line_key(odd), []).append(odd)
            if odd.get("offerStateId") in (None, OFFER_STATE[Phase.PREMATCH]):
                shown.add(id_of(odd.get("uuid")) or number)
        for (market_id, key), odds in lines.items():
            meaning = _meaning(match, odds)
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

    def _read_line(self, match: _Match, meaning: MarketType, odds: list[Row], prices: PriceList) -> None:
        with_line = meaning.market in MARKETS_WITH_LINE
        read: list[Quote] = []
        for odd in odds:
            source_id = f"odd:{_odd_id(odd)}"
            try:
                selection = _selection(match, meaning, odd)
                line = _line(meaning, odd, selection) if with_line else None
                status = _status(match, odd)
                value = _value(odd, status)
            except Unreadable as unreadable:
                self._rejected.append(unreadable.row(source_id))
                continue
            read.append(Quote(source_id, selection, line, value, status))
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
    if not (home and away) or home == away:
        raise Unreadable(Reason.NO_SIDES, name)
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


def _specifiers(odd: Row) -> dict[str, Any]:
    return object_of(odd.get("specifiers"))


def _line_key(odd: Row) -> tuple[str | None, str]:
    """The market's id, and the id of the market line that a selection belongs to."""
    market_id = id_of(odd.get("marketId"))
    uuid = id_of(odd.get("marketUuid"))
    if uuid is not None:
        return market_id, uuid
    specifiers = _specifiers(odd)
    texts = [f"{key}={specifiers[key]}" for key in sorted(specifiers)] or [name_of(odd.get("specialBetValue"))]
    return market_id, "/".join(part for part in (market_id or "", *texts) if part)


def _odd_id(odd: Row) -> str:
    """The selection's uuid; where a row lacks it, its outcome within its market line."""
    return id_of(odd.get("uuid")) or f"{_line_key(odd)[1]}:{id_of(odd.get('outcomeId')) or ''}"


def _meaning(match: _Match, odds: list[Row]) -> MarketType | None:
    """What the market of these rows is; None outside the common model. A specifier more makes another market."""
    market_id = odds[0].get("marketId")
    meaning = MARKETS[match.sport].get(market_id) if isinstance(market_id, int) else None
    if meaning is None and _is_asian_handicap(match, odds):
        meaning = ASIAN_HANDICAP
    if meaning is not None and any(_specifiers(odd).keys() - {meaning.specifier} for odd in odds):
        return None
    return meaning


def _is_asian_handicap(match: _Match, odds: list[Row]) -> bool:
    """Football's Asian handicap, by all that is known of it: its name, and two teams with mirrored lines."""
    if match.sport is not Sport.FOOTBALL or len(odds) != 2:
        return False
    lines: dict[str, Decimal] = {}
    for odd in odds:
        text, line = _split(odd, _TEAM_LINE)
        if name_of(odd.get("marketName")).lower() != ASIAN_HANDICAP_NAME or line is None:
            return False
        lines[text] = line
    return lines.keys() == {match.home, match.away} and lines[match.home] == -lines[match.away]


def _split(odd: Row, pattern: re.Pattern[str]) -> tuple[str, Decimal | None]:
    """A selection's name and the line it ends with: "Schalke 04 (-0.75)", "Mais de 2.5"."""
    name = name_of(odd.get("name"))
    found = pattern.fullmatch(name)
    line = written_line(found[2]) if found else None
    return (found[1], line) if found and line is not None else (name, None)


def _selection(match: _Match, meaning: MarketType, odd: Row) -> Selection:
    """By outcome id, code and name, as far as they say anything; they must not contradict each other."""
    outcome, code = odd.get("outcomeId"), odd.get("code")
    text, _ = _split(odd, _TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE)
    by_name: Selection | None = None
    if meaning.market in TEAM_MARKETS and text in (match.home, match.away):
        by_name = Selection.HOME if text == match.home else Selection.AWAY
    elif PLAIN_NAMES.get(text.lower()) in SELECTIONS[meaning.market]:
        by_name = PLAIN_NAMES[text.lower()]
    marks = {
        meaning.outcomes.get(outcome) if isinstance(outcome, int) else None,
        meaning.codes.get(code) if isinstance(code, str) else None,
        by_name,
    } - {None}
    if len(marks) > 1:
        raise Unreadable(Reason.SIDE_CONFLICT, f"outcome {outcome}, code {code!r}, name {text!r}")
    for mark in marks:
        if mark is not None:
            return mark
    raise Unreadable(Reason.UNKNOWN_SELECTION, f"outcome {outcome}, code {code!r}, name {text!r}")


def _line(meaning: MarketType, odd: Row, selection: Selection) -> Decimal:
    """The line from the home side's view. The specifier is; a handicap's name speaks for its own team."""
    text = _specifiers(odd).get(meaning.specifier)
    if text is None:
        text = odd.get("specialBetValue")
    _, named = _split(odd, _TEAM_LINE if meaning.market in TEAM_MARKETS else _TOTAL_LINE)
    if named is not None:
        named = home_view(named, selection)
    if text is None and named is not None:
        return named
    line = line_of(text) if isinstance(text, str) else None
    if line is None:
        raise Unreadable(Reason.BAD_LINE, f"line {text!r}")
    if named is not None and named != line:
        raise Unreadable(Reason.LINE_CONFLICT, f"{name_of(odd.get('name'))!r} with line {text!r}")
    return line


def _status(match: _Match, odd: Row) -> PriceStatus:
    state = odd.get("offerStateId")
    if state is not None and state != OFFER_STATE[match.phase]:
        raise Unreadable(Reason.NOT_OFFERED, f"offer state {state} of a {match.phase} event")
    name = odd.get("status")
    if not isinstance(name, str) or name not in ODD_STATUS:
        raise Unreadable(Reason.UNKNOWN_STATUS, f"status {name}")
    status = ODD_STATUS[name]
    if status is None:
        raise Unreadable(Reason.NOT_OFFERED, f"status {name}")
    return status if match.offered else PriceStatus.SUSPENDED


def _value(odd: Row, status: PriceStatus) -> Decimal | None:
    """The price. Only a suspended selection may lack it."""
    price = number_of(odd.get("price"))
    if price is None and status is PriceStatus.OPEN:
        raise Unreadable(Reason.BAD_PRICE, f"price {odd.get('price')!r}")
    return price
